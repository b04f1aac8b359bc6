"""Enable Banking: the interfaces of many banks behind one, with sessions in the place of consents.

Source: the vendor's API reference (JWT, /auth, /sessions, /accounts). Limits are those of the banks behind it.
"""

import base64
import datetime as dt
import json
from collections.abc import Mapping
from functools import cached_property
from urllib.parse import quote

from odoo.addons.finance_integration_governance.core.connector import Setting
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MalformedPayload
from odoo.addons.finance_integration_governance.core.redaction import register

from .bank_api import (
    Asked,
    BankAccount,
    BankApi,
    Standing,
    api_settings,
    as_mapping,
    consent_ended,
    enter,
    number_of,
    quota_used,
)
from .values import day

_TOKEN_SECONDS = 3600
_STATES = {
    "AUTHORIZED": "valid",
    "PENDING_AUTHORIZATION": "asked",
    "RETURNED_FROM_BANK": "asked",
    "CANCELLED": "refused",
    "INVALID": "refused",
    "EXPIRED": "expired",
    "CLOSED": "revoked",
    "REVOKED": "revoked",
}
_ENDED = frozenset({"EXPIRED_SESSION", "CLOSED_SESSION", "REVOKED_SESSION", "WRONG_SESSION_STATUS"})
_USED = frozenset({"ASPSP_RATE_LIMIT_EXCEEDED"})


class EnableBanking(BankApi):
    """Accounts, balances and entries of a bank by way of Enable Banking."""

    code = "bank.enablebanking"
    label = "Bank by way of Enable Banking"
    settings = api_settings(
        Setting("base_url", "Address", default="https://api.enablebanking.com"),
        Setting("application", "Application id"),
        Setting("key", "Private key of the application", secret=True),
        Setting("bank", "Bank", help="Its name as Enable Banking has it"),
        Setting("country", "Country", help="Two letters"),
        Setting("holder", "Accounts of", kind="choice", default="business", choices=("business", "personal")),
    )

    # Accounts and their entries

    def accounts(self):
        session = self._get(f"/sessions/{quote(self.consent, safe='')}")
        if _STATES.get(session.get("status")) != "valid":
            raise consent_ended(f"the session is {session.get('status')}")
        for uid in session.get("accounts") or []:
            fields = self._get(f"/accounts/{quote(str(uid), safe='')}/details")
            if number := _number(fields):
                yield BankAccount(str(uid), number, fields.get("currency"))

    def pages(self, account, first, last):
        path = f"/accounts/{quote(account.id, safe='')}"
        yield "balances.json", self._page(f"{path}/balances")
        query, visited = {"date_from": first.isoformat(), "date_to": last.isoformat()}, set()
        step = query
        while step:
            enter(visited, (path, step))
            page = self._page(f"{path}/transactions", step)
            yield f"transactions-{len(visited):04}.json", page
            key = as_mapping(page, "a page").get("continuation_key")
            step = {**query, "continuation_key": str(key)} if key else None

    def told(self, name, page):
        fields = as_mapping(page, name)
        if name == "balances.json":
            return [("balance", _balance(one)) for one in fields.get("balances") or [] if isinstance(one, Mapping)]
        rows = fields.get("transactions")
        if not isinstance(rows, list):
            raise MalformedPayload("the page holds no transactions", code="no_transactions")
        if not self.pending:
            rows = [one for one in rows if one.get("status") != "PDNG"]
        return [("booked" if one.get("status") == "BOOK" else "pending", entry(one)) for one in rows]

    # Consent

    def ask(self, numbers, until, redirect, state, psu=None):
        end = dt.datetime.combine(until, dt.time(), dt.UTC)
        body = {
            "access": {"valid_until": end.isoformat()},
            "aspsp": {"name": self.bank, "country": self.country},
            "psu_type": self.holder,
            "redirect_url": redirect,
            "state": state,
        }
        told = self._call("POST", "/auth", body)
        if not told.get("url"):
            raise MalformedPayload("the answer names no page of the bank", code="no_consent")
        return Asked(str(told.get("authorization_id") or state), str(told["url"]))

    def standing(self, reference, code=None):
        """With the code of whoever came back, the session begins; its id takes the place of what was asked."""
        if code:
            told = self._call("POST", "/sessions", {"code": code})
            accounts = [_number(one) for one in told.get("accounts") or [] if isinstance(one, Mapping)]
            reference, state, word = str(told.get("session_id") or ""), "valid", "AUTHORIZED"
            if not reference:
                raise MalformedPayload("the answer names no session", code="no_consent")
        else:
            answer = self._request("GET", f"/sessions/{quote(reference, safe='')}", expect=(404, 422))
            told = as_mapping(answer.body, "the session") if answer.status < 300 else {}
            word, accounts = str(told.get("status") or ""), []
            reference, state = None, _STATES.get(word, "asked")
        until = day(str((told.get("access") or {}).get("valid_until") or "")[:10])
        return Standing(state, word, until, reference=reference, accounts=tuple(filter(None, accounts)))

    def end(self, reference):
        self._request("DELETE", f"/sessions/{quote(reference, safe='')}", expect=(404,))

    # Calls

    @cached_property
    def _http(self):
        token = _Token(self.application, self.key, self.now)
        return self.http(self.base_url.rstrip("/"), authorization=token, refusal=_refusal)

    def _get(self, path, query=None):
        return as_mapping(self._page(path, query), path)

    def _page(self, path, query=None):
        page = self._request("GET", path, query=query).body
        as_mapping(page, path.rpartition("/")[2])
        return page

    def _call(self, method, path, body):
        headers = {"Content-Type": "application/json"}
        return as_mapping(self._request(method, path, body=json.dumps(body).encode(), headers=headers).body, path)

    def _request(self, method, path, **options):
        return self._http.request(method, path, **options)


