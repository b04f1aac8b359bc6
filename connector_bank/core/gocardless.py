"""GoCardless Bank Account Data (formerly Nordigen): requisitions in the place of consents.

The vendor takes no new customers since 2025, so it should be nobody's only way. Source: the vendor's API reference, v2.
"""

import datetime as dt
import json
import time
from functools import cached_property
from urllib.parse import quote

from odoo.addons.finance_integration_governance.core.connector import Setting
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.redaction import register

from .bank_api import (
    Asked,
    BankAccount,
    BankApi,
    Standing,
    api_settings,
    as_mapping,
    consent_ended,
    number_of,
    quota_used,
)
from .pull_statement import balances, booked_and_pending
from .values import day

_STATES = {"LN": "valid", "RJ": "refused", "EX": "expired", "SU": "revoked"}
_RESET = "http_x_ratelimit_account_success_reset"


class GoCardless(BankApi):
    """Accounts, balances and entries of a bank by way of GoCardless Bank Account Data."""

    code = "bank.gocardless"
    label = "Bank by way of GoCardless"
    settings = api_settings(
        Setting("base_url", "Address", default="https://bankaccountdata.gocardless.com/api/v2"),
        Setting("secret_id", "Secret id", secret=True),
        Setting("secret_key", "Secret key", secret=True),
        Setting("institution", "Institution", help="Its id, such as SANDBOXFINANCE_SFIN0000"),
        identity="transactionId",
    )

    # Accounts and their entries

    def accounts(self):
        told = self._get(f"/requisitions/{quote(self.consent, safe='')}/")
        if told.get("status") != "LN":
            raise consent_ended(f"the requisition is {told.get('status')}")
        for name in told.get("accounts") or []:
            fields = self._get(f"/accounts/{quote(str(name), safe='')}/details/").get("account") or {}
            if number := number_of(fields):
                yield BankAccount(str(name), number, fields.get("currency"))

    def pages(self, account, first, last):
        path = f"/accounts/{quote(account.id, safe='')}"
        yield "balances.json", self._page(f"{path}/balances/")
        query = {"date_from": first.isoformat(), "date_to": last.isoformat()}
        yield "transactions-0001.json", self._page(f"{path}/transactions/", query)

    def told(self, name, page):
        fields = as_mapping(page, name)
        if name == "balances.json":
            return balances(fields)
        told = booked_and_pending(fields, "transactions")
        return told if self.pending else (one for one in told if one[0] == "booked")

    # Consent

    def ask(self, numbers, until, redirect, state, psu=None):
        days = max(1, min((until - self.now().date()).days, int(self.consent_days)))
        agreement = self._call(
            "POST",
            "/agreements/enduser/",
            {
                "institution_id": self.institution,
                "max_historical_days": int(self.history_days),
                "access_valid_for_days": days,
                "access_scope": ["balances", "details", "transactions"],
            },
        )
        told = self._call(
            "POST",
            "/requisitions/",
            {
                "redirect": f"{redirect}?state={quote(state, safe='')}",
                "reference": state,
                "institution_id": self.institution,
                "agreement": agreement.get("id"),
                "user_language": "EN",
            },
        )
        if not told.get("id") or not told.get("link"):
            raise MalformedPayload("the answer names no page of the bank", code="no_consent")
        return Asked(str(told["id"]), str(told["link"]))

    def standing(self, reference, code=None):
        told = self._get(f"/requisitions/{quote(reference, safe='')}/")
        word, until = str(told.get("status") or ""), None
        if told.get("agreement"):
            until = _ends_on(self._get(f"/agreements/enduser/{quote(str(told['agreement']), safe='')}/"))
        return Standing(_STATES.get(word, "asked"), word, until)

    def end(self, reference):
        self._http.request("DELETE", f"/requisitions/{quote(reference, safe='')}/", expect=(404,))

    # Calls

    @cached_property
    def _http(self):
        login = _Login(self.http(self.base_url.rstrip("/"), refusal=_refusal), self.secret_id, self.secret_key)
        return self.http(self.base_url.rstrip("/"), authorization=login, refusal=_refusal)

    def _get(self, path, query=None):
        return as_mapping(self._page(path, query), path)

    def _page(self, path, query=None):
        page = self._http.get(path, query=query).body
        as_mapping(page, path.strip("/").rpartition("/")[2])
        return page

    def _call(self, method, path, body):
        headers = {"Content-Type": "application/json"}
        return as_mapping(self._http.request(method, path, body=json.dumps(body).encode(), headers=headers).body, path)


class _Login:
    """The access token for the pair of secrets, made anew when it ends and once where it is refused."""

    def __init__(self, http, secret_id, secret_key):
        self._http, self._pair = http, {"secret_id": secret_id, "secret_key": secret_key}
        self._token, self._ends_at = None, 0

    def header(self):
        if not self._token or time.monotonic() >= self._ends_at:
            told = self._http.post("/token/new/", json=self._pair).json()
            if not isinstance(told, dict) or not isinstance(told.get("access"), str):
                raise MalformedPayload("the answer holds no access token", code="no_token")
            self._token = register(told["access"])
            life = told.get("access_expires")
            self._ends_at = time.monotonic() + (life if isinstance(life, int) else 300) - 60
        return f"Bearer {self._token}"

    def renew(self):
        was_used, self._token = self._token is not None, None
        return was_used


def _refusal(answer, retry_after):
    if answer.status == 429:
        reset = answer.headers.get(_RESET, "")
        wait = retry_after or (int(reset) if reset.isdigit() and len(reset) < 7 else None)
        return quota_used("the bank has counted as many pulls of the account as a day has", wait)
    if answer.status in (400, 401) and b"EUA" in answer.body and b"expired" in answer.body:
        return consent_ended("the agreement has ended")
    return None


def _ends_on(agreement):
    """The last day: so many days after it was accepted; None before that."""
    accepted, days = day(str(agreement.get("accepted") or "")[:10]), agreement.get("access_valid_for_days")
    return accepted + dt.timedelta(days=days) if accepted and isinstance(days, int) else None
