"""Whatever random ledgers are cut by and valued at, in Anaplan: what it holds is the ledger, cell by cell."""

import json
from decimal import Decimal

from hypothesis import strategies as st
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..core.anaplan import AnaplanActuals
from .anaplan_scene import AnaplanMixin
from .cells_by_hand import CellsByHand
from .close import CloseMixin
from .ledger_steps import CENTS, MONTHS, LedgerCase, ledgers
from .loading import LoadingCase

FIGURES = ("balance", "transaction_balance", "quantity")
FAULTS = (None, None, "drop_connection", "drop_after_start", "503_once", "429_with_retry_after", "busy_once")
SOME = {"dimensions": ["partner", "transaction_currency"], "measures": list(FIGURES[1:])}
ALL = {**SOME, "dimensions": ["partner", "tax", "journal_type", "transaction_currency"], "plans": ["Site", "Project"]}
# What the flows tell, by period.
TOLD = {
    "some": {**SOME, "delta": True},
    "day": {**ALL, "period": "day", "group": {"currency": "XGR", "rate": "historic", "days": 99}, "delta": True},
    "week": {**ALL, "period": "week", "group": {"currency": "XGR", "rate": "average", "days": 99}},
    "month": {**ALL, "group": {"currency": "XGR", "rate": "average", "days": 99}, "delta": True},
    "fiscal": {**ALL, "period": "fiscal", "group": {"currency": "XGR", "rate": "closing", "days": 99}, "delta": True},
}

DAY = st.builds("{}-{:02d}".format, st.sampled_from(MONTHS), st.integers(1, 28))
# Percentages by analytic accounts, of which the last stands in a plan that is not sent.
SHARES = st.dictionaries(
    st.sampled_from([(0,), (1,), (2,), (3,), (0, 2), (1, 3), (1, 4), (4,)]),
    st.sampled_from([100, 50, 33.33, 66.67, 0.01, 120, -20]),
    max_size=3,
)
PLACE, YES_OR_NO = st.integers(0, 1), st.booleans()
POST = st.tuples(st.just("post"), DAY, CENTS, PLACE, YES_OR_NO, YES_OR_NO, YES_OR_NO, SHARES)
RATE = st.tuples(st.just("rate"), PLACE, DAY, st.integers(1, 400).map(lambda rate: rate / 80), YES_OR_NO)
RENAME = st.tuples(st.just("rename"), st.sampled_from(["partner", "tax", "account", "member"]), st.integers(0, 3))
# All that there is, and then each thing that cells are told by changes behind what was delivered, partly as final.
WORKED = [
    ("post", "2026-01-11", 100.01, 0, True, True, True, {(0,): 33.33, (1,): 33.33}),
    ("post", "2026-02-20", 7.03, 1, False, True, False, {(0, 2): 66.67, (1,): 50, (4,): 50}),
    ("post", "2026-03-01", 0.05, 1, False, False, True, {(0,): 100, (2,): 66.67, (3,): -20}),
    ("close", "2026-01"),
    ("deliver", "drop_connection"),
    ("rate", 0, "2026-01-15", 4.9875, False),
    ("rate", 1, "2026-02-10", 0.85, False),
    ("deliver", None),
    ("draft", 1, "2026-01"),
    *(("rename", what, 1) for what in ("partner", "tax", "account", "member")),
    ("calendar", ("6", 30)),
    ("deliver", "429_with_retry_after"),
    ("accept",),
]
CALENDAR = st.tuples(st.just("calendar"), st.sampled_from([("2", 28), ("6", 30), ("12", 31)]))


