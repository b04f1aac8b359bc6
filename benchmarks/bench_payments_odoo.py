"""A batch of 10,000 payments the whole way through Odoo: due bills, proposal, submission, yes, release, validated file.

    odoo_10k (the file, from the release on), odoo_propose, odoo_submit, odoo_approve, odoo_release, odoo_peak

BENCH_PAYMENTS_ODOO is the number of payments. Each step is timed by itself, in a process of its own; the bills that are
paid are made before and not measured. bench_payments measures the file alone, without Odoo.
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import harness  # noqa: E402 - found through the path above
from meter import figure, saying  # noqa: E402

SIZE = int(os.environ.get("BENCH_PAYMENTS_ODOO", "10000"))
STEPS = ("propose", "submit", "approve", "release")


def main():
    with tempfile.TemporaryDirectory() as folder:
        database = harness.Database("fig_bench_payments", folder).create().configure()
        worker = harness.Worker(database, ROOT / "benchmarks")
        outbox = Path(folder) / "outbox"
        outbox.mkdir()
        try:
            places = {"out": {"location": outbox.as_uri()}, "back": {"location": database.inbox.as_uri()}}
            saying(f"{SIZE} bills are made")
            worker.do("payments_measures:company", count=SIZE, **places)
            measure(worker)
        finally:
            worker.stop()
            database.drop()


def measure(worker):
    told = {}
    for name in STEPS:
        saying(name)
        told[name] = worker.result("payments_measures:step", name=name)
        each = round(told[name]["seconds"] / SIZE * 1000, 2)
        figure("payments", f"odoo_{name}", told[name]["seconds"], "s", of=f"{SIZE} payments", ms_each=each)
    saying("leave")
    told["leave"] = worker.result("payments_measures:leave", count=SIZE)
    of = f"{SIZE} payments, from the release to the validated file that was read back"
    figure("payments", "odoo_10k", told["leave"]["seconds"], "s", of=of, bytes=told["leave"]["bytes"])
    peaks = {name: one["peak"] for name, one in told.items()}
    figure("payments", "odoo_peak", max(peaks.values()), "MiB", **peaks)


if __name__ == "__main__":
    main()
