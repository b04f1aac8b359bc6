"""The real cron of a real server: a file becomes a booked statement; a copied database starts nothing (law 8)."""

import os
import subprocess

import harness
import pytest
import statements

TOKEN = "planning-test-token"
WEEK = 7 * 24 * 60


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A flow each way, due once a week, approved more than a week ago; nothing has run yet."""
    database = harness.Database("fig_cron", tmp_path_factory.mktemp("cron")).create().configure()
    os.environ["PLANNING_TOKEN"] = TOKEN
    with harness.double(
        "planning_server.py", "--state", database.folder / "planning.sqlite", "--token", TOKEN
    ) as planning:
        worker = harness.Worker(database)
        weekly = {"schedule_kind": "interval", "interval_minutes": WEEK}
        flows = {
            "inbound": worker.result("scenes:bank", folder=str(database.inbox), **weekly),
            "outbound": worker.result("scenes:planning", url=planning["url"]),
        }
        yield {"database": database, "worker": worker, "flows": flows, "planning": planning["url"]}
        worker.stop()
    database.drop()


def runs(database, flow_id):
    """State, totals and outcomes of the flow's runs, oldest first."""
    return database.sql(
        "SELECT state, reconciliation_state, trigger, received, delivered FROM fin_run WHERE flow_id = %s ORDER BY id",
        flow_id,
    )


def booked(database):
    return database.sql("SELECT count(*), coalesce(sum(amount), 0)::float FROM account_bank_statement_line")[0]


def uploads(url):
    log = harness.ask(f"{url}/control/log", token=TOKEN)
    rows = log["requests"] if isinstance(log, dict) else log
    return [row for row in rows if row["path"].startswith("/v1/imports")]


def until_done(server, flow_id, count, wake=None):
    """Wake the cron until the flow has that many runs and all are over."""

    def over():
        (wake or server.wake)()
        found = runs(server.database, flow_id)
        return len(found) == count and {row[0] for row in found} <= {"done", "held", "failed"} and found

    return harness.wait(over, 90, "the end of the run")


def test_the_cron_books_a_statement_and_nothing_twice(world):
    database, flow = world["database"], world["flows"]["inbound"]
    database.put("monday.xml", statements.document(statements.statement([100, -30, 12.5], number="CRON")))
    database.a_week_passes(flow)
    # Whichever lane sees first that the flow is due wakes the lane of its run.
    database.sql("UPDATE ir_cron SET nextcall = now() + interval '1 day' WHERE cron_name LIKE '%% batch lane'")
    with harness.Server(database) as server:
        assert until_done(server, flow, 1, wake=server.notify) == [("done", "tied", "schedule", 4, 4)]
        assert booked(database) == (3, 82.5)
        assert not list(database.inbox.glob("*.xml"))
        assert (database.inbox / "done" / "monday.xml").exists()
        server.pass_all_lanes()
        assert len(runs(database, flow)) == 1
        assert booked(database) == (3, 82.5)


def test_law8_a_copied_database_starts_nothing_until_released(world):
    """Same configuration, same secrets, another database: the file stays, the queued run stays, nothing is sent."""
    inbound, outbound, planning = *world["flows"].values(), world["planning"]
    world["worker"].do("scenes:start", flow_id=outbound)
    copy = world["database"].duplicate("fig_cron_copy")
    try:
        file = copy.put("tuesday.xml", statements.document(statements.statement([7], number="COPY", first=500)))
        copy.a_week_passes(inbound)
        with harness.Server(copy) as server:
            server.pass_all_lanes()
            assert "no run starts" in server.log
            assert len(runs(copy, inbound)) == 1
            assert [row[0] for row in runs(copy, outbound)] == ["queued"]
            assert file.exists()
            assert not uploads(planning)
            release(copy)
            server.pass_all_lanes()
            assert until_done(server, inbound, 2)[1] == ("done", "tied", "schedule", 2, 2)
            assert until_done(server, outbound, 1)[0][:2] == ("done", "tied")
        assert not file.exists()
        assert uploads(planning)
    finally:
        copy.drop()


def release(database):
    """What an administrator of the machine types."""
    command = [os.environ["FIG_ODOO_BIN"], "finance", "release", "-c", database.config, "-d", database.name]
    told = ["--environment", "test", "--reason", "this copy is the test database now"]
    subprocess.run([*command, *told], check=True, timeout=120)
