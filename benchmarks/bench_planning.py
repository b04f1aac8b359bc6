"""A ledger of a million journal items by account x month x company x partner, beside the same GROUP BY in SQL.

Aggregated, compared and spelled into a temporary table as the GROUP BY's, and serialised from there; the same with all
of a run's evidence (marks, items under their indexes, the check against the trial balance): first load, unchanged
reload, the same without marks, a day's 1,000 entries, by the objects' own methods. And what a user would do instead:
journal items as a stream beside paging them through the JSON-2 API, both over HTTP from one server, and the queries of
OCA mis_builder on the same ledger. All of it takes turns in one run: read the ratios.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.parse
from operator import itemgetter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import harness  # noqa: E402 - found through the path above
from meter import figure, peak_of, reset_peak  # noqa: E402

SIZE = int(os.environ.get("BENCH_SIZE", "1000000"))
SECONDS = itemgetter("seconds")
PAGES, PAGE = int(os.environ.get("BENCH_PAGES", "50")), 1000
PEERS = Path(os.environ.get("FIG_RUN") or ROOT / ".run") / "peers_planning"
PEER = ("mis_builder", "date_range", "report_xlsx")


def main():
    with tempfile.TemporaryDirectory() as folder:
        database = harness.Database("fig_bench_planning", Path(folder)).create().configure()
        worker = harness.Worker(database, ROOT / "benchmarks")
        try:
            report(**measured(database, worker))
        finally:
            worker.stop()
            database.drop()


def measured(database, worker):
    def ask(name, **arguments):
        return worker.result(f"planning_measures:{name}", **arguments)

    made = ask("seed", lines=SIZE)
    for table in ("account_move", "account_move_line"):
        database.sql(f"VACUUM ANALYZE {table}")  # or PostgreSQL does it beside the first rounds
    where = {"flow": made["flow"], "company": made["company"]}
    told = ask("turns", **where, names=["floor", "floor_with_room", "spelled", "first"])
    told["floor"] = min(told["floor"], told.pop("floor_with_room"), key=SECONDS)
    ask("load", **where)
    told["reload"] = ask("load", **where)
    ask("day", move=made["move"])
    told["delta"] = ask("load", **where)
    ask("without_marks", flow=made["flow"])
    told["compared"] = ask("turns", **where, names=["spelled"])["spelled"]
    told["whole"] = ask("load", **where)
    told["mis_builder"] = ask("mis_builder", company=made["company"], addons=str(peers()))
    told["lines"] = over_http(database, ask("key", company=made["company"]))
    return told


def peers():
    """OCA's report builder, fetched for the comparison; its module for queries is used as it is, and not installed."""
    if not PEERS.exists():
        pip = [os.environ["FIG_PYTHON"], "-m", "pip", "install", "-q", "--no-deps", "--target", PEERS]
        names = [f"odoo-addon-{name}==19.0.*" for name in PEER]
        subprocess.run([*pip, *names], check=True, stdout=sys.stderr)
    return PEERS / "odoo" / "addons"


def over_http(database, told):
    """Rows a second of both from one server, one after the other, and by how much the server grew at most."""
    with harness.Server(database, max_cron_threads=0) as server:
        client = Client(server.port, told["key"])
        client.page(0, told["columns"])  # the first call loads what both need
        began, last = time.perf_counter(), 0
        for _page in range(PAGES):
            rows = client.page(last, told["columns"])
            last = rows[-1]["id"]
        json2 = PAGES * PAGE / (time.perf_counter() - began)
        before, began = reset_peak(server.process.pid), time.perf_counter()
        count, size = client.stream(told["columns"])
        seconds = time.perf_counter() - began
        peak = round(peak_of(server.process.pid) - before, 1)
    return {"rate": count / seconds, "json2": json2, "count": count, "size": size, "peak": peak}


class Client:
    """A program with a key, on one connection for each call, as the threaded server wants it."""

    def __init__(self, port, key):
        self.port, self.headers = port, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def _ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request(method, path, body, self.headers)
        answer = connection.getresponse()
        assert answer.status == 200, (path, answer.status, answer.read(500))
        return answer

    def page(self, last, columns):
        """The next items after this id, by JSON-2."""
        domain = [["parent_state", "=", "posted"], ["id", ">", last]]
        asked = {"domain": domain, "fields": columns, "limit": PAGE, "order": "id"}
        with self._ask("POST", "/json/2/account.move.line/search_read", json.dumps(asked)) as answer:
            return json.load(answer)

    def stream(self, columns):
        """(number, bytes) of all items as CSV; read and thrown away."""
        path = f"/finance_integration/api/journal_items.csv?{urllib.parse.urlencode({'columns': ','.join(columns)})}"
        size = 0
        with self._ask("GET", path) as answer:
            while chunk := answer.read(1 << 16):
                size += len(chunk)
            return int(answer.headers["X-Row-Count"]), size


def report(floor, spelled, first, reload, delta, compared, whole, mis_builder, lines):
    def against(name, *loads, **more):
        """The slowest of these loads, as so many times the floor."""
        value = max(load["seconds"] for load in loads) / floor["seconds"]
        beside = {"floor": "GROUP BY into a temporary table", "floor_value": round(floor["seconds"], 3)}
        figure("planning", name, value, "ratio", **beside, **more)

    peer = {"peer": "OCA mis_builder, bal by account and month", "peer_value": round(mis_builder["seconds"], 3)}
    peer |= {"peer_cells": mis_builder["cells"]}
    told = {"first": round(spelled["seconds"], 3), "reload": round(compared["seconds"], 3)}
    against("aggregate_1m_vs_sql", spelled, compared, cells=first["open"], **told, **peer)
    told = {"first": round(first["seconds"], 3), "collected": round(first["collected"], 3)}
    against("evidence_1m_vs_sql", first, **told)
    # Unchanged, with and without the marks by which periods that nobody touched are passed over.
    against("reload_1m_vs_sql", reload, reload=round(reload["seconds"], 3), without_marks=round(whole["seconds"], 3))
    peak = max(one["peak"] for one in (spelled, first, reload, compared, whole))
    figure("planning", "aggregate_1m_peak", peak, "MiB")
    figure("planning", "delta_1k", delta["seconds"], "s", cells=delta["open"])
    peer = {"peer": f"JSON-2 pages of {PAGE:,} over HTTP", "peer_value": round(lines["json2"])}
    mine = {"ours": round(lines["rate"]), "peak": lines["peak"], "n": lines["count"]}
    figure("planning", "lines_vs_json2", lines["rate"] / lines["json2"], "ratio", **peer, **mine)
    assert first["open"] and not reload["open"] and not whole["open"], (first, reload, whole)
    assert whole["unchanged"] >= first["open"], (first, whole)
    assert spelled["size"] == first["size"] and not compared["size"], (spelled, first, compared)


if __name__ == "__main__":
    main()
