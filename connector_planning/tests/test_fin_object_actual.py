import json
from decimal import Decimal

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.connector_planning.core.actual import Actual
from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.core.reading import read
from odoo.addons.finance_integration_governance.core.totals import hash_of, signed

from .common import PlanningCase

HOSTILE = 'Sales "A"\\B\t\n\x01\x7f \u00e9 e\u0301 売上 😀 </script> %s %(x)s'


@tagged("post_install", "-at_install")
class TestFinObjectActual(PlanningCase):
    def test_sql_and_orm_agree(self):
        for day in range(1, 28, 3):
            self.entry(f"2026-0{1 + day % 4}-{day:02d}", day * 1.07)
        self.entry("2026-02-05", 99, post=False)
        flow = self.flow()
        run = self.collect(flow)
        told = {key: amount for key, amount, _outcome in self.rows(run)}
        domain = [("company_id", "=", self.company.id), ("parent_state", "=", "posted")]
        groups = self.env["account.move.line"]._read_group(domain, ["account_id", "date:month"], ["balance:sum"])
        by_orm = {
            f"1|BE0477472701|{account.code}|{month:%Y-%m}": Decimal(f"{balance:.2f}")
            for account, month, balance in groups
        }
        self.assertEqual(told, by_orm)

    def test_sql_spells_what_python_spells(self):
        self.sales.name = HOSTILE
        self.entry("2026-02-05", 1234567.89)
        self.entry("2026-02-06", 0.11)
        run = self.collect(self.flow())
        columns = 'content, digest, key, key_hash, "on", amount::text'
        self.env.cr.execute(f"SELECT {columns} FROM fin_item WHERE run_id = %s", [run.id])
        for content, told, key, key_hash, on, amount in self.env.cr.fetchall():
            actual = read(Actual, json.loads(content))
            self.assertEqual((content, told), (canonical(actual), digest(content)))
            self.assertEqual((key, on, Decimal(amount)), (actual.key, actual.on, actual.amount))
            self.assertEqual(key_hash, signed(hash_of(key)))

    def test_the_document_says_where_to_begin(self):
        self.entry("2025-12-31", 10)
        self.entry("2026-01-01", 20)
        run = self.collect(self.flow(options={"period_from": "2026-01"}))
        self.assertEqual({key[-7:] for key, _amount, _outcome in self.rows(run)}, {"2026-01"})

    def test_an_account_without_code_has_no_place(self):
        nowhere = self.account("999000", "Nowhere", "expense")
        self.entry("2026-01-01", 20, debit=nowhere)
        flow = self.flow()
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_account SET code_store = NULL WHERE id = %s", [nowhere.id])
        run = self.collect(flow)
        for _kept in self.env["fin.pipeline.outbound"]._validate(run):
            self.env.flush_all()
        outcomes = {key: outcome for key, _amount, outcome in self.rows(run)}
        told = {"1|BE0477472701|700000|2026-01": "open", "1|BE0477472701||2026-01": "rejected"}
        self.assertEqual(outcomes, told)

    def test_who_may_not_read_the_ledger_collects_nothing(self):
        self.entry("2026-01-01", 20)
        flow = self.flow()
        self.company._fin_service_user().group_ids = self.env.ref("base.group_user")
        with self.assertRaises(AccessError):
            self.collect(flow)

    def test_record_rules_of_the_service_user_hold(self):
        self.entry("2026-01-01", 20)
        flow = self.flow()
        self.env["ir.rule"].create(
            {
                "name": "nothing of the bank",
                "model_id": self.env["ir.model"]._get_id("account.move.line"),
                "domain_force": f"[('account_id', '!=', {self.bank.id})]",
            }
        )
        keys = [key for key, _amount, _outcome in self.rows(self.collect(flow))]
        self.assertEqual(keys, ["1|BE0477472701|700000|2026-01"])

    def test_items_of_a_run_have_a_place_of_their_own(self):
        for month in (1, 2, 3):
            self.entry(f"2026-0{month}-01", 20)
        run = self.collect(self.flow())
        self.env.cr.execute("SELECT row, uid FROM fin_item WHERE run_id = %s ORDER BY id", [run.id])
        rows = self.env.cr.fetchall()
        self.assertEqual([row for row, _uid in rows], [1, 2, 3, 4, 5, 6])
        self.assertTrue(all(uid[14] == "7" and uid[19] in "89ab" for _row, uid in rows))
