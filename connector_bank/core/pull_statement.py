"""From the pages of a pull, in the spelling of NextGenPSD2 1.3, to canonical objects.

What is booked stands in one statement for each day, which says nothing but account and day. So a later pull of the same
days tells the same statement again, whatever was booked into it meanwhile, and its entries are known by their reference
or by what they say and their place among their equals of that day. What is pending, and the balances of the moment, are
in a report of the pull: evidence, never booked.
"""

from collections.abc import Mapping

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

from . import values
from .camt_reader import StatementReader
from .statement import EntryKeys

_BALANCES = {
    "closingBooked": "CLBD",
    "openingBooked": "OPBD",
    "interimBooked": "ITBD",
    "interimAvailable": "ITAV",
    "expected": "XPCD",
    "forwardAvailable": "FWAV",
    "nonInvoiced": "NONI",
}
UNDATED = "undated"


def objects(about, told, identity):
    """Yield the statement of each day with its entries and findings, then the report of the pull.

    `told`: ("booked" | "pending" | "balance", fields). `identity`: the field whose references can be trusted.
    """
    keys, by_day = EntryKeys(), {}
    for kind, fields in told:
        if kind == "booked":
            by_day.setdefault(_day(fields), []).append(fields)
    for day in sorted(by_day):
        yield from _statement(StatementReader(_head(about, day), keys, needs_balances=False), by_day[day], identity)
    report = StatementReader(_report(about, told), EntryKeys(), "intraday")
    pending = [fields for kind, fields in told if kind == "pending"]
    yield from _statement(report, pending, identity, "PDNG")


def _statement(reader, entries, identity, status="BOOK"):
    yield reader.statement
    for fields in entries:
        yield from reader.entry(entry(fields, identity, status))
    yield from reader.end({})


def _day(fields):
    """The day that a booked entry belongs to, as text; some banks tell the value date only."""
    for name in ("bookingDate", "valueDate"):
        if found := values.day(_text(fields, name)):
            return found.isoformat()
    return UNDATED


def _head(about, day):
    spans = {"from_on": about["from"], "to_on": about["to"]} if day == UNDATED else {"from_on": day, "to_on": day}
    return {"account": about["account"], "statement": day, "account_ccy": about.get("currency"), **spans}


def _report(about, told):
    """The head of the report: the window that was asked for, and every balance that was told."""
    return {
        "account": about["account"],
        "account_ccy": about.get("currency"),
        "statement": f"pull {about['asked_at']}",
        "created_at": about["asked_at"],
        "from_on": about["from"],
        "to_on": about["to"],
        "balances": [_balance(fields) for kind, fields in told if kind == "balance"],
    }


def _balance(fields):
    code = _text(fields, "balanceType") or "OTHR"
    moment = _text(fields, "referenceDate") or (_text(fields, "lastChangeDateTime") or "")[:10]
    return {"code": _BALANCES.get(code, code[:64]), "balance_on": moment, **_amount(fields.get("balanceAmount"))}


def entry(fields, identity, status="BOOK"):
    """An entry of NextGenPSD2 as the fields that `StatementReader` reads."""
    reference = _text(fields, identity) if identity != "none" else None
    told = {
        **_amount(fields.get("transactionAmount")),
        "status": status,
        "booked_on": _text(fields, "bookingDate"),
        "value_on": _text(fields, "valueDate"),
        "bank_reference": reference,
        "entry_reference": _text(fields, "entryReference"),
        "additional": _text(fields, "additionalInformation"),
        "proprietary_code": _text(fields, "proprietaryBankTransactionCode"),
        **_code(_text(fields, "bankTransactionCode")),
        **_exchange(fields.get("currencyExchange")),
    }
    parts = [one for one in _rows(fields.get("entryDetails")) if isinstance(one.get("transactionAmount"), Mapping)]
    told["details"] = tuple(_detail(part) | _amount(part["transactionAmount"]) for part in parts) or (_detail(fields),)
    count = fields.get("batchNumberOfTransactions")
    if count is not None:
        told["batch_count"] = str(count)
    return {name: value for name, value in told.items() if value is not None}


def _detail(fields):
    told = {
        "end_to_end": _text(fields, "endToEndId"),
        "mandate": _text(fields, "mandateId"),
        "purpose": _text(fields, "purposeCode"),
        "remittance": _unstructured(fields),
        "structured": _structured(fields),
    }
    for side in ("debtor", "creditor"):
        told[side] = _text(fields, f"{side}Name")
        account = fields.get(f"{side}Account")
        told[f"{side}_account"] = _account(account) if isinstance(account, Mapping) else None
        told[f"{side}_agent"] = _text(fields, f"{side}Agent")
    return {name: value for name, value in told.items() if value}


def _amount(fields):
    """A signed amount as amount and side. What is no amount is refused by the reader, with its place."""
    if not isinstance(fields, Mapping):
        return {}
    text = str(fields.get("amount", "")).strip()
    side = "DBIT" if text.startswith("-") else "CRDT"
    return {"amount": text.removeprefix("-").removeprefix("+"), "amount_ccy": fields.get("currency"), "sign": side}


def _account(fields):
    return next((_text(fields, name) for name in ("iban", "bban", "maskedPan") if _text(fields, name)), None)


def _code(text):
    names = ("domain", "family", "subfamily")
    return dict(zip(names, text.split("-", 2), strict=False)) if text else {}


def _exchange(fields):
    for one in _rows(fields):
        rate = one.get("exchangeRate")
        if rate is not None and values.signed(str(rate)) is not None:
            return {"rate": str(rate)}
    return {}


def _unstructured(fields):
    texts = fields.get("remittanceInformationUnstructuredArray")
    if isinstance(texts, list):
        return [str(text) for text in texts if text]
    text = _text(fields, "remittanceInformationUnstructured")
    return [text] if text else []


def _structured(fields):
    """References of structured remittance: a text in earlier versions, an object in later ones, or a list of them."""
    told = fields.get("remittanceInformationStructuredArray") or [fields.get("remittanceInformationStructured")]
    texts = [one.get("reference") if isinstance(one, Mapping) else one for one in told if one]
    return [{"reference": str(text)} for text in texts if text]


def _rows(told):
    if isinstance(told, Mapping):
        told = [told]
    return [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []


def _text(fields, name):
    value = fields.get(name)
    if value is None or isinstance(value, (dict, list, bool)):
        return None
    return str(value).strip() or None


def booked_and_pending(page, where=None):
    """What a page of transactions says, as ("booked" | "pending", fields); `where` is the member they stand in."""
    told = page.get(where) if where else page
    if not isinstance(told, Mapping):
        raise MalformedPayload("the page holds no transactions", code="no_transactions")
    for kind in ("booked", "pending"):
        for fields in _rows(told.get(kind)):
            yield kind, fields


def balances(page):
    for fields in _rows(page.get("balances")):
        if isinstance(fields.get("balanceAmount"), Mapping):
            yield "balance", fields
