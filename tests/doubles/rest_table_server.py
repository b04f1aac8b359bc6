#!/usr/bin/env python3
"""A small system with one table over OData and over REST, for tests.

    rest_table_server.py [--port 0]

PATCH /service/Actuals(Key='...') and PUT /service/actuals/... make or replace a row (Balances, Rates and Members are
other names of the same table); GET gives pages of `page` rows with `@odata.nextLink`, whole and leading elsewhere.
Faults of its own: pages_move (a row comes on two pages), same_page, rows_missing (there are more than came),
token_ended (the newest token is not known any more).

POST /oauth/token gives a token for client credentials (RFC 6749, 4.4), told by Basic or in the form, and for `scope`
actuals.write only; whoever has one is let in by it.
"""

import json
import re
from urllib.parse import parse_qsl, unquote

from bank_double import serve
from table_double import SECRET, USER, Answer, TableHandler, state


class RestTableHandler(TableHandler):
    routes = (
        ("POST", "/oauth/token", "token"),
        ("PATCH", r"/service/(?:Actuals|Balances|Rates|Members)\((.+)\)", "patch"),
        ("PUT", r"/service/actuals/(.+)", "put"),
        ("GET", "/service/(?:Actuals|actuals|Balances|Rates|Members)", "list"),
    )

    def _route(self, method):
        if self.url.path.startswith("/service/"):
            self.admit()
        return super()._route(method)

    def admit(self):
        if self.takes("token_ended"):
            self.bank["tokens"].clear()
        given = self.headers.get("Authorization", "")
        if given.removeprefix("Bearer ") in self.bank["tokens"]:
            return
        if given.startswith("Basic "):
            self.basic()
        else:
            self.bearer()

    def token(self):
        asked = dict(parse_qsl(self.body.decode()))
        if self.headers.get("Authorization"):
            self.basic()
        elif (asked.get("client_id"), asked.get("client_secret")) != (USER, SECRET):
            raise Answer(401, {"error": "invalid_client"})
        if asked.get("grant_type") != "client_credentials":
            raise Answer(400, {"error": "unsupported_grant_type"})
        if asked.get("scope", "actuals.write") != "actuals.write":
            raise Answer(400, {"error": "invalid_scope"})
        self.bank["given"] += 1
        self.bank["tokens"].append(f"canary-token-{self.bank['given']}")
        return {"access_token": self.bank["tokens"][-1], "token_type": "Bearer", "expires_in": 3600}

    def patch(self, address):
        named = dict(re.findall(r"(\w+)='((?:[^']|'')*)'", address))
        self._put({name: value.replace("''", "'") for name, value in named.items()})

    def put(self, address):
        self._put({"Key": unquote(address)})

    def _put(self, named):
        row = json.loads(self.body, parse_float=str, parse_int=str)
        if any(row[name] != value for name, value in named.items()):
            raise Answer(400, {"error": {"message": "the address and the row differ"}})
        if self.takes("ignore_row"):
            raise Answer(422, {"error": {"code": "X", "message": "Account not in list"}})
        if not self.takes("lose_one_row") and not self.takes("ignore_silently"):
            self.keep(row)
        if self.takes("drop_after_start"):
            raise Answer(0)
        raise Answer(204, b"")

    def list(self):
        first, size = int(self.query.get("$skiptoken", 0)), self.bank["page"]
        rows = list(self.bank["cells"].values())
        told = {"value": [dict(row) for row in rows[first : first + size]]}
        if self.query.get("$count") == "true":
            told["@odata.count"] = len(rows) + self.takes("rows_missing")
        if self.takes("same_page"):
            told["@odata.nextLink"] = f"https://elsewhere.example/Actuals?$skiptoken={first}"
        elif first + size < len(rows):
            following = first + size - (1 if self.takes("pages_move") else 0)
            told["@odata.nextLink"] = f"https://elsewhere.example/Actuals?$skiptoken={following}"
        return told


if __name__ == "__main__":
    serve(RestTableHandler, state(tokens=[], given=0), __doc__)
