"""Payments over NextGenPSD2 1.3: a pain.001 is posted as one payment or as a bulk, and its status is asked for.

Source: NextGenPSD2 Implementation Guidelines 1.3.11, chapters 5 (payment initiation) and 14 (statuses, messages). The
identification of the request is the payload's own key. The interface cannot be asked about it: where the answer to a
post is lost, the bank may hold the payments, and nobody posts them again by a machine.
"""

import io
import re
from functools import partial
from typing import ClassVar
from urllib.parse import quote

from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.connector import Payload, Receipt, Setting, Source
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    MalformedPayload,
    TransientError,
    printable,
)
from odoo.addons.finance_integration_governance.core.location_errors import nothing_left
from odoo.addons.finance_integration_governance.core.strict_json import loads
from odoo.addons.finance_integration_governance.core.totals import ControlTotals
from odoo.addons.finance_integration_governance.core.xml import read

from .bank_api import as_mapping
from .pain001 import CreditTransfers
from .pain002 import Report, status_table
from .pain_check import check
from .payment import PaymentStatus, status_key
from .payment_file import PaymentMessages, message_settings
from .psd2_calls import Psd2Calls, messages

PRODUCTS = (
    "sepa-credit-transfers",
    "instant-sepa-credit-transfers",
    "target-2-payments",
    "cross-border-credit-transfers",
)
_REFERENCE = re.compile(r"(payments|bulk-payments)/pain\.001-[a-z0-9-]+/[^/]+")
_EITHER = {"Accept": "application/xml, application/json"}
_NONE = "00000000-0000-4000-8000-000000000000"
# The bank has looked at the request and taken nothing of it; 409 and what is from 500 on leave that open.
_NOT_ACCEPTED = (400, 404, 405, 406, 415)
_NOT_ALLOWED = (401, 403)


def _settings():
    return (
        Setting("base_url", "Address", help="Of the bank's interface, without /v1"),
        Setting("product", "Payment product", kind="choice", default=PRODUCTS[0], choices=PRODUCTS),
        Setting("seal", "Seal: certificate with key", required=False, secret=True),
    )


class BerlinPayments(Psd2Calls, PaymentMessages):
    """Credit transfers over NextGenPSD2 1.3, signed by the customer at the bank (decoupled).

    The certificate of the connection (QWAC) is shown with each call; with a seal (QSealC) each call is signed, too.
    """

    code = "payment.berlin"
    label = "Credit transfers NextGenPSD2 1.3"
    message = CreditTransfers
    kind = "credit"
    proves: ClassVar[bool] = False
    proves_absence: ClassVar[bool] = False
    settings = (
        *_settings(),
        *message_settings("pain.001.001.09", CreditTransfers.versions),
        Setting("psu_address", "IP address of who releases", required=False, help="Where the bank demands one."),
        Setting("psu", "Customer at the bank", required=False, help="PSU-ID of who signs there."),
        Setting("psu_company", "Company at the bank", required=False, help="PSU-Corporate-ID, where there is one."),
    )

    def send(self, payload, idempotency_key):
        with nothing_left():
            self._must_be_whole(payload)
            with payload.open() as stream:
                body = stream.read()
        path = f"{'bulk-payments' if payload.totals.count > 1 else 'payments'}/pain.001-{self.product}"
        headers = {"X-Request-ID": idempotency_key, "Content-Type": "application/xml", **self._who()}
        answer = self._request("POST", f"/v1/{path}", body, headers, expect=(*_NOT_ACCEPTED, *_NOT_ALLOWED, 429))
        if answer.status >= 400:
            return _refused(payload, answer)
        told = as_mapping(answer.body, path)
        name, status = told.get("paymentId"), told.get("transactionStatus")
        if not name or not isinstance(name, str):
            raise MalformedPayload("the bank's answer names no payment", code="no_payment", sent=True)
        reference = f"{path}/{quote(name, safe='')}"
        if status in ("RJCT", "CANC"):
            return Receipt("refused", reference, dict.fromkeys(payload.keys, f"{status}: {_words(answer)}"))
        return Receipt("accepted", reference)

    def _who(self):
        """The customer signs where the bank asks them to: nobody is in front of a browser when a run sends."""
        told = {"PSU-IP-Address": self.psu_address, "PSU-ID": self.psu, "PSU-Corporate-ID": self.psu_company}
        return {"TPP-Redirect-Preferred": "false", **{name: value for name, value in told.items() if value}}

    def confirm(self, references):
        """What the bank holds of the payments of these receipts; a key alone tells it nothing."""
        totals = ControlTotals()
        for reference in sorted(set(filter(_REFERENCE.fullmatch, references))):
            answer = self._request("GET", f"/v1/{reference}", headers=_EITHER, expect=(404,))
            if answer.status != 404:
                totals += check(io.BytesIO(answer.body)).totals
        return totals

    def probe(self):
        return _probed(self)


