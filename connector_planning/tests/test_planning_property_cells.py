"""Companies, currencies, partners and pieces of random ledgers in Anaplan: what it holds is the ledger."""

import json
from collections import defaultdict
from decimal import Decimal

from hypothesis import strategies as st
from odoo.fields import Command
from odoo.tests import tagged

from ..core.anaplan import AnaplanActuals
from .anaplan_scene import AnaplanMixin
from .close import CloseMixin
from .ledger_steps import CENTS, MONTHS, LedgerCase, ledgers
from .loading import LoadingCase

FIGURES = ("balance", "transaction_balance", "quantity")
FAULTS = (None, None, "drop_connection", "drop_after_start", "503_once", "429_with_retry_after", "busy_once")

POST = st.tuples(
    st.just("post"), st.sampled_from(MONTHS), st.integers(1, 28), CENTS, st.integers(0, 1), st.booleans(), st.booleans()
)


@tagged("post_install", "-at_install")
class TestPlanningPropertyCells(CloseMixin, AnaplanMixin, LedgerCase, LoadingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Zoe | Sons"})
        cls.foreign = cls.env["res.currency"].create({"name": "XTC", "symbol": "T", "rounding": 0.01})
        told = {"name": "Actuals Ltd", "fin_code": "PLAN-UK", "currency_id": cls.env.ref("base.GBP").id}
        second = cls.env["res.company"].create(told)
        cls.companies = cls.company | second
        cls.env.user.company_ids |= second
        for person in cls.operator | cls.approver:
            person.sudo().company_ids = [Command.link(second.id)]
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.companies.ids})
        cls.books = [(cls.journal, cls.bank, cls.sales), cls.books_of(second)]

    @classmethod
    def books_of(cls, company):
        env = cls.env(context={**cls.env.context, "allowed_company_ids": company.ids})
        bank = {"code": "550000", "name": "Bank", "account_type": "asset_cash"}
        sales = {"code": "700000", "name": "Sales", "account_type": "income"}
        journal = env["account.journal"].create({"name": "Misc", "code": "PLAN", "type": "general"})
        return journal, env["account.account"].create(bank), env["account.account"].create(sales)

    def setUp(self):
        super().setUp()
        self.start_anaplan()
        # A few rows a chunk, so that there are several.
        self.patch(AnaplanActuals, "_chunk_size", lambda _connector: 300)
        options = {"dimensions": ["partner", "transaction_currency"], "measures": list(FIGURES[1:]), "delta": True}
        vals = {"company_ids": [Command.set(self.companies.ids)], "object": "fin.object.cell", "options": options}
        self.actuals = self.flow_to("anaplan.actuals", self.anaplan_import(), "cells", **vals)

    @ledgers(POST, FAULTS)
    def test_law_1_delivered_cells_are_the_ledger_in_every_company_and_currency(self, steps):
        self.play(steps)

    def do_post(self, month, day, amount, place, is_foreign, has_partner):
        journal, bank, sales = self.books[place]
        money = {"currency_id": self.foreign.id, "amount_currency": -3 * amount} if is_foreign else {}
        partner = {"partner_id": self.partner.id} if has_partner else {}
        lines = [
            {"account_id": bank.id, "balance": amount, **partner},
            {"account_id": sales.id, "balance": -amount, "quantity": 2, **money},
        ]
        entry = {"journal_id": journal.id, "date": f"{month}-{day:02d}", "line_ids": list(map(Command.create, lines))}
        self.reopened(lambda: self.add(self.env["account.move"].create(entry)).action_post())

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
        told = defaultdict(lambda: (Decimal(), Decimal(), Decimal()))
        for key, figures in {**bound, **self.waits()}.items():
            _rule, company, _ledger, account, period, _partner, _tax, _type, currency, _plans = key.split("|")
            place = company, account, period, currency
            told[place] = tuple(map(sum, zip(told[place], figures, strict=True)))
        self.assertEqual(without_zeros(told), self.ledger(), "delivered and waiting figures are the trial balance")

    def there(self):
        names = [name.replace("_", " ").title() for name in FIGURES]
        cells = self.double.ask("/control/cells")["cells"]
        return without_zeros({cell["Key"]: tuple(Decimal(cell[name]) for name in names) for cell in cells})

    def bound(self):
        return without_zeros(self.cells("JOIN fin_binding b ON b.item_id = i.id WHERE b.live"))

    def waits(self):
        return self.cells("JOIN fin_run r ON r.id = i.run_id WHERE r.state = 'held' AND i.outcome = 'open'")

    def cells(self, where):
        self.env.flush_all()
        self.env.cr.execute(f"SELECT i.key, i.content FROM fin_item i {where} AND i.scope = 'cells-test' ORDER BY i.id")
        told = {key: json.loads(content) for key, content in self.env.cr.fetchall()}
        return {key: tuple(Decimal(content[name]) for name in FIGURES) for key, content in told.items()}

    def ledger(self):
        """Odoo's own sums."""
        domain = [("company_id", "in", self.companies.ids), ("parent_state", "=", "posted")]
        by = ["company_id", "account_id", "date:month", "currency_id"]
        sums = ["balance:sum", "amount_currency:sum", "quantity:sum"]
        found = {}
        for company, account, month, currency, *figures in self.env["account.move.line"]._read_group(domain, by, sums):
            place = company.fin_code, account.with_company(company).code, f"{month:%Y-%m}", currency.name
            found[place] = tuple(Decimal(f"{figure:.2f}") for figure in figures)
        return without_zeros(found)


def without_zeros(told):
    return {place: figures for place, figures in told.items() if any(figures)}
