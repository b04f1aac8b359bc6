"""Map what is missing, from the desk to the case that closes itself, over the wire."""

from odoo.tests import HttpCase, tagged

from .crosswalk_common import CrosswalkCase
from .wire import OverTheWire


@tagged("post_install", "-at_install")
class TestMapWhatIsMissing(OverTheWire, CrosswalkCase, HttpCase):
    """A code that nobody has mapped: from the desk through change control to a case that closes itself."""

    def test_a_missing_code_is_mapped_at_the_desk_approved_and_the_case_closes_itself(self):
        run = self.start(*self.told("4000", "4101", "9999"))
        case = run.exception_ids
        self.assertEqual((run.state, case.code, case.crosswalk_id), ("held", "not_covered", self.crosswalk))
        self.login("viewer")
        self.assertIn("AccessError", self.refused("fin.exception", "action_map_codes", case.ids))
        self.login("operator")
        gaps = self.gaps(self.call("fin.exception", "action_map_codes", case.ids))
        self.assertEqual((set(gaps), gaps["4101"]["target"]), ({"4101", "9999"}, "B"))
        coverage = gaps["9999"]["coverage_id"][0]
        self.assertIn("Tick", self.words("fin.crosswalk.coverage", "action_add_and_propose", [coverage]))
        lines = [
            [1, gaps["4101"]["id"], {"is_taken": True}],
            [1, gaps["9999"]["id"], {"is_taken": True, "target": "Z"}],
        ]
        self.call("fin.crosswalk.coverage", "write", [coverage], {"gap_ids": lines})
        action = self.call("fin.crosswalk.coverage", "action_add_and_propose", [coverage])
        change = self.proposed(action)
        self.assertEqual((change.version_ids.flow_id, change.state), (self.flow, "review"))
        self.assertEqual((run.state, case.state), ("held", "open"))
        self.login("approver")
        self.proven("fin.change", "action_approve", change.ids)
        self.seal()
        self.advance(run)
        self.assertEqual((run.state, run.delivered, case.state), ("done", 3, "resolved"), run.last_error)

    def gaps(self, action):
        found = self.call("fin.crosswalk.coverage.gap", "search_read", [["coverage_id", "=", action["res_id"]]])
        return {gap["code"]: gap for gap in found}

    def proposed(self, action):
        """The change request that the dialog makes of it, given in for review."""
        dialog = self.call(action["res_model"], "create", [{"reason": "two new accounts"}], context=action["context"])
        opened = self.call(action["res_model"], "action_submit", dialog, context=action["context"])
        change = self.env[opened["res_model"]].browse(opened["res_id"])
        return change if change._name == "fin.change" else change.change_id
