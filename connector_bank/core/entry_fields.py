"""The members of a `BankEntry` that one field each tells, in the spelling that they are kept in."""

from . import values
from .statement import Remitted, usable_reference
from .values import clean

# Field -> how it is read; what an entry and its detail both tell, the detail tells better.
_OF_ENTRY = {
    "status": clean,
    "bank_reference": usable_reference,
    "entry_reference": usable_reference,
    "batch_count": values.count,
    "additional": clean,
    "proprietary_code": clean,
    "rate": values.signed,
}
_OF_DETAIL = {
    "detail_reference": usable_reference,
    "end_to_end": usable_reference,
    "instruction": usable_reference,
    "transaction": usable_reference,
    "mandate": usable_reference,
    "uetr": usable_reference,
    "additional": clean,
    "proprietary_code": clean,
    "return_reason": clean,
    "purpose": clean,
    "rate": values.signed,
}
_NAMES_OF_ENTRY, _NAMES_OF_DETAIL = frozenset(_OF_ENTRY), frozenset(_OF_DETAIL)


def told_by(entry, detail):
    """Member -> value of what is there; for members that nothing tells, `BankEntry` has its defaults.

    A reader whose entries have few fields gives their members ready, as `told`.
    """
    told = entry.get("told", {})
    if not told:
        for name in _NAMES_OF_ENTRY & entry.keys():
            told[name] = _OF_ENTRY[name](entry[name])
    for name in _NAMES_OF_DETAIL & detail.keys():
        if text := detail[name]:
            told[name] = _OF_DETAIL[name](text)
    if "batch" in entry or "batch_message" in entry:
        told["batch"] = reference(entry, "batch") or reference(entry, "batch_message")
    return told


def reference(fields, name):
    return usable_reference(fields[name]) if name in fields else None


def bank_code(entry, detail):
    fields = detail if "domain" in detail else entry
    return values.dashed(fields["domain"], fields.get("family"), fields.get("subfamily"))


def remittance(detail):
    """What is for people to read, of the unstructured and of the structured part."""
    texts = detail.get("remittance", ())
    if "structured" in detail:
        texts = [*texts, *(text for one in detail["structured"] for text in one.get("remittance", ()))]
    if len(texts) == 1:
        return clean(texts[0])
    return "\n".join(filter(None, map(clean, texts))) or None


def structured(groups):
    """(first reference, the documents that are named, which is more than a reference) of structured remittance."""
    first = next((reference(one, "reference") for one in groups if "reference" in one), None)
    return first, tuple(_remitted(one) for one in groups if "number" in one or "amount" in one)


def _remitted(fields):
    amount, currency = values.amount(fields.get("amount")), fields.get("amount_ccy")
    is_money = amount is not None and values.is_currency(currency)
    return Remitted(
        reference(fields, "number"),
        clean(fields.get("kind")),
        values.day(fields.get("document_on")),
        reference(fields, "reference"),
        amount if is_money else None,
        currency if is_money else None,
    )