class BerlinStatus(Psd2Calls, Source):
    """The status of payments that were posted over NextGenPSD2 1.3.

    The engine sets `wanted` before the first use: (receipt's reference, name of the message) of each that waits.
    """

    code = "status.berlin"
    label = "Payment status NextGenPSD2 1.3"
    carries = (PaymentStatus,)
    settings = _settings()
    wanted: tuple = ()

    def extract(self, window):
        for reference, message in self.wanted:
            if not _REFERENCE.fullmatch(reference):
                raise ConfigurationError("a receipt of another connection cannot be asked about", code="reference")
            answer = self._request("GET", f"/v1/{reference}/status", headers=_EITHER)
            told = {"reference": reference, "message": message, "answer": answer.body.decode("utf-8", "replace")}
            name = reference.rpartition("/")[2]
            yield Payload(f"{name}.json", partial(io.BytesIO, canonical(told).encode()), "application/json")

    def parse(self, payload):
        """One status of the message; of each group and payment too, where the bank answers with a pain.002."""
        with payload.open() as stream:
            told = loads(stream.read())
        if not isinstance(told, dict) or not all(isinstance(told.get(name), str) for name in _TOLD):
            raise MalformedPayload("this is no status of a payment", code="no_status")
        answer = told["answer"].strip()
        if answer.startswith("<"):
            yield from Report().read(read(io.BytesIO(answer.encode()), status_table))
        else:
            yield _status(told, loads(answer.encode()))

    def settle(self, payload):
        """A bank does not ask what became of it."""

    def probe(self):
        return _probed(self)


_TOLD = ("reference", "message", "answer")


def _status(told, fields):
    status = fields.get("transactionStatus") if isinstance(fields, dict) else None
    if not isinstance(status, str) or not status:
        raise MalformedPayload("the bank's answer names no status", code="no_status")
    words = fields.get("psuMessage")
    one = PaymentStatus(
        level="message",
        original_message=told["message"],
        status=status,
        reason_text=words if isinstance(words, str) and words else None,
        message=told["reference"].rpartition("/")[2],
    )
    object.__setattr__(one, "key", status_key(one, 1))
    return one


def _refused(payload, answer):
    """Nothing was accepted: by the payments' fault a refusal, by ours something that an administrator changes."""
    words = _words(answer)
    if answer.status in _NOT_ALLOWED:
        raise ConfigurationError(f"the bank does not allow it: {words}", code="not_allowed", sent=False)
    if answer.status == 429:
        raise TransientError(f"the bank asks to wait: {words}", code="rate_limited", sent=False)
    return Receipt("refused", None, dict.fromkeys(payload.keys, words))


def _words(answer):
    told = [f"{one.get('code', '')} {one.get('text', '')}".strip() for one in messages(answer)]
    return printable("; ".join(filter(None, told)) or f"status {answer.status}", 200)


def _probed(connector):
    """Ask for a payment that nobody has: whoever says so knows us."""
    path = f"/v1/payments/pain.001-{connector.product}/{_NONE}/status"
    answer = connector._request("GET", path, expect=(400, 403, 404))
    return f"{connector._http.endpoint.host} answers ({answer.status} for a payment that does not exist)."
