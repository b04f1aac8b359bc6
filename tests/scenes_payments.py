"""A company that pays its vendors by files, the persons that this takes, and what they do at the same moment."""

import threading

import scenes
from killed_worker import killed
from odoo import Command, api, fields
from odoo.exceptions import AccessError, UserError
from odoo.service.model import retrying
from psycopg2 import OperationalError

from odoo.addons.finance_integration_governance.core.workdays import ORDINARY
from odoo.addons.finance_integration_governance.models.writer import by_program

PEOPLE = {"preparer": "Paula", "approver": "Anton", "sender": "Sven"}
VENDORS = {"Paper Mill": "NL91ABNA0417164300", "Power Works": "BE68539007547034"}


def payments(env, out, back):
    """Two bills that are due, an account to pay them from, and flows there and back by the settings of their places;
    the company that pays.
    """
    env["res.currency"].with_context(active_test=False).search([("name", "=", "EUR")]).active = True
    euro = env.ref("base.EUR")
    company = env["res.company"].create({"name": "Payments Test", "currency_id": euro.id})
    company.partner_id.write({"country_id": env.ref("base.de").id, "city": "Berlin", "zip": "10115"})
    env.user.company_ids |= company
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    scenes.release(env)
    scenes.people(env)
    _people(env)
    journal, books = _books(env, company)
    is_silent = bool(out.get("taken"))  # what the bank takes away cannot be read back
    kind = "fin.object.payment"
    outbound = scenes.flow(env, "Payments out", "pay-out", "payment.pain001", out, kind, not_provable=is_silent)
    journal.fin_payment_flow_id = outbound
    outbound.invalidate_recordset()
    scenes.approve(env, outbound)
    scenes.flow(env, "Payments back", "pay-back", "status.pain002", back, "fin.object.payment_status")
    for number, (name, account) in enumerate(VENDORS.items(), 1):
        _bill(env, books, name, account, 100.0 * number, f"BILL-{number}")
    env.cr.commit()
    return company.id


def status_now(env):
    """Fetch what the bank has put there."""
    flow = env["fin.flow"].search([("code", "=", "pay-back")])
    env["fin.run"]._queue(flow, "schedule")
    env.cr.commit()


# A batch, step by step


def prepared(env, upto):
    """The batch of the two bills, brought as far as this step; its id."""
    for step in STEPS[: STEPS.index(upto) + 1]:
        _step(env, step)
        env.cr.commit()
        env["fin.audit.seal"]._seal()
    return _batch(env).id


def _batch(env):
    """The batch that pays something."""
    return env["fin.payment.batch"].search([("count", ">", 0)])


def _step(env, step):
    who, do = STEPS_BY[step]
    do(_by(env, who))


def _by(env, who):
    user = env["res.users"].search([("login", "=", who)])
    return by_program(env["fin.payment.batch"].with_user(user)).env


def _propose(env):
    journal = env["account.journal"].search([("code", "=", "GIRO")])
    today = fields.Date.context_today(journal)
    batch = env["fin.payment.batch"]._propose(journal, today, ORDINARY.shifted(fields.Date.add(today, days=3), 1))
    batch.note = "no statement yet"


STEPS_BY = {
    "propose": ("paula", _propose),
    "submit": ("paula", lambda env: _batch(env)._submit()),
    "approve": ("anton", lambda env: _batch(env)._approve()),
    "release": ("sven", lambda env: _batch(env)._release()),
}
STEPS = list(STEPS_BY)


