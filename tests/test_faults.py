"""R1, P1, P2, P9: a worker dies at every commit and every outside call; the next one finishes, nothing lost or doubled.

The engine lists its own points, so a new yield or send is tested without touching this file.
"""

import os
from decimal import Decimal

import harness
import pytest
import statements

pytestmark = [pytest.mark.slow, pytest.mark.faults]

TOKEN = "planning-test-token"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A database with one approved flow each way, kept as a template, and the planning system."""
    folder = tmp_path_factory.mktemp("faults")
    database = harness.Database("fig_faults", folder).create().configure()
    state = folder / "planning.sqlite"
    with harness.double("planning_server.py", "--state", state, "--token", TOKEN) as planning:
        os.environ["PLANNING_TOKEN"] = TOKEN
        worker = harness.Worker(database)
        flows = {
            "inbound": worker.result("scenes:bank", folder=str(database.inbox)),
            "outbound": worker.result("scenes:planning", url=planning["url"]),
        }
        seed = harness.Database("fig_faults_seed", folder / "seed")
        seed._execute(f'DROP DATABASE IF EXISTS "{seed.name}" WITH (FORCE)')
        seed._execute(f'CREATE DATABASE "{seed.name}" TEMPLATE "{database.name}"')
        yield {"database": database, "worker": worker, "flows": flows, "seed": seed.name, "planning": planning}
        worker.stop()
        database.drop()
        seed.drop()


def all_points(world):
    return world["worker"].result("scenes:points")


def test_the_engine_lists_its_points(world, capsys):
    points = all_points(world)
    assert len(points) == len(set(points))
    assert any(".send.before" in point for point in points)
    with capsys.disabled():
        print("\n".join(["", *points]))


def test_r01_killed_anywhere_inbound(world):
    """Two files, delivered in three chunks; a kill at each point in turn."""
    survivors = {}
    for point in _points_of(world, "inbound"):
        survivors[point] = _inbound(world, point)
    _report(survivors)


def test_r01_killed_anywhere_outbound(world):
    survivors = {}
    for point in _points_of(world, "outbound"):
        survivors[point] = _outbound(world, point)
    _report(survivors)


def _points_of(world, direction):
    return [point for point in all_points(world) if point.startswith((direction, "start"))]


def _report(survivors):
    """Every point that was reached was survived; at least the commits of every stage were reached."""
    reached = [point for point, was_reached in survivors.items() if was_reached]
    print(f"{len(reached)} of {len(survivors)} points reached: {sorted(set(survivors) - set(reached))} not")
    assert len(reached) >= len(survivors) * 0.7


def _inbound(world, point):
    database, worker = world["database"].create(world["seed"]), world["worker"]
    database.put("a.xml", statements.document(statements.statement([10] * 6, number="A")))
    database.put("b.xml", statements.document(statements.statement([-5, 7], number="B", first=1000)))
    run = worker.result("scenes:start", flow_id=world["flows"]["inbound"])
    died = worker.do("scenes:advance", fault=point)["exit"] == 9
    worker.do("scenes:advance")
    state = worker.result("scenes:state", run_id=run)
    assert (state["state"], state["ties"]) == ("done", "tied"), (point, state)
    assert state["outcomes"] == {"delivered": 10}, (point, state)
    assert worker.result("scenes:lines") == [8, 62.0], point
    assert worker.result("scenes:verify") is None, point
    assert not list(database.inbox.glob("*.xml")), point
    return died


def _outbound(world, point):
    world["database"].create(world["seed"])
    worker, url = world["worker"], world["planning"]["url"]
    before = len(_imports(url))
    run = worker.result("scenes:start", flow_id=world["flows"]["outbound"])
    died = worker.do("scenes:advance", fault=point)["exit"] == 9
    worker.do("scenes:advance")
    state = worker.result("scenes:state", run_id=run)
    assert (state["state"], state["ties"]) == ("done", "tied"), (point, state)
    assert state["outcomes"] == {"delivered": 10}, (point, state)
    assert set(state["attempts"]) <= {"accepted", "confirmed", "refused"}, (point, state)
    # A kill between the send and its receipt leaves an unknown attempt, which is confirmed and never sent again.
    assert len(_imports(url)) - before == 3, point
    if point == "outbound.deliver.send.after":
        assert state["attempts"] == ["confirmed", "accepted", "accepted"], state
    if point == "outbound.deliver.send.before":
        assert state["attempts"] == ["refused", "accepted", "accepted", "accepted"], state
    return died


def _imports(url):
    """The uploads that the planning system has received."""
    log = harness.ask(f"{url}/control/log", token=TOKEN)
    rows = log["requests"] if isinstance(log, dict) else log
    return [row for row in rows if row["method"] == "POST" and row["path"].startswith("/v1/imports")]


def test_totals_of_the_double(world):
    """The same figures are there however often it was loaded."""
    held = harness.ask(f"{world['planning']['url']}/v1/totals", token=TOKEN)
    assert Decimal(str(held["count"])) == 10
