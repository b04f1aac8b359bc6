"""The control tower in a headless Chromium: what it says, and where its figures lead."""

import harness
import pytest
import statements

browser = pytest.importorskip("browser", reason="playwright is not installed")
from test_browser import WEEK, World, screens  # noqa: E402,F401 - after the skip; a fixture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.chromium(), reason="no Chromium on this machine: set FIG_CHROMIUM"),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tower")
    database = harness.Database("fig_browser_tower", folder).create().configure()
    worker = harness.Worker(database)
    worker.do("scenes_browser:people")
    worker.do("scenes:bank", folder=str(database.inbox), schedule_kind="interval", interval_minutes=WEEK)
    worker.stop()
    with harness.Server(database) as server, browser.launched() as chromium:
        yield World(database, server, chromium, folder / "screenshots")
    database.drop()


def card(person, code):
    return person.page.locator(f".o_fin_tower_question[data-code={code}]")


def test_the_app_opens_with_what_to_do_first(world):
    me = world.person("viewer")
    me.sees("Begin here")
    assert card(me, "held").get_attribute("data-state") == "unknown"


def test_an_operator_goes_from_the_answer_to_its_records(world):
    wrong = statements.statement([60, -10], number="WRONG", first=900, off=5)
    world.deliver("wrong.xml", statements.document(wrong))
    held, state = world.work("Bank statements")
    assert state == "held"
    me = world.person("operator")
    me.sees("1 runs of 1 flows wait for a person", ".o_fin_tower")
    assert card(me, "held").get_attribute("data-state") == "attention"
    with me.another_page():
        card(me, "held").locator("a.o_fin_tower_text").click()
    me.row(held)
    assert me.page.locator(".o_data_row:visible").count() == 1


def test_support_is_shown_how_it_runs(world):
    me = world.person("support")
    me.sees("What is held, and why?", ".o_fin_tower")
    assert card(me, "mine").count() == 0


def test_it_fits_a_small_window(world):
    me = world.person("auditor")
    me.page.set_viewport_size({"width": 420, "height": 900})
    me.page.reload()
    card(me, "held").wait_for()
    assert me.page.evaluate("document.querySelector('.o_fin_tower_content').scrollWidth <= window.innerWidth")
