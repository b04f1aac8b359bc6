"""The access-to-account interface of European banks: Berlin Group NextGenPSD2 XS2A, version 1.3.

Source: NextGenPSD2 Implementation Guidelines 1.3.11, chapters 6 (consents and account information) and 12 (signatures).
"""

import datetime as dt
import json
from urllib.parse import quote

from odoo.addons.finance_integration_governance.core.connector import Setting
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MalformedPayload

from .bank_api import (
    Asked,
    BankAccount,
    BankApi,
    Standing,
    api_settings,
    as_mapping,
    consent_ended,
    enter,
    link_of,
    number_of,
    quota_used,
)
from .psd2_calls import Psd2Calls, messages
from .pull_statement import balances, booked_and_pending
from .values import day

FREQUENCY = 4  # pulls a day without the holder, which is what the law gives everybody
_STATES = {
    "received": "asked",
    "partiallyAuthorised": "asked",
    "valid": "valid",
    "rejected": "refused",
    "revokedByPsu": "revoked",
    "terminatedByTpp": "revoked",
    "expired": "expired",
}
_ENDED = frozenset({"CONSENT_EXPIRED", "CONSENT_INVALID", "CONSENT_UNKNOWN"})


class Psd2(Psd2Calls, BankApi):
    """Accounts, balances and entries over NextGenPSD2 1.3.

    The certificate of the connection (QWAC) is shown with each call; with a seal (QSealC) each call is signed, too. The
    address of a person is told only where one is there: when a consent is asked for, never by a run.
    """

    code = "bank.psd2"
    label = "Bank interface NextGenPSD2 1.3"
    settings = api_settings(
        Setting("base_url", "Address", help="Of the bank's interface, without /v1"),
        Setting("seal", "Seal: certificate with key", required=False, secret=True),
    )

    # Accounts and their entries

    def accounts(self):
        for fields in self._get("/v1/accounts").get("accounts") or []:
            number = number_of(fields)
            if number and fields.get("resourceId"):
                yield BankAccount(str(fields["resourceId"]), number, fields.get("currency"))

    def pages(self, account, first, last):
        path = f"/v1/accounts/{quote(account.id, safe='')}"
        yield "balances.json", self._page(f"{path}/balances")
        query = {
            "bookingStatus": "both" if self.pending else "booked",
            "dateFrom": first.isoformat(),
            "dateTo": last.isoformat(),
        }
        step, visited = (f"{path}/transactions", query), set()
        while step:
            enter(visited, step)
            page = self._page(*step)
            yield f"transactions-{len(visited):04}.json", page
            step = self._next(page)

    def told(self, name, page):
        fields = as_mapping(page, name)
        if name == "balances.json":
            return balances(fields)
        return booked_and_pending(fields, "transactions")

    def _next(self, page):
        links = (as_mapping(page, "a page").get("transactions") or {}).get("_links") or {}
        href = (links.get("next") or {}).get("href")
        return link_of(str(href), self._http.endpoint) if href else None

    # Consent

    def ask(self, numbers, until, redirect, state, psu=None):
        named = [{"iban": number} for number in numbers]
        body = {
            "access": {"accounts": named, "balances": named, "transactions": named},
            "recurringIndicator": True,
            "validUntil": until.isoformat(),
            "frequencyPerDay": FREQUENCY,
            "combinedServiceIndicator": False,
        }
        mark = f"{redirect}{'&' if '?' in redirect else '?'}state={quote(state, safe='')}"
        headers = {"TPP-Redirect-Preferred": "true", "TPP-Redirect-URI": mark, "TPP-Nok-Redirect-URI": mark}
        if psu:
            headers["PSU-IP-Address"] = psu
        told = self._call("POST", "/v1/consents", body=json.dumps(body).encode(), headers=headers)
        link = ((told.get("_links") or {}).get("scaRedirect") or {}).get("href")
        if not told.get("consentId"):
            raise MalformedPayload("the bank's answer names no consent", code="no_consent")
        if not link:
            raise ConfigurationError(
                "the bank does not send its customer to a page of its own (scaRedirect)", code="no_redirect"
            )
        return Asked(str(told["consentId"]), str(link))

    def standing(self, reference, code=None):
        told = self._call("GET", f"/v1/consents/{quote(reference, safe='')}")
        word = str(told.get("consentStatus") or "")
        frequency = told.get("frequencyPerDay")
        return Standing(
            _STATES.get(word, "asked"),
            word,
            day(str(told.get("validUntil") or "")),
            frequency if isinstance(frequency, int) else None,
            accounts=tuple(filter(None, map(number_of, (told.get("access") or {}).get("accounts") or []))),
        )

    def end(self, reference):
        self._request("DELETE", f"/v1/consents/{quote(reference, safe='')}", expect=(404,))

    # Calls

    def refusal(self, answer, retry_after):
        """The error that the bank's own message names, where it is one of those that somebody acts on."""
        codes = {one.get("code") for one in messages(answer)}
        if codes & _ENDED:
            return consent_ended(f"the bank says {', '.join(sorted(codes & _ENDED))}")
        if "ACCESS_EXCEEDED" in codes:
            return quota_used("the bank has counted as many pulls of the account as a day has", retry_after)
        return None

    def _moment(self):
        return self.now().astimezone(dt.UTC)

    def _get(self, path, query=None):
        return as_mapping(self._page(path, query), path)

    def _page(self, path, query=None):
        page = self._request("GET", path, query=query, headers={"Consent-ID": self.consent}).body
        as_mapping(page, path.rpartition("/")[2])
        return page

    def _call(self, method, path, **options):
        return as_mapping(self._request(method, path, **options).body, path)
