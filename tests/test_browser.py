"""What people do in the web client, in a headless Chromium, on a real server whose cron does the work."""

import html
import os

import harness
import pytest
import statements

browser = pytest.importorskip("browser", reason="playwright is not installed")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.chromium(), reason="no Chromium on this machine: set FIG_CHROMIUM"),
]

HOSTILE = "<img src=x onerror=\"window.hacked='yes'\">"
SECOND = "DE02120300000000202051"
AMOUNT = "1,234.56"
WEEK = 7 * 24 * 60


class World:
    """A server at work, the people in front of it, and the bank that puts files into folders."""

    def __init__(self, database, server, chromium, shots):
        self.database, self.server, self.chromium, self.shots = database, server, chromium, shots
        self.there = {}

    def person(self, login, app=browser.APP, anew=False):
        """That person, at the first page of the app; `anew`: just logged in, so Odoo asks again who they are."""
        if anew or login not in self.there:
            self.there[login] = browser.Person(self.chromium, self.server.url, login, self.shots).enter()
        self.there[login].open_app(app)
        return self.there[login]

    def deliver(self, name, content, folder=None):
        path = (folder or self.database.inbox) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (harness.LONG_AGO, harness.LONG_AGO))

    def work(self, flow):
        """A week passes, the flow is due, and the cron works; name and state of the new run."""
        [[flow]] = self.database.sql("SELECT id FROM fin_flow WHERE name = %s", flow)
        before = self._runs(flow)
        self.database.a_week_passes(flow)
        return self.wait(lambda: len(found := self._over(flow)) > len(before) and found[-1])

    def wait(self, until):
        def woken():
            self.server.wake()
            return until()

        return harness.wait(woken, 90, "what the cron should do")

    def state(self, run):
        """How the run is, once it is over."""
        query = "SELECT state FROM fin_run WHERE name = %s AND state NOT IN ('queued', 'running')"
        [(state,)] = self.wait(lambda: self.database.sql(query, run))
        return state

    def _runs(self, flow):
        return self.database.sql("SELECT name, state FROM fin_run WHERE flow_id = %s ORDER BY id", flow)

    def _over(self, flow):
        return [run for run in self._runs(flow) if run[1] not in ("queued", "running")]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    database = harness.Database("fig_browser", folder).create().configure()
    worker = harness.Worker(database)
    worker.do("scenes_browser:people")
    worker.do("scenes_browser:journal", iban=SECOND, name="Second bank")
    worker.do("scenes:bank", folder=str(database.inbox), schedule_kind="interval", interval_minutes=WEEK)
    worker.stop()
    with harness.Server(database) as server, browser.launched() as chromium:
        yield World(database, server, chromium, folder / "screenshots")
    database.drop()


@pytest.fixture(autouse=True)
def screens(world, request):
    """No script may fail on anybody's screen; where a test failed, its screens are kept."""
    for person in world.there.values():
        person.errors.clear()
    yield
    told = {login: person.errors for login, person in world.there.items() if person.errors}
    if request.node.session.testsfailed or told or os.environ.get("FIG_SHOTS"):
        for login, person in world.there.items():
            person.shot(f"{request.node.name}-{login}")
        print(f"screenshots: {world.shots}")
    assert not told


@pytest.fixture(scope="module")
def booked(world):
    """What the cron made of the bank's first file, in which somebody wrote what a browser must not run."""
    content = statements.document(
        statements.statement([AMOUNT.replace(",", ""), -30, 12.5], number="MONDAY", text=html.escape(HOSTILE))
    )
    party = f"<TxDtls><RltdPties><Dbtr><Pty><Nm>{html.escape(HOSTILE)}</Nm></Pty></Dbtr></RltdPties><RmtInf>"
    world.deliver("monday.xml", content.replace(b"<TxDtls><RmtInf>", party.encode()))
    name, state = world.work("Bank statements")
    assert state == "done"
    return name


def test_an_operator_follows_a_run_into_the_books_and_back(world, booked):
    """The run that the cron made: tied, its counts, an item, its bank entry, the journal entry, and back to the run."""
    me = world.person("operator")
    me.menu("Runs")
    me.open_row(booked, "Done", "Tied")
    me.value("received", "4")
    me.value("delivered", "4")
    me.value("tie_state", "Tied")
    me.value("trigger", "Schedule")
    me.tab("Control Totals")
    me.row("1,217.06")
    me.tab("Items")
    me.row("S00000001").locator("button[name=action_open_record]").click()
    me.press("action_fin_open_entry", ".o_form_view")
    me.sees("Journal Items")
    me.press("action_fin_open_run", ".o_form_view")
    me.value("name", booked)


def test_s17_what_the_bank_writes_is_shown_as_text(world, booked):
    me = world.person("operator")
    for path in ("finance-items", "finance-statement-lines", "finance-statements"):
        me.page.goto(f"/odoo/{path}")
        me.settle()
        me.page.locator(".o_data_row .o_data_cell").first.click()
        me.page.wait_for_selector(".o_form_view")
        assert not me.page.evaluate("window.hacked")
    me.page.goto("/odoo/finance-statement-lines")
    me.sees(HOSTILE)


