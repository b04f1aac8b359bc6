#!/usr/bin/env python3
"""A planning server that behaves like Anaplan where it hurts: real HTTP, one workspace, one model, faults on request.

    anaplan_server.py --port 0 --user planner --password secret [--certificate client.pem] [--life 2100] [--polls 2]
        [--page 5000] [--spec integration-openapi.json] [--state cells.json] [--fault ignore_row[:times]]

Prints one line of JSON when it listens ({"ready": true, "url": ...}), on the loopback only, and runs until SIGTERM. One
address serves authentication (/token/...) and the Integration API (/2/0/...).

What bites: a login answers 201 and its token lives for --life seconds, `Bearer` is refused, a refresh gives the same
token a later end. Lists come in pages of --page with `meta.paging.next`, and leave an empty key out. A file takes
chunks after its count was set, forgets them after 48 hours, and is not locked: a task reads what lies there when it
ends. A task is COMPLETE after --polls questions; `successful` is true although rows were ignored. Dumps belong to the
last run and vanish 48 hours after they were read. Who has no access is told 404. The status of a model has no envelope.
With --state it remembers its cells when it is started again.
With --spec it answers as the published specification says where the service does otherwise, and every request and
answer is held against it, with its query and its members: /control/violations.

Faults: ignore_row (left out and named in the dump), ignore_silently (left out, no dump), lose_one_row (says it has it),
fail_import, fail_second_step (of the process, after the first has loaded), dump_gone, cancelled, never_ends, busy_once
(409), locked_once (423), 429_with_retry_after, 503_once, 401_once, no_access, no_tasks (the list is empty, as it is
under no access), only_v1 and only_v2 (of what a certificate signs), drop_connection, drop_after_start (starts, then
hangs up), hang.

    POST /control/faults {"faults": {...}}   POST /control/age {"hours": 49}   POST /control/upload {"text": "..."}
    POST /control/export {"id": "116000000001", "text": "...", "chunk": 40}   what an export makes, bytes a chunk
    POST /control/run_export {"id": "116000000001"}   somebody else runs it; more in anaplan_exports.py
    POST /control/reset {"all": true}   GET /control/log, /control/cells, /control/violations, /control/tasks
"""

import argparse
import json
import re
import signal
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from anaplan_model import Model
from anaplan_words import Answer, HangUp, Refused
from openapi_strict import Specification

