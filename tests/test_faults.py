"""R1, P1, P2, P9: a worker dies at every commit and every outside call; the next one finishes, nothing lost or doubled.

The engine lists its own points, so a new yield or send is tested without touching this file.
"""

import os
import shutil
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


def test_r01_killed_anywhere_in_a_replay(replayed):
    """Entries of two files that could not be booked come again; a kill at each point in turn."""
    world, survivors = replayed["world"], {}
    for point in _points_of(world, "replay"):
        survivors[point] = _again(replayed, point, {"delivered": 3}, [8, 62.0])
    _report(survivors)


def test_r01_killed_anywhere_in_a_rollback(rolled_back):
    """Eight entries and their two statements are taken back in three chunks; a kill at each point in turn."""
    world, survivors = rolled_back["world"], {}
    for point in _points_of(world, "rollback"):
        survivors[point] = _again(rolled_back, point, {"delivered": 10}, [16, 0.0])
    _report(survivors)


def test_r01_killed_anywhere_in_a_compensation(compensated):
    """Cells that a target was given are taken back from it; a kill at each point in turn."""
    world, survivors = compensated["world"], {}
    sent = world["worker"].result("scenes:state", run_id=compensated["first"])["outcomes"]
    for point in _points_of(world, "compensate"):
        survivors[point] = _again(compensated, point, sent, [0, 0])
        held = harness.ask(f"{world['planning']['url']}/v1/totals", token=TOKEN)
        assert all(Decimal(of["debit"]) == 0 for of in held["currencies"].values()), (point, held)
        _deliver_cells(world)  # what the target held when it was asked to forget it
    _report(survivors)


def test_r01_killed_anywhere_in_the_test_of_a_control(drilled):
    """The synthetic failure is detected once, and nothing of it is booked; a kill at each point in turn."""
    world, survivors = drilled["world"], {}
    for point in _points_of(world, "drill"):
        survivors[point] = _tested(drilled, point)
    _report(survivors)


@pytest.fixture
def replayed(world, tmp_path):
    """A replay that was agreed on and waits for a worker."""
    world["database"].create(world["seed"])
    _two_files(world)
    run = world["worker"].result("scenes:rejected", flow_id=world["flows"]["inbound"], amounts=[11, -5])
    assert world["worker"].result("scenes:lines") == [5, 45.0]
    yield from _frozen(world, tmp_path, world["worker"].result("scenes:ask_replay", run_id=run))


@pytest.fixture
def rolled_back(world, tmp_path):
    """A rollback that was agreed on and waits for a worker."""
    world["database"].create(world["seed"])
    _two_files(world)
    run = world["worker"].result("scenes:start", flow_id=world["flows"]["inbound"])
    world["worker"].do("scenes:advance")
    yield from _frozen(world, tmp_path, world["worker"].result("scenes:ask_rollback", run_id=run))


@pytest.fixture
def compensated(world, tmp_path):
    """The rollback of what has left, agreed on, waits for a worker."""
    world["database"].create(world["seed"])
    first = _deliver_cells(world)
    for frozen in _frozen(world, tmp_path, world["worker"].result("scenes:ask_rollback", run_id=first)):
        yield {**frozen, "first": first}


@pytest.fixture
def drilled(world, tmp_path):
    """A test of a control that was sent and waits for a worker."""
    world["database"].create(world["seed"])
    flow = world["flows"]["inbound"]
    yield from _frozen(world, tmp_path, world["worker"].result("scenes_desk:send_drill", flow_id=flow))


def _deliver_cells(world):
    """Have the target hold what Odoo says, whatever it held before; the run that brought it."""
    world["database"].create(world["seed"])
    run = world["worker"].result("scenes:start", flow_id=world["flows"]["outbound"])
    world["worker"].do("scenes:advance")
    return run


def _two_files(world):
    world["database"].put("a.xml", statements.document(statements.statement([11, 11, 10, 10, 10, 8], number="A")))
    world["database"].put("b.xml", statements.document(statements.statement([-5, 7], number="B", first=1000)))


def _frozen(world, folder, run):
    """This moment, to begin from again and again: the database, and the files that belong to it."""
    database, kept = world["database"], harness.Database("fig_faults_kept", folder / "kept")
    kept.drop()
    kept._execute(f'CREATE DATABASE "{kept.name}" TEMPLATE "{database.name}"')
    (database.folder / "data" / "filestore").mkdir(parents=True, exist_ok=True)  # nothing may have been received yet
    shutil.copytree(database.folder / "data" / "filestore", folder / "filestore")
    yield {"world": world, "database": kept.name, "files": folder / "filestore", "run": run}
    kept.drop()


def _die_at(frozen, point):
    """Begin from the kept moment, die at the point, have the next worker finish; whether the point was reached."""
    worker, database = frozen["world"]["worker"], frozen["world"]["database"].create(frozen["database"])
    shutil.copytree(frozen["files"], database.folder / "data" / "filestore", dirs_exist_ok=True)
    died = worker.do("scenes:advance", fault=point)["exit"] == 9
    worker.do("scenes:advance")
    return died


def _tested(drilled, point):
    died, worker = _die_at(drilled, point), drilled["world"]["worker"]
    assert worker.result("scenes_desk:drill_state", run_id=drilled["run"]) == ["detected", "done", 1], point
    assert worker.result("scenes:lines") == [0, 0], point
    assert worker.result("scenes:verify") is None, point
    return died


def _again(frozen, point, outcomes, lines):
    """As `_die_at`, and then all is as if nobody had died."""
    worker, run = frozen["world"]["worker"], frozen["run"]
    died = _die_at(frozen, point)
    state = worker.result("scenes:state", run_id=run)
    assert (state["state"], state["ties"]) == ("done", "tied"), (point, state)
    assert state["outcomes"] == outcomes, (point, state)
    assert worker.result("scenes:lines") == lines, point
    assert worker.result("scenes:remedy_state", run_id=run) == "done", point
    assert worker.result("scenes:verify") is None, point
    return died


def _points_of(world, direction):
    return [point for point in all_points(world) if point.startswith((f"{direction}.", "start"))]


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
