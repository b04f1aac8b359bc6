"""A ledger of a million journal items by account x month x company x partner, beside the same GROUP BY in SQL.

First load, unchanged reload and a day's 1,000 entries, by the objects' own methods; and journal items as a stream,
beside paging them through the JSON-2 API. All of it takes turns in one run: read the ratios.
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import harness  # noqa: E402 - found through the path above
from meter import figure  # noqa: E402

SIZE = int(os.environ.get("BENCH_SIZE", "1000000"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        database = harness.Database("fig_bench_planning", Path(folder)).create().configure()
        worker = harness.Worker(database, ROOT / "benchmarks")
        try:
            report(*measured(worker))
        finally:
            worker.stop()
            database.drop()


def measured(worker):
    def ask(name, **arguments):
        return worker.result(f"planning_measures:{name}", **arguments)

    made = ask("seed", lines=SIZE)
    where = {"flow": made["flow"], "company": made["company"]}
    ask("floor", company=made["company"])  # the first reading of the table warms the cache for all
    floor, first = ask("floor", company=made["company"]), ask("load", **where)
    reload = ask("load", **where)
    ask("day", move=made["move"])
    return floor, first, reload, ask("load", **where), ask("stream")


def report(floor, first, reload, delta, stream):
    beside = {"floor": "GROUP BY into a temporary table", "floor_value": round(floor["seconds"], 3)}
    slowest = max(first["seconds"], reload["seconds"])
    cells = {"cells": first["open"], "first": round(first["seconds"], 3), "reload": round(reload["seconds"], 3)}
    figure("planning", "aggregate_1m_vs_sql", slowest / floor["seconds"], "ratio", **beside, **cells)
    figure("planning", "aggregate_1m_peak", max(first["peak"], reload["peak"]), "MiB")
    figure("planning", "delta_1k", delta["seconds"], "s", cells=delta["open"])
    peer = {"peer": "JSON-2 pages of 1,000", "peer_value": round(stream["json2"])}
    figure("planning", "lines_vs_json2", stream["rate"] / stream["json2"], "ratio", **peer, peak=stream["peak"])
    assert first["open"] and not reload["open"], (first, reload)


if __name__ == "__main__":
    main()
