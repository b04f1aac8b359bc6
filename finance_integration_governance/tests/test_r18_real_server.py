"""R18 against a real server on the loopback: what it answers, how often it is asked, and who is told."""

import datetime as dt
import importlib.util
import json
import os
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..core.connector import Payload, Setting, Source
from .common import MODULE, Fact, LawScene, fact

_PATH = Path(__file__).parent.parent / "core" / "tests" / "local_server.py"
_SPEC = importlib.util.spec_from_file_location("fin_local_server", _PATH)
local_server = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(local_server)

FACTS = json.dumps([{"number": "a", "value": "10.00"}]).encode()


class HttpSource(Source):
    """Asks a server for a list of facts."""

    code = "test.http"
    label = "A server"
    carries = (Fact,)
    settings = (Setting("base_url", "Address"),)

    def extract(self, window):
        body = self.http(self.base_url).get("/facts").body
        yield Payload("facts.json", lambda: BytesIO(body), "application/json")

    def parse(self, payload):
        with payload.open() as stream:
            for row in json.load(stream):
                yield fact(row["number"], row["value"])


def cut(_server, stream):
    """Half of what was announced."""
    stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n" + FACTS)


def hang(server, _stream):
    server.closing.wait(20)


@tagged("post_install", "-at_install")
class TestR18(LawScene, TransactionCase):
    @classmethod
    def _patch(cls):
        super()._patch()
        catalogue = type(cls.env["fin.connector"])
        known = catalogue._classes(cls.env["fin.connector"])
        both = {**known, HttpSource.code: (MODULE, HttpSource)}
        cls.classPatch(catalogue, "_classes", lambda self: both)

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.enterContext(patch.dict(os.environ, {"FIN_ALLOWED_HOSTS": "127.0.0.1"}))
        self.clock = fields.Datetime.now()
        self.enterContext(patch.object(fields.Datetime, "now", lambda *_args: self.clock))
        self.answer = local_server.answering(200, FACTS, Content_Type="application/json")
        self.server = local_server.LocalServer(lambda server, stream: self.answer(server, stream))
        self.addCleanup(self.server.close)
        self.http = self.env["fin.connection"].create(
            {
                "name": "Server",
                "code": "server",
                "company_id": self.company.id,
                "connector_id": self.env["fin.connector"].search([("code", "=", HttpSource.code)]).id,
                "settings": {"base_url": self.server.url},
                "timeout_seconds": 1,
            }
        )
        self.calls = self.calling("asks")

    def calling(self, code, **vals):
        flow = self.new_flow(code, **vals)
        flow.connection_id = self.http
        self.approve(flow)
        return flow

    def ask(self, flow=None):
        run = self.by("operator", flow or self.calls)._request_run("hand").with_user(self.env.user)
        return self.advance(run)

    def again(self, run, seconds):
        """So much later, once more; the run has been asked for that long before, too."""
        self.clock += dt.timedelta(seconds=seconds)
        return self.advance(run)

    @property
    def circuit(self):
        return self.env["fin.circuit"].search([("code", "=", "server")])

    def told(self):
        return self.env["fin.exception"].search([("code", "=", "connection_down"), ("state", "=", "open")])

    def wait_of(self, run):
        return (run.not_before - self.clock).total_seconds()

    def test_r18_it_answers_and_the_run_is_done(self):
        run = self.ask()
        self.assertEqual((run.state, run.delivered, len(self.server.requests)), ("done", 1, 1), run.last_error)

    def test_r18_429_is_asked_again_when_it_said_and_not_before(self):
        self.answer = local_server.answering(429, Retry_After="120")
        run = self.ask()
        self.assertEqual((run.state, run.tries, self.wait_of(run)), ("queued", 1, 120))
        self.answer = local_server.answering(200, FACTS)
        self.again(run, 119)
        self.assertEqual(len(self.server.requests), 1, "nobody was asked in between")
        self.again(run, 2)
        self.assertEqual((run.state, len(self.server.requests)), ("done", 2))

    def test_r18_429_without_a_time_waits_as_the_version_says(self):
        self.answer = local_server.answering(429)
        self.calls.retry_first_seconds = 40
        self.approve(self.calls)
        run = self.ask()
        self.assertEqual(run.state, "queued")
        self.assertTrue(32 <= self.wait_of(run) <= 48, self.wait_of(run))

    def test_r18_each_trouble_of_the_server_is_tried_again_and_booked_once(self):
        for name, answer in (
            ("500", local_server.answering(500)),
            ("503", local_server.answering(503)),
            ("hangs", hang),
            ("cuts the body", cut),
        ):
            with self.subTest(name):
                self.answer = answer
                run = self.ask()
                self.assertEqual((run.state, run.tries, bool(run.item_ids)), ("queued", 1, False), run.last_error)
                self.answer = local_server.answering(200, FACTS)
                self.again(run, 7200)
                self.assertEqual((run.state, self.circuit.failures), ("done", 0), run.last_error)
        self.assertEqual(self.env["account.bank.statement.line"].search_count([("payment_ref", "=", "a")]), 1)

    def test_r18_a_storm_opens_the_circuit_and_the_owner_gets_one_notice(self):
        self.answer = local_server.answering(503)
        others = [self.calling(f"other-{number}") for number in range(3)]
        runs = [self.ask(flow) for flow in (self.calls, *others)]
        self.assertEqual((self.circuit.state, self.circuit.failures), ("closed", 4))
        for run in runs:
            self.sql("UPDATE fin_run SET not_before = NULL WHERE id = %s", run.id)
        before = len(self.server.requests)
        for run in runs:
            self.advance(run)
        self.assertEqual(self.circuit.state, "open")
        self.assertEqual(len(self.server.requests), before + 1, "the fifth was the last one that was let through")
        [told] = self.told()
        self.assertIn("The connection server does not answer", told.text)
        self.assertEqual(len(told.activity_ids), 1)
        owner = self.calls._people("technical")[:1] or self.calls._notify()
        self.assertEqual(told.user_id, owner)
        # An hour of it: one of them asks each time the pause is over, and nobody is told again.
        for _time in range(4):
            self.clock = self.circuit.retry_at + dt.timedelta(seconds=1)
            before = len(self.server.requests)
            self.advance(runs[0])
            self.assertEqual(len(self.server.requests), before + 1)
        self.assertEqual(self.told(), told)
        self.answer = local_server.answering(200, FACTS)
        self.clock = self.circuit.retry_at + dt.timedelta(seconds=1)
        self.advance(runs[0])
        self.clock += dt.timedelta(hours=2)
        for run in runs:
            self.advance(run)
        self.assertEqual({run.state for run in runs}, {"done"})
        self.assertEqual((self.circuit.state, told.state), ("closed", "resolved"))

    def test_r18_a_refused_login_is_asked_once_by_one_flow(self):
        self.answer = local_server.answering(401)
        other = self.calling("other")
        run = self.ask()
        self.assertEqual((run.state, self.circuit.state), ("failed", "open"))
        waits = self.ask(other)
        self.assertEqual((waits.state, len(self.server.requests)), ("queued", 1))
        self.assertEqual(len(self.told()), 1)

    def test_r18_the_bucket_is_asked_before_each_call(self):
        """An empty bucket: nothing reaches the server, and that costs no try."""
        self.http.write({"rate_calls": 1, "rate_seconds": 3600})
        self.approve(self.calls)
        self.assertEqual(self.ask().state, "done")
        run = self.ask()
        self.assertEqual((run.state, run.tries, len(self.server.requests)), ("queued", 0, 1), run.last_error)
        self.assertGreater(self.wait_of(run), 3000)
        self.assertFalse(self.circuit.failures)
        self.sql("UPDATE fin_rate SET tokens = 1, at = clock_timestamp() AT TIME ZONE 'utc' WHERE code = 'server'")
        self.again(run, 3700)
        self.assertEqual((run.state, len(self.server.requests)), ("done", 2))
