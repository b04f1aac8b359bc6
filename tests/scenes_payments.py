"""A company that pays its vendors by files in a folder, and the persons that this takes."""

import scenes
from odoo import Command, fields

from odoo.addons.finance_integration_governance.models.writer import by_program

PEOPLE = {"preparer": "Paula", "approver": "Anton", "sender": "Sven"}
VENDORS = {"Paper Mill": "NL91ABNA0417164300", "Power Works": "BE68539007547034"}


def payments(env, outbox, inbox):
    """Two bills that are due, an account to pay them from, and flows there and back."""
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
    places = {"payment.pain001": ("Payments out", "pay-out", outbox, "fin.object.payment")}
    places["status.pain002"] = ("Payments back", "pay-back", inbox, "fin.object.payment_status")
    for connector, (name, code, folder, kind) in places.items():
        made = scenes.flow(env, name, code, connector, {"location": f"file://{folder}"}, kind)
        if kind == "fin.object.payment":
            journal.fin_payment_flow_id = made
            made.invalidate_recordset()
            scenes.approve(env, made)
    for number, (name, account) in enumerate(VENDORS.items(), 1):
        _bill(env, books, name, account, 100.0 * number, f"BILL-{number}")
    env.cr.commit()


def status_now(env):
    """Fetch what the bank has put there."""
    flow = env["fin.flow"].search([("code", "=", "pay-back")])
    env["fin.run"]._queue(flow, "schedule")
    env.cr.commit()


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
