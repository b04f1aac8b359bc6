"""What authority rules cost: CPU time of writes to accounts and contacts with them, to the same without the suite.

Both take turns, round by round, because these machines are noisy: read the ratio.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import harness  # noqa: E402 - found through the path above
from meter import figure  # noqa: E402

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "30"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        ours = opened("fig_bench_ruled", Path(folder) / "ours", None)
        stock = opened("fig_bench_stock", Path(folder) / "stock", os.environ["FIG_BASE"])
        try:
            ours[1].result("audit_write_measures:rules")
            rounds = [one_round(ours[1], stock[1], number) for number in range(ROUNDS)]
        finally:
            for database, worker in (ours, stock):
                worker.stop()
                database.drop()
    report(rounds)


def opened(name, folder, template):
    database = harness.Database(name, folder).create(template).configure()
    return database, harness.Worker(database, ROOT / "benchmarks")


def one_round(ours, stock, number):
    """The one that goes first changes from round to round."""
    both = [("ours", ours), ("stock", stock)][:: -1 if number % 2 else 1]
    return {name: worker.result("audit_write_measures:writes", mark=f"{number}") for name, worker in both}


def report(rounds):
    ratios = [one["ours"]["cpu"] / one["stock"]["cpu"] for one in rounds]
    peer = statistics.median(one["stock"]["cpu"] for one in rounds)
    more = {"peer": "the same writes without the suite, CPU seconds", "peer_value": round(peer, 4)}
    figure("audit", "governed_write_ratio", statistics.median(ratios), "ratio", **more, rounds=len(rounds))
    assert all(one["ours"]["governed"] > 4 and one["stock"]["governed"] == 0 for one in rounds), rounds


if __name__ == "__main__":
    main()
