"""Statements of 50,000 entries, from the stored payload to committed items, beside OCA's parser and the floor.

Ours, peer and floor take turns in one run, because these machines are noisy: read the ratios.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import harness  # noqa: E402 - found through the path above
from generate import camt053  # noqa: E402
from meter import figure, median  # noqa: E402

SIZE = int(os.environ.get("BENCH_SIZE", "50000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SAMPLES = os.environ.get("FIG_SAMPLES") or str(ROOT.parent / "shared" / "samples")
PEER = "odoo-addon-account_statement_import_camt==19.0.*"
PEERS = Path(os.environ.get("FIG_RUN") or ROOT / ".run") / "peers"


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = camt053(Path(folder) / "statement.xml", SIZE)
        ours, peer = ours_in(Path(folder) / "ours"), peer_in(Path(folder) / "peer")
        try:
            measured = [one_round(ours, peer, path) for _ in range(ROUNDS)]
            counted = peer[1].result("bank_measures:oca_counts", samples=SAMPLES) if Path(SAMPLES).exists() else None
        finally:
            for database, worker, _flow in (ours, peer):
                worker.stop()
                database.drop()
    report(measured)
    if counted:
        figure("bank", "oca_right", counted["right"], "files", of="camt.052, camt.053, camt.054")
        figure("bank", "oca_refused", counted["refused"], "files")
        figure("bank", "oca_silent_wrong", counted["wrong"], "files")
    for part in ("bank_formats.py", "bank_match.py"):
        subprocess.run([os.environ["FIG_PYTHON"], ROOT / "benchmarks" / part], check=True)


def one_round(ours, peer, path):
    database, worker, flow = ours
    database.put(path.name, path.read_bytes())
    staged = worker.result("bank_measures:stage", flow_id=flow)
    floor = worker.result("bank_measures:floor", path=str(path))
    return {"stage": staged, "floor": floor, "oca": peer[1].result("bank_measures:oca", path=str(path))}


def ours_in(folder):
    database = harness.Database("fig_bench_ours", folder).create().configure()
    worker = harness.Worker(database, ROOT / "benchmarks")
    return database, worker, worker.result("scenes:bank", folder=str(database.inbox))


def peer_in(folder):
    """OCA's importer in a database of its own; it is fetched for the comparison and is no part of the suite."""
    if not PEERS.exists():
        pip = [os.environ["FIG_PYTHON"], "-m", "pip", "install", "-q", "--no-deps", "--target", PEERS]
        bases = ("file", "base")
        names = [f"odoo-addon-account_statement_import_{base}==19.0.*" for base in bases]
        subprocess.run([*pip, PEER, *names, "odoo-addon-account_statement_base==19.0.*"], check=True, stdout=sys.stderr)
    database = harness.Database("fig_bench_peer", folder).create(os.environ["FIG_BASE"])
    database.configure(options={"addons_path": PEERS / "odoo" / "addons"})
    install = [os.environ["FIG_ODOO_BIN"], "-c", database.config, "-d", database.name, "--no-http"]
    subprocess.run(
        [*install, "-i", "account_statement_import_camt", "--stop-after-init"], check=True, capture_output=True
    )
    return database, harness.Worker(database, ROOT / "benchmarks"), None


def report(measured):
    stage, floor, oca = ([one[name] for one in measured] for name in ("stage", "floor", "oca"))
    rates = [SIZE / median(rounds, "seconds") for rounds in (stage, oca, floor)]
    beside = {"peer": "OCA account_statement_import_camt, parser alone", "floor": "lxml iterparse, 14 fields"}
    figure(
        "bank", "parse_50k", rates[0], "entries/s", **beside, peer_value=round(rates[1]), floor_value=round(rates[2])
    )
    peaks = {"peer_value": median(oca, "peak"), "floor_value": median(floor, "peak")}
    figure("bank", "parse_50k_peak", median(stage, "peak"), "MiB", **beside, **peaks)
    figure("bank", "parse_50k_cpu", SIZE / median(stage, "cpu"), "entries/s of CPU")
    figure("bank", "parse_50k_vs_oca", rates[0] / rates[1], "ratio")
    figure("bank", "parse_50k_again_added", max(one["added_again"] for one in stage), "items")
    assert all(one["entries"] == SIZE for one in stage + oca + floor), measured


if __name__ == "__main__":
    main()
