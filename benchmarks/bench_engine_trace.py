"""The search box over five million items: how long each kind of question takes, and what its index costs.

`trace_p95` is that of the slowest kind. The floor is the same look into an index of one column for one exact key.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import harness  # noqa: E402 - found through the path above
from meter import figure, saying  # noqa: E402

ITEMS = int(os.environ.get("BENCH_TRACE_ITEMS") or os.environ.get("BENCH_ITEMS") or "5000000")
EACH = int(os.environ.get("BENCH_EACH", "40"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        database = harness.Database("fig_bench_trace", folder).create().configure()
        worker = harness.Worker(database, ROOT / "benchmarks")
        try:
            flow = worker.result("scenes:bank", folder=str(database.inbox))
            saying(f"{ITEMS} items, their index, {EACH} questions of each kind: about 3 minutes for each million")
            filled = worker.result("trace_measures:fill", flow_id=flow, count=ITEMS)
            index = worker.result("trace_measures:index")
            told = worker.result("trace_measures:questions", login="operator", each=EACH)
        finally:
            worker.stop()
            database.drop()
    report(filled, index, told)


def report(filled, index, told):
    p95 = {kind: statistics.quantiles(one["ms"], n=20)[-1] for kind, one in told.items()}
    worst = max(p95, key=p95.get)
    by_kind = {kind: round(value, 1) for kind, value in p95.items()}
    figure("engine", "trace_p95", p95[worst], "ms", items=ITEMS, kind=worst, by_kind=by_kind)
    figure("engine", "trace_index_rate", index["items"] / index["seconds"], "items/s", cpu=round(index["cpu"], 1))
    figure("engine", "trace_index_size", index["mib"], "MiB", items_mib=filled["mib"])
    lost = {kind: one["found"] for kind, one in told.items() if kind != "nothing" and one["found"] < EACH}
    assert not lost, f"of {EACH} questions each, found: {lost}"


if __name__ == "__main__":
    main()
