import datetime as dt

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .test_service_levels import NOON, ServiceScene


@tagged("post_install", "-at_install")
class TestLaw6(ServiceScene, TransactionCase):
    """What should have come by a moment and did not is told, also where no cron is left to tell it."""

    def late(self, moment):
        """What the home of the app says is late, at that moment, to a viewer."""
        with self.later(fields.Datetime.to_datetime(moment)):
            tower = self.by("viewer", "fin.tower").with_context(allowed_company_ids=self.env.company.ids)
            return next(told for told in tower.answers()["questions"] if told["code"] == "late")

    def test_law6_a_flow_that_should_have_delivered_and_did_not_raises(self):
        flow = self.live("promised", schedule_kind="times", times="13:30", on_time_minutes=30)
        self.tick("2026-12-30 12:31:00")
        self.assertFalse(self.told("slot_late", flow))
        self.tick("2026-12-30 13:01:00")
        [told] = self.told("slot_late", flow)
        self.assertTrue(told.user_id and told.due_at)

    def test_law6_where_every_cron_is_off_whoever_looks_is_told(self):
        """No slot is made, so none is late; the moment that nobody looked at is computed when the page is read."""
        flow = self.live("overlooked", schedule_kind="times", times="13:30")
        self.tick("2026-12-30 12:00:00")
        self.env["ir.cron"].search([("model_id.model", "=like", "fin.%")]).write({"active": False})
        self.assertNotIn(flow.name, str(self.late("2026-12-30 12:33:00")))
        told = self.late("2026-12-30 12:36:00")
        self.assertEqual((told["state"], told["count"]), ("bad", 1), told)
        self.assertIn(flow.name, [row["label"] for row in told["rows"]])
        self.assertEqual(told["drill"], {"model": "fin.flow", "domain": [("id", "in", flow.ids)]})
        self.assertFalse(self.env["fin.slot"].search([("flow_id", "=", flow.id)]))
        self.tick("2026-12-30 12:37:00")
        self.assertNotEqual(self.late("2026-12-30 12:37:00")["drill"], told["drill"])

    def test_law6_a_part_that_is_silent_shows_when_read(self):
        self.env["fin.heartbeat"]._beat("batch", NOON)
        for minutes, is_silent in ((4, False), (6, True)):
            with self.later(NOON + dt.timedelta(minutes=minutes)):
                self.assertEqual("batch" in self.env["fin.heartbeat"]._silent().mapped("part"), is_silent)
