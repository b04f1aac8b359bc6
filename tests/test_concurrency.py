"""R5, R13: several workers, one queue; the same file twice at the same moment."""

import os

import harness
import pytest
import statements


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    database = harness.Database("fig_workers", tmp_path_factory.mktemp("workers")).create().configure()
    first, second = harness.Worker(database), harness.Worker(database)
    other = "DE02120300000000202051"
    flows = [
        first.result("scenes:bank", folder=str(database.inbox)),
        first.result("scenes:bank", folder=str(database.inbox / "other"), iban=other, code="other"),
    ]
    yield {"database": database, "workers": (first, second), "flows": flows, "other": other}
    for worker in (first, second):
        worker.stop()
    database.drop()


def together(world, call, **args):
    """Both workers do the same at the same time; their answers."""
    for worker in world["workers"]:
        worker.begin(call, **args)
    return [worker.end() for worker in world["workers"]]


def test_r13_two_workers_on_one_run_book_it_once(world):
    database, (first, _second) = world["database"], world["workers"]
    database.put("one.xml", statements.document(statements.statement([1] * 40, number="R13")))
    before = first.result("scenes:lines")[0]
    run = first.result("scenes:start", flow_id=world["flows"][0])
    assert [answer["exit"] for answer in together(world, "scenes:advance")] == [0, 0]
    first.do("scenes:advance")
    state = first.result("scenes:state", run_id=run)
    assert (state["state"], state["outcomes"]) == ("done", {"delivered": 41}), state
    assert first.result("scenes:lines")[0] - before == 40


def test_r05_one_account_by_two_flows_books_once(world):
    """Two flows bring the same statement at the same moment; the unique index decides, not a search."""
    database, (first, _second) = world["database"], world["workers"]
    content = statements.document(statements.statement([2] * 30, number="R5", first=5000))
    (database.inbox / "other").mkdir(exist_ok=True)
    database.put("two.xml", content)
    path = database.inbox / "other" / "two.xml"
    path.write_bytes(content)
    os.utime(path, (harness.LONG_AGO, harness.LONG_AGO))
    first.do("scenes:share_journal", flow_ids=world["flows"])
    before = first.result("scenes:lines")[0]
    runs = [first.result("scenes:start", flow_id=flow_id) for flow_id in world["flows"]]
    together(world, "scenes:advance")
    states = harness.wait(lambda: _all_ended(first, runs), what="the end of both runs")
    assert first.result("scenes:lines")[0] - before == 30, states
    assert {state["state"] for state in states} == {"done"}, states
    outcomes = [state["outcomes"] for state in states]
    assert sum(o.get("delivered", 0) for o in outcomes) == 31, states
    assert sum(o.get("duplicate", 0) for o in outcomes) == 31, states


def _all_ended(worker, runs):
    """Runs that met each other too often wait some seconds; advance until none is on its way."""
    worker.do("scenes:advance")
    states = [worker.result("scenes:state", run_id=run) for run in runs]
    return all(state["state"] not in ("queued", "running") for state in states) and states


def test_r13_a_stale_worker_writes_nothing(world):
    """A worker whose run went on without it finds another step number and leaves."""
    database, (first, _second) = world["database"], world["workers"]
    database.put("stale.xml", statements.document(statements.statement([3] * 9, number="STALE", first=9000)))
    run = first.result("scenes:start", flow_id=world["flows"][0])
    assert first.result("scenes:stale_step", run_id=run) == [False, "running"]
    first.do("scenes:advance")
    assert first.result("scenes:state", run_id=run)["state"] == "done"


def test_r14_a_slow_worker_keeps_its_run_and_a_dead_one_leaves_it_at_once(world):
    """The lock is the heartbeat: however long it takes, nobody else takes the run, and nobody waits for its end."""
    database, (first, _second) = world["database"], world["workers"]
    database.put("slow.xml", statements.document(statements.statement([4] * 3, number="SLOW", first=12000)))
    run = first.result("scenes:start", flow_id=world["flows"][0])
    assert first.result("scenes_workers:claimed") == [run, False, run]
    first.do("scenes:advance")
    assert first.result("scenes:state", run_id=run)["state"] == "done"


def test_the_log_is_one_chain_after_all_this(world):
    assert world["workers"][0].result("scenes:verify") is None
