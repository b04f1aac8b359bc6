"""A planner brings a workbook in the web client: what cannot stand is listed, what can is compared with the ledger."""

import base64
import re

import harness
import pytest

browser = pytest.importorskip("browser", reason="playwright is not installed")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.chromium(), reason="no Chromium on this machine: set FIG_CHROMIUM"),
]
BROKEN = [["123456", "", 1, 2], ["700900", "Nobody", "about 7", 2]]
MENDED = [["700900", "", -100, -120], ["700900", "BC-1", -40, -41]]


@pytest.fixture(scope="module")
def planner(tmp_path_factory):
    folder = tmp_path_factory.mktemp("budget")
    database = harness.Database("fig_browser_budget", folder).create().configure()
    worker = harness.Worker(database)
    worker.do("scenes_budget:draft")
    books = {}
    for name, rows in (("broken", BROKEN), ("mended", MENDED)):
        books[name] = folder / f"{name}.xlsx"
        books[name].write_bytes(base64.b64decode(worker.result("scenes_budget:workbook", rows=rows)))
    worker.stop()
    with harness.Server(database) as server, browser.launched() as chromium:
        me = browser.Person(chromium, server.url, "operator", folder / "screenshots").enter()
        me.books = books
        yield me
    database.drop()


def test_a_planner_reads_which_cells_cannot_stand_and_brings_them_mended(planner):
    planner.open_app()
    planner.menu("Planning", "Budgets and forecasts")
    planner.open_row("Budget 2026")
    planner.press("action_upload")
    dialog = ".modal"
    planner.page.locator(f"{dialog} input[type=file]").first.set_input_files(planner.books["broken"])
    planner.press("action_upload", dialog)
    for cell, reason in (("C2", "123456"), ("H3", "no number"), ("F3", "no partner")):
        planner.sees(reason, _row(cell))
    planner.sees("Nothing was taken", dialog)
    planner.shot("cells")
    planner.page.locator(f"{dialog} input[type=file]").first.set_input_files(planner.books["mended"])
    planner.press("action_upload", dialog)
    planner.page.wait_for_selector(dialog, state="detached")
    planner.sees(re.compile("^4$"), "[name=line_count]")
    planner.shot("version")
    assert not planner.errors


def test_plan_and_actuals_are_told_by_partner_and_open_their_items(planner):
    planner.page.locator("button[name=action_open_variance]").click()
    planner.page.locator(".o_switch_view.o_list").click()
    planner.page.locator(".o_group_header").first.click()
    planner.row("Browser customer", "40.00", "50.00", "Favourable").wait_for()
    planner.shot("variance")
    planner.row("Browser customer").locator("button[name=action_open_items]").click()
    planner.sees("Browser customer", ".o_list_view")
    planner.page.wait_for_function("document.querySelectorAll('.o_data_row').length === 1")
    assert not planner.errors


def _row(cell):
    return f".modal .o_data_row:has(td:text-is('{cell}'))"
