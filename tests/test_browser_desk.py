"""The exception desk and the close board in a headless Chromium: what an accountant does there in a day."""

import re

import harness
import pytest
import statements

browser = pytest.importorskip("browser", reason="playwright is not installed")
from test_browser import WEEK, World, screens  # noqa: E402,F401 - after the skip; a fixture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.chromium(), reason="no Chromium on this machine: set FIG_CHROMIUM"),
]

DIALOG = ".modal .o_form_view"
# Two references that are longer than agreed: with one of them, an entry would wait for a decision.
LONG = b"X" * 140
TOO_LONG = rb"<AcctSvcrRef>\1-" + LONG + rb"</AcctSvcrRef>\2<Refs><EndToEndId>" + LONG + b"Y</EndToEndId></Refs>"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    database = harness.Database("fig_browser_desk", folder).create().configure()
    worker = harness.Worker(database)
    worker.do("scenes_browser:people")
    worker.do("scenes:bank", folder=str(database.inbox), schedule_kind="interval", interval_minutes=WEEK)
    worker.do("scenes_close:calendar")
    worker.stop()
    with harness.Server(database) as server, browser.launched() as chromium:
        yield World(database, server, chromium, folder / "screenshots")
    database.drop()


def test_an_accountant_clears_five_hundred_items_as_one_case(world):
    """Two of them become a colleague's case, the others are skipped with a reason: three dialogs for five hundred."""
    content = statements.document(statements.statement([n + 0.25 for n in range(1, 501)], number="LONG", first=1000))
    world.deliver("long.xml", re.sub(rb"<AcctSvcrRef>(S\d+)</AcctSvcrRef>(<NtryDtls><TxDtls>)", TOO_LONG, content))
    _run, state = world.work("Bank statements")
    assert state == "done"
    me = world.person("operator")
    me.menu("Exceptions")
    me.open_row("End to end is too long", "500")
    me.value("unsettled_count", "500")
    me.press("action_open_items")
    for place in (0, 1):
        me.page.locator(".o_data_row .o_list_record_selector input").nth(place).check()
    me.press("action_desk_split", ".o_control_panel")
    me.fill("reason", "The branch looks at these", DIALOG)
    me.press("action_do", ".modal")
    me.value("unsettled_count", "2")
    me.menu("Exceptions")
    me.open_row("End to end is too long", "498")
    me.press("action_skip")
    me.select("reason_id", "Not ours", DIALOG)
    me.fill("reason", "Paid by card, booked by hand", DIALOG)
    me.press("action_do", ".modal")
    me.state("Resolved")
    told = world.database.sql("SELECT outcome, remedy_id IS NULL, count(*) FROM fin_item GROUP BY 1, 2 ORDER BY 3")
    assert (("rejected", True, 2) in told, ("rejected", False, 498) in told) == (True, True), told


def test_a_checkpoint_is_signed_by_two_people(world):
    me = world.person("operator")
    me.menu("Close", "Close Board")
    me.open_row("Trial balance balanced")
    me.state("Tied")
    me.press("action_sign")
    me.confirm_identity()
    me.sees("Its first signature is there")

    you = world.person("approver", anew=True)
    you.menu("Approvals", "Waiting for my yes")
    you.open_row("Trial balance balanced")
    you.press("action_open_subject")
    you.press("action_approve")
    you.confirm_identity()
    you.state("Signed")
    you.tab("Signatures")
    you.sees("operator", ".o_form_view")
