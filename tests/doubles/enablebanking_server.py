#!/usr/bin/env python3
"""A small Enable Banking, for tests and demo: tokens are checked, sessions begin with a code, pages have a key.

    enablebanking_server.py [--port 0] [--tls FOLDER]

The bank is what /control/bank says: {"key": PEM of the application's public key, "application": id, "pages": entries on
a page, "accounts": {uid: {"iban", "currency", "booked": [...], "balances": [...]}}} in the interface's own spelling.
Faults: html, 503, 429_with_retry_after, paging_loop, session_expired, rate_limited.
"""

import base64
import json
import time
import uuid

from bank_double import Answer, BankHandler, serve

BANK = {"key": "", "application": "app-1", "pages": 50, "accounts": {}, "sessions": {}, "codes": {}}


def refused(status, word):
    return Answer(status, {"code": status, "error": word, "message": word})


class EnableBankingHandler(BankHandler):
    routes = (
        ("POST", "/auth", "auth"),
        ("GET", "/bank/([^/]+)", "page_of_the_bank"),
        ("POST", "/sessions", "begin"),
        ("GET", "/sessions/([^/]+)", "session"),
        ("DELETE", "/sessions/([^/]+)", "close"),
        ("GET", "/accounts/([^/]+)/details", "details"),
        ("GET", "/accounts/([^/]+)/balances", "balances"),
        ("GET", "/accounts/([^/]+)/transactions", "transactions"),
    )

    def _token(self):
        """RS256 over the application's key; issuer, audience and life as the vendor wants them."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        try:
            head, claims, signature = self.headers["Authorization"].removeprefix("Bearer ").split(".")
            key = load_pem_public_key(self.bank["key"].encode())
            key.verify(_decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
            head, claims = json.loads(_decoded(head)), json.loads(_decoded(claims))
        except (AttributeError, ValueError, KeyError, InvalidSignature):
            raise refused(401, "UNAUTHORIZED") from None
        named = (head["alg"], head["kid"], claims["iss"], claims["aud"])
        if named != ("RS256", self.bank["application"], "enablebanking.com", "api.enablebanking.com"):
            raise refused(401, "UNAUTHORIZED")
        if claims["exp"] - claims["iat"] > 86400:
            raise refused(401, "UNAUTHORIZED")

    def auth(self):
        self._token()
        asked, code = self.json(), str(uuid.uuid4())
        self.bank["codes"][code] = asked
        return {"url": f"{self.server.url}/bank/{code}", "authorization_id": str(uuid.uuid4())}

    def page_of_the_bank(self, code):
        asked = self.bank["codes"][code]
        raise Answer(302, {}, Location=f"{asked['redirect_url']}?state={asked['state']}&code={code}")

    def begin(self):
        self._token()
        asked = self.bank["codes"].pop(self.json()["code"], None)
        if not asked:
            raise refused(422, "WRONG_AUTHORIZATION_CODE")
        name = str(uuid.uuid4())
        self.bank["sessions"][name] = {"status": "AUTHORIZED", "access": asked["access"], "at": time.time()}
        told = [{"uid": uid, "account_id": {"iban": one["iban"]}} for uid, one in self.bank["accounts"].items()]
        return {"session_id": name, "accounts": told, "access": asked["access"]}

    def session(self, name):
        self._token()
        if name not in self.bank["sessions"]:
            raise refused(404, "SESSION_DOES_NOT_EXIST")
        return {**self.bank["sessions"][name], "accounts": list(self.bank["accounts"])}

    def close(self, name):
        self._token()
        self.bank["sessions"][name]["status"] = "CLOSED"
        return {}

    def _account(self, uid):
        self._token()
        if self.takes("session_expired"):
            raise refused(401, "EXPIRED_SESSION")
        if self.takes("rate_limited"):
            raise refused(429, "ASPSP_RATE_LIMIT_EXCEEDED")
        return self.bank["accounts"][uid]

    def details(self, uid):
        account = self._account(uid)
        return {"account_id": {"iban": account["iban"]}, "currency": account["currency"]}

    def balances(self, uid):
        return {"balances": self._account(uid).get("balances", [])}

    def transactions(self, uid):
        first, last = self.query["date_from"], self.query["date_to"]
        rows = [one for one in self._account(uid)["booked"] if first <= (one.get("booking_date") or first) <= last]
        at, size = int(self.query.get("continuation_key", 0)), self.bank["pages"]
        following = at if self.takes("paging_loop") and at else at + size
        return {
            "transactions": rows[at : at + size],
            "continuation_key": str(following) if at + size < len(rows) else None,
        }


def _decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


if __name__ == "__main__":
    serve(EnableBankingHandler, BANK, __doc__)