class _Token:
    """A JSON Web Token (RFC 7519) signed by the application's key with RS256, made anew when it ends."""

    def __init__(self, application, pem, now):
        self._application, self._pem, self._now = application, pem, now
        self._token, self._ends_at = None, 0

    def header(self):
        at = int(self._now().timestamp())
        if at >= self._ends_at - 60:
            self._ends_at = at + _TOKEN_SECONDS
            self._token = register(self._signed(at))
        return f"Bearer {self._token}"

    def renew(self):
        """A refused token is no matter of time: the key or the application is wrong."""
        return False

    def _signed(self, at):
        # Imported where it is used: evidence is worked out again without libraries.
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        head = {"typ": "JWT", "alg": "RS256", "kid": self._application}
        claims = {"iss": "enablebanking.com", "aud": "api.enablebanking.com", "iat": at, "exp": self._ends_at}
        text = f"{_encoded(json.dumps(head).encode())}.{_encoded(json.dumps(claims).encode())}"
        try:
            key = load_pem_private_key(self._pem.encode(), None)
            signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        except (ValueError, TypeError, AttributeError):
            # Not chained: the error may tell of the key.
            raise ConfigurationError("the private key of the application cannot be read", sent=False) from None
        return f"{text}.{_encoded(signature)}"


def _encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _refusal(answer, retry_after):
    if answer.body.lstrip()[:1] != b"{":
        return None
    word = answer.json().get("error")
    if word in _ENDED:
        return consent_ended(f"the session has ended ({word})")
    if word in _USED:
        return quota_used("the bank has counted as many pulls of the account as a day has", retry_after)
    return None


def _number(fields):
    told = fields.get("account_id") or {}
    other = told.get("other") if isinstance(told.get("other"), Mapping) else {}
    return number_of({"iban": told.get("iban"), "bban": other.get("identification")})


def entry(fields):
    """An entry in the spelling of NextGenPSD2."""
    money = fields.get("transaction_amount") or {}
    sign = "-" if fields.get("credit_debit_indicator") == "DBIT" else ""
    told = {
        "entryReference": fields.get("entry_reference"),
        "transactionId": fields.get("transaction_id"),
        "bookingDate": fields.get("booking_date"),
        "valueDate": fields.get("value_date"),
        "transactionAmount": {"amount": f"{sign}{money.get('amount', '')}", "currency": money.get("currency")},
        "remittanceInformationUnstructuredArray": fields.get("remittance_information") or [],
        "remittanceInformationStructured": fields.get("reference_number"),
        "additionalInformation": fields.get("note"),
    }
    code = fields.get("bank_transaction_code")
    if isinstance(code, Mapping):
        told["proprietaryBankTransactionCode"] = code.get("description") or code.get("code")
    for side in ("debtor", "creditor"):
        account, agent = fields.get(f"{side}_account") or {}, fields.get(f"{side}_agent") or {}
        other = account.get("other") or {}
        told[f"{side}Name"] = (fields.get(side) or {}).get("name")
        told[f"{side}Account"] = {"iban": account.get("iban"), "bban": other.get("identification")}
        told[f"{side}Agent"] = agent.get("bic_fi")
    return told


def _balance(fields):
    """Its codes are those of ISO 20022 already."""
    return {
        "balanceType": fields.get("balance_type"),
        "balanceAmount": fields.get("balance_amount"),
        "referenceDate": fields.get("reference_date"),
        "lastChangeDateTime": fields.get("last_change_date_time"),
    }