def test_an_administrator_makes_a_connection_and_tries_it(world):
    folder = world.database.folder / "second"
    world.deliver("second.xml", statements.document(statements.statement([44, -4], "SECOND", SECOND, first=70)), folder)
    me = world.person("finadmin")
    me.menu("Configuration", "Connections")
    me.press("New")
    me.fill("name", "Second bank, files")
    me.fill("code", "second-bank")
    me.select("connector_id", "Bank statements camt.053")
    me.select("environment", "Test")
    me.set("Location", folder.as_uri())
    me.save()
    me.press("action_test")
    me.told("Test of Second bank, files")
    me.press("action_preview")
    me.sees("SECOND", ".modal")
    me.press("Close", ".modal")
    assert (folder / "second.xml").exists()
    assert not world.database.sql("SELECT 1 FROM fin_payload WHERE name = 'second.xml'")


def test_a_flow_begins_in_a_dialog_and_runs_after_a_second_persons_yes(world):
    """The operator asks and cannot say yes; the approver says it with their password; the cron does the rest."""
    me = world.person("operator")
    me.menu("Flows")
    me.press("New Flow")
    dialog = ".modal .o_form_view"
    me.fill("name", "Second bank", dialog)
    me.fill("purpose", "Statements of the second bank", dialog)
    me.select("connection_id", "Second bank, files", dialog)
    me.select("object", "Bank statements", dialog)
    me.select("journal_ids", "Second bank", dialog)
    me.select("schedule_kind", "Every so many minutes", dialog)
    me.fill("interval_minutes", str(WEEK), dialog)
    me.press("action_create", ".modal")
    me.state("Draft")
    me.press("action_open_waiting_version")
    me.sees("Statements of the second bank")
    [[version]] = world.database.sql("SELECT max(id) FROM fin_version")
    assert me.page.locator("button[name=action_approve]").count() == 0
    check = me.ask("fin.version", "action_approve", [version])
    refused = me.ask(check["res_model"], "run_check", [check["res_id"]], context={"password": "operator"})
    assert "approver" in refused["error"]
    assert world.database.sql("SELECT state FROM fin_version WHERE id = %s", version) == [("review",)]

    you = world.person("approver", anew=True)
    you.menu("Approvals", "Waiting for my yes")
    you.open_row("Second bank")
    you.press("action_open_subject")
    you.sees("Statements of the second bank")
    you.press("action_approve")
    you.confirm_identity()
    you.state("Live")
    name, state = world.work("Second bank")
    assert state == "done"
    me.menu("Runs")
    me.open_row(name)
    me.value("tie_state", "Tied")


def test_what_is_held_goes_on_after_a_waiver_with_a_reason_and_a_second_person(world, booked):
    wrong = statements.statement([60, -10], number="WRONG", first=900, off=5)
    world.deliver("wrong.xml", statements.document(wrong))
    held, state = world.work("Bank statements")
    assert state == "held"
    me = world.person("operator")
    me.menu("Exceptions")
    me.open_row("do not give the closing balance")
    me.press("action_request_waiver")
    me.fill("reason", "The bank confirmed it by telephone", ".modal .o_form_view")
    me.press("action_decide", ".modal")
    me.sees("a second person decides")
    assert me.page.locator("button[name=action_approve_waiver]").count() == 0

    you = world.person("approver", anew=True)
    you.menu("Approvals", "Waiting for my yes")
    you.open_row("Waiver")
    you.press("action_open_subject")
    you.press("action_approve_waiver")
    you.confirm_identity()
    you.state("Waived")
    you.sees("The bank confirmed it by telephone")

    assert world.state(held) == "done"
    me.menu("Runs")
    me.open_row(held)
    me.value("delivered", "3")
    me.value("tie_state", "Tied")


def test_an_auditor_reads_the_log_and_checks_the_chain(world, booked):
    me = world.person("auditor")
    me.menu("Audit", "Events")
    me.row("Run: finish").wait_for()
    me.menu("Audit", "Seals")
    me.press("action_verify")
    me.told("Every sealed event is as it was sealed.")


def test_settings_show_a_section_and_lead_to_flows_and_connections(world):
    me = world.person("root", "Settings")
    for button, title in (("Connections", "Connections"), ("Flows", "Flows"), ("Schedule", "Schedule")):
        settings(me)
        me.press(button, ".app_settings_block")
        me.title(title)
    settings(me)
    me.press("New flow", ".app_settings_block")
    me.sees("What and where", ".modal")
    me.press("Discard", ".modal")


def settings(me):
    me.open_app("Settings")
    me.page.locator(".settings_tab .tab[data-key=finance_integration_governance]").click()
    me.sees("Release of this Database")


def test_settings_offer_no_door_that_is_shut(world):
    """Odoo's administrator without a role in the suite sets the defaults, and opens no flow."""
    me = world.person("sysadmin", "Settings")
    settings(me)
    me.sees("Your own rights")
    assert me.button("Scheduled actions of the lanes").count() == 1
    assert me.button("New flow").count() == me.button("Connections").count() == 0


def test_support_sees_how_it_runs_and_no_amount(world, booked):
    me = world.person("support")
    me.menu("Runs")
    me.open_row(booked)
    read = [me.words()]
    for name in me.page.locator(".o_notebook_headers .nav-link").all_inner_texts():
        me.tab(name)
        read.append(me.words())
    me.menu("Exceptions")
    read.append(me.words())
    for text in (AMOUNT, "1,217.06", "MONDAY", "S00000001", "onerror"):
        assert not any(text in words for words in read), text
    assert "error" in me.ask("fin.item", "search_read", [], ["amount"])
    assert "error" in me.ask("account.bank.statement.line", "search_read", [], ["amount"])
