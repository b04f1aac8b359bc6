"""What a client sends to the server, as tests send it: the web client's calls, and those of an API key."""

import json
from datetime import timedelta

from odoo import fields
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .common import LawScene

QUIET = ("odoo.http", "odoo.sql_db", "odoo.addons.rpc.controllers.json2")


class OverTheWire(LawScene):
    """Goes before HttpCase: people of the scene, or others, with a session or a key of their own."""

    def login(self, who):
        """A session for a person, or for the scene's person of that group."""
        user = self.people[who] if isinstance(who, str) else who
        self.authenticate(user.login, user.login.ljust(8, "x"))
        return user

    def call(self, model, method, *args, **kwargs):
        """As the web client calls; returns the answer or raises what the server told."""
        self.env.flush_all()
        params = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        answer = self.make_jsonrpc_request(f"/web/dataset/call_kw/{model}/{method}", params)
        self.env.invalidate_all()
        return answer

    def refused(self, model, method, *args, **kwargs):
        """The server's refusal as text."""
        with mute_logger(*QUIET), self.assertRaises(JsonRpcException) as caught:
            self.call(model, method, *args, **kwargs)
        return str(caught.exception)

    def words(self, model, method, *args, **kwargs):
        """The server's refusal as the person reads it."""
        self.env.flush_all()
        params = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        with mute_logger(*QUIET):
            answer = self.url_open(f"/web/dataset/call_kw/{model}/{method}", json={"params": params}).json()
        self.env.invalidate_all()
        return answer["error"]["data"]["message"]

    def proven(self, model, method, ids):
        """The call of a button that asks for the password, and the password of whoever is logged in."""
        asked = self.call(model, method, ids)
        user = self.env["res.users"].browse(self.session.uid)
        context = {"password": user.login.ljust(8, "x")}
        return self.call("res.users.identitycheck", "run_check", [asked["res_id"]], context=context)

    def key_of(self, who):
        user = self.people[who] if isinstance(who, str) else who
        keys = self.env["res.users.apikeys"].with_user(user).sudo()
        return keys._generate(None, "law", fields.Datetime.now() + timedelta(days=1))

    def json2(self, key, model, method, /, **params):
        self.env.flush_all()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        with mute_logger(*QUIET):
            answer = self.url_open(f"/json/2/{model}/{method}", data=json.dumps(params), headers=headers)
        self.env.invalidate_all()
        return answer