def at_once(env, step, times=8):
    """So many threads take the same step at the same moment, each on a connection and a snapshot of its own, and tried
    again as Odoo's server does; what became of each.
    """
    start, told = threading.Barrier(times), []
    threads = [threading.Thread(target=_meet, args=(env.registry, step, start, told)) for _each in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    env["fin.audit.seal"]._seal()
    return sorted(told)


def _meet(registry, step, start, told):
    with registry.cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        cr.execute("SELECT 1")  # the snapshot
        start.wait(60)
        try:
            if step == "send":
                env["fin.engine"]._cron_advance("batch")
            else:
                retrying(lambda: _step(env, step), env)
            told.append("done")
        except (AccessError, UserError) as refusal:
            told.append(type(refusal).__name__)
        except OperationalError:
            told.append("gave up")


def kill(env, point):
    """How the worker ended that was killed at this point while it sends; None where it did not come there."""
    scenes.release(env)
    return killed(env, "batch", point, lambda: True)


def say_never_arrived(env):
    """Two people say so of the batch in doubt, and its sender releases it again."""
    _batch(_by(env, "sven"))._say_of_doubt("never_arrived", "the bank's desk has searched for it")
    env.cr.commit()
    _batch(_by(env, "anton"))._decide_doubt("approve")
    env.cr.commit()
    env["fin.audit.seal"]._seal()
    _step(env, "release")
    env.cr.commit()
    env["fin.audit.seal"]._seal()


def let_go(env):
    """Somebody lets go what waits, without knowing more than before."""
    held = env["fin.run"].search([("state", "=", "held")])
    held.with_user(env["res.users"].search([("login", "=", "operator")])).action_release()
    env.cr.commit()


def told(env):
    """What stands in the books and in the log of the batch."""
    batch = _batch(env)
    lines, run = batch.line_ids, batch.run_id
    return {
        "batch": batch.state,
        "lines": sorted(lines.mapped("state")),
        "run": run.state,
        "ties": run.reconciliation_state,
        "runs": env["fin.run"].search_count([("flow_id.code", "=", "pay-out")]),
        "attempts": run.attempt_ids.mapped("state"),
        "approvals": env["fin.approval"].search_count([("purpose", "=", "payment"), ("state", "=", "approved")]),
        "payments": env["account.payment"].search_count([("state", "=", "in_process")]),
        "left": sum(lines.move_line_ids.move_id.mapped("amount_residual")),
        "bindings": env["fin.binding"].search_count([("object", "=", "fin.object.payment"), ("live", "=", True)]),
        "sent": len(lines.event_ids.filtered(lambda event: event.code == "sent")),
        "doubts": env["fin.exception"].search_count([("code", "=", "in_doubt"), ("state", "=", "open")]),
        "log": env["fin.audit.seal"]._verify(),
    }


def _people(env):
    for role, name in PEOPLE.items():
        group = env.ref(f"connector_bank.group_payment_{role}")
        vals = {"name": name, "login": name.lower(), "password": name.lower(), "group_ids": [Command.link(group.id)]}
        by_program(env["res.users"].with_context(no_reset_password=True)).create(vals)


def _account(env, code, kind):
    vals = {"code": code, "name": code, "account_type": kind, "company_ids": env.company.ids}
    return env["account.account"].create(vals | {"reconcile": kind in ("liability_payable", "asset_current")})


def _books(env, company):
    company.account_journal_suspense_account_id = _account(env, "199999", "asset_current")
    company.transfer_account_id = _account(env, "199998", "asset_current")
    vals = {"acc_number": "DE89370400440532013000", "partner_id": company.partner_id.id}
    bank = env["res.partner.bank"].create(vals)
    journals = env["account.journal"]
    journal = journals.create({"name": "Giro", "code": "GIRO", "type": "bank", "bank_account_id": bank.id})
    expense = _account(env, "600000", "expense")
    bills = {"name": "Bills", "code": "BILL", "type": "purchase", "default_account_id": expense.id}
    return journal, (journals.create(bills), _account(env, "210000", "liability_payable"), expense)


def _bill(env, books, name, number, amount, ref):
    journal, payable, expense = books
    partner = env["res.partner"].create(
        {
            "name": name,
            "is_company": True,
            "property_account_payable_id": payable.id,
            "country_id": env.ref("base.nl").id,
            "city": "Utrecht",
        }
    )
    env["res.partner.bank"].create({"acc_number": number, "partner_id": partner.id, "allow_out_payment": True})
    today = fields.Date.context_today(partner)
    line = {"name": ref, "price_unit": amount, "quantity": 1, "tax_ids": [], "account_id": expense.id}
    bill = {"move_type": "in_invoice", "partner_id": partner.id, "journal_id": journal.id, "ref": ref}
    bill |= {"invoice_date": today, "invoice_date_due": today, "invoice_line_ids": [Command.create(line)]}
    env["account.move"].create(bill).action_post()
