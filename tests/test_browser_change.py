"""How something changes, from the person who wants it to the run that obeys: in a headless Chromium, by two people."""

import os

import harness
import pytest

browser = pytest.importorskip("browser", reason="playwright is not installed")
from test_browser import WEEK, World, screens  # noqa: E402,F401 - after the skip; a fixture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.chromium(), reason="no Chromium on this machine: set FIG_CHROMIUM"),
]

TOKEN = "planning-token"
DIALOG = ".modal .o_form_view"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("change")
    database = harness.Database("fig_change", folder).create().configure()
    os.environ["PLANNING_TOKEN"] = TOKEN
    with harness.double("planning_server.py", "--state", folder / "planning.sqlite", "--token", TOKEN) as planning:
        worker = harness.Worker(database)
        worker.do("scenes:bank", folder=str(database.inbox), schedule_kind="interval", interval_minutes=WEEK)
        actuals = worker.result("scenes:planning", url=planning["url"])
        gap = worker.result("scenes_change:gap", flow_id=actuals)
        worker.stop()
        with harness.Server(database) as server, browser.launched() as chromium:
            there = World(database, server, chromium, folder / "screenshots")
            there.gap = gap
            yield there
    database.drop()


def submitted(me, reason):
    """The dialog, filled; what was proposed waits for a second person."""
    me.press("action_propose")
    me.fill("reason", reason, DIALOG)
    me.press("action_submit", ".modal")
    me.state("In Review")
    me.sees(reason)


def approved(world, what, reason):
    """Another person reads why, and says yes with their password."""
    you = world.person("approver", anew=True)
    you.menu("Approvals", "Waiting for my yes")
    you.open_row(what)
    you.press("action_open_subject")
    you.sees(reason)
    you.press("action_approve")
    you.confirm_identity()
    you.state("Live")


def test_a_change_is_proposed_with_a_reason_and_lives_after_a_second_persons_yes(world):
    me = world.person("operator")
    me.menu("Flows")
    me.open_row("Bank statements")
    me.fill("purpose", "Statements of our bank, each morning")
    me.save()
    before = world.database.sql("SELECT count(*) FROM fin_change")
    me.press("action_propose")
    me.sees("Statements of our bank, each morning", ".modal")
    me.press("Cancel", ".modal")
    assert world.database.sql("SELECT count(*) FROM fin_change") == before
    reason = "The board wants to know what it is for"
    submitted(me, reason)
    approved(world, "Bank statements", reason)
    [[state, kept]] = world.database.sql("SELECT state, reason FROM fin_version ORDER BY id DESC LIMIT 1")
    assert (state, kept) == ("live", reason)


def test_a_gap_that_holds_a_load_is_mapped_and_approved_and_the_load_goes_on(world):
    me = world.person("operator")
    me.menu("Flows")
    me.open_row("Actuals to planning")
    me.press("action_run")
    [[run]] = world.wait(lambda: world.database.sql("SELECT name FROM fin_run WHERE state = 'held'"))
    me.menu("Exceptions")
    me.open_row("do not map")
    me.sees(world.gap)

    me.menu("Data", "Crosswalks")
    me.open_row("Accounts of the planning system")
    me.page.locator(".o_field_x2many_list_row_add a").first.click()
    line = ".o_form_view .o_selected_row"
    me.fill("source", world.gap, line)
    me.fill("target", f"P{world.gap}", line)
    me.save()
    submitted(me, "An account that nobody had mapped")
    approved(world, "Actuals to planning", "An account that nobody had mapped")

    world.person("operator").menu("Runs")
    me.open_row(run)
    me.press("action_release")
    assert world.state(run) == "done"
    me.reload()
    me.value("tie_state", "Tied")
