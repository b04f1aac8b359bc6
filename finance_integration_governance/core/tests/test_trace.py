import dataclasses
from decimal import Decimal

import pytest

from odoo.addons.finance_integration_governance.core.contract import Canonical, Code, Reference
from odoo.addons.finance_integration_governance.core.masking import AccountNumber, FreeText, PersonName
from odoo.addons.finance_integration_governance.core.trace import asked, asked_terms, match, plain, terms, words


@dataclasses.dataclass(frozen=True)
class Entry(Canonical):
    number: Reference
    kind: Code | None = None
    who: PersonName | None = None
    account: AccountNumber | None = None
    what: FreeText | None = None


CONTENT = {
    "number": "E2E-2026/77",
    "kind": "PMNT",
    "who": "Müller & Söhne GmbH",
    "account": "NL91ABNA0417164300",
    "what": "Invoice INV/2026/00012, thank you",
}
TOLD = words(Entry, "ref1:DE89370400440532013000:BANK-9", Decimal("-1234.50"), CONTENT)


def finds(text, hidden=frozenset()):
    return sorted(match(asked(text), TOLD, frozenset(hidden)))


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("1234.5", ["amount"]),
        ("1,234.50", ["amount"]),
        ("1.234,50", ["amount"]),
        ("-1234.50 EUR", ["amount"]),
        ("e2e 2026 77", ["number"]),
        ("E2E-2026/77", ["number"]),
        ("muller", ["who"]),
        ("Müll", ["who"]),
        ("müller söhne", ["who"]),
        ("NL91 ABNA 0417 1643 00", ["account"]),
        ("INV/2026/00012", ["what"]),
        ("00012", ["what"]),
        ("BANK-9", ["key"]),
        ("de89 3704 0044 0532 0130 00", ["key"]),
        ("muller INV202600012", ["what", "who"]),
    ],
)
def test_an_item_is_found_by(text, members):
    assert finds(text) == members


@pytest.mark.parametrize("text", ["thank", "1234", "muller other", "PMNT", "gmbh", "uller", "", "e"])
def test_an_item_is_not_found_by(text):
    assert finds(text) == []


@pytest.mark.parametrize(
    ("text", "hidden"),
    [("1234.50", "amount"), ("muller", "name"), ("NL91ABNA0417164300", "iban"), ("INV/2026/00012", "text")],
)
def test_what_is_hidden_finds_nothing(text, hidden):
    assert finds(text) and not finds(text, {hidden})


@pytest.mark.parametrize("text", ["1234.5", "E2E-2026/77", "müller", "müller söhne", "NL91 ABNA 0417 1643 00", "00012"])
def test_whatever_matches_stands_in_the_index(text):
    """The index may give too much, never too little."""
    kept = terms(TOLD)
    assert any(all(kept & one for one in group) for group in asked_terms(asked(text)))


def test_an_amount_that_is_hidden_is_not_even_looked_for():
    assert asked_terms(asked("1234.5"), {"amount"}) == asked_terms(asked("1234.5")._replace(amounts=frozenset()))


def test_a_fingerprint_is_nobodys_word():
    told = words(None, "fp1:" + "a" * 64 + ":1", None, {})
    assert {word.word for word in told} <= {"1"}


def test_what_is_purged_keeps_key_and_amount():
    told = words(Entry, "ref1:A:B1", Decimal(5), {})
    assert {word.member for word in told} == {"key", "amount"}


def test_terms_fit_into_an_integer():
    assert all(-(1 << 31) <= term < 1 << 31 for term in terms(TOLD))


def test_one_reference_however_it_is_written():
    assert plain("INV/2026-7") == plain("inv 2026 7") == "inv20267"
