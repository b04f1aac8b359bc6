"""Scenes for tests, played inside an Odoo worker: people, connections, flows with approved versions, runs."""

from odoo.fields import Command

from odoo.addons.finance_integration_governance.core.errors import DataError
from odoo.addons.finance_integration_governance.models.writer import by_program

GOVERNANCE = "finance_integration_governance."


def people(env):
    """A user for each role; returns login -> record."""
    roles = {
        "operator": "group_operator",
        "finadmin": "group_administrator",
        "approver": "group_approver",
        "auditor": "group_auditor",
        "viewer": "group_viewer",
    }
    users = env["res.users"].with_context(no_reset_password=True)
    made = {}
    for login, group in roles.items():
        found = users.search([("login", "=", login)])
        made[login] = found or users.create(
            {
                "name": login,
                "login": login,
                "password": login,
                "group_ids": [Command.link(env.ref(GOVERNANCE + group).id)],
            }
        )
    env.company.write({"fin_owner_id": made["finadmin"].id, "fin_deputy_id": made["operator"].id})
    return made


def release(env):
    """Test databases are released here, and nowhere else."""
    if not env["fin.database"]._is_released():
        env["fin.database"]._release_by_command("test harness", "test")
        env.cr.commit()
        env["fin.audit.seal"]._seal()


def flow(env, name, code, connector, settings, kind, **more):
    """An approved, active flow: proposed and submitted by the operator, approved by the approver."""
    who = people(env)
    journals = more.pop("journal_ids", [])
    connection = env["fin.connection"].create(
        {
            "name": f"{name} connection",
            "code": f"{code}-connection",
            "connector_id": env["fin.connector"].search([("code", "=", connector)]).id,
            "environment": "test",
            "settings": settings,
        }
    )
    made = env["fin.flow"].create(
        {
            "name": name,
            "code": code,
            "purpose": "test",
            "connection_id": connection.id,
            "object": kind,
            "role_ids": [
                Command.create({"role": "owner", "user_id": who["finadmin"].id}),
                Command.create({"role": "deputy", "user_id": who["operator"].id}),
            ],
            **more,
        }
    )
    made.action_prefill()
    env["account.journal"].browse(journals).fin_flow_id = made
    approve(env, made)
    return made


def approve(env, made):
    """A live version of the flow's working copy."""
    who = people(env)
    version = env["fin.version"].with_user(who["operator"])._propose(made.with_user(who["operator"]))
    version.with_user(who["operator"]).action_submit()
    by_program(version.with_user(who["approver"]))._approve()
    env.cr.commit()
    env["fin.audit.seal"]._seal()
    return version


def bank(env, folder, iban="DE89370400440532013000", code="bank", currency=None, **more):
    """A flow that books camt.053 files of the folder into a bank journal, in the company's currency or another one."""
    number = env["res.partner.bank"].create({"acc_number": iban, "partner_id": env.company.partner_id.id})
    journal = env["account.journal"].create(
        {"name": f"Bank {iban[-4:]}", "type": "bank", "code": f"B{iban[-3:]}", "bank_account_id": number.id}
    )
    if currency:
        money = env["res.currency"].with_context(active_test=False).search([("name", "=", currency)])
        money.active = True
        journal.currency_id = money
    settings = {"location": f"file://{folder}", "pattern": "*.xml"}
    more.setdefault("options", {"limits": {"deliver_batch": 4}})
    made = flow(
        env,
        "Bank statements",
        code,
        "bank.camt053",
        settings,
        "fin.object.bank_statement",
        journal_ids=journal.ids,
        **more,
    )
    release(env)
    return made.id


def planning(env, url, token_reference="env:PLANNING_TOKEN", chunk=4, **more):
    """A flow that sends actuals of the ledger, and entries to send."""
    ledger(env)
    settings = {"base_url": url, "token": token_reference, "chunk": chunk}
    made = flow(env, "Actuals to planning", "actuals", "planning.api", settings, "fin.object.actual", **more)
    release(env)
    return made.id


