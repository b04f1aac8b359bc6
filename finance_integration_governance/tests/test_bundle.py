import copy
import os
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.bundle import new_key, public_of, read, write

from .common import LawScene, fact

PRIVATE, PUBLIC = new_key()


@tagged("post_install", "-at_install")
class TestBundle(LawScene, TransactionCase):
    """An approved flow leaves as a signed bundle and arrives as a change request; what does not fit leaves no trace."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.enterContext(patch.dict(os.environ, {"FIN_BUNDLE_KEY": PRIVATE}))
        self.bundles = self.env["fin.bundle"]

    def export(self):
        return self.by("operator", self.bundles)._export(self.by("operator", self.flow))

    def load(self, text, by="administrator"):
        return self.by(by, self.bundles)._import(text.encode())

    def altered(self, change):
        """The flow's bundle with its parts changed, rightly signed."""
        parts = copy.deepcopy(read(self.export().encode(), [PUBLIC]).parts)
        change(parts)
        return write(parts, PRIVATE)

    def refused(self, text, reason):
        """Nothing is left behind: neither records, nor a working copy that was touched."""
        models = ("fin.flow", "fin.flow.role", "fin.flow.tolerance", "fin.change", "fin.version", "fin.document")

        def here():
            self.env.invalidate_all()
            return [self.env[model].search_count([]) for model in models], self.flow._compose()

        before = here()
        with self.assertRaisesRegex(UserError, reason):
            self.load(text)
        self.assertEqual(here(), before)

    def test_r26_an_older_approved_version_comes_back_as_a_change_request(self):
        text, first = self.export(), self.version.digest
        self.flow.write(
            {"name": "Other", "lane": "bulk", "schedule_kind": "times", "times": "07:00", "runbook": "By hand."}
        )
        self.flow.role_ids.filtered(lambda r: r.role == "deputy").user_id = self.people["auditor"]
        self.approve(self.flow)
        change = self.load(text)
        self.assertEqual(change.version_ids.digest, first)
        self.assertEqual((change.state, change.requested_by), ("proposed", self.people["administrator"]))
        self.assertEqual(change.bundle_digest, read(text.encode(), [PUBLIC]).digest)
        self.assertIn(change.bundle_digest, change.reason)
        self.assertNotEqual(self.flow.live_version_id.digest, first)

    def test_r26_a_new_flow_is_a_draft_until_a_second_person_said_yes(self):
        change = self.load(self.altered(lambda parts: parts["flow"]["flow"].update(code="promoted")))
        flow = change.version_ids.flow_id
        self.assertEqual((flow.code, flow.state, bool(flow.live_version_id)), ("promoted", "draft", False))
        change.with_user(self.people["administrator"]).action_submit()
        change.with_user(self.people["approver"])._approve()
        self.assertEqual(self.start(fact("a"), flow=flow).state, "done")

    def full(self):
        """The flow with a checklist that is ticked, a policy set and the assistant's answers, approved."""
        shared = self.env["fin.policy.set"].create(
            {"name": "Shared", "code": "shared", "retries": 3, "payload_days": 30}
        )
        scores = dict.fromkeys(("criticality", "control", "change", "volume", "extensibility"), "3")
        self.flow.write(
            {"policy_set_id": shared.id, "timing": "day", "pattern": "data_hub", "pattern_reason": "There."}
        )
        self.flow.write({"on_time_minutes": 30, "fresh_minutes": 90, "is_fresh_by_clock": True, "left_out_rows": 2})
        self.flow.write({f"score_{name}": score for name, score in scores.items()})
        self.by("operator", self.flow).action_standard_checks()
        for item in self.by("operator", self.flow).check_ids:
            item.action_tick()
        self.approve(self.flow)
        return shared

    def test_r26_checklist_policy_set_and_answers_travel_and_no_tick(self):
        self.full()
        change = self.load(self.altered(lambda parts: parts["flow"]["flow"].update(code="promoted")))
        flow = change.version_ids.flow_id
        self.assertEqual((flow.code, flow.policy_set_id.code, flow.pattern), ("promoted", "shared", "data_hub"))
        self.assertEqual((len(flow.check_ids), flow.check_ids.mapped("ticked_by").ids), (5, []))
        self.assertEqual((flow.score_volume, flow.on_time_minutes, flow.is_fresh_by_clock), ("3", 30, True))
        self.assertEqual(flow.left_out_rows, 2)
        by_name = self.flow._document().content
        kept = change.version_ids._read_document()
        self.assertEqual((kept["policy"], kept["limits"]), (by_name["policy"], by_name["limits"]))

    def test_r26_a_policy_set_is_made_anew_from_its_content(self):
        shared = self.full()
        text, told = self.export(), shared._settings()
        self.flow.policy_set_id = False
        self.approve(self.flow)
        shared.unlink()
        change = self.load(text)
        made = change.version_ids.flow_id.policy_set_id
        self.assertEqual((made.code, made._settings()), ("shared", told))

    def test_r26_a_policy_set_with_other_words_changes_every_flow_that_uses_it(self):
        shared, second = self.full(), self.new_flow("law-second", policy_set_id=self.env["fin.policy.set"])
        text = self.export()
        second.policy_set_id = shared
        self.approve(second)
        shared.retries = 7
        for flow in (self.flow, second):
            self.approve(flow)
        change = self.load(text)
        self.assertEqual((shared.retries, change.version_ids.flow_id), (3, self.flow | second))

    def test_a_policy_set_that_was_changed_on_the_way_is_refused(self):
        self.full()
        digest = self.flow._document()["policy"]["digest"]

        def tamper(parts):
            parts["documents"][digest]["text"] = parts["documents"][digest]["text"].replace("30", "31")

        self.refused(self.altered(tamper), "not what its digest says")
        self.refused(self.altered(lambda parts: parts["documents"].pop(digest)), "policy set shared is named")
        other = self.env["res.company"].create({"name": "Elsewhere"})
        text = self.export()
        self.flow.policy_set_id.company_id = other
        with self.assertRaisesRegex(UserError, "belongs to another company"):
            self.load(text)

    def test_s08_no_secret_and_no_id_leaves_in_a_bundle(self):
        self.flow.connection_id.settings = {"password": "env:HIDDEN", "location": "hidden"}
        self.approve(self.flow)
        text = self.export()
        self.assertNotIn("HIDDEN", text.upper())
        self.assertNotIn(self.company._fin_service_login(), text)

    def test_a_tampered_bundle_is_refused_with_its_line(self):
        text = self.export()
        line = text.splitlines().index("  flow:", text[: text.index("content:")].count("\n")) + 1
        self.refused(text.replace("Flow law", "Flow lax"), f"line {line}: the part flow is not what its digest says")

    def test_a_truncated_bundle_is_refused(self):
        text = self.export()
        self.refused(text[: text.index("signature:")], "signature is missing")
        self.refused(text[: len(text) // 2], "cut off")

    def test_a_bundle_of_a_stranger_is_refused(self):
        parts = read(self.export().encode(), [PUBLIC]).parts
        stranger = new_key()[0]
        self.refused(write(parts, stranger), "does not trust the key")
        with patch.dict(os.environ, {"FIN_BUNDLE_TRUSTED": public_of(stranger)}):
            parts["flow"]["flow"]["code"] = "promoted"
            self.assertTrue(self.load(write(parts, stranger)))

    def test_an_unknown_contract_version_is_refused(self):
        self.refused(
            self.altered(lambda p: p["contracts"].update({"test.fact.2": "0" * 64})), "contract test.fact.2 is unknown"
        )
        self.refused(self.altered(lambda p: p["contracts"].update({"test.fact/1.0": "0" * 64})), "says something else")

    def test_a_missing_reference_is_refused_as_a_whole(self):
        missing = {
            "journal NOWHERE": lambda p: p["flow"].update(
                journals=[{"code": "NOWHERE", "company": self.company.fin_code, "currency": "USD"}]
            ),
            "user nobody": lambda p: p["flow"]["people"][0].update(login="nobody"),
            "connection nowhere": lambda p: p["flow"]["connection"].update(code="nowhere"),
            "company ELSEWHERE": lambda p: p["flow"].update(companies=["ELSEWHERE"]),
            "not one of test.list 9": lambda p: p["flow"]["connection"].update(connector_version="9"),
            "currency XXZ": lambda p: p["flow"].update(tolerances={"XXZ": "1.00"}),
            "knows fin.object.x": lambda p: p["flow"].update(object="fin.object.x"),
            "not what its digest": lambda p: p["documents"].update({"0" * 64: {"kind": "x", "text": "y"}}),
            "does not keep colour": lambda p: p["flow"].update(colour="red"),
            "not what this installation expects": lambda p: p["flow"].pop("company"),
        }
        for reason, change in missing.items():
            with self.subTest(reason):
                self.refused(self.altered(change), reason)

    def test_a_refused_bundle_is_told_to_the_log(self):
        self.refused("no bundle", "mapping")
        self.assertEqual(self.env["fin.audit.event"].search_count([("code", "=", "fin.bundle.refused")]), 1)

    def test_only_an_administrator_imports(self):
        text = self.export()
        for group in ("viewer", "operator", "approver", "auditor", "support"):
            with self.subTest(group), self.assertRaises(AccessError):
                self.load(text, by=group)


@tagged("post_install", "-at_install")
class TestBundleDownload(LawScene, HttpCase):
    """The button's address."""

    def download(self, group):
        self.authenticate(f"law-{group}", f"law-{group}")
        with patch.dict(os.environ, {"FIN_BUNDLE_KEY": PRIVATE}):
            return self.url_open("/finance_integration/bundle/law")

    def test_an_operator_downloads_what_can_be_read_back(self):
        answer = self.download("operator")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(read(answer.content, [PUBLIC]).flow["flow"]["code"], "law")
        self.assertEqual(self.env["fin.audit.event"].search_count([("code", "=", "fin.flow.export")]), 1)

    def test_a_viewer_does_not(self):
        self.assertEqual(self.download("viewer").status_code, 403)
