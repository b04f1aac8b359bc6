import json
from decimal import Decimal

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.reading import read

from ..core.open_item import OpenItem
from ..models.fin_object_open_item import FinObjectOpenItem
from .common import PlanningCase


@tagged("post_install", "-at_install")
class TestFinObjectOpenItem(PlanningCase):
    """Open receivables and payables add up to the control accounts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receivable = cls.account("400000", "Customers", "asset_receivable")
        cls.receivable.reconcile = True

    def told(self):
        run = self.collect(self.flow(object="fin.object.open_item"))
        self.env.cr.execute("SELECT content, digest, key FROM fin_item WHERE run_id = %s ORDER BY row", [run.id])
        items = []
        for content, told, key in self.env.cr.fetchall():
            item = read(OpenItem, json.loads(content))
            self.assertEqual((content, told, key), (canonical(item), digest(content), item.key))
            items.append(item)
        return items

    def test_what_is_settled_is_open_no_more(self):
        invoice = self.entry("2026-01-10", 100, debit=self.receivable)
        self.entry("2026-01-20", 7, debit=self.receivable)
        paid = self.entry("2026-02-01", 60, credit=self.receivable)
        both = (invoice | paid).line_ids.filtered(lambda line: line.account_id == self.receivable)
        both.reconcile()
        found = {item.document: (item.kind, item.balance) for item in self.told()}
        second = self.env["account.move"].search([("date", "=", "2026-01-20"), ("journal_id", "=", self.journal.id)])
        expected = {invoice.name: ("receivable", Decimal(40)), second.name: ("receivable", Decimal(7))}
        self.assertEqual(found, expected)

    def test_law_4_items_that_are_not_the_control_accounts_never_leave(self):
        self.entry("2026-01-10", 100, debit=self.receivable)
        honest = FinObjectOpenItem._ledger
        self.patch(FinObjectOpenItem, "_ledger", lambda *given, **more: self.doubled(honest(*given, **more)))
        with self.assertRaisesRegex(ConfigurationError, "the control accounts say"):
            self.told()

    def doubled(self, ledger):
        ledger_sql = type(ledger)
        columns = "company, account, account_name, kind, partner, document, dated_on, due_on, currency"
        more = "transaction_currency, transaction_balance, ends, mapped"
        return ledger_sql(f"SELECT {columns}, balance * 2 AS balance, {more} FROM (%s) wrong", ledger)
