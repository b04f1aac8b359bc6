"""Payments to try things with: of every scheme, valid, and their likes by chance."""

import datetime as dt
import uuid
from decimal import Decimal

from hypothesis import strategies as st

from odoo.addons.connector_bank.core.payment import Payment

OURS = "DE89370400440532013000"
IBANS = ("FR1420041010050500013M02606", "DE02120300000000202051", "NL91ABNA0417164300", "CH9300762011623852957")
CREDITOR_ID = "DE98ZZZ09999999999"


def payment(number=1, **more):
    """A valid credit transfer within SEPA."""
    told = {
        "batch": "PAY-000123",
        "batched_at": "2026-11-22T21:30:00Z",
        "kind": "credit",
        "scheme": "sepa",
        "end_to_end_id": f"PAY-000123-{number}",
        "uetr": str(uuid.UUID(int=number, version=4)),
        "execute_on": dt.date(2026, 11, 25),
        "amount": Decimal("10.50") + number,
        "currency": "EUR",
        "own_account": OURS,
        "own_name": "Example GmbH",
        "own_bic": "COBADEFFXXX",
        "own_country": "DE",
        "own_town": "Berlin",
        "other_account": IBANS[0],
        "other_name": "Société Exemple",
        "text": f"Invoice {number}",
    }
    return Payment(**told | more)


def foreign(number=1, **more):
    told = {
        "scheme": "foreign",
        "currency": "USD",
        "other_account": "000123456789",
        "other_bic": "CHASUS33",
        "other_country": "US",
        "other_town": "New York",
        "other_street": "Broadway",
        "other_building": "1",
        "other_lei": "5493001KJTIIGC8Y1R12",
    }
    return payment(number, **told | more)


def debit(number=1, **more):
    told = {
        "kind": "debit",
        "scheme": "core",
        "creditor_scheme_id": CREDITOR_ID,
        "mandate": f"M-{number}",
        "mandate_on": dt.date(2025, 1, 2),
        "sequence": "RCUR",
    }
    return payment(number, **told | more)


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("Cs",)), max_size=200)
NAMES = st.from_regex(r"[A-Za-zÀ-ÖØ-öø-ÿ][A-Za-zÀ-ÖØ-öø-ÿ &.'-]{0,139}", fullmatch=True)
_TOWNS = st.sampled_from(["Zürich", "Łódź", "Αθήνα", "Berlin"])
_AMOUNTS = st.decimals("0.01", "999999.99", places=2)
_MANDATES = st.fixed_dictionaries(
    {
        "scheme": st.sampled_from(["core", "b2b"]),
        "sequence": st.sampled_from(["FRST", "RCUR", "FNAL", "OOFF"]),
        "mandate_amended": st.booleans(),
        "mandate_before": st.none() | st.just("OLD-1"),
        "other_account_before": st.none() | st.sampled_from(IBANS),
        "own_name_before": st.none() | NAMES,
        "creditor_scheme_before": st.none() | st.just(CREDITOR_ID),
    }
)
_COMMON = st.fixed_dictionaries(
    {
        "amount": _AMOUNTS,
        "execute_on": st.dates(dt.date(2026, 11, 25), dt.date(2026, 11, 28)),
        "own_name": NAMES,
        "other_name": NAMES,
        "other_account": st.sampled_from(IBANS),
        "other_town": _TOWNS,
        "other_country": st.sampled_from(["CH", "PL", "GR", "DE"]),
        "other_street": st.none() | WORDS.map(lambda text: " ".join(text.split())[:140] or None),
        "text": st.none() | WORDS,
        "reference": st.none() | st.sampled_from(["RF18539007547034", "210000000003139471430009017", "BILL/17"]),
        "purpose": st.none() | st.just("SUPP"),
        "category_purpose": st.none() | st.just("SUPP"),
    }
)


@st.composite
def batches(draw, kind):
    """The payments of one valid batch, in any mixture of schemes."""
    found = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        told = draw(_COMMON)
        if kind == "debit":
            found.append(debit(number, **told | draw(_MANDATES)))
        elif draw(st.booleans()):
            found.append(payment(number, **told | {"scheme": draw(st.sampled_from(["sepa", "instant"]))}))
        else:
            abroad = {"other_account": "12-34/567", "currency": draw(st.sampled_from(["USD", "JPY", "KWD"]))}
            whole = {"amount": told["amount"].to_integral_value() + 1}
            found.append(foreign(number, **told | abroad | whole))
    return found
