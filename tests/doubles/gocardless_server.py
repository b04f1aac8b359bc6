#!/usr/bin/env python3
"""A small GoCardless Bank Account Data, for tests and demo.

    gocardless_server.py [--port 0] [--tls FOLDER]

The bank is what /control/bank says: {"secret_id", "secret_key", "quota": calls a day for each account and scope,
"accounts": {id: {"iban", "currency", "booked": [...], "pending": [...], "balances": [...]}}}. Faults: html, 503,
429_with_retry_after, token_refused, agreement_expired.
"""

import uuid

from bank_double import Answer, BankHandler, serve

BANK = {
    "secret_id": "id",
    "secret_key": "key",
    "quota": 4,
    "today": "2026-03-10",
    "accounts": {},
    "tokens": [],
    "agreements": {},
    "requisitions": {},
    "used": {},
}


class GoCardlessHandler(BankHandler):
    routes = (
        ("POST", "/token/new/", "token"),
        ("POST", "/agreements/enduser/", "agree"),
        ("GET", "/agreements/enduser/([^/]+)/", "agreement"),
        ("POST", "/requisitions/", "require"),
        ("GET", "/requisitions/([^/]+)/", "requisition"),
        ("DELETE", "/requisitions/([^/]+)/", "withdraw"),
        ("GET", "/psd2/start/([^/]+)", "page_of_the_bank"),
        ("GET", "/accounts/([^/]+)/details/", "details"),
        ("GET", "/accounts/([^/]+)/balances/", "balances"),
        ("GET", "/accounts/([^/]+)/transactions/", "transactions"),
    )

    def token(self):
        pair = self.json()
        if (pair.get("secret_id"), pair.get("secret_key")) != (self.bank["secret_id"], self.bank["secret_key"]):
            raise Answer(401, {"summary": "Authentication failed", "status_code": 401})
        self.bank["tokens"].append(str(uuid.uuid4()))
        return {"access": self.bank["tokens"][-1], "access_expires": 86400, "refresh": "r", "refresh_expires": 2592000}

    def _authorized(self):
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if given not in self.bank["tokens"] or self.takes("token_refused"):
            raise Answer(401, {"summary": "Invalid token", "status_code": 401})

    def agree(self):
        self._authorized()
        name = str(uuid.uuid4())
        self.bank["agreements"][name] = {**self.json(), "id": name, "accepted": None}
        raise Answer(201, self.bank["agreements"][name])

    def agreement(self, name):
        self._authorized()
        return self.bank["agreements"][name]

    def require(self):
        self._authorized()
        name = str(uuid.uuid4())
        told = {**self.json(), "id": name, "status": "CR", "accounts": []}
        self.bank["requisitions"][name] = told
        raise Answer(201, {**told, "link": f"{self.server.url}/psd2/start/{name}"})

    def page_of_the_bank(self, name):
        told = self.bank["requisitions"][name]
        told |= {"status": "LN", "accounts": list(self.bank["accounts"])}
        self.bank["agreements"][told["agreement"]]["accepted"] = f"{self.bank['today']}T10:00:00Z"
        raise Answer(302, {}, Location=f"{told['redirect']}&ref={told['reference']}")

    def requisition(self, name):
        self._authorized()
        return self.bank["requisitions"][name]

    def withdraw(self, name):
        self._authorized()
        del self.bank["requisitions"][name]
        return {"summary": "Requisition deleted"}

    def _account(self, name, scope):
        self._authorized()
        if self.takes("agreement_expired"):
            raise Answer(401, {"summary": "EUA was valid for 90 days and it has expired", "status_code": 401})
        mark = f"{self.bank['today']} {name} {scope}"
        self.bank["used"][mark] = self.bank["used"].get(mark, 0) + 1
        if self.bank["used"][mark] > self.bank["quota"]:
            told = {"summary": "Rate limit exceeded", "status_code": 429}
            refused = Answer(429, told)
            refused.headers["HTTP_X_RATELIMIT_ACCOUNT_SUCCESS_RESET"] = "39600"
            raise refused
        return self.bank["accounts"][name]

    def details(self, name):
        account = self._account(name, "details")
        return {"account": {"iban": account["iban"], "currency": account["currency"]}}

    def balances(self, name):
        return {"balances": self._account(name, "balances").get("balances", [])}

    def transactions(self, name):
        account, first, last = self._account(name, "transactions"), self.query["date_from"], self.query["date_to"]
        booked = [one for one in account.get("booked", []) if first <= one["bookingDate"] <= last]
        return {"transactions": {"booked": booked, "pending": account.get("pending", [])}}


if __name__ == "__main__":
    serve(GoCardlessHandler, BANK, __doc__)
