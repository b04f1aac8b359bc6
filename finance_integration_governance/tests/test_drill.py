from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from .common import LawScene, fact


@tagged("post_install", "-at_install")
class TestDrill(LawScene, TransactionCase):
    """A control is tested: a marked failure goes through the flow, and what happened to it is evidence."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def sent(self):
        drill = self.by("operator", "fin.drill")._send(self.by("operator", self.flow)).with_env(self.env)
        self.seal()
        return drill

    def work(self):
        self.env["fin.engine"]._cron_advance("batch")
        self.env.invalidate_all()

    def test_a_test_is_noticed_told_and_taken_on(self):
        drill = self.sent()
        self.assertEqual((drill.state, drill.run_id.state, drill.run_id.lane), ("sent", "queued", "dry"))
        self.work()
        case = drill.exception_id
        self.assertEqual((drill.state, drill.run_id.state), ("detected", "done"), drill.run_id.last_error)
        self.assertTrue(drill.sent_at <= drill.detected_at and drill.told_at)
        self.assertEqual((drill.told_id, case.user_id), (self.flow._notify(), self.flow._notify()))
        self.assertTrue(case.is_drill)
        self.by("operator", case).action_take()
        self.assertEqual((drill.state, drill.acknowledged_by), ("acknowledged", self.people["operator"]))
        self.assertEqual(case.state, "resolved")
        self.assertTrue(drill.acknowledged_at)

    def test_nothing_of_a_test_is_posted_or_counted(self):
        real = self.start(fact("a"))
        lines = self.env["account.bank.statement.line"].search_count([])
        cursor = self.env["fin.payload"]._last_cursor(self.flow)
        drill = self.sent()
        self.work()
        run = drill.run_id
        self.assertEqual((run.received, run.rejected, run.delivered, run.is_draft), (1, 1, 0, True))
        self.assertEqual(self.env["account.bank.statement.line"].search_count([]), lines)
        self.assertEqual(self.flow.last_run_id, real)
        self.assertEqual(self.env["fin.payload"]._last_cursor(self.flow), cursor)
        self.assertFalse(self.env["fin.binding"].search([("run_id", "=", run.id)]))
        self.assertEqual(drill.exception_id.amount_at_risk, 0)

    def test_a_test_does_not_stand_in_the_way_of_a_run(self):
        drill = self.sent()
        run = self.start(fact("a"))
        self.assertEqual((run.state, drill.run_id.state), ("done", "queued"))

    def test_one_test_at_a_time_and_only_by_an_operator(self):
        with self.assertRaises(AccessError):
            self.by("viewer", self.flow).action_test_control()
        self.sent()
        with self.assertRaises(UserError):
            self.by("operator", self.flow).action_test_control()

    def test_a_control_that_notices_nothing_has_failed_its_test(self):
        reports = type(self.env["fin.run"])
        self.patch(reports, "_report_breach", lambda *_args: None)
        drill = self.sent()
        self.work()
        self.assertEqual(drill.state, "failed")

    def test_what_a_test_has_shown_is_not_rewritten(self):
        drill = self.sent()
        self.work()
        with self.assertRaises(AccessError):
            drill.with_user(self.people["administrator"]).write({"detected_at": fields.Datetime.now()})
        with self.assertRaisesRegex(Exception, "evidence"), self.env.cr.savepoint():
            self.sql("UPDATE fin_drill SET detected_at = '2020-01-01'")
