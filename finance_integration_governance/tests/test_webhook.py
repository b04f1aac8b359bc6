"""Signed calls from outside: they wake flows, and do nothing else. Over HTTP, as they come."""

import base64
import json
import time
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, tagged

from ..core.webhook import signature
from ..models.webhook import fin_webhook
from .common import LawScene

SECRET = "whsec_" + base64.b64encode(b"canary secret of signed calls").decode()
NEXT = "whsec_" + base64.b64encode(b"canary secret that comes next").decode()
BODY = json.dumps({"type": "account.transactions.available", "data": {"id": "a1"}}).encode()


@tagged("post_install", "-at_install")
class TestWebhook(LawScene, HttpCase):
    def setUp(self):
        super().setUp()
        secrets = self.env["fin.secret"]
        for name, value in (("calls", SECRET), ("next", NEXT)):
            secrets.create({"name": name, "company_id": self.company.id, "value": value})
        self.connection = self.flow.connection_id
        self.connection.webhook_secrets = "stored:calls\nstored:next"
        self.by("administrator", self.connection).action_take_calls()
        self.approve(self.flow)
        self.env.flush_all()
        self.count = 0

    def call(self, body=BODY, secret=SECRET, path=None, at=None, **headers):
        self.count += 1
        name, moment = headers.pop("id", f"msg_{self.count}"), str(int(time.time() if at is None else at))
        signed = headers.pop("signed", body)
        told = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": moment,
            "webhook-signature": f"v1,{signature(secret, name, moment, signed).decode()}",
        }
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        told = {name: value for name, value in told.items() if value is not None}
        url = path or f"/finance_integration/webhook/{self.connection.webhook_token}"
        answer = self.url_open(url, data=body, headers=told, allow_redirects=False)
        self.env.invalidate_all()
        return answer

    def waiting(self):
        return self.env["fin.event"].search([("flow_id", "=", self.flow.id), ("slot_id", "=", False)])

    def counted(self):
        row = self.env["fin.webhook"].search([("code", "=", self.connection.code)])
        return row.accepted, row.repeated, row.refused

    def test_a_signed_call_wakes_the_flow_and_brings_nothing_in(self):
        runs = self.env["fin.run"].search_count([])
        self.assertEqual(self.call().status_code, 202)
        self.assertEqual((self.waiting().key, self.counted()), (f"webhook:{self.connection.code}", (1, 0, 0)))
        self.assertEqual(self.env["fin.run"].search_count([]), runs)
        self.env["fin.slot"]._tick()
        run = self.env["fin.run"].search([("flow_id", "=", self.flow.id)], limit=1)
        self.assertEqual((run.trigger, run.state), ("event", "queued"))
        message = self.env["fin.webhook.message"].search([])
        self.assertNotIn("a1", str(message.read()))

    def test_s07_the_same_call_again_does_nothing(self):
        self.call(id="msg_same")
        self.assertEqual(self.call(id="msg_same").status_code, 200)
        self.assertEqual((len(self.waiting()), self.counted()), (1, (1, 1, 0)))

    def test_while_a_secret_is_changed_both_are_believed(self):
        self.assertEqual([self.call(secret=one).status_code for one in (SECRET, NEXT)], [202, 202])

    def test_s07_a_call_that_is_not_signed_as_it_should_be_is_refused_and_counted(self):
        wrong = "whsec_" + base64.b64encode(b"somebody else's secret text").decode()
        calls = [
            {"secret": wrong},
            {"signed": BODY.replace(b" ", b"")},
            {"at": time.time() - 400},
            {"at": time.time() + 400},
            {"webhook_signature": None},
            {"webhook_id": None},
            {"webhook_timestamp": None},
            {"webhook_timestamp": "yesterday"},
        ]
        for number, changes in enumerate(calls, 1):
            with self.subTest(changes):
                answer = self.call(**changes)
                self.assertEqual((answer.status_code, answer.text), (401, ""))
                self.assertEqual((len(self.waiting()), self.counted()), (0, (0, 0, number)))

    def test_s07_what_is_too_large_or_of_another_kind_is_not_read(self):
        self.assertEqual(self.call(body=b" " * 65537).status_code, 413)
        self.assertEqual(self.call(Content_Type="text/plain").status_code, 400)
        self.assertEqual(self.counted(), (0, 0, 0))

    def test_an_address_that_is_not_ours_leads_nowhere(self):
        self.assertEqual(self.call(path="/finance_integration/webhook/guessed").status_code, 404)
        token = self.connection.webhook_token
        self.by("administrator", self.connection).action_take_calls()
        self.env.flush_all()
        self.assertEqual(self.call(path=f"/finance_integration/webhook/{token}").status_code, 404)

    def test_it_cannot_be_asked_for_with_get(self):
        answer = self.url_open(f"/finance_integration/webhook/{self.connection.webhook_token}")
        self.assertEqual(answer.status_code, 405)

    def test_law3_a_secret_is_believed_once_its_version_was_approved(self):
        self.connection.webhook_secrets = "stored:next"
        self.env.flush_all()
        self.assertEqual([self.call(secret=one).status_code for one in (SECRET, NEXT)], [202, 202])
        self.approve(self.flow)
        self.env.flush_all()
        self.assertEqual([self.call(secret=one).status_code for one in (SECRET, NEXT)], [401, 202])

    def test_a_flow_that_is_paused_is_not_woken(self):
        self.by("operator", self.flow).action_pause()
        self.env.flush_all()
        self.assertEqual((self.call().status_code, len(self.waiting())), (404, 0))

    def test_s20_a_flood_is_put_off_and_is_not_a_flood_of_the_log(self):
        wrong = "whsec_" + base64.b64encode(b"somebody else's secret text").decode()
        with patch.object(fin_webhook, "CALLS", 3):
            told = [self.call(secret=wrong) for _time in range(6)]
        self.assertEqual({answer.status_code for answer in told}, {401, 429})
        last = next(answer for answer in told if answer.status_code == 429)
        self.assertGreater(int(last.headers["Retry-After"]), 0)
        events = self.env["fin.audit.event"].search_count([("code", "=", "fin.webhook.refuse")])
        self.assertLessEqual(events, 2)

    def test_s08_a_secret_is_given_by_reference_and_the_address_is_an_administrators(self):
        with self.assertRaises(ValidationError):
            self.connection.webhook_secrets = SECRET
        for name in ("webhook_token", "webhook_url"):
            with self.assertRaises(AccessError):
                self.by("operator", self.connection).read([name])
        with self.assertRaises(AccessError):
            self.by("operator", self.connection).action_take_calls()
