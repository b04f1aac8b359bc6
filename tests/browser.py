"""A headless Chromium for tests, and what a person does in Odoo's web client."""

import contextlib
import os
import re
import shutil
from pathlib import Path

from playwright.sync_api import TimeoutError, expect, sync_playwright

SWITCHES = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 45_000  # milliseconds, on a machine that does other things too
APP = "Finance Integrations"


def chromium():
    """Where Chromium is, or None."""
    return shutil.which(os.environ.get("FIG_CHROMIUM") or "chromium")


CALL = """async ([path, body]) => {
    const headers = { "Content-Type": "application/json" };
    const answer = await (await fetch(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
    return answer.error ? { error: answer.error.data.message } : answer.result;
}"""

# A relation that was chosen stands in its input, or as a tag beside it; until then a press of a button overtakes it.
TAKEN = """([field, text]) => {
    const seen = document.querySelector(field);
    const chosen = [...seen.querySelectorAll(".o_tag")].map((tag) => tag.innerText);
    const input = seen.querySelector("input");
    if (input && !seen.querySelector(".o-autocomplete--dropdown-menu")) chosen.push(input.value);
    return chosen.some((one) => one.includes(text));
}"""


@contextlib.contextmanager
def launched():
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
        yield browser
        browser.close()


class Person:
    """Somebody with a browser session of their own. What went wrong on their screen stands in `errors`."""

    def __init__(self, browser, url, login, folder):
        self.url, self.login, self.folder = url, login, Path(folder)
        self.errors = []
        self.context = browser.new_context(viewport={"width": 1500, "height": 1000}, locale="en-US", base_url=url)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.page.on("console", lambda told: told.type == "error" and self.errors.append(told.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def enter(self, password=None):
        """Log in and open the app."""
        self.page.goto("/web/login")
        self.page.fill("input[name=login]", self.login)
        self.page.fill("input[name=password]", password or self.login)
        self.page.click("form.oe_login_form button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar")
        return self

    def open_app(self, name=APP):
        self.page.click(".o_navbar_apps_menu button")
        with self.another_page():
            self.page.locator(".o_app", has_text=exactly(name)).click()
        expect(self.page.locator(".o_menu_brand")).to_have_text(name)

    def menu(self, *names):
        """Follow the menus of the app, as far as they are named."""
        entries = ".o_menu_sections > *, .o-dropdown--menu .dropdown-item"
        for name in names[:-1]:
            self.page.locator(entries, has_text=exactly(name)).first.click()
        with self.another_page():
            self.page.locator(entries, has_text=exactly(names[-1])).first.click()

    @contextlib.contextmanager
    def another_page(self):
        """Until something else stands where the page was: a row that is still there must not be taken for a new one."""
        self.page.evaluate("document.querySelector('.o_action_manager > .o_action')?.setAttribute('data-old', 1)")
        yield
        self.page.wait_for_selector(".o_action_manager > .o_action:not([data-old])")
        self.settle()

    def settle(self):
        """Until nothing is loading any more."""
        self.page.wait_for_selector(".o_action_manager .o_view_controller, .o_action_manager .o_action")
        self.page.wait_for_function("!document.querySelector('.o_blockUI, .o_loading_indicator')")

    # Looking

    def sees(self, text, within="body"):
        expect(self.page.locator(within).get_by_text(text).first).to_be_visible()

    def field(self, name, within=".o_form_view"):
        return self.page.locator(f"{within} .o_field_widget[name='{name}']").first

    def value(self, name, text, within=".o_form_view"):
        """The field shows this."""
        expect(self.field(name, within)).to_have_text(text)

    def title(self, text):
        """The page that is open is called this."""
        expect(self.page.locator(".o_breadcrumb .active, .o_breadcrumb .o_last_breadcrumb_item").first).to_have_text(
            text
        )

    def state(self, label):
        """The bar at the top of the form stands at this."""
        expect(self.page.locator(".o_form_view .o_arrow_button_current:visible")).to_have_text(exactly(label))

    def row(self, *texts):
        found = self.page.locator(".o_data_row:visible")
        for text in texts:
            found = found.filter(has_text=text)
        return found.first

    def words(self):
        """Everything that can be read on the screen."""
        return self.page.locator("body").inner_text()

    # Doing

    def open_row(self, *texts):
        self.row(*texts).locator(".o_data_cell").first.click()
        self.page.wait_for_selector(".o_form_view")
        self.settle()

    def tab(self, name):
        self.page.locator(".o_notebook_headers .nav-link", has_text=exactly(name)).click()

    def button(self, label, within="body"):
        """By what stands on it; an icon before it counts as text that cannot be read."""
        return self.page.locator(within).get_by_role("button", name=re.compile(rf"^\W*{re.escape(label)}$"))

    def press(self, name, within="body"):
        """A button by its method, until the server has answered; or by what stands on it."""
        if not name.startswith("action_"):
            return self.button(name, within).first.click()
        with self.page.expect_response(lambda answer: answer.url.endswith(f"/{name}")):
            self.page.locator(f"{within} button[name='{name}']:visible").first.click()
        return self.settle()

    def fill(self, name, text, within=".o_form_view"):
        self.field(name, within).locator("input, textarea").first.fill(text)

    def set(self, label, text):
        """A setting of a connection, by its label."""
        self.page.locator(".o_property_field", has_text=label).locator("input").first.fill(text)

    def save(self):
        self.page.click(".o_form_button_save:visible")
        expect(self.page.locator(".o_form_button_save:visible")).to_have_count(0)

    def told(self, text):
        """A notification says this; it is put away."""
        note = self.page.locator(".o_notification", has_text=text).first
        expect(note).to_be_visible()
        note.locator(".o_notification_close").click()

    def select(self, name, text, within=".o_form_view"):
        """Take one of a selection, or of the records that a relation offers."""
        self.field(name, within).locator("input").first.click()
        if self.field(name, within).locator(".o-autocomplete").count():
            self._choose(name, text, within)
        else:
            self.page.locator(".o_select_menu_item", has_text=exactly(text)).first.click()

    def _choose(self, name, text, within):
        """From what a relation offers: a list that is drawn anew under the pointer swallows the click, so try again."""
        for patience in (PATIENCE / 5, PATIENCE / 5, PATIENCE):
            self.field(name, within).locator("input").first.fill(text)
            self.page.locator(".o-autocomplete--dropdown-item", has_text=text).first.click()
            with contextlib.suppress(TimeoutError):
                self.page.wait_for_function(
                    TAKEN, arg=[f"{within} .o_field_widget[name='{name}']", text], timeout=patience
                )
                return
        raise AssertionError(f"{text} was not taken in {name}")

    def confirm_identity(self):
        """The password, where Odoo wants to know that it is still the same person."""
        dialog = ".modal:has(#password_confirm)"
        self.page.locator(f"{dialog} [name=password] input").fill(self.login)
        self.page.locator(f"{dialog} #password_confirm").click()
        expect(self.page.locator(dialog)).to_have_count(0)
        self.settle()

    def ask(self, model, method, *args, context=None):
        """What the server answers to a call of this session, past every button; a refusal is {"error": words}."""
        params = {"model": model, "method": method, "args": args, "kwargs": {"context": context or {}}}
        return self.page.evaluate(CALL, [f"/web/dataset/call_kw/{model}/{method}", {"params": params}])

    def reload(self):
        self.page.reload()
        self.settle()

    def shot(self, name):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.folder / f"{name}.png")


def exactly(text):
    return re.compile(rf"^\s*{re.escape(text)}\s*$")
