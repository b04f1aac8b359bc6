import json

from odoo.tests import HttpCase, tagged

from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import TransientError

from .common import LawScene, fact, trouble

SECRETS = ("Canary Smith", "DE89370400440532013000", "471113", "4711.13")
MAIL = {
    "activity_ids", "activity_state", "activity_user_id", "activity_type_id", "activity_type_icon",
    "activity_date_deadline", "my_activity_date_deadline", "activity_summary", "activity_exception_decoration",
    "activity_exception_icon", "has_message", "message_attachment_count", "message_follower_ids", "message_has_error",
    "message_has_error_counter", "message_has_sms_error", "message_ids", "message_is_follower", "message_needaction",
    "message_needaction_counter", "message_partner_ids", "website_message_ids",
}  # fmt: skip
ALWAYS = {"id", "display_name", "create_date", "create_uid", "write_date", "write_uid", "company_id"}
# Stages, errors and timings: everything that support may see, field by field. A new field has to be put here, or shut.
MAY_SEE = {
    "fin.attempt": {
        "announced_at", "answered_at", "idempotency_key", "is_unsent", "number", "payload_id", "run_id", "state",
    },
    "fin.circuit": {"code", "failures", "openings", "retry_at", "run_id", "state"},
    "fin.connector": {"addon", "carries", "code", "description", "direction", "name", "settings_definition"},
    "fin.exception": MAIL | {
        "acknowledge_by", "acknowledged_at", "escalate_at", "escalation",
        "age_days", "can_replay", "can_retry", "currency_id", "is_drill", "routing", "split_of_id", "unsettled_count",
        "waived_until",
        "can_discard_value", "can_read_again", "closed_at", "code", "decision", "due_at", "family", "fingerprint",
        "flow_id", "is_blocking", "is_breach", "is_gap", "is_overdue", "is_waivable", "item_count", "item_ids", "name",
        "payload_ids", "run_ids", "runbook", "state", "user_id", "waits_for_waiver",
    },
    "fin.gate.answer": {"answer", "at", "count", "digest", "gate", "question", "run_id"},
    "fin.run": MAIL | {
        "answer_ids", "attempt_ids", "cancel_requested", "child_ids", "concurrency_key", "connection", "delivered",
        "direction",
        "duplicate", "evidence_purged", "exception_count", "exception_ids", "finished_at", "flow_id", "held",
        "brought_by", "can_roll_back", "is_draft", "is_fallback", "is_purged", "resend_from", "resend_until",
        "is_remapped", "item_count",
        "item_ids", "lane", "last_step_at", "name", "not_before", "open_count", "open_exception_count", "parent_id",
        "payload_ids", "received", "reconciliation_ids", "reconciliation_state", "rejected", "requested_by", "runbook",
        "skipped", "slot_id", "stage", "stage_progress", "started_at", "state", "step_no", "summary", "superseded",
        "tie_line_ids", "tie_state", "tries", "trigger", "unchanged", "version_digest", "version_id", "waits_for",
        "load_ids", "reconcile_by",
    },
    "fin.heartbeat": {"at", "part"},
    "fin.metric": {
        "backlog",
        "company_id",
        "connection",
        "exceptions_day",
        "exceptions_older",
        "exceptions_week",
        "failed",
        "flow_id",
        "gathered_at",
        "hour",
        "items",
        "longest",
        "rejected",
        "retries",
        "runs",
        "seconds",
        "stale_minutes",
        "tied",
    },
    "fin.slot": {
        "cause", "due_at", "flow_id", "is_told", "latest_at", "promised_at", "reason", "run_ids", "state",
    },
    # The working copy says how a flow is set up and who answers for it; nothing of what it moves.
    "fin.flow": None,
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestSupport(LawScene, HttpCase):
    """Support sees stages, errors and timings over RPC; never amounts, names or payloads."""

    def setUp(self):
        super().setUp()
        name, account, _whole, amount = SECRETS
        finding = Finding("odd", f"{name} has {account}", document="a", facts={"who": name, "amount": amount})
        run = self.start(fact("a", amount, words=f"{name} {account}"), fact("b"), finding)
        run.exception_ids.message_post(body=f"{name} called about {amount}")
        run.message_post(body=f"{name} called about {amount}")
        with trouble(TransientError(f"{name} {account}")):
            self.start(name="two.txt")
        self.env["fin.attempt"]._announce(run.payload_ids or run.parent_id.payload_ids)
        self.env["fin.slot"]._tick()
        self.env.flush_all()
        self.authenticate("law-support", "law-support")

    def ask(self, model, method, *args, **kwargs):
        body = {"params": {"model": model, "method": method, "args": args, "kwargs": kwargs}}
        return self.url_open(
            f"/web/dataset/call_kw/{model}/{method}", json.dumps(body), headers={"Content-Type": "application/json"}
        ).json()

    def suite(self):
        return [n for n in sorted(self.env.registry) if n.startswith("fin.") and not self.env[n]._abstract]

    def test_s24_support_sees_no_field_that_is_not_on_the_list(self):
        for model in self.suite():
            answer = self.ask(model, "search_read", [], ["id"], limit=1)
            with self.subTest(model):
                self.assertEqual("result" in answer, model in MAY_SEE)
        for model, allowed in MAY_SEE.items():
            shown = set(self.ask(model, "fields_get", attributes=["type"])["result"])
            with self.subTest(model):
                self.assertLessEqual(shown, (allowed or shown) | ALWAYS)

    def test_s24_no_field_of_any_model_tells_support_a_name_an_account_or_an_amount(self):
        for model in self.suite():
            for field in self.env[model]._fields:
                told = json.dumps(self.ask(model, "search_read", [], [field]).get("result", ""))
                with self.subTest(f"{model}.{field}"):
                    self.assertFalse([secret for secret in SECRETS if secret in told])

    def test_s24_a_viewer_is_told_what_support_is_not(self):
        self.authenticate("law-viewer", "law-viewer")
        self.assertIn(SECRETS[0], json.dumps(self.ask("fin.exception", "search_read", [], ["shown_text"])))
        self.assertIn(SECRETS[0], json.dumps(self.ask("mail.message", "search_read", [], ["body"])))

    def test_s24_messages_and_reminders_tell_support_nothing_either(self):
        for model in ("mail.message", "mail.activity", "mail.tracking.value"):
            told = json.dumps(self.ask(model, "search_read", [], []))
            with self.subTest(model):
                self.assertFalse([secret for secret in SECRETS if secret in told])

    def test_s24_support_does_not_find_by_what_it_does_not_see(self):
        hidden = (
            ("fin.exception", "text"),
            ("fin.exception", "shown_text"),
            ("fin.run", "last_error"),
            ("fin.item", "content"),
            ("fin.run", "item_ids.key"),
        )
        for model, field in hidden:
            with self.subTest(f"{model}.{field}"):
                answer = self.ask(model, "search_count", [[field, "ilike", "Canary"]])
                self.assertTrue("error" in answer or answer["result"] == 0)
