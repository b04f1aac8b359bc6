"""Scenes for the treasury in a browser: an account of yesterday, and one that nobody has approved a flow for."""

import datetime as dt

import statements


def of_day(days_ago, amounts, number, opening, iban=statements.IBAN):
    """The bank's file of so many days ago, as bytes; its opening balance and its entries, signed."""
    day = str((dt.datetime.now(dt.UTC) - dt.timedelta(days=days_ago)).date())
    told = statements.statement(amounts, number=number, iban=iban, opening=opening, first=int(number) * 100)
    return statements.document(told.replace("2026-09-15</Dt>", f"{day}</Dt>"))


def owed(env, partner, amount, day):
    """A posted invoice of a customer that asks for this amount; returns its number."""
    from odoo.fields import Command

    account = env["account.account"].create({"code": "409900", "name": "Sales", "account_type": "income"})
    journal = env["account.journal"].search([("type", "=", "sale"), ("company_id", "=", env.company.id)], limit=1)
    journal = journal or env["account.journal"].create({"name": "Sales", "code": "SALE", "type": "sale"})
    line = {"name": "work", "price_unit": amount, "tax_ids": False, "account_id": account.id}
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": env["res.partner"].create({"name": partner}).id,
            "invoice_date": day,
            "journal_id": journal.id,
            "invoice_line_ids": [Command.create(line)],
        }
    )
    invoice.action_post()
    env.cr.commit()
    return invoice.name
