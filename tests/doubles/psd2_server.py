#!/usr/bin/env python3
"""A small bank with a NextGenPSD2 1.3 interface, for tests and demo: real HTTP(S), and faults on request.

    psd2_server.py [--port 0] [--tls FOLDER]

The bank is what /control/bank says: {"today": "2026-03-10", "quota": 4, "pages": 2, "accounts": {IBAN: {"currency",
"booked": [...], "pending": [...], "balances": [...]}}}, in the interface's own spelling. Without `balances` it tells
none. `pages`: entries on a page. With --tls it asks for a client certificate of its own authority.

    POST /v1/consents, GET and DELETE /v1/consents/{id}, GET /v1/consents/{id}/status
    GET  /sca/{id}                       the bank's page: says yes and sends the browser back (?no=1: says no)
    GET  /v1/accounts, /v1/accounts/{id}/balances, /v1/accounts/{id}/transactions

Faults: html, 503, 429_with_retry_after, paging_loop, foreign_link, consent_expired, access_exceeded, not_told (says
nothing of the day in `lost`, as after an outage), no_request_id.
"""

import uuid

from bank_double import Answer, BankHandler, serve

BANK = {"today": "2026-03-10", "quota": 4, "pages": 50, "accounts": {}, "lost": "", "consents": {}, "used": {}}


def refused(status, code, text="", **headers):
    told = {"tppMessages": [{"category": "ERROR", "code": code, "text": text or code}]}
    return Answer(status, told, **headers)


class Psd2Handler(BankHandler):
    routes = (
        ("POST", "/v1/consents", "create_consent"),
        ("GET", "/v1/consents/([^/]+)", "read_consent"),
        ("GET", "/v1/consents/([^/]+)/status", "read_status"),
        ("DELETE", "/v1/consents/([^/]+)", "end_consent"),
        ("GET", "/sca/([^/]+)", "sca"),
        ("GET", "/v1/accounts", "accounts"),
        ("GET", "/v1/accounts/([^/]+)/balances", "balances"),
        ("GET", "/v1/accounts/([^/]+)/transactions", "transactions"),
    )

    # Consents

    def create_consent(self):
        self._request_id()
        asked, name = self.json(), str(uuid.uuid4())
        consent = {**asked, "consentStatus": "received", "back": self.headers.get("TPP-Redirect-URI", "")}
        self.bank["consents"][name] = consent
        links = {"scaRedirect": {"href": f"{self.server.url}/sca/{name}"}, "self": {"href": f"/v1/consents/{name}"}}
        raise Answer(201, {"consentStatus": "received", "consentId": name, "_links": links})

    def sca(self, name):
        consent = self._known(name)
        consent["consentStatus"] = "rejected" if "no" in self.query else "valid"
        for other in self.bank["consents"].values():
            # A new recurring consent ends the one before.
            if other is not consent and other["consentStatus"] == "valid" == consent["consentStatus"]:
                other["consentStatus"] = "terminatedByTpp"
        raise Answer(302, {}, Location=consent["back"])

    def read_consent(self, name):
        self._request_id()
        return {key: value for key, value in self._known(name).items() if key != "back"}

    def read_status(self, name):
        return {"consentStatus": self._known(name)["consentStatus"]}

    def end_consent(self, name):
        self._known(name)["consentStatus"] = "terminatedByTpp"
        raise Answer(204, b"")

    def _known(self, name):
        if name not in self.bank["consents"]:
            raise refused(403, "CONSENT_UNKNOWN")
        return self.bank["consents"][name]

    def _consent(self):
        self._request_id()
        if self.takes("consent_expired"):
            raise refused(401, "CONSENT_EXPIRED")
        consent = self.bank["consents"].get(self.headers.get("Consent-ID", ""))
        if not consent:
            raise refused(400, "CONSENT_UNKNOWN")
        if consent["consentStatus"] != "valid":
            raise refused(401, "CONSENT_EXPIRED" if consent["consentStatus"] == "expired" else "CONSENT_INVALID")
        return consent

    def _request_id(self):
        if self.takes("no_request_id") or not self.headers.get("X-Request-ID"):
            raise refused(400, "FORMAT_ERROR", "X-Request-ID is missing")

    # Accounts

    def accounts(self):
        shared = [one["iban"] for one in self._consent()["access"]["accounts"]]
        return {
            "accounts": [
                {"resourceId": f"acc-{iban[-6:]}", "iban": iban, "currency": account["currency"]}
                for iban, account in self.bank["accounts"].items()
                if iban in shared
            ]
        }

    def _account(self, name):
        self._consent()
        for iban, account in self.bank["accounts"].items():
            if name == f"acc-{iban[-6:]}":
                return iban, account
        raise refused(404, "RESOURCE_UNKNOWN")

    def _count(self, iban, what):
        """Four calls a day, account and endpoint where the holder is not there; a further page is no further call."""
        if self.headers.get("PSU-IP-Address"):
            return
        mark = f"{self.bank['today']} {iban} {what}"
        self.bank["used"][mark] = self.bank["used"].get(mark, 0) + 1
        if self.takes("access_exceeded") or self.bank["used"][mark] > self.bank["quota"]:
            raise refused(429, "ACCESS_EXCEEDED")

    def balances(self, name):
        iban, account = self._account(name)
        self._count(iban, "balances")
        return {"account": {"iban": iban}, "balances": account.get("balances", [])}

    def transactions(self, name):
        iban, account = self._account(name)
        if "dateFrom" not in self.query or "bookingStatus" not in self.query:
            raise refused(400, "FORMAT_ERROR")
        page = int(self.query.get("page", 1))
        if page == 1:
            self._count(iban, "transactions")
        size, booked = self.bank["pages"], self._booked(account)
        shown = {"booked": booked[(page - 1) * size : page * size], "_links": {"account": {"href": f"/v1/{name}"}}}
        if self.query["bookingStatus"] == "both" and page == 1:
            shown["pending"] = account.get("pending", [])
        if page * size < len(booked):
            shown["_links"]["next"] = {"href": self._next(name, 1 if self.takes("paging_loop") else page + 1)}
        return {"account": {"iban": iban}, "transactions": shown}

    def _next(self, name, page):
        query = "&".join(f"{key}={value}" for key, value in {**self.query, "page": page}.items())
        host = "https://elsewhere.example" if self.takes("foreign_link") else ""
        return f"{host}/v1/accounts/{name}/transactions?{query}"

    def _booked(self, account):
        lost = self.bank["lost"] if self.takes("not_told") else None
        first, last = self.query["dateFrom"], self.query.get("dateTo", "9999")
        return [
            one
            for one in account.get("booked", [])
            if first <= one["bookingDate"] <= last and one["bookingDate"] != lost
        ]


if __name__ == "__main__":
    serve(Psd2Handler, BANK, __doc__)
