import json
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from .common import fact, trouble
from .test_masking_everywhere import ACCOUNT, MaskingScene

KEY = "stm1:DE89:7:2026-01-31:1234.56USD"


@tagged("post_install", "-at_install")
class TestMaskedWords(MaskingScene, HttpCase):
    """Control totals, keys, previews and what the engine says: no amount for whom the policy hides them, over RPC."""

    def setUp(self):
        super().setUp()
        self.run_ = self.start(fact(KEY, "10.00"), fact("b", "2.50"))
        with trouble(ConfigurationError(f"account {ACCOUNT} has 77.70, not 12.50")):
            self.failed = self.start(name="two.txt")
        self.obey(amounts_viewer=False)
        self.line = self.run_.reconciliation_ids.line_ids.filtered(lambda line: line.measure == "USD")
        self.item = self.run_.item_ids.filtered(lambda item: item.key == KEY)

    def call(self, group, model, method, *args, **kwargs):
        self.authenticate(f"law-{group}", f"law-{group}")
        body = {"params": {"model": model, "method": method, "args": args, "kwargs": kwargs}}
        url, head = f"/web/dataset/call_kw/{model}/{method}", {"Content-Type": "application/json"}
        return self.url_open(url, json.dumps(body), headers=head).json()

    def told(self, group, records, *names):
        answer = self.call(group, records._name, "read", records.ids, names)
        [told] = answer.get("result") or self.fail(answer)
        return [told[name] for name in names]

    def test_s24_control_totals_are_not_told_to_whom_amounts_are_hidden(self):
        self.assertEqual(self.told("operator", self.line, "source_text", "target_text"), ["12.50", "12.50"])
        shown = self.told("viewer", self.line, "measure_text", "source_text", "target_text", "is_equal_text")
        self.assertEqual(shown, ["Amount in USD", "…", "…", "yes"])
        count = self.run_.reconciliation_ids.line_ids.filtered(lambda line: line.measure == "count")
        self.assertEqual(self.told("viewer", count, "source_text", "target_text"), ["2", "2"])
        for name in ("source", "target"):
            self.assertIn("error", self.call("viewer", self.line._name, "read", self.line.ids, [name]))
            self.assertIn("error", self.call("viewer", self.line._name, "search_count", [[name, "=", "12.5"]]))
        self.assertIn("error", self.call("viewer", "fin.purge", "search_read", [], ["totals"]))

    def test_s24_a_key_is_shown_without_the_amount_in_it(self):
        self.assertEqual(self.told("operator", self.item, "shown_key", "display_name"), [KEY, KEY])
        shown = "stm1:DE89:7:2026-01-31:…USD"
        self.assertEqual(self.told("viewer", self.item, "shown_key", "display_name"), [shown, shown])
        binding = self.item.binding_ids
        self.assertEqual(self.told("viewer", binding, "shown_key", "display_name"), [shown, shown])
        for model in ("fin.item", "fin.binding", "fin.conflict"):
            for probe in (["key", "ilike", "1234.56"], ["display_name", "ilike", "1234.56"]):
                answer = self.call("viewer", model, "search_count", [probe])
                self.assertTrue("error" in answer or answer["result"] == 0, (model, probe))
        self.assertNotIn("1234.56", json.dumps(self.call("viewer", "fin.item", "name_search", "stm1")))

    def test_s24_what_stopped_a_run_is_told_without_account_and_amount(self):
        words = "account …3000 has …, not …"
        self.assertEqual(self.told("viewer", self.failed, "shown_error"), [words])
        self.assertIn("77.70", self.told("operator", self.failed, "shown_error")[0])
        for group in ("viewer", "operator", "auditor"):
            self.assertIn("error", self.call(group, "fin.run", "search_count", [["last_error", "ilike", "77"]]))
            self.assertIn("error", self.call(group, "fin.gate.answer", "search_count", [["reason", "ilike", "77"]]))

    def test_s24_a_stored_preview_is_nobodys_to_read_in_the_raw(self):
        self.flow.purpose = "To be compared"
        told = {"version": "v", "compared": "c", "runs": [], "is_compared": True, "counts": {}, "changed": []}
        told |= {"totals": [{"account": "1", "currency": "USD", "before": "0", "after": "77.70"}]}
        version = self.propose(self.flow)
        version._keep_preview(told)
        document = version.preview_document_id
        self.assertIn("77.70", document.text)
        for group in ("viewer", "operator", "administrator", "auditor"):
            with self.subTest(group):
                self.assertIn("error", self.call(group, "fin.document", "read", document.ids, ["text"]))
                found = self.call(group, "fin.document", "search_count", [["text", "like", "77.70"]])
                self.assertFalse(found.get("result"))

    def test_s24_the_log_tells_no_amount_to_whom_they_are_hidden(self):
        self.obey(amounts_viewer=False, amounts_auditor=False)
        event = self.env["fin.audit.event"].search(
            [("code", "=", "fin.run.reconcile"), ("subject_key", "=", self.run_.name)]
        )
        self.assertIn("12.5", event.facts)
        [table] = self.told("auditor", event, "facts_table")
        self.assertNotIn("12.5", table)
        self.assertIn("Result", table)
        for name in ("facts", "content"):
            self.assertIn("error", self.call("auditor", event._name, "read", event.ids, [name]))
        with self.assertRaises(AccessError):
            self.env["fin.audit.seal"].with_user(self.people["auditor"])._export_for(self.people["auditor"])

    def test_s24_a_drift_report_tells_where_the_sides_differ_and_not_by_how_much(self):
        drift = self.env["fin.drift"].create({"flow_id": self.flow.id})
        told = [(KEY, None, "balance", "10.00", "20.00"), ("b", self.flow, "name", "Ours", "Theirs")]
        with patch.object(type(self.env["fin.object"]), "_drift", lambda self, run: iter(told)):
            hidden = [*self.by("viewer", drift)._differences(self.run_)]
            clear = [*self.by("operator", drift)._differences(self.run_)]
        self.assertEqual([(one["ours"], one["theirs"]) for one in hidden], [("…", "…"), ("Ours", "Theirs")])
        self.assertEqual((clear[0]["key"], clear[0]["ours"]), (KEY, "10.00"))
        self.assertNotIn("1234.56", hidden[0]["key"])

    def test_s24_the_screens_open_for_whom_amounts_are_hidden(self):
        for model in ("fin.run", "fin.item", "fin.binding", "fin.conflict", "fin.exception", "fin.reconciliation"):
            views = self.call("viewer", model, "get_views", [[False, "list"], [False, "form"], [False, "search"]])
            names = [name for name in views["result"]["models"][model]["fields"] if name != "id"]
            spec = {name: {} for name in names}
            with self.subTest(model):
                self.assertFalse({"key", "last_error", "amount", "source", "target"} & {*names})
                self.assertNotIn("error", self.call("viewer", model, "web_search_read", [], spec, limit=5))