@tagged("post_install", "-at_install")
class TestPlanningPropertyCells(CloseMixin, AnaplanMixin, LedgerCase, LoadingCase):
    refused = (UserError,)  # a line of tax without its base is not always reversed

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Zoe | Sons"})
        cls.foreign, cls.group = cls.env["res.currency"].create(
            [{"name": name, "symbol": name[1:], "rounding": 0.01} for name in ("XTC", "XGR")]
        )
        told = {"name": "Actuals Ltd", "fin_code": "PLAN-UK", "currency_id": cls.env.ref("base.GBP").id}
        second = cls.env["res.company"].create(told)
        cls.companies = cls.company | second
        cls.env.user.company_ids |= second
        for person in cls.operator | cls.approver:
            person.sudo().company_ids = [Command.link(second.id)]
        cls.books = [cls.books_of(cls.company, cls.sales), cls.books_of(second)]
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.companies.ids})
        cls.shared_out()

    @classmethod
    def books_of(cls, company, sales=None):
        env = cls.env(context={**cls.env.context, "allowed_company_ids": company.ids})
        if not sales:
            bank = env["account.account"].create({"code": "550000", "name": "Bank", "account_type": "asset_cash"})
            sales = env["account.account"].create({"code": "700000", "name": "Sales", "account_type": "income"})
            journal = env["account.journal"].create({"name": "Misc", "code": "PLAN", "type": "general"})
        else:
            bank, journal = cls.bank, cls.journal
        country = env.ref("base.be").id
        company.account_fiscal_country_id = country
        group = env["account.tax.group"].create({"name": "VAT", "country_id": country})
        told = {"name": "VAT | 21", "amount": 21, "country_id": country, "tax_group_id": group.id}
        return journal, bank, sales, env["account.tax"].create(told)

    @classmethod
    def shared_out(cls):
        """Analytic accounts of two plans that are sent and one that is not, and first rates."""
        plans = cls.env["account.analytic.plan"].create([{"name": name} for name in ("Site", "Project", "Other")])
        told = [("North", 0), ("South", 0), ("P1", 1), ("P2", 1), ("X", 2)]
        made = [{"name": name, "plan_id": plans[number].id, "company_id": False} for name, number in told]
        cls.members = cls.env["account.analytic.account"].create(made)
        first = {"name": "2025-12-01", "rate": 1.25, "company_id": False}
        rates = [{**first, "currency_id": currency.id} for currency in (cls.group, cls.env.ref("base.GBP"))]
        cls.env["res.currency.rate"].create(rates)

    def setUp(self):
        super().setUp()
        self.start_anaplan()
        # A few rows a chunk, so that there are several.
        self.patch(AnaplanActuals, "_chunk_size", lambda _connector: 300)
        self.flows = {name: self.flow_of(name, options) for name, options in TOLD.items()}

    def flow_of(self, name, options):
        vals = {"company_ids": [Command.set(self.companies.ids)], "object": "fin.object.cell", "options": options}
        return self.flow_to("anaplan.actuals", self.anaplan_import(), f"cells-{name}", **vals)

    @ledgers(
        *(POST, FAULTS, RATE, RENAME, CALENDAR),
        told=st.sampled_from(list(TOLD)),
        worked=[{"steps": WORKED, "told": told} for told in TOLD],
    )
    def test_law_1_delivered_cells_are_the_ledger_whatever_they_are_told_by(self, steps, told):
        self.actuals, self.options = self.flows[told], TOLD[told]
        self.figures = (*FIGURES, *(["group_balance"] if "group" in self.options else []))
        self.play(steps)

    # What else happens to a ledger

    def do_post(self, day, amount, place, is_foreign, has_partner, has_tax, shares):
        journal, bank, sales, tax = self.books[place]
        money = {"currency_id": self.foreign.id, "amount_currency": -3 * amount} if is_foreign else {}
        partner = {"partner_id": self.partner.id} if has_partner else {}
        part = tax.invoice_repartition_line_ids.filtered(lambda line: line.repartition_type == "tax")
        taxed = {"tax_repartition_line_id": part.id} if has_tax else {}
        shared = {",".join(str(self.members[one].id) for one in key): share for key, share in shares.items()}
        lines = [
            {"account_id": bank.id, "balance": amount, **partner},
            {
                "account_id": sales.id,
                "balance": -amount,
                "quantity": 2,
                "analytic_distribution": shared,
                **taxed,
                **money,
            },
        ]
        entry = {"journal_id": journal.id, "date": day, "line_ids": list(map(Command.create, lines))}
        self.reopened(lambda: self.add(self.env["account.move"].create(entry)).action_post())

    def do_rate(self, number, day, rate, is_own):
        """Another rate of the group's currency or of pounds, of everybody or of the first company."""
        currency = (self.group, self.env.ref("base.GBP"))[number]
        place = {"currency_id": currency.id, "name": day, "company_id": is_own and self.company.id}
        found = self.env["res.currency.rate"].search([(name, "=", value) for name, value in place.items()])
        found.write({"rate": rate}) if found else found.create({**place, "rate": rate})

    def do_rename(self, what, number):
        _journal, _bank, sales, tax = self.books[0]
        named = {
            "partner": (self.partner, "name"),
            "tax": (tax, "name"),
            "account": (sales.with_company(self.company), "code"),
            "member": (self.members[0], "name"),
        }
        record, field = named[what]
        record[field] = f"70000{number}"

    def do_calendar(self, last):
        """Another end of the fiscal year."""
        month, day = last
        self.company.write({"fiscalyear_last_month": month, "fiscalyear_last_day": day})

    def work(self, run):
        self.engine(run)

    def take_up(self, run):
        self.env.flush_all()
        run._transition("start", digest=run.version_digest)
        return self.engine(run)

    # What holds

    def check(self):
        there, bound = self.there(), self.bound()
        self.assertEqual(there, bound, "planning holds what was delivered, and nothing else")
        told = {**bound, **self.waits()}
        ours = CellsByHand(self.companies, self.company, self.options).cells()
        nothing = (Decimal(),) * len(self.figures)
        for key in sorted(told.keys() | ours.keys()):
            figures, expected = told.get(key, nothing), ours.get(key, nothing)
            self.assertEqual(figures[:3], expected[:3], f"delivered and waiting figures are the ledger: {key}")
            for worth, exact in zip(figures[3:], expected[3:], strict=True):
                self.assertLess(abs(worth - exact), Decimal("0.0050000001"), f"worth what the rates say: {key}")

    def there(self):
        names = [name.replace("_", " ").title() for name in self.figures]
        cells = self.double.ask("/control/cells")["cells"]
        return without_zeros({cell["Key"]: tuple(Decimal(cell[name]) for name in names) for cell in cells})

    def bound(self):
        return without_zeros(self.cells("JOIN fin_binding b ON b.item_id = i.id WHERE b.live"))

    def waits(self):
        return self.cells("JOIN fin_run r ON r.id = i.run_id WHERE r.state = 'held' AND i.outcome = 'open'")

    def cells(self, where):
        self.env.flush_all()
        query = f"SELECT i.key, i.content FROM fin_item i {where} AND i.scope = %s ORDER BY i.id"
        self.env.cr.execute(query, [self.actuals.connection_id.code])
        told = {key: json.loads(content) for key, content in self.env.cr.fetchall()}
        return {key: tuple(Decimal(content[name]) for name in self.figures) for key, content in told.items()}


def without_zeros(told):
    return {place: figures for place, figures in told.items() if any(figures)}
