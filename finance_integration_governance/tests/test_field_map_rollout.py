from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from .test_field_map import HEAD, MapScene


@tagged("post_install", "-at_install")
class TestFieldMapRollOut(MapScene, TransactionCase):
    """A flow that reads rows goes to another company with its map, on that company's crosswalks, and untried."""

    @classmethod
    def lines(cls):
        return [
            *super().lines()[:-1],
            cls.line(5, "kind", "Art", "crosswalk", {"crosswalk_id": cls.crosswalk().id, "on": "day"}),
        ]

    @classmethod
    def crosswalk(cls):
        made = cls.env["fin.crosswalk"].create(
            {
                "name": "Kinds",
                "code": "kinds",
                "system": "Booking system",
                "direction": "inbound",
                "company_id": cls.company.id,
                "line_ids": [Command.create({"source": "U", "target": "transfer"})],
            }
        )
        cls.csv.crosswalk_ids = made
        return made

    def setUp(self):
        super().setUp()
        self.other = self.env["res.company"].create({"name": "Sister", "vat": "BE0477472701"})
        for group in ("administrator", "approver", "operator"):
            self.people[group].company_ids += self.other
        self.tried()
        self.approve(self.csv)
        self.seal()

    def rolled_out(self):
        wizard = self.by("administrator", "fin.flow.rollout")
        wizard = wizard.with_context(allowed_company_ids=[self.company.id, self.other.id]).create(
            {
                "flow_ids": [Command.set(self.csv.ids)],
                "company_id": self.other.id,
                "owner_id": self.people["operator"].id,
                "deputy_id": self.people["administrator"].id,
            }
        )
        return self.env["fin.change"].browse(wizard.action_roll_out()["res_id"])

    def map_of(self, version):
        return version._read_document()["field_map"]

    def test_a_map_goes_along_line_by_line_on_the_other_companys_crosswalk(self):
        before = self.map._document()
        change = self.rolled_out()
        copied = change.version_ids.flow_id
        made = copied.field_map_ids
        self.assertEqual((made.company_id, made.contract_id, len(made.line_ids)), (self.other, self.contract(), 6))
        self.assertEqual(made.line_ids.crosswalk_id.company_id, self.other)
        theirs = made.line_ids.crosswalk_id.code
        self.assertEqual(theirs, f"kinds-{self.other.fin_code.lower()}")
        expected = [*before["fields"][:-1], {**before["fields"][-1], "steps": [
            {"do": "crosswalk", "crosswalk": theirs, "on": "day"}
        ]}]  # fmt: skip
        self.assertEqual(self.map_of(change.version_ids), {"contract": before["contract"], "fields": expected})
        self.assertEqual([*change.version_ids._read_document()["crosswalks"]], [theirs])
        self.assertFalse(made.problem)

    def test_the_map_that_it_came_from_stays_as_it_was(self):
        before, lines = self.map._document(), self.map.line_ids
        self.rolled_out()
        self.map.invalidate_recordset()
        self.assertEqual((self.map._document(), self.map.line_ids), (before, lines))
        self.assertFalse(self.csv.is_changed)

    def test_a_copied_map_is_submitted_only_after_it_was_tried_there(self):
        change = self.rolled_out()
        copied = change.version_ids.flow_id
        self.assertIn("The field map was copied: try it on a payload.", change.to_fill)
        with self.assertRaises(UserError):
            change.action_submit()
        copied.connection_id.settings = {"location": "file:///elsewhere", "declared": HEAD.replace(";", ",")}
        self.map = copied.field_map_ids
        self.tried()
        self.assertNotIn("try it", copied.to_fill or "")
        again = self.by("administrator", "fin.change")._propose(self.by("administrator", copied))
        again.action_submit()
        self.assertEqual(again.state, "review")

    def test_a_crosswalk_that_the_other_company_has_already_is_used_by_the_map(self):
        known = self.map.line_ids.crosswalk_id.copy(
            {"code": f"kinds-{self.other.fin_code.lower()}", "company_id": self.other.id, "flow_ids": False}
        )
        made = self.rolled_out().version_ids.flow_id.field_map_ids
        self.assertEqual(made.line_ids.crosswalk_id, known)
