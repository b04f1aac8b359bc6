import dataclasses
from decimal import Decimal

import pytest

from odoo.addons.finance_integration_governance.core import canon
from odoo.addons.finance_integration_governance.core.contract import Canonical, Code, breaches
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.field_map import RawRow
from odoo.addons.finance_integration_governance.core.masking import (
    AccountNumber,
    Email,
    FreeText,
    Outgoing,
    PersonName,
    StandIns,
    classes,
    mask,
    shown,
    shown_words,
    token,
)


@dataclasses.dataclass(frozen=True)
class Payment(Canonical):
    number: Code
    value: Decimal
    to: PersonName
    account: AccountNumber | None = None
    mail: Email | None = None
    words: FreeText | None = None

    key = property(lambda self: self.number)
    amount = property(lambda self: self.value)


ONE = Payment("1", Decimal("5"), "Ann Canary", "DE89370400440532013000", "ann@example.com", "for Ann")


def test_a_contract_says_which_members_name_somebody():
    told = {"value": "amount", "to": "name", "account": "iban", "mail": "email", "words": "text"}
    assert classes(Payment) == told
    assert not breaches(ONE)


@pytest.mark.parametrize(
    ("kind", "value", "seen"),
    [
        ("name", "Ann Canary", "A…"),
        ("iban", "DE89370400440532013000", "…3000"),
        ("iban", "1234", "…"),
        ("email", "ann@example.com", "a…@example.com"),
        ("text", "for Ann", "…"),
        ("amount", Decimal("5"), "…"),
        ("name", None, None),
    ],
)
def test_a_mask_keeps_what_helps_to_recognise_it(kind, value, seen):
    assert mask(kind, value) == seen


def test_a_token_is_the_same_for_the_same_value_under_the_same_key():
    assert token("name", "Ann", "k") == token("name", "Ann", "k")
    assert len({token("name", "Ann", "k"), token("iban", "Ann", "k"), token("name", "Ann", "l")}) == 3
    assert "Ann" not in token("name", "Ann", "k")


def test_without_a_key_there_are_no_tokens():
    with pytest.raises(ConfigurationError):
        token("name", "Ann", None)


def test_what_leaves_is_masked_and_counted():
    out = Outgoing({"to": "token", "account": "mask", "mail": "mask"}, "k")
    made = out.of(ONE)
    assert (made.to, made.account, made.mail) == (token("name", "Ann Canary", "k"), "…3000", "a…@example.com")
    assert (made.words, made.key, made.amount) == (ONE.words, ONE.key, ONE.amount)
    assert out.counts == {"to": 1, "account": 1, "mail": 1}


def test_what_is_empty_stays_so():
    out = Outgoing({"mail": "mask"}, "k")
    one = dataclasses.replace(ONE, mail=None)
    assert out.of(one) is one
    assert out.counts == {}


@pytest.mark.parametrize("member", ["number", "value"])
def test_what_identifies_an_object_or_counts_is_not_masked(member):
    with pytest.raises(ConfigurationError):
        Outgoing({member: "mask"}, "k").of(ONE)


def test_a_screen_hides_the_classes_that_are_hidden():
    content = {"number": "1", "value": "5", "to": "Ann Canary", "words": "for Ann"}
    assert shown(Payment, content, {"name", "amount"}) == {**content, "to": "A…", "value": "…"}


def test_what_sits_in_parts_is_hidden_too():
    entry = {"number": "9", "text": "for Ann", "lines": [{"account": "4000", "debit": "5", "text": "Ann's share"}]}
    seen = shown(canon.JournalEntry, entry, {"text", "amount"})
    assert seen == {"number": "9", "text": "…", "lines": [{"account": "4000", "debit": "…", "text": "…"}]}


def test_a_row_as_it_came_shows_its_columns_only():
    assert shown(RawRow, {"row": {"Name": "Ann Canary"}}, {"name"}) == {"row": {"Name": "…"}}


def test_a_partner_says_which_of_its_members_name_somebody():
    told = {"name": "name", "vat": "vat", "street": "address", "postcode": "address", "city": "address"}
    assert classes(canon.Partner) == {**told, "email": "email", "bank_account": "iban"}
    named = {"counterparty": "name", "counterparty_account": "iban", "remittance": "text", "amount": "amount"}
    assert classes(canon.Payment) == named


@pytest.mark.parametrize(
    ("hidden", "seen"),
    [
        ({"amount"}, "row 3 of 2026-03-02: DE89370400440532013000 has …, not … (ann@example.com, v1.2, USD …)"),
        ({"iban"}, "row 3 of 2026-03-02: …3000 has 1,234.50, not 12.5 (ann@example.com, v1.2, USD 7)"),
        ({"email"}, "row 3 of 2026-03-02: DE89370400440532013000 has 1,234.50, not 12.5 (a…@example.com, v1.2, USD 7)"),
        (set(), "row 3 of 2026-03-02: DE89370400440532013000 has 1,234.50, not 12.5 (ann@example.com, v1.2, USD 7)"),
    ],
)
def test_a_sentence_is_shown_without_what_is_hidden(hidden, seen):
    text = "row 3 of 2026-03-02: DE89370400440532013000 has 1,234.50, not 12.5 (ann@example.com, v1.2, USD 7)"
    assert shown_words(text, hidden) == seen


def test_stand_ins_are_tokens_under_a_key_and_counted():
    made = StandIns({"name", "iban"}, "k")
    content = {"number": "1", "value": "5", "to": "Ann Canary", "account": None, "words": "for Ann"}
    assert made.of(Payment, content) == {**content, "to": token("name", "Ann Canary", "k")}
    assert made.proof() == {**made.proof(), "hidden": ["iban", "name"], "how": "token", "values": {"name": 1}}
    assert made.of(None, {"a": "Ann"}) == {"a": "…"}
    assert StandIns({"name"}).of(Payment, content)["to"] == "A…"