def ledger(env, months=5):
    """Posted entries over some months, two accounts each."""
    accounts = env["account.account"].search([("account_type", "in", ("expense", "income"))], limit=2)
    journal = env["account.journal"].search([("type", "=", "general")], limit=1)
    moves = env["account.move"].create(
        [
            {
                "journal_id": journal.id,
                "date": f"2026-{month:02d}-10",
                "line_ids": [
                    Command.create({"account_id": accounts[0].id, "debit": 100.0 + month, "credit": 0.0}),
                    Command.create({"account_id": accounts[1].id, "debit": 0.0, "credit": 100.0 + month}),
                ],
            }
            for month in range(1, months + 1)
        ]
    )
    moves.action_post()


def start(env, flow_id, login="operator"):
    """Ask for a run as a person would; returns its id."""
    flow_ = env["fin.flow"].browse(flow_id).with_user(people(env)[login])
    return flow_._request_run("hand").id


def advance(env, lane="batch"):
    """What the cron does: release is checked, slots are made, runs are worked on."""
    release(env)
    env["fin.engine"]._cron_advance(lane)


def rejected(env, flow_id, amounts):
    """A run whose entries of these amounts cannot be booked, and what was asked for and agreed to replay them."""
    business = type(env["fin.object.bank_statement"])
    deliver = business._deliver

    def refusing(self, run, items):
        if any(item.amount in amounts for item in items):
            raise DataError("this amount is not booked", code="refused_here")
        return deliver(self, run, items)

    business._deliver = refusing
    run = env["fin.run"].browse(start(env, flow_id))
    advance(env)
    business._deliver = deliver
    env.invalidate_all()
    return run.id


def ask_replay(env, run_id):
    """Replay all that the run has rejected; returns the run that does it."""
    cases = env["fin.run"].browse(run_id).exception_ids.filtered(lambda case: case.state == "open")
    operator = people(env)["operator"]
    return _agreed(env, env["fin.remedy"].with_user(operator)._ask_replay(cases.with_user(operator), "mended"))


def ask_rollback(env, run_id):
    """Take back all that the run has delivered; returns the run that does it."""
    operator = people(env)["operator"]
    run = env["fin.run"].browse(run_id).with_user(operator)
    return _agreed(env, env["fin.remedy"].with_user(operator)._ask_rollback(run, "a wrong file"))


def _agreed(env, remedy):
    if remedy.state == "asked":
        env.cr.commit()
        by_program(remedy.with_user(people(env)["approver"]))._approve()
    env.cr.commit()
    env["fin.audit.seal"]._seal()
    return remedy.with_env(env).run_ids.id


def remedy_state(env, run_id):
    return env["fin.run"].browse(run_id).remedy_id.state


def points(env):
    return env["fin.engine"]._fault_points()


def state(env, run_id):
    """How the run stands: what a test asks for most."""
    run = env["fin.run"].browse(run_id)
    totals = env["fin.item"]._totals_by_outcome(run)
    return {
        "state": run.state,
        "stage": run.stage,
        "error": run.last_error,
        "ties": run.reconciliation_state,
        "outcomes": {outcome: total.count for outcome, total in totals.items()},
        "attempts": run.attempt_ids.mapped("state"),
        "exceptions": run.exception_ids.mapped("code"),
        "children": run.child_ids.mapped("state"),
    }


def lines(env):
    """Statement lines of the flows' journals: how many, and their sum."""
    found = env["account.bank.statement.line"].search([("journal_id.fin_flow_id", "!=", False)])
    return [len(found), round(sum(found.mapped("amount")), 2)]


def verify(env):
    env["fin.audit.seal"]._seal()
    return env["fin.audit.seal"]._verify()


def share_journal(env, flow_ids):
    """The second flow's version names the first one's account too, as when a bank is fetched in two ways."""
    first, second = env["fin.flow"].browse(flow_ids)
    document = first.journal_ids
    document.fin_flow_id = second
    approve(env, second)
    document.fin_flow_id = first


def stale_step(env, run_id):
    """Begin a run, let another step pass behind its back, and see whether the first one still goes on."""
    engine = env["fin.engine"].with_env(env(context={"lang": "en_US"}))
    run = engine._claim("batch")
    assert run.id == run_id
    engine._start(run)
    run._stepped()
    step = run.step_no
    env.cr.commit()
    with env.registry.cursor() as cr:
        cr.execute("UPDATE fin_run SET step_no = step_no + 1 WHERE id = %s", (run_id,))
    env.cr.commit()
    goes_on = engine._again(run, step)
    env.invalidate_all()
    return [goes_on, run.state]