LARGEST_CHUNK = 50 * 1024 * 1024


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "anaplan-double"

    def do_GET(self):
        self._handle("GET")

    def do_POST(self):
        self._handle("POST")

    def do_PUT(self):
        self._handle("PUT")

    def do_DELETE(self):
        self._handle("DELETE")

    def _handle(self, method):
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(url.query).items()}
        try:
            answer = self._answer(method, url.path)
        except HangUp:
            self.close_connection = True
            return
        except Refused as refused:
            status, told, *headers = refused.args
            answer = Answer(status, {"status": {"code": status, "message": told}}, dict(headers))
        self._say(answer)

    def _answer(self, method, path):
        model = self.server.model
        if path.startswith("/control/"):
            return Answer(200, model.control(path.rpartition("/")[2], json.loads(self.body or b"{}"), self.server))
        model.log.append([method, path, self.headers.get("Authorization", "").split()[:1]])
        if path.startswith("/token/"):
            return model.login(path, self.headers, json.loads(self.body or b"null"))
        self._strike(model)
        model.admit(self.headers.get("Authorization", ""))
        try:
            answer = self._routed(model, method, path.removeprefix("/2/0"))
        except Refused as refused:
            self.server.specification.look(method, path, self, Answer(refused.args[0]))
            raise
        self.server.specification.look(method, path, self, answer)
        return answer

    def _strike(self, model):
        if model.take("hang"):
            self.server.closing.wait(20)
            raise HangUp
        if model.take("drop_connection"):
            raise HangUp
        if model.take("429_with_retry_after"):
            raise Refused(429, "too many requests", ("Retry-After", "7"))
        if model.take("503_once"):
            raise Refused(503, "maintenance")
        if model.take("locked_once"):
            raise Refused(423, "the model is locked")
        if model.take("401_once"):
            raise Refused(401, "token has ended")
        if model.take("no_access"):
            raise Refused(404, "not found")

    def _routed(self, model, method, path):
        for verb, pattern, route in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and verb == method:
                return route(model, self, *map(unquote, match.groups()))
        raise Refused(404, "not found")

    def _say(self, answer):
        content = answer.content
        body = content if isinstance(content, bytes) else json.dumps(content).encode() if content is not None else b""
        self.send_response(answer.status)
        for name, value in {"Content-Type": answer.kind, "Content-Length": str(len(body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_args):
        """Nothing on the terminal."""


IN_MODEL = r"/workspaces/W1/models/([0-9A-F]{32})"
ID = r"([^/]+)"
ROUTES = (
    ("GET", r"/models/([0-9A-F]{32})/status", Model.status),
    ("GET", f"{IN_MODEL}/imports/?", Model.imports),
    ("GET", f"{IN_MODEL}/processes", Model.processes),
    ("GET", f"{IN_MODEL}/files", Model.files),
    ("POST", f"{IN_MODEL}/files/{ID}", Model.begin),
    ("GET", f"{IN_MODEL}/files/{ID}", Model.content),
    ("PUT", f"{IN_MODEL}/files/{ID}/chunks/{ID}", Model.chunk),
    ("POST", f"{IN_MODEL}/files/{ID}/complete", Model.complete),
    ("GET", f"{IN_MODEL}/exports", Model.exports),
    ("GET", f"{IN_MODEL}/exports/{ID}", Model.export),
    ("POST", f"{IN_MODEL}/exports/{ID}/tasks", Model.start_export),
    ("GET", f"{IN_MODEL}/exports/{ID}/tasks", Model.export_tasks),
    ("GET", f"{IN_MODEL}/exports/{ID}/tasks/{ID}", Model.export_task),
    ("GET", f"{IN_MODEL}/files/{ID}/chunks", Model.export_chunks),
    ("GET", f"{IN_MODEL}/files/{ID}/chunks/{ID}", Model.export_chunk),
    ("POST", f"{IN_MODEL}/(imports|processes)/{ID}/tasks", Model.start),
    ("GET", f"{IN_MODEL}/(imports|processes)/{ID}/tasks", Model.tasks_of),
    ("GET", f"{IN_MODEL}/(imports|processes)/{ID}/tasks/{ID}", Model.task),
    ("GET", f"{IN_MODEL}/imports/{ID}/tasks/{ID}/dump/chunks", Model.dump_chunks),
    ("GET", f"{IN_MODEL}/imports/{ID}/tasks/{ID}/dump/chunks/{ID}", Model.dump_chunk),
    ("GET", f"{IN_MODEL}/processes/{ID}/tasks/{ID}/dumps/{ID}/chunks", Model.step_dump_chunks),
    ("GET", f"{IN_MODEL}/processes/{ID}/tasks/{ID}/dumps/{ID}/chunks/{ID}", Model.step_dump_chunk),
    ("POST", f"{IN_MODEL}/views/{ID}/readRequests", Model.read),
    ("GET", f"{IN_MODEL}/views/{ID}/readRequests/{ID}", Model.read_state),
    ("GET", f"{IN_MODEL}/views/{ID}/readRequests/{ID}/pages/{ID}", Model.read_page),
    ("DELETE", f"{IN_MODEL}/views/{ID}/readRequests/{ID}", Model.read_end),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user", default="planner")
    parser.add_argument("--password", default="planning-demo-password")
    parser.add_argument("--certificate", help="PEM of the certificate that may log in")
    parser.add_argument("--life", type=float, default=35 * 60)
    parser.add_argument("--polls", type=int, default=2)
    parser.add_argument("--page", type=int, default=5000)
    parser.add_argument("--spec")
    parser.add_argument("--state", help="file that keeps the cells from one start to the next")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME[:TIMES]")
    given = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Handler)
    server.daemon_threads = True
    server.model, server.closing = Model(given), threading.Event()
    server.specification = Specification(given.spec)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    port = server.server_port
    print(json.dumps({"ready": True, "port": port, "url": f"http://127.0.0.1:{port}"}), flush=True)
    server.serve_forever()
    server.closing.set()
    time.sleep(0)


if __name__ == "__main__":
    main()
