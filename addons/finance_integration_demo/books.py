"""The books of the demo's companies: charts, bank accounts, suppliers, and posted entries over six months."""

from dateutil.relativedelta import relativedelta
from odoo import Command, fields

COMPANIES = {"company": 100, "company_us": 60, "company_fr": 35}  # how large their figures are, in percent
# Published sample numbers; no bank has customers behind them.
ACCOUNTS = {
    "BNK1": ("Bank: current account", "DE89370400440532013000"),
    "BNK2": ("Bank: payroll account", "DE02120300000000202051"),
    "BNK3": ("Second bank", "DE02500105170137075030"),
}
SUPPLIERS = {
    "Utrecht Paper Mill": ("NL91ABNA0417164300", "base.nl", "Utrecht"),
    "Brussels Power Works": ("BE68539007547034", "base.be", "Brussels"),
    "Vienna Couriers": ("AT611904300234573201", "base.at", "Vienna"),
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


def companies(env):
    """The demo's companies, the one that its people work for first."""
    return env["res.company"].union(*(env.ref(f"finance_integration_demo.{name}") for name in COMPANIES))


def open_books(env):
    """Give each company a chart of accounts and a history; the first one bank accounts and suppliers, too."""
    for company, share in zip(companies(env), COMPANIES.values(), strict=True):
        currency = company.currency_id
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        company.currency_id = currency  # the chart has brought its own
        _history(_within(env, company), company, share)
    company = companies(env)[:1]
    for code, (name, number) in ACCOUNTS.items():
        _bank_journal(env, company, code, name, number)
    for name, place in SUPPLIERS.items():
        _supplier(_within(env, company), name, *place)


def _within(env, company):
    return env(context={**env.context, "allowed_company_ids": company.ids})


def _bank_journal(env, company, code, name, number):
    bank = env["res.partner.bank"].create({"acc_number": number, "partner_id": company.partner_id.id})
    journals = env["account.journal"].with_company(company)
    journal = journals.search([("code", "=", code), ("company_id", "=", company.id)], limit=1)
    if not journal:
        journal = journals.create({"code": code, "name": name, "type": "bank", "company_id": company.id})
    journal.write({"name": name, "bank_account_id": bank.id})


def _supplier(env, name, number, country, city):
    """A supplier with an account that somebody has verified."""
    place = {"country_id": env.ref(country).id, "city": city}
    partner = env["res.partner"].create({"name": name, "is_company": True, **place})
    env["res.partner.bank"].create({"acc_number": number, "partner_id": partner.id, "allow_out_payment": True})


def _history(env, company, share):
    journal = env["account.journal"].search([("type", "=", "general"), ("company_id", "=", company.id)], limit=1)
    today = fields.Date.context_today(journal)
    moves = env["account.move"].create(
        [
            _entry(env, company, journal, today + relativedelta(months=month - MONTHS, day=day), words, types, amount)
            for month in range(MONTHS)
            for day, words, *types, first, change in MONTHLY
            for amount in ((first + month * change) * share / 100,)
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
