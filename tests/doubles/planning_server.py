#!/usr/bin/env python3
"""A small planning system over REST, for tests and demo: real HTTP, real storage, and faults on request.

    planning_server.py --port 0 --state planning.sqlite --token secret [--fault lose_one_row[:times]] [--seconds 2]

Prints one line of JSON when it listens ({"ready": true, "url": ...}), on the loopback only, and runs until SIGTERM.
With --state it remembers everything over a restart.

    POST /v1/imports                    Idempotency-Key and {"cells": [...]}; 201 {reference, accepted, rejected[]}
    GET  /v1/imports?key=K              the imports made with this idempotency key
    GET  /v1/imports/{reference}        one import
    GET  /v1/imports/{reference}/cells  the cells it left behind, by pages: ?after=<next of the last page>
    GET  /v1/totals?company=&period=    count, and debit, credit and balance per currency
    GET  /v1/cells?company=&period=     the cells
    GET  /health                        without a token
    POST /control/faults                {"faults": {"503_once": 1, "hang": null}, "seconds": 2}; null = until replaced
    POST /control/reset                 {"all": true}: forget everything
    GET  /control/log                   the requests received, oldest first

The same key with the same body gets the first answer again; with another body 409. A cell is one company, account and
period; a later import replaces it. `rejected` names rows by their place in the request. Faults: lose_one_row (stores
one cell fewer than it says), swapped_sign, reject_row, 503_once, 429_with_retry_after, 401, hang, slow, gzip_bomb,
drop_connection_after_store (stores, then hangs up), drop_connection (hangs up before it stores).
"""

import argparse
import gzip
import hashlib
import hmac
import json
import re
import signal
import threading
from contextlib import suppress
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from planning_store import FIELDS, Refused, Store

PAGE = 500
LARGEST_BODY = 64 * 1024 * 1024
CHOICE = ("company", "account", "period")
STORING = ("lose_one_row", "swapped_sign", "reject_row", "drop_connection", "drop_connection_after_store")
ANSWERING = ("503_once", "429_with_retry_after", "401", "hang", "slow", "gzip_bomb")


class HangUp(Exception):
    """The connection is closed without an answer."""


class Faults:
    """Which faults are on, and how often still."""

    def __init__(self, wanted, seconds):
        self.closing, self.lock = threading.Event(), threading.Lock()
        self.replace(wanted, seconds)

    def replace(self, wanted, seconds):
        unknown = set(wanted) - set(STORING + ANSWERING)
        if unknown:
            raise Refused(400, f"no fault {', '.join(sorted(unknown))}")
        self.left, self.seconds = dict(wanted), seconds

    def take(self, name):
        """Whether this fault strikes now; counts it."""
        with self.lock:
            left = self.left.get(name, 0)
            if left:
                self.left[name] = left - 1
            return left is None or left > 0

    def wait(self):
        self.closing.wait(self.seconds)


