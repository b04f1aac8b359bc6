"""Whatever is posted, taken back, dated back, closed and cut off: planning holds the ledger, but for what waits."""

from decimal import Decimal

from hypothesis import strategies as st
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.http import HttpClient

from .common import TOKEN
from .ledger_steps import CENTS, MONTHS, LedgerCase, ledgers

POST = st.tuples(st.just("post"), st.sampled_from(MONTHS), st.integers(1, 28), CENTS, st.booleans())
# Delivered as final; taken back, which waits; all that there was of February taken back; a late entry; the yes.
WORKED = [
    ("post", "2026-01", 10, 100.01, True),
    ("post", "2026-02", 11, 7.5, False),
    ("close", "2026-01"),
    ("deliver", None),
    ("draft", 0, "2026-01"),
    ("deliver", "drop_connection_after_store"),
    ("draft", 0, "2026-01"),
    ("post", "2026-01", 12, 5.0, False),
    ("deliver", "503_once"),
    ("accept",),
]
FAULTS = (None, None, "drop_connection", "drop_connection_after_store", "503_once")


@tagged("post_install", "-at_install")
class TestPlanningProperty(LedgerCase):
    def setUp(self):
        super().setUp()
        self.other = self.account("610000", "Services", "expense")
        self.actuals = self.flow(self.double.url, options={"delta": True})

    @ledgers(POST, FAULTS, worked=[{"steps": WORKED}])
    def test_law_1_delivered_cells_and_open_restatements_are_the_trial_balance(self, steps):
        self.play(steps)

    def do_post(self, month, day, amount, is_cost):
        self.reopened(lambda: self.add(self.entry(f"{month}-{day:02d}", amount, debit=self.other if is_cost else None)))

    # What holds

    def check(self):
        there = {place: amount for place, amount in self.there().items() if amount}
        bound = {place: amount for place, amount in self.bound().items() if amount}
        self.assertEqual(there, bound, "planning holds what was delivered, and nothing else")
        ours = {place: amount for place, amount in self.ledger().items() if amount}
        told = {place: amount for place, amount in {**bound, **self.waits()}.items() if amount}
        self.assertEqual(told, ours, "delivered and waiting figures are the trial balance")

    def there(self):
        http = HttpClient(self.double.url, token=TOKEN, allowed_hosts=("127.0.0.1",))
        cells = http.get("/v1/cells").json()["cells"]
        return {(cell["account"], cell["period"]): Decimal(cell["balance"]) for cell in cells}

    def bound(self):
        return self.cells("JOIN fin_binding b ON b.item_id = i.id WHERE b.live")

    def waits(self):
        return self.cells("JOIN fin_run r ON r.id = i.run_id WHERE r.state = 'held' AND i.outcome = 'open'")

    def cells(self, where):
        self.env.flush_all()
        query = f"SELECT i.key, i.amount::text FROM fin_item i {where} AND i.scope = 'to-actuals-test' ORDER BY i.id"
        self.env.cr.execute(query)
        return {tuple(key.split("|")[2:]): Decimal(amount) for key, amount in self.env.cr.fetchall()}

    def ledger(self):
        """Odoo's own trial balance."""
        domain = [("company_id", "=", self.company.id), ("parent_state", "=", "posted")]
        groups = self.env["account.move.line"]._read_group(domain, ["account_id", "date:month"], ["balance:sum"])
        return {(a.code, f"{month:%Y-%m}"): Decimal(f"{balance:.2f}") for a, month, balance in groups}
