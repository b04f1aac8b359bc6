"""The audit log: rows that a run leaves, how fast events are sealed, how fast a million of them are verified."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import harness  # noqa: E402 - found through the path above
from generate import camt053  # noqa: E402
from meter import figure, median  # noqa: E402

ITEMS = int(os.environ.get("BENCH_ITEMS", "10000"))
EVENTS = int(os.environ.get("BENCH_EVENTS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SCRIPT = ROOT / "finance_integration_governance" / "tools" / "verify_audit.py"


def main():
    with tempfile.TemporaryDirectory() as folder:
        database = harness.Database("fig_bench_audit", folder).create().configure()
        worker = harness.Worker(database, ROOT / "benchmarks")
        try:
            rows(worker, database, Path(folder))
            sealing(worker)
            verifying(worker, Path(folder) / "export.jsonl")
        finally:
            worker.stop()
            database.drop()


def rows(worker, database, folder):
    flow = worker.result("scenes:bank", folder=str(database.inbox), options={"limits": {"deliver_batch": 300}})
    path = camt053(folder / "statement.xml", ITEMS)
    database.put(path.name, path.read_bytes())
    ran = worker.result("audit_measures:run", flow_id=flow)
    assert ran["state"] == "done" and ran["items"] > ITEMS, ran
    figure("audit", "rows_per_10k_run", ran["rows"] * 10_000 / ITEMS, "rows", items=ran["items"])
    worker.result("audit_measures:seal")


def sealing(worker):
    """As many events as are verified later, sealed in equal parts with the floor in between."""
    part, rounds = EVENTS // ROUNDS, []
    for _round in range(ROUNDS):
        worker.result("audit_measures:fill", size=part)
        floor = worker.result("audit_measures:floor", size=part)
        rounds.append((worker.result("audit_measures:seal"), floor))
    rates = [part / median([one[which] for one in rounds], "seconds") for which in (0, 1)]
    beside = {"floor": "SHA-256 over two digests, one after the other", "floor_value": round(rates[1])}
    assert all(sealed["count"] == part for sealed, _floor in rounds), rounds
    figure("audit", "seal_rate", rates[0], "events/s", **beside)


def verifying(worker, path):
    told = worker.result("audit_measures:export", path=str(path))
    floor, script = [], []
    for _round in range(ROUNDS):
        floor.append(worker.result("audit_measures:hashed", path=str(path)))
        script.append(verified(path, told))
    beside = {"floor": "read the lines, two SHA-256 each", "floor_value": round(median(floor, "seconds"), 2)}
    size = round(path.stat().st_size / (1 << 20))
    figure("audit", "verify_1m", median(script, "seconds") * 1e6 / told["position"], "s", mib=size, **beside)
    figure("audit", "verify_1m_cpu", median(script, "cpu") * 1e6 / told["position"], "s of CPU")
    figure("audit", "verify_peak", max(one["peak"] for one in script), "MiB")
    figure("audit", "export_1m", told["seconds"] * 1e6 / told["position"], "s")
    inside = worker.result("audit_measures:check")
    assert inside["wrong"] is None, inside
    figure("audit", "verify_1m_in_the_database", inside["seconds"] * 1e6 / told["position"], "s")
    watch = worker.result("audit_measures:interval")
    figure("audit", "watch_interval", watch["seconds"], "s", found=watch["found"])


def verified(path, told):
    """The stand-alone script, as an auditor runs it."""
    command = [sys.executable, "-I", "-S", SCRIPT, path, "--at", f"{told['position']}:{told['head']}"]
    began = time.perf_counter()
    script = subprocess.Popen(command, stdout=sys.stderr)
    _pid, status, used = os.wait4(script.pid, 0)
    assert status == 0, status
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak": round(used.ru_maxrss / 1024, 1)}


if __name__ == "__main__":
    main()
