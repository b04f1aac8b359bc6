from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import PlanningCase


@tagged("post_install", "-at_install")
class TestActualMatrix(PlanningCase):
    """Have the actuals reached planning? One word for each company, system and month."""

    def setUp(self):
        super().setUp()
        self.entry("2026-01-10", 100)
        self.entry("2026-02-10", 50)
        self.double = self.start_double()
        self.sent = self.flow(self.double.url)

    def deliver(self):
        run = self.complete(self.queue(self.sent))
        self.env.flush_all()
        early = fields.Datetime.subtract(run.started_at, hours=1)
        self.env.cr.execute("UPDATE account_move SET write_date = %s", (early,))
        self.env.invalidate_all()
        return run

    def cells(self, until="2026-03-01", user=None):
        """month -> cell, of the one row that there is."""
        told = self.env["fin.actual.period"].with_user(user or self.operator).matrix(until)
        self.assertEqual(len(told["months"]), 13)
        [row] = told["rows"]
        self.assertEqual((row["company"], row["scope"]), ("Actuals Inc", "to-actuals-test"))
        return dict(zip(told["months"], row["cells"], strict=True))

    def test_before_anything_was_told_there_are_no_rows(self):
        told = self.env["fin.actual.period"].with_user(self.operator).matrix("2026-03-01")
        self.assertEqual((told["rows"], told["months"][0], told["months"][-1]), ([], "2025-03", "2026-03"))
        self.assertEqual(set(told["states"]), {"delivered", "pending", "restated", "held", "not_tied"})

    def test_delivered_months_say_so_and_others_nothing(self):
        self.deliver()
        cells = self.cells()
        self.assertEqual(cells["2026-01"], {"state": "delivered", "count": 1, "final": False, "since": 0})
        self.assertEqual((cells["2026-02"]["state"], cells["2026-03"], cells["2025-12"]), ("delivered", None, None))

    def test_what_was_posted_since_is_counted_in_its_month(self):
        self.deliver()
        self.entry("2026-01-20", 5)
        self.env.flush_all()
        later = fields.Datetime.add(fields.Datetime.now(), minutes=5)
        self.env.cr.execute("UPDATE account_move SET write_date = %s WHERE date = '2026-01-20'", (later,))
        cells = self.cells()
        self.assertEqual((cells["2026-01"]["since"], cells["2026-02"]["since"]), (1, 0))

    def test_on_its_way_is_not_delivered(self):
        run = self.queue(self.sent)
        run._transition("start", digest=run.version_digest)
        self.go_on(run, ("extract", "validate"))
        self.assertEqual(self.cells()["2026-01"]["state"], "pending")

    def test_a_restatement_that_waits_is_told_as_that(self):
        self.company.fiscalyear_lock_date = "2026-01-31"
        self.deliver()
        self.company.fiscalyear_lock_date = False
        self.entry("2026-01-20", 5)
        self.complete(self.queue(self.sent))
        cells = self.cells()
        self.assertEqual((cells["2026-01"]["state"], cells["2026-01"]["final"]), ("restated", True))
        self.assertEqual(cells["2026-02"]["state"], "delivered")

    def test_what_does_not_tie_is_the_worst(self):
        run = self.deliver()
        self.env.cr.execute(
            "UPDATE fin_run SET state = 'held', reconciliation_state = 'not_tied' WHERE id = %s", [run.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self.cells()["2026-01"]["state"], "not_tied")

    def test_s11_nobody_sees_the_months_of_another_company(self):
        self.deliver()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.person("stranger", "group_viewer")
        stranger.write({"company_ids": [(6, 0, elsewhere.ids)], "company_id": elsewhere.id})
        told = self.env["fin.actual.period"].with_user(stranger).with_context(allowed_company_ids=elsewhere.ids)
        self.assertEqual(told.matrix("2026-03-01")["rows"], [])

    def test_who_is_not_of_the_suite_sees_nothing(self):
        anybody = new_test_user(self.env, "planning-anybody", "base.group_user", company_id=self.company.id)
        with self.assertRaises(AccessError):
            self.env["fin.actual.period"].with_user(anybody).matrix()
