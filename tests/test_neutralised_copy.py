"""A copy that Odoo's own command neutralised: it runs nothing, and what was received cannot be read in it (R35)."""

import os
import subprocess

import harness
import pytest
import statements

SECRET = "Hidden Words 4711"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A flow that has booked a file, and one more file that waits."""
    database = harness.Database("fig_neutral", tmp_path_factory.mktemp("neutral")).create().configure()
    worker = harness.Worker(database)
    flow = worker.result("scenes:bank", folder=str(database.inbox))
    database.put("first.xml", statements.document(statements.statement([5], number="NEUTRAL", text=SECRET)))
    run = worker.result("scenes:start", flow_id=flow)
    worker.do("scenes:advance")
    assert worker.result("scenes:state", run_id=run)["state"] == "done"
    worker.stop()
    yield database
    database.drop()


def bytes_in(database):
    folder = database.folder / "data" / "filestore" / database.name / "fin_payload"
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def leaks(database):
    """Tables of the suite, and of the books it made, in which the words can still be found."""
    tables = database.sql("SELECT tablename FROM pg_tables WHERE tablename ~ '^(fin_|mail_message|mail_activity)'")
    return [
        table
        for (table,) in tables
        if database.sql(f"SELECT 1 FROM {table} AS t WHERE t::text LIKE %s LIMIT 1", f"%{SECRET}%")
    ]


def test_r35_a_neutralised_copy_keeps_and_does_nothing(world):
    assert any(SECRET.encode() in content for content in bytes_in(world))
    assert "fin_item" in leaks(world)
    copy = world.duplicate("fig_neutral_copy")
    try:
        for path in (copy.folder / "data" / "filestore" / copy.name / "fin_payload").rglob("*"):
            os.utime(path, (harness.LONG_AGO, harness.LONG_AGO))
        command = [os.environ["FIG_ODOO_BIN"], "neutralize", "-c", copy.config, "-d", copy.name]
        subprocess.run(command, check=True, timeout=120)
        assert not leaks(copy)
        waiting = copy.put("second.xml", statements.document(statements.statement([6], number="SECOND")))
        copy.sql("UPDATE ir_cron SET active = TRUE, nextcall = now() WHERE cron_name LIKE 'Finance Integrations%%lane'")
        with harness.Server(copy) as server:
            server.pass_all_lanes()
            assert "no run starts" in server.log
        assert waiting.exists()
        assert not bytes_in(copy)
        assert any(SECRET.encode() in content for content in bytes_in(world))
    finally:
        copy.drop()
