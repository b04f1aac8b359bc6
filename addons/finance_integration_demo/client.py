"""Odoo as a person sees it: a login, and calls over the web client's own interface. Plain Python."""

import http.cookiejar
import json
import urllib.error
import urllib.request

PASSWORD_DIALOG = "res.users.identitycheck"


class Refusal(Exception):
    """Odoo said no, in words."""


class Gone(Exception):
    """Odoo does not answer."""


class Client:
    """One person's session."""

    def __init__(self, url, database, login, password):
        self.url, self._password = url, password
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        # No proxy: this is the machine itself.
        self._opener = urllib.request.build_opener(cookies, urllib.request.ProxyHandler({}))
        session = self._post("/web/session/authenticate", {"db": database, "login": login, "password": password})
        self._context = session["user_context"]

    def call(self, model, method, *arguments, **options):
        context = {**self._context, **options.pop("context", {})}
        params = {"model": model, "method": method, "args": arguments, "kwargs": {**options, "context": context}}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    def read(self, model, domain, fields, **options):
        return self.call(model, "search_read", domain, fields, **options)

    def press(self, model, method, record):
        """A button of the record with this id; the password too, where Odoo asks for it."""
        answer = self.call(model, method, [record])
        if isinstance(answer, dict) and answer.get("res_model") == PASSWORD_DIALOG:
            password = {"password": self._password}
            return self.call(PASSWORD_DIALOG, "run_check", [answer["res_id"]], context=password)
        return answer

    def _post(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"})
        try:
            with self._opener.open(request, timeout=60) as answer:
                told = json.load(answer)
        except (urllib.error.URLError, OSError) as error:
            raise Gone(f"{self.url} does not answer: {error}") from error
        if "error" in told:
            raise Refusal(told["error"].get("data", {}).get("message") or told["error"]["message"])
        return told.get("result")  # None is left out


def answers(url):
    """Whether the server is there, with its database."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/web/health?db_server_status=1", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
