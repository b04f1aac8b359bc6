"""What bench_audit_writes measures, done inside forked Odoo workers."""

import time

from odoo.addons.finance_integration_governance.models.writer import by_program

PARTNERS, ACCOUNTS = 150, 50


def rules(env):
    """A matrix that lets the writer of the benchmark write: admitted, or writing what is there already."""
    import scenes

    who = scenes.people(env)
    system = env["fin.system"].create({"name": "SAP", "code": "sap", "company_id": env.company.id})
    group = env.ref("base.group_system")
    ours = {"group_ids": [(6, 0, group.ids)], "steward_id": who["finadmin"].id}
    outside = {"outside_system_id": system.id, "steward_id": who["finadmin"].id}
    env["fin.authority"].create(
        [
            {"subject": "account/*", **ours},
            {"subject": "partner/phone", **ours},
            {"subject": "partner/vat", **outside},
            {"subject": "partner/name", **outside},
        ]
    )
    policy = env["fin.policy"].with_user(who["finadmin"])._of(env.company)
    change = env["fin.change"].with_user(who["finadmin"])._propose(policy)
    change.action_submit()
    by_program(change.with_user(who["approver"]))._approve()
    env.cr.commit()
    env["fin.audit.seal"]._seal()


def writes(env, mark):
    """CPU seconds of single writes to contacts and accounts, as a person does them; nothing is kept."""
    partners = env["res.partner"].create([{"name": f"P{n}", "ref": f"R{n}"} for n in range(PARTNERS)])
    accounts = env["account.account"].create(
        [{"code": f"97{n:04}", "name": f"A{n}", "account_type": "expense"} for n in range(ACCOUNTS)]
    )
    env.flush_all()
    admin = env.ref("base.user_admin")
    _each(partners.with_user(admin), accounts.with_user(admin), "warm")
    began = time.process_time()
    _each(partners.with_user(admin), accounts.with_user(admin), mark)
    cpu = time.process_time() - began
    governed = _governed(env)
    env.cr.rollback()
    return {"cpu": cpu, "governed": governed}


def _each(partners, accounts, mark):
    """A form saved: what was changed, and for every third contact a governed field as it was."""
    for number, partner in enumerate(partners):
        same = {"name": f"P{number}"} if number % 3 == 0 else {}
        partner.write({"phone": f"+32 2 {mark}", "city": f"City {mark}", **same})
    for account in accounts:
        account.write({"name": f"{account.code} {mark}", "note": mark})
    partners.env.flush_all()


def _governed(env):
    """How many fields of contacts and accounts the rules in force govern."""
    if "fin.policy" not in env:
        return 0
    told = env["fin.policy"]._governed()
    return sum(len(fields) for model in ("res.partner", "account.account") for fields in told[model].values())
