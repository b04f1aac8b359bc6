"""The books of the demo company: a chart, three bank accounts, and posted entries over six months."""

from dateutil.relativedelta import relativedelta
from odoo import Command, fields

# Published sample numbers; no bank has customers behind them.
ACCOUNTS = {
    "BNK1": ("Bank: current account", "DE89370400440532013000"),
    "BNK2": ("Bank: payroll account", "DE02120300000000202051"),
    "BNK3": ("Second bank", "DE02500105170137075030"),
}
MONTHS = 6
# What happens each month: day, words, account type that is debited, the one that is credited, amount, change a month.
MONTHLY = (
    (3, "Sales, first half", "asset_receivable", "income", 18_400, 750),
    (10, "Goods bought", "expense_direct_cost", "liability_payable", 9_150, 310),
    (15, "Sales, second half", "asset_receivable", "income", 21_250, -420),
    (20, "Office and energy", "expense", "liability_payable", 2_480, 15),
    (28, "Insurance, prepaid in spring", "expense", "asset_prepayments", 640, 0),
)


def open_books(env, company):
    """Give the company a chart of accounts, journals for its bank accounts, and a history."""
    env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    company.currency_id = env.ref("base.EUR")  # the chart has brought its own
    for code, (name, number) in ACCOUNTS.items():
        _bank_journal(env, company, code, name, number)
    _history(env(context={**env.context, "allowed_company_ids": company.ids}), company)


def _bank_journal(env, company, code, name, number):
    bank = env["res.partner.bank"].create({"acc_number": number, "partner_id": company.partner_id.id})
    journals = env["account.journal"].with_company(company)
    journal = journals.search([("code", "=", code), ("company_id", "=", company.id)], limit=1)
    if not journal:
        journal = journals.create({"code": code, "name": name, "type": "bank", "company_id": company.id})
    journal.write({"name": name, "bank_account_id": bank.id})


def _history(env, company):
    journal = env["account.journal"].search([("type", "=", "general"), ("company_id", "=", company.id)], limit=1)
    today = fields.Date.context_today(journal)
    moves = env["account.move"].create(
        [
            _entry(env, company, journal, today + relativedelta(months=month - MONTHS, day=day), words, types, amount)
            for month in range(MONTHS)
            for day, words, *types, first, change in MONTHLY
            for amount in (first + month * change,)
        ]
    )
    moves.action_post()


def _entry(env, company, journal, day, words, types, amount):
    debited, credited = (_account(env, company, kind) for kind in types)
    lines = [{"account_id": debited.id, "debit": amount}, {"account_id": credited.id, "credit": amount}]
    return {
        "journal_id": journal.id,
        "date": day,
        "ref": words,
        "line_ids": [Command.create({"name": words, "partner_id": company.partner_id.id, **line}) for line in lines],
    }


def _account(env, company, kind):
    return env["account.account"].search(
        [("account_type", "=", kind), ("company_ids", "in", company.ids)], order="code", limit=1
    )
