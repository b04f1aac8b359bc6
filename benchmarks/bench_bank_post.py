"""Statement lines from staged items to posted entries, beside stock Odoo's `create` and OCA's import.

    post_vs_stock, post_1k, post_50k, post_peak, post_two_lanes, post_vs_oca

Ours and stock take turns on one journal with the same lines, because these machines are noisy: read the ratios.
BENCH_POST, BENCH_POST_MANY, BENCH_POST_OCA (sizes; 0 leaves the last two out) and BENCH_ROUNDS make a run shorter.
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import harness  # noqa: E402 - found through the path above
from bank_post_measures import CHUNK  # noqa: E402
from bench_bank import peer_in  # noqa: E402
from generate import camt053  # noqa: E402
from meter import figure, median  # noqa: E402

SIZE = int(os.environ.get("BENCH_POST", "1000"))
MANY = int(os.environ.get("BENCH_POST_MANY", "50000"))
OCA = int(os.environ.get("BENCH_POST_OCA", "10000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
IBANS = ("DE89370400440532013000", "DE02120300000000202051", "DE02500105170137075030", "DE02100500000054540402")


class Ours:
    """A database of ours, with a flow and a folder for each account."""

    def __init__(self, folder):
        self.database = harness.Database("fig_bench_post", folder).create().configure()
        self.workers = [harness.Worker(self.database, ROOT / "benchmarks") for _lane in range(2)]
        self.flows, self.entries = {}, 0
        for number, iban in enumerate(IBANS):
            place = self.database.inbox / f"account{number}"
            place.mkdir()
            self.flows[iban] = place, self.do("flow", folder=str(place), iban=iban, code=f"bank-{number}")

    def do(self, call, worker=0, **args):
        return self.workers[worker].result(f"bank_post_measures:{call}", **args)

    def stage(self, size, iban=IBANS[0]):
        """A statement with entries that nobody has told, brought as far as its delivery."""
        place, flow = self.flows[iban]
        name = f"{self.entries}.xml"
        path = camt053(place / name, size, seed=self.entries, iban=iban, first=self.entries + 1)
        os.utime(path, (harness.LONG_AGO, harness.LONG_AGO))
        self.entries += size
        return self.do("stage", flow_id=flow)

    def post(self, size, iban=IBANS[0]):
        staged = self.stage(size, iban)
        return self._checked(self.do("post", run_id=staged["run_id"]), size) | {"staged": staged["seconds"]}

    def post_in_two_lanes(self, size):
        """Two workers, each with a run of its own on a journal of its own; the time until both are done."""
        runs = [self.stage(size, iban)["run_id"] for iban in IBANS[1:3]]
        for worker, run_id in zip(self.workers, runs, strict=True):
            worker.begin("bank_post_measures:post", run_id=run_id)
        return max(self._checked(worker.end()["result"], size)["seconds"] for worker in self.workers)

    def _checked(self, told, size):
        assert (told["lines"], told["state"], told["tied"]) == (size, "done", "tied"), told
        return told

    def stop(self):
        for worker in self.workers:
            worker.stop()
        self.database.drop()


def main():
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(Path(folder) / "ours")
        try:
            few = against_stock(ours)
            two_lanes(ours, few)
            of_ours = {size: ours.post(size, IBANS[3]) for size in sorted({SIZE, OCA} - {0})}
            if MANY:
                many(ours, few)
        finally:
            ours.stop()
        if OCA:
            against_oca(Path(folder), of_ours)


def against_stock(ours):
    """Stock, then ours, on one journal with the same lines, in turns; returns our rate."""
    pairs = []
    for _round in range(ROUNDS):
        run_id = ours.stage(SIZE)["run_id"]
        stock = ours.do("stock", run_id=run_id)
        pairs.append({"stock": stock, "ours": ours._checked(ours.do("post", run_id=run_id), SIZE)})
    stock, mine = ([pair[name] for pair in pairs] for name in ("stock", "ours"))
    ratio = median([{"ratio": s["seconds"] / m["seconds"]} for s, m in zip(stock, mine, strict=True)], "ratio")
    rate = SIZE / median(mine, "seconds")
    beside = {"peer": f"stock ORM create, chunks of {CHUNK}", "peer_value": round(SIZE / median(stock, "seconds"), 1)}
    cpu = median(stock, "cpu") / median(mine, "cpu")
    figure("bank", "post_vs_stock", ratio, "ratio", **beside, ours=round(rate, 1), of_cpu=round(cpu, 2), n=SIZE)
    figure("bank", "post_1k", rate, "lines/s", n=SIZE, cpu_ms=round(median(mine, "cpu") / SIZE * 1000, 2))
    return rate


def two_lanes(ours, one):
    rate = 2 * SIZE / ours.post_in_two_lanes(SIZE)
    figure("bank", "post_two_lanes", rate, "lines/s", one_lane=round(one, 1), ratio=round(rate / one, 2))


def many(ours, few):
    told = ours.post(MANY, IBANS[3])
    rate = MANY / told["seconds"]
    cpu = round(told["cpu"] / MANY * 1000, 2)
    figure("bank", "post_50k", rate, "lines/s", n=MANY, of_post_1k=round(rate / few, 2), cpu_ms=cpu)
    figure("bank", "post_peak", told["peak"], "MiB", n=MANY)


def against_oca(folder, of_ours):
    """The whole import, from the file to posted lines."""
    database, worker, _flow = peer_in(folder / "peer")
    try:
        worker.do("bank_post_measures:oca_journal", iban=IBANS[3])
        for seed, size in enumerate(sorted(of_ours), 1):
            path = camt053(folder / f"oca{size}.xml", size, seed=seed, iban=IBANS[3], first=seed * 1_000_000)
            peer = worker.result("bank_post_measures:oca", path=str(path))
            assert peer["lines"] == size, peer
            mine = of_ours[size]["seconds"] + of_ours[size]["staged"]
            rates = {"ours": round(size / mine, 1), "peer_value": round(size / peer["seconds"], 1)}
            name = "OCA account_statement_import_camt, whole wizard"
            peaks = {"peak": of_ours[size]["peak"], "peer_peak": peer["peak"]}
            figure("bank", "post_vs_oca", peer["seconds"] / mine, "ratio", n=size, peer=name, **rates, **peaks)
    finally:
        worker.stop()
        database.drop()


if __name__ == "__main__":
    main()
