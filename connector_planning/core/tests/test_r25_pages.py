"""R25: what moves from one page to another while it is read is neither counted twice nor left out unseen."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from samples import YEAR_END

from odoo.addons.connector_planning.core.anaplan_api import AnaplanApi
from odoo.addons.connector_planning.core.planning_api import PlanningApi
from odoo.addons.finance_integration_governance.core.errors import TransientError
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

FIELDS = ("company", "account", "account_name", "period", "currency", "debit", "credit", "balance")


def row(cell):
    return {name: str(getattr(cell, name)) for name in FIELDS}


@contextmanager
def serving(pages):
    """A server whose cells of an import stand on these pages; the first one is asked for without `after`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            place = urlsplit(self.path)
            number = int(parse_qs(place.query).get("after", ["0"])[0])
            following = str(number + 1) if number + 1 < len(pages) else None
            told = {"imports": [{"reference": "one"}]}
            if place.path.endswith("/cells"):
                told = {"cells": [row(cell) for cell in pages[number]], "next": following}
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    connector = PlanningApi(base_url=f"http://127.0.0.1:{server.server_port}", token="t")
    connector.allowed_hosts = ("127.0.0.1",)
    try:
        yield connector
    finally:
        server.shutdown()
        server.server_close()


def totals(cells):
    return ControlTotals.of((cell.key, cell.amount, cell.currency) for cell in cells)


def test_r25_pages_that_stand_still_are_read_once():
    with serving([YEAR_END[:2], YEAR_END[2:4], YEAR_END[4:]]) as connector:
        assert connector.confirm(["k"]).differences(totals(YEAR_END)) == []


def test_r25_a_cell_that_moves_to_the_next_page_is_not_counted_twice():
    with serving([YEAR_END[:2], YEAR_END[1:4], YEAR_END[4:]]) as connector, pytest.raises(TransientError) as raised:
        connector.confirm(["k"])
    assert raised.value.code == "pages_moved"


def test_r25_a_cell_that_moves_to_a_page_that_was_read_is_missed_by_the_totals():
    with serving([YEAR_END[:2], YEAR_END[3:]]) as connector:
        assert connector.confirm(["k"]).differences(totals(YEAR_END))


class Answers:
    """A client that gives one page after the other."""

    def __init__(self, *pages):
        self.pages = list(pages)

    def get(self, _path, query=None, **_options):
        number = int((query or {}).get("offset", 0))
        following = f"/x?offset={number + 1}" if number + 1 < len(self.pages) else None
        paging = {"totalSize": sum(map(len, self.pages)), **({"next": following} if following else {})}
        told = {"meta": {"paging": paging}, "things": [{"id": one, "name": one} for one in self.pages[number]]}
        return type("Answer", (), {"status": 200, "json": lambda _self: told})()


def listed(*pages):
    api = AnaplanApi.__new__(AnaplanApi)
    api.get = Answers(*pages).get
    return [one["id"] for one in api.listed("/things", "things")]


def test_r25_a_list_that_moves_while_it_is_read_is_read_anew():
    assert listed(["a", "b"], ["c"]) == ["a", "b", "c"]
    with pytest.raises(TransientError) as raised:
        listed(["a", "b"], ["b", "c"])
    assert raised.value.code == "pages_moved"
