"""Scenes for the browser tests of planning: a draft with a figure, and workbooks that somebody brings for it."""

import base64

import scenes
from odoo.fields import Command

from odoo.addons.connector_planning.core.budget_sheet import head
from odoo.addons.finance_integration_governance.core.sheets import as_xlsx

MONTHS = ("2026-01", "2026-02")


def draft(env):
    """A draft of the company's budget, and what its ledger holds of it."""
    people = scenes.people(env)
    accounts = env["account.account"].create(
        [
            {"code": "700900", "name": "Browser sales", "account_type": "income"},
            {"code": "550900", "name": "Browser bank", "account_type": "asset_cash"},
        ]
    )
    vals = {"name": "Budget 2026", "code": "budget-2026", "date_from": "2026-01-01", "date_to": "2026-12-31"}
    version = env["fin.budget.version"].create({**vals, "owner_id": people["operator"].id})
    figure = {"version_id": version.id, "account_id": accounts[0].id, "on": "2026-01-31", "amount": -100}
    partner = env["res.partner"].create({"name": "Browser customer", "ref": "BC-1"})
    env["fin.budget.line"].create([figure, {**figure, "amount": -40, "partner_id": partner.id}])
    journal = env["account.journal"].create({"name": "Browser books", "code": "BRB", "type": "general"})
    for who, amount in ((partner, 50), (env["res.partner"], 90)):
        sides = ({"account_id": accounts[0].id, "credit": amount}, {"account_id": accounts[1].id, "debit": amount})
        lines = [Command.create({"partner_id": who.id, **side}) for side in sides]
        env["account.move"].create({"journal_id": journal.id, "date": "2026-01-20", "line_ids": lines}).action_post()


def workbook(env, rows):
    """The bytes, in base64, of a workbook with these rows: (account, partner, figures of two months)."""
    fixed = ["budget-2026", env.company.fin_code]
    told = [
        [*fixed, account, "", "", partner, env.company.currency_id.name, *figures]
        for account, partner, *figures in rows
    ]
    return base64.b64encode(as_xlsx([head(MONTHS), *told])).decode()
