"""What schemes demand of payments, and what is changed on the way into a file."""

import doctest
from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payment_scene import WORDS, batches, debit, foreign, payment

from odoo.addons.connector_bank.core import payment as payments
from odoo.addons.connector_bank.core import payment_rules, payment_text
from odoo.addons.connector_bank.core.payment import batch_of, message_id
from odoo.addons.connector_bank.core.payment_rules import is_creditor_id, is_iban, is_qrr, is_rf, refusals
from odoo.addons.connector_bank.core.payment_text import LENGTHS, as_sent, spelled
from odoo.addons.finance_integration_governance.core.contract import breaches


def codes(one):
    return [code for code, _words in refusals(one)]


@given(batches("credit"), batches("debit"))
def test_valid_payments_are_refused_nothing(credits, debits):
    assert [refusals(one) for one in credits + debits if refusals(one)] == []
    assert [one for one in credits + debits if breaches(one)] == []


@pytest.mark.parametrize(
    "one, code",
    [
        (payment(scheme="core"), "scheme"),
        (debit(scheme="sepa"), "scheme"),
        (payment(amount=Decimal(0)), "amount"),
        (payment(amount=Decimal("1.005")), "amount"),
        (payment(amount=Decimal("1000000000")), "amount"),
        (payment(currency="USD"), "currency"),
        (payment(other_account="FR1520041010050500013M02606"), "iban"),
        (payment(other_account="0001234567"), "iban"),
        (payment(other_account="BR1800360305000010009795493C1"), "iban"),
        (foreign(other_account="FR1520041010050500013M02606"), "iban"),
        (foreign(other_bic=None), "bic"),
        (payment(other_name="   "), "name"),
        (payment(other_name="\u200b"), "name"),
        (payment(reference="RF19539007547034"), "reference"),
        (payment(reference="/A"), "reference"),
        (payment(reference="A" * 36), "reference"),
        (debit(creditor_scheme_id=None), "creditor_id"),
        (debit(creditor_scheme_id="DE97ZZZ09999999999"), "creditor_id"),
        (debit(mandate=None), "mandate"),
        (debit(mandate_on=None), "mandate"),
        (debit(mandate_on=debit().execute_on.replace(year=2027)), "mandate"),
        (debit(sequence=None), "sequence"),
        (debit(mandate_amended=True, creditor_scheme_before="X"), "creditor_id"),
    ],
)
def test_what_a_scheme_does_not_take_is_named(one, code):
    assert codes(one) == [code]
    assert not any(str(value) in words for _code, words in refusals(one) for value in (one.other_account, one.amount))


@pytest.mark.parametrize("more", [{"other_street": "Rue 1"}, {"other_town": "Paris"}, {"other_postcode": "75001"}])
def test_an_address_without_structure_is_refused(more):
    assert codes(payment(**more)) == ["address"]
    assert codes(payment(**{"other_town": "Paris", "other_country": "FR"} | more)) == []


def test_lines_of_an_address_are_no_structure():
    told = {"other_street": "Rue 1\nBatiment 2", "other_town": "Paris", "other_country": "FR"}
    assert codes(payment(**told)) == ["address"]


def test_a_country_alone_is_no_address_and_keeps_nothing_back():
    assert codes(payment(other_country="FR")) == []
    assert codes(foreign(other_town=None, other_street=None, other_building=None)) == ["address"]


def test_a_payment_beyond_the_eea_carries_the_payers_address():
    swiss = {"other_account": "CH9300762011623852957"}
    assert codes(payment(**swiss)) == []
    assert codes(payment(**swiss, own_town=None)) == ["address"]
    assert codes(debit(**swiss)) == ["address"]
    assert codes(debit(**swiss, other_town="Bern", other_country="CH")) == []


def test_check_digits():
    assert is_iban("GB82WEST12345698765432") and not is_iban("GB82WEST12345698765433") and not is_iban(None)
    assert is_creditor_id("DE98ZZZ09999999999") and is_creditor_id("DE98ABC09999999999") and not is_creditor_id("DE98")
    assert is_rf("RF18539007547034") and not is_rf("RF18539007547035")
    assert is_qrr("210000000003139471430009017") and not is_qrr("210000000003139471430009018")


# What is changed on the way


@given(WORDS, st.sampled_from(["sepa", "latin"]), st.sampled_from(["DE", "FI", None]))
def test_whatever_is_said_is_spelled_in_the_characters_of_the_scheme(text, characters, country):
    told = spelled(text, characters, country)
    assert payment_text._ALLOWED[characters].fullmatch(told)
    assert spelled(told, characters, country) == told


@given(WORDS, WORDS)
def test_what_was_changed_is_told_with_the_original_and_nothing_else_changes(name, text):
    one = payment(other_name=name, text=text)
    sent, changes = as_sent(one)
    changed = {field.name for field in fields(one) if getattr(one, field.name) != getattr(sent, field.name)}
    assert changed == {change.member for change in changes}
    for change in changes:
        assert getattr(one, change.member) == change.original and getattr(sent, change.member) == change.sent
        assert len(change.sent or "") <= LENGTHS[change.member] and change.how


@pytest.mark.parametrize(
    "text, country, told",
    [
        ("Müller & Söhne", "DE", "Mueller + Soehne"),
        ("Mäkelä Öljy", "FI", "Makela Oljy"),
        ("Čeněk Dvořák", "CZ", "Cenek Dvorak"),
        ("Straße", "SE", "Strasse"),
        ("Ångström", "SE", "Angstrom"),
        ("Łódź", "PL", "Lodz"),
        ("Αθήνα", "GR", "Athina"),
        ("София", "BG", "Sofiya"),
        ("a–b “c” d’e 5€", "FR", "a-b 'c' d'e 5EUR"),
        ("a\u00a0b\tc", "FR", "a b c"),
        ("株式会社", "JP", "...."),
        ("x_y@z.com [1]", "FR", "x-y(at)z.com (1)"),
    ],
)
def test_letters_become_what_comes_nearest(text, country, told):
    assert spelled(text, country=country) == told


def test_what_is_too_long_is_cut_and_said():
    _sent, (change,) = as_sent(payment(other_name="N" * 71))
    assert (change.sent, change.how) == ("N" * 70, "cut")
    assert as_sent(foreign(other_name="N" * 71))[1] == ()


def test_beside_a_reference_words_are_left_out_within_sepa_only():
    told = {"reference": "RF18539007547034", "text": "Invoice"}
    sent, (change,) = as_sent(payment(other_name="Plain", **told))
    assert (sent.text, change.member, change.original) == (None, "text", "Invoice")
    assert as_sent(foreign(other_name="Plain", **told))[1] == ()


def test_what_needs_no_change_is_sent_as_it_is():
    one = payment(other_name="Plain", own_name="Plain")
    assert as_sent(one) == (one, ())


def test_latin_keeps_accents():
    assert as_sent(payment(other_name="Société & Fils"), "latin")[1] == ()


def test_a_files_name_leads_back_to_its_batch():
    assert (
        batch_of(message_id("PAY-000123", ["A"])) == batch_of(f"{message_id('PAY-000123', ['A'])}-12") == "PAY-000123"
    )
    assert batch_of("PAY-000123") is None and batch_of(None) is None


def test_the_examples_hold():
    assert not sum(doctest.testmod(module).failed for module in (payment_rules, payment_text, payments))
