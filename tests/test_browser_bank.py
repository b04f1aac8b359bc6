"""Statements and treasury in a headless Chromium: a file that somebody brings, and the figures that come of it."""

from decimal import Decimal

import harness
import pytest
from scenes_treasury import of_day

browser = pytest.importorskip("browser", reason="playwright is not installed")
from playwright.sync_api import expect  # noqa: E402 - after the skip
from test_browser import WEEK, World, screens  # noqa: E402,F401 - after the skip; a fixture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.chromium(), reason="no Chromium on this machine: set FIG_CHROMIUM"),
]

ELSEWHERE = "NL91ABNA0417164300"
DIALOG = ".modal .o_form_view"
MATCH = "/fin.match.screen/"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    database = harness.Database("fig_browser_bank", folder).create().configure()
    worker = harness.Worker(database)
    worker.do("scenes_browser:people")
    worker.do("scenes:bank", folder=str(database.inbox), schedule_kind="interval", interval_minutes=WEEK)
    worker.stop()
    with harness.Server(database) as server, browser.launched() as chromium:
        yield World(database, server, chromium, folder / "screenshots")
    database.drop()


def choose(me, folder, files):
    """Give these files, name -> bytes, to the dialog, and let it look into them."""
    paths = []
    for name, content in files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    me.page.set_input_files(".modal input[type=file]", paths)
    for name in files:
        me.sees(name, DIALOG)
    me.press("action_look")


def test_an_operator_brings_a_statement_on_the_card_of_the_bank(world, tmp_path):
    me = world.person("operator", app="Invoicing")
    card = me.page.locator(".o_kanban_record", has_text="Bank 3000")
    with me.page.expect_response(lambda answer: "action_fin_bring" in answer.url):
        card.get_by_role("button", name="Bring a statement").click()
    mine = of_day(1, [250, "-12.50"], "1", Decimal(100))
    choose(me, tmp_path, {"mine.xml": mine, "other.xml": of_day(1, [5], "2", Decimal(0), iban=ELSEWHERE)})
    me.sees("Ready", DIALOG)
    me.sees("No flow", DIALOG)
    me.sees("Would be booked", DIALOG)
    assert world.database.sql("SELECT count(*) FROM fin_payload") == [(0,)]
    me.press("action_bring")
    [[run]] = world.database.sql("SELECT name FROM fin_run")
    assert world.state(run) == "done"
    assert world.database.sql("SELECT sum(amount) FROM account_bank_statement_line WHERE amount IN (250, -12.5)") == [
        (Decimal("237.5"),)
    ]


def test_a_viewer_goes_from_the_position_to_its_statement(world):
    me = world.person("viewer")
    me.menu("Bank", "Cash position")
    me.row("Bank 3000", "337.50")
    with me.another_page():
        me.row("Bank 3000").locator("button[name=action_open_statement]").click()
    me.sees("337.50", ".o_form_view")


def test_an_operator_matches_a_line_and_takes_it_back(world):
    worker = harness.Worker(world.database)
    number = worker.result("scenes_treasury:owed", partner="Anna Weber GmbH", amount=250, day="2026-09-01")
    worker.stop()
    open_amount = ("SELECT amount_residual, payment_state FROM account_move WHERE name = %s", number)
    me = world.person("operator")
    for name in ("Bank", "Match bank lines"):
        me.page.locator(".o_menu_sections > *, .o-dropdown--menu .dropdown-item", has_text=name).first.click()
    me.page.locator(".o_fin_match_line", has_text="250.00").click()
    me.sees("Invoice 100", ".o_fin_match_text")
    me.page.get_by_placeholder("Find documents").fill("Anna Weber")
    me.page.keyboard.press("Enter")
    me.press("Add", ".o_fin_match")
    me.sees("then left", ".o_fin_match")
    with me.page.expect_response(lambda answer: answer.ok and MATCH in answer.url):
        me.press("Match these", ".o_fin_match")
    expect(me.page.locator(".o_fin_match_line", has_text="250.00")).to_have_count(0)
    assert world.database.sql(*open_amount) == [(Decimal(0), "paid")]
    with me.page.expect_response(lambda answer: answer.ok and MATCH in answer.url):
        me.page.keyboard.press("u")
    expect(me.page.locator(".o_fin_match_line", has_text="250.00")).to_have_count(1)
    assert world.database.sql(*open_amount) == [(Decimal(250), "not_paid")]
    assert not me.errors


def test_the_same_file_again_is_known(world, tmp_path):
    me = world.person("operator")
    for name in ("Bank", "Bring a statement"):  # a dialog, so the page behind it stays
        me.page.locator(".o_menu_sections > *, .o-dropdown--menu .dropdown-item", has_text=name).first.click()
    choose(me, tmp_path, {"again.xml": of_day(1, [250, "-12.50"], "1", Decimal(100))})
    me.sees("Known", DIALOG)
    assert me.page.locator(".modal button[name=action_bring]:visible").count() == 0
