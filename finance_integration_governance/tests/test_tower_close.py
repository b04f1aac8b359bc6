from odoo.tests import TransactionCase, tagged

from .close_scene import CloseScene


@tagged("post_install", "-at_install")
class TestTowerClose(CloseScene, TransactionCase):
    """The tower says how far the close is, and leads to exactly what is not signed."""

    def told(self, group="viewer"):
        self.env.flush_all()
        return {one["code"]: one for one in self.by(group, "fin.tower").answers()["questions"]}.get("close")

    def test_without_a_close_calendar_nothing_is_green(self):
        self.assertEqual((self.told()["state"], self.told()["drill"]), ("unknown", None))

    def test_what_is_not_signed_is_counted_by_month_and_leads_to_the_board(self):
        self.template("balance")
        self.template("second")
        self.calendar()
        self.sign(self.checkpoint("balance"))
        told = self.told()
        found = self.by("viewer", told["drill"]["model"]).search(told["drill"]["domain"])
        self.assertEqual((told["count"], told["drill"]["model"]), (len(found), "fin.checkpoint"))
        self.assertIn(self.checkpoint("second"), found)
        self.assertNotIn(self.checkpoint("balance"), found)
        [march] = [row for row in told["rows"] if "2026-03" in row["label"]]
        self.assertEqual(march["text"].split(",")[0], "1 of 2 signed")
        self.assertEqual(march["count"], 1)

    def test_support_sees_no_checkpoints(self):
        self.assertIsNone(self.told("support"))
