"""The engine by itself: items through all six stages into nothing, an event to its effect, and the dispatcher's tick.

In a running threaded server, by the path that the cron takes. Floor and engine take turns in one run, because these
machines are noisy: read the ratios.
"""

import os
import select
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import harness  # noqa: E402 - found through the path above
from meter import figure, saying  # noqa: E402

ITEMS = int(os.environ.get("BENCH_ITEMS", "30000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
EVENTS = int(os.environ.get("BENCH_EVENTS", "60"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "60"))
RATE = 100  # events a second
SENDERS = 4  # who share it: one alone takes longer for a change of a partner
TOGETHER = 2  # changes in a transaction: on two cores they come to 70 to 90 transactions a second
BATCHES = (50, 200, 500)
ADDONS = ROOT / "benchmarks" / "addons"


def main():
    with tempfile.TemporaryDirectory() as folder:
        database = harness.Database("fig_bench_engine", folder).create().configure(options=_options())
        worker = harness.Worker(database, ROOT / "benchmarks")
        worker.result("engine_measures:install")
        worker.stop()
        worker = harness.Worker(database, ROOT / "benchmarks")
        try:
            saying(f"{ROUNDS + 1} runs of {ITEMS} items in a server, and the floor: about 2 minutes")
            items(worker, database)
            saying(f"{EVENTS} events, one at a time: about 1 minute")
            events(worker, database, "event")
            saying(f"{RATE} events a second for {SECONDS} s")
            stream(worker, database)
            if os.environ.get("BENCH_PREFORK"):
                events(worker, database, "prefork", workers=2)
            saying("60 ticks over 200 flows and 20,000 runs, and the control tower over them: about 1 minute")
            tick(worker)
            home(worker)
        finally:
            worker.stop()
            database.drop()


def _options(**more):
    import configparser

    known = configparser.RawConfigParser()
    known.read(os.environ["ODOO_RC"])
    return {"addons_path": f"{known['options']['addons_path']},{ADDONS}", **more}


def serving(database, **more):
    return harness.Server(database, **_options(**more))


# Items through all six stages


def items(worker, database):
    """Rounds of one run each, in the batch lane of a server; between them the floor."""
    flow = worker.result("engine_measures:lines", code="items", count=ITEMS)
    rates, floors = [], {batch: [] for batch in BATCHES}
    with serving(database) as server:
        once(worker, server, flow)  # a worker that has loaded everything
        for _round in range(ROUNDS):
            rates.append(once(worker, server, flow))
            for batch in BATCHES:
                told = worker.result("engine_measures:lease", size=ITEMS, batch=batch)
                floors[batch].append(ITEMS / told["seconds"])
    middle = {batch: statistics.median(found) for batch, found in floors.items()}
    value, floor = statistics.median(rates), middle[BATCHES[0]]
    beside = {"floor": "SKIP LOCKED lease, 50 at a time", "floor_value": round(floor), "items": ITEMS}
    others = {f"lease_of_{batch}": round(found) for batch, found in middle.items()}
    figure("engine", "items", value, "items/s", **beside)
    figure("engine", "items_vs_floor", value / floor, "ratio", **others)


def once(worker, server, flow):
    """Items with an outcome per second, from the commit that queued the run to the commit that ended it."""
    run = worker.result("scenes:start", flow_id=flow)
    server.notify()
    began = time.perf_counter()
    query = "SELECT state FROM fin_run WHERE id = %s"
    state = harness.wait(lambda: _over(server.database.sql(query, run)), 300, "the end of the run")
    seconds = time.perf_counter() - began
    rows = server.database.sql("SELECT count(*) FROM fin_item WHERE run_id = %s AND outcome = 'delivered'", run)
    assert state == "done" and rows == [(ITEMS,)], (state, rows)
    return ITEMS / seconds


def _over(rows):
    return rows[0][0] if rows[0][0] in ("done", "held", "failed") else None


# From an event to its effect


def events(worker, database, name, **options):
    """One event at a time, the lane idle: from its COMMIT to the COMMIT of the effect, as PostgreSQL tells it."""
    flow = worker.result("engine_measures:waiting", code=name)
    taken = []
    with serving(database, **options) as server, listening(database) as heard:
        for number in range(EVENTS + 3):
            began = worker.result("engine_measures:happen", mark=f"{name} {number}")
            taken.append((heard(30) - began) * 1000)
            harness.wait(lambda: _idle(server.database, flow), 30, "an idle lane")
    taken = sorted(taken[3:])  # the first ones load what later ones find loaded
    figure("engine", f"{name}_p50", statistics.median(taken), "ms", events=EVENTS)
    figure("engine", f"{name}_p95", taken[int(len(taken) * 0.95)], "ms", worst=round(taken[-1]))


def _idle(database, flow):
    query = "SELECT count(*) FROM fin_run WHERE flow_id = %s AND state IN ('queued', 'running')"
    return database.sql(query, flow) == [(0,)]


class listening:
    """The moments at which PostgreSQL tells of effects: its notices leave with the commit."""

    def __init__(self, database):
        self.connection = harness.connect(database.name)

    def __enter__(self):
        with self.connection.cursor() as cursor:
            cursor.execute("LISTEN fin_bench")
        return self.next

    def __exit__(self, *_error):
        self.connection.close()

    def next(self, seconds):
        deadline = time.time() + seconds
        while not self.connection.notifies:
            assert time.time() < deadline, "no effect"
            select.select([self.connection], [], [], 1)
            self.connection.poll()
        self.connection.notifies.clear()
        return time.time()


def stream(worker, database):
    """A hundred events a second for a minute: how many wait at each moment, and how many in the end."""
    worker.result("engine_measures:waiting", code="stream")
    depths, senders = [], [harness.Worker(database, ROOT / "benchmarks") for _one in range(SENDERS)]
    with serving(database):
        for sender in senders:
            sender.begin("engine_measures:many", seconds=SECONDS, rate=RATE // SENDERS, together=TOGETHER)
        for _second in range(SECONDS):
            time.sleep(1)
            [[depth]] = database.sql("SELECT count(*) FROM fin_event WHERE slot_id IS NULL")
            depths.append(depth)
        told = [sender.end()["result"] for sender in senders]
    for sender in senders:
        sender.stop()
    sent, rate = sum(one["sent"] for one in told), sum(one["sent"] / one["seconds"] for one in told)
    half = len(depths) // 2
    first, second = statistics.mean(depths[:half]), statistics.mean(depths[half:])
    more = {"together": TOGETHER, "first_half": round(first), "second_half": round(second), "sent": sent}
    figure("engine", "stream_backlog", max(depths), "events", **more, per_second=round(rate))
    if rate < 0.9 * RATE:
        saying(f"the senders did not come to {RATE} events a second: the figure is of {rate:.0f}")
    assert second < 2 * first + RATE, depths


# The dispatcher's tick


def tick(worker):
    """200 flows that are due once an hour, and a month of 20,000 runs behind them."""
    told = worker.result("engine_measures:month", flows=200, runs=20_000)
    quiet = {"queries": told["queries"], "queries_without_history": told["before"], "made": told["made"]}
    figure("engine", "tick_20k", statistics.median(told["ticks"]) * 1000, "ms", flows=200, runs=20_000, **quiet)


def home(worker):
    """What an operator's home asks for, over the same flows and runs."""
    for part, told in worker.result("engine_measures:home").items():
        figure("engine", f"home_{part}", told["seconds"] * 1000, "ms", queries=told["queries"], runs=20_000)


if __name__ == "__main__":
    main()
