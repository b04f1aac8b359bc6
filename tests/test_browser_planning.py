"""A planning flow from the settings of the company to the file that planning fetches: in a headless Chromium."""

import csv
import re

import harness
import pytest

browser = pytest.importorskip("browser", reason="playwright is not installed")
from test_browser import WEEK, World, screens, settings  # noqa: E402,F401 - after the skip; a fixture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.chromium(), reason="no Chromium on this machine: set FIG_CHROMIUM"),
]

DIALOG = ".modal .o_form_view"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planning")
    database = harness.Database("fig_planning", folder).create().configure()
    worker = harness.Worker(database)
    told = folder / "told"
    told.mkdir()
    worker.do("scenes_planning:target", folder=str(database.inbox), told=str(told), minutes=WEEK)
    worker.stop()
    with harness.Server(database) as server, browser.launched() as chromium:
        yield World(database, server, chromium, folder / "screenshots")
    database.drop()


def option(me, name, within):
    return me.page.locator(f"{within} .o_property_field[data-option='{name}']")


def add(me, name, word, within):
    """One more tag of an option."""
    option(me, name, within).locator("input").fill(word)
    me.page.locator(".o-autocomplete--dropdown-item", has_text=browser.exactly(word)).first.click()
    option(me, name, within).locator(".o_tag", has_text=word).wait_for()


def test_a_flow_begins_with_what_is_usual_and_tells_by_the_dimensions_that_were_chosen(world):
    boss = world.person("root", "Settings")
    settings(boss)
    block = ".o_setting_box#fin_planning_new"
    add(boss, "dimensions", "Partner", block)
    option(boss, "dimensions", block).scroll_into_view_if_needed()
    boss.select("fin_planning_connection_id", "Planning, files", block)
    boss.shot("planning-settings")
    with boss.page.expect_response(lambda answer: answer.url.endswith("/execute")):
        boss.page.click(".o_form_button_save:visible")

    me = world.person("operator")
    me.menu("Flows")
    me.press("New Flow")
    me.fill("name", "Cells to planning", DIALOG)
    me.fill("purpose", "The forecast begins with them", DIALOG)
    me.select("object", "Actuals by Dimensions", DIALOG)
    me.page.wait_for_function(
        "document.querySelector(\".modal [name='connection_id'] input\").value.includes('Planning, files')"
    )
    me.select("schedule_kind", "Every so many minutes", DIALOG)
    me.fill("interval_minutes", str(WEEK), DIALOG)
    me.tab("Options")
    option(me, "dimensions", DIALOG).locator(".o_tag", has_text="Partner").wait_for()
    add(me, "dimensions", "Journal type", DIALOG)
    add(me, "plans", "Market regions", DIALOG)
    option(me, "period_from", DIALOG).locator("input").fill("soon")
    me.shot("planning-dialog")
    me.press("Create the flow", ".modal")
    me.sees("From period (period_from) takes a month such as 2026-03: soon means nothing here.")
    assert not world.database.sql("SELECT 1 FROM fin_flow WHERE name = 'Cells to planning'")
    me.press("Close", ".modal:has-text('Validation Error')")
    option(me, "period_from", DIALOG).locator("input").fill("2000-01")
    me.press("action_create", ".modal")
    me.state("Draft")
    me.tab("Options")
    shown = ".o_action_manager .o_form_view"
    for word in ("Partner", "Journal type"):
        option(me, "dimensions", shown).locator(".o_tag", has_text=word).wait_for()
    me.shot("planning-flow")
    [[told]] = world.database.sql("SELECT options FROM fin_flow WHERE name = 'Cells to planning'")
    assert told == {
        "dimensions": ["partner", "journal_type"],
        "plans": ["Market regions"],
        "period_from": "2000-01",
    }

    you = world.person("approver", anew=True)
    you.menu("Approvals", "Waiting for my yes")
    you.open_row("Cells to planning")
    you.press("action_open_subject")
    you.press("action_approve")
    you.confirm_identity()
    you.state("Live")
    _name, state = world.work("Cells to planning")
    assert state == "done"
    [file] = world.database.inbox.glob("*.csv")
    with file.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["journal_type"] for row in rows} == {"general"}


def test_from_a_month_of_the_matrix_to_the_journal_items_of_a_figure(world):
    _name, state = world.work("Actuals to planning")
    assert state == "done"
    me = world.person("viewer")
    me.menu("Planning", "Actuals at a glance")
    with me.another_page():
        system = me.page.locator(".o_fin_matrix tr", has_text="actuals-connection")
        system.locator("button", has_text="Delivered").last.click()
    with me.another_page():
        me.row("Delivered").locator("button[name=action_open_cells]").click()
    me.title(re.compile("^Figures of My Company"))
    me.row("600900 · Furniture", "120.00").wait_for()
    with me.another_page():
        me.row("600900").locator("button[name=action_open_journal_items]").click()
    me.title("Journal items of 600900 · Furniture")
    me.row("Office chairs", "120.00").wait_for()
    assert me.page.locator(".o_data_row:visible").count() == 1