class Handler(BaseHTTPRequestHandler):
    """One request. Routes are the methods named in ROUTES; what they return is the body of the answer."""

    protocol_version = "HTTP/1.1"
    server_version = "planning-double"

    def do_GET(self):
        self._handle("GET")

    def do_POST(self):
        self._handle("POST")

    def _handle(self, method):
        self.body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST_BODY))
        self.url = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(self.url.query).items()}
        entry = self._logged(method) if self.url.path.startswith("/v1/") else None
        try:
            status, answer = self._answer(method)
        except HangUp:
            self.close_connection = True
            return
        except Refused as refused:
            status, answer = refused.args[0], {"error": refused.args[1]}
        if entry:
            self.server.store.answered(entry, status)
        self._say(status, json.dumps(answer).encode())

    def _logged(self, method):
        digest = hashlib.sha256(self.body).hexdigest() if self.body else None
        return self.server.store.log(method, self.path, self.headers.get("Idempotency-Key"), digest)

    def _answer(self, method):
        if self.url.path.startswith("/v1/"):
            self._authorize()
            self._strike()
        for verb, pattern, route in ROUTES:
            match = re.fullmatch(pattern, self.url.path)
            if match and verb == method:
                return route(self, *map(unquote, match.groups()))
        raise Refused(404, "there is nothing here")

    def _authorize(self):
        given = self.headers.get("Authorization", "").encode()
        if self.server.faults.take("401") or not hmac.compare_digest(given, f"Bearer {self.server.token}".encode()):
            raise Refused(401, "the token is not valid")

    def _strike(self):
        faults = self.server.faults
        if faults.take("503_once"):
            raise Refused(503, "busy")
        if faults.take("429_with_retry_after"):
            raise Refused(429, "too many requests")
        if faults.take("hang"):
            faults.closing.wait()
            raise HangUp
        if faults.take("slow"):
            faults.wait()
        if faults.take("gzip_bomb"):
            self._say(200, gzip.compress(bytes(64 * 1024 * 1024), 1), ("Content-Encoding", "gzip"))
            raise HangUp

    def _say(self, status, body, *headers):
        self.send_response(status)
        if status == 429:
            headers = (("Retry-After", str(max(1, round(self.server.faults.seconds)))),)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):  # who asked may be gone
            self.wfile.write(body)

    def log_message(self, *_args):
        """Nothing on the terminal: /control/log has it."""

    # --- routes

    def health(self):
        return 200, {"status": "ok"}

    def create_import(self):
        faults, key = self.server.faults, self.headers.get("Idempotency-Key")
        if not key:
            raise Refused(400, "the header Idempotency-Key is missing")
        if faults.take("drop_connection"):
            raise HangUp
        answer = self.server.store.load(key, hashlib.sha256(self.body).hexdigest(), self._cells(), faults)
        if faults.take("drop_connection_after_store"):
            raise HangUp
        return 201, answer

    def _cells(self):
        try:
            cells = json.loads(self.body)["cells"]
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(400, "the body is not an object with cells") from error
        if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
            raise Refused(400, "cells is not a list of objects")
        return cells

    def find_imports(self):
        found = self.server.store.rows("SELECT answer FROM import WHERE key = ?", self.query.get("key", ""))
        return 200, {"imports": [json.loads(row["answer"]) for row in found]}

    def read_import(self, reference):
        found = self.server.store.rows("SELECT answer FROM import WHERE reference = ?", reference)
        if not found:
            raise Refused(404, "no such import")
        return 200, json.loads(found[0]["answer"])

    def read_cells(self, reference):
        self.read_import(reference)
        rows = self.server.store.held(reference, int(self.query.get("after", 0)), PAGE)
        last = str(rows[-1]["id"]) if len(rows) == PAGE else None
        return 200, {"cells": [{name: row[name] for name in FIELDS} for row in rows], "next": last}

    def _chosen(self):
        return self.server.store.chosen({name: self.query[name] for name in CHOICE if name in self.query})

    def cells(self):
        return 200, {"cells": self._chosen()}

    def totals(self):
        cells, sums = self._chosen(), {}
        for cell in cells:
            of = sums.setdefault(cell["currency"], {})
            for name in ("debit", "credit", "balance"):
                of[name] = of.get(name, Decimal()) + Decimal(cell[name])
        spelled = {code: {name: str(amount) for name, amount in of.items()} for code, of in sums.items()}
        return 200, {"count": len(cells), "currencies": spelled}

    def set_faults(self):
        wanted = json.loads(self.body)
        self.server.faults.replace(wanted["faults"], wanted.get("seconds", self.server.faults.seconds))
        return 200, {"faults": self.server.faults.left}

    def reset(self):
        self.server.store.forget()
        return 200, {}

    def read_log(self):
        return 200, {"requests": self.server.store.rows("SELECT * FROM log ORDER BY id")}


ROUTES = (
    ("GET", "/health", Handler.health),
    ("POST", "/v1/imports", Handler.create_import),
    ("GET", "/v1/imports", Handler.find_imports),
    ("GET", "/v1/imports/([^/]+)", Handler.read_import),
    ("GET", "/v1/imports/([^/]+)/cells", Handler.read_cells),
    ("GET", "/v1/cells", Handler.cells),
    ("GET", "/v1/totals", Handler.totals),
    ("POST", "/control/faults", Handler.set_faults),
    ("POST", "/control/reset", Handler.reset),
    ("GET", "/control/log", Handler.read_log),
)


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--state", default=":memory:", help="SQLite file that outlives a restart")
    parser.add_argument("--token", default="planning-demo-token")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME[:TIMES]")
    parser.add_argument("--seconds", type=float, default=2, help="how long `slow` waits and 429 asks to wait")
    return parser.parse_args()


def main():
    given = options()
    wanted = {name: int(times) if times else None for name, _colon, times in (f.partition(":") for f in given.fault)}
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Handler)
    server.daemon_threads, server.token = True, given.token
    server.store, server.faults = Store(given.state), Faults(wanted, given.seconds)
    signal.signal(signal.SIGTERM, lambda *_args: threading.Thread(target=server.shutdown).start())
    port = server.server_address[1]
    print(
        json.dumps({"ready": True, "service": "planning", "port": port, "url": f"http://127.0.0.1:{port}"}), flush=True
    )
    server.serve_forever(poll_interval=0.02)
    server.faults.closing.set()


if __name__ == "__main__":
    main()
