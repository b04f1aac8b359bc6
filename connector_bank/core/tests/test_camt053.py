"""camt.053 in samples of ours, each named after what it shows."""

import dataclasses
import datetime as dt
import io
import os
from decimal import Decimal
from pathlib import Path

import pytest

from odoo.addons.connector_bank.core import checks
from odoo.addons.connector_bank.core.camt053 import Camt053
from odoo.addons.connector_bank.core.statement import BankEntry, BankStatement, ProvisionalEntry
from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.connector import Payload, Window
from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.testing.source_contract import SourceContract
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

SAMPLES = Path(__file__).parent / "samples"
CONNECTOR = Camt053(location=SAMPLES.as_uri())


class TestCamt053(SourceContract):
    connector = Camt053(location=SAMPLES.as_uri())
    sample = SAMPLES / "two_accounts.xml"
    expected = ControlTotals(3, {"EUR": Decimal("135.50")})


def parsed(name, change=None):
    """(statements, entries, findings by code) of a sample; `change` maps texts to what replaces them."""
    content = (SAMPLES / f"{name}.xml").read_text()
    for old, new in (change or {}).items():
        assert old in content
        content = content.replace(old, new)
    found = list(CONNECTOR.parse(Payload(name, lambda: _stream(content))))
    statements = [one for one in found if isinstance(one, BankStatement)]
    entries = [one for one in found if isinstance(one, BankEntry)]
    return statements, entries, {one.code: one for one in found if isinstance(one, Finding)}


def _stream(content):
    return io.BytesIO(content.encode())


def amounts(entries):
    return [entry.amount for entry in entries]


def booked(entries):
    return [entry for entry in entries if not isinstance(entry, ProvisionalEntry)]


def refusal(name, change):
    with pytest.raises(MalformedPayload) as caught:
        parsed(name, change)
    return caught.value


# --- statements


def test_two_accounts_in_one_file_stay_apart():
    statements, entries, findings = parsed("two_accounts")
    assert [statement.account for statement in statements] == ["DE89370400440532013000", "FR7630006000011234567890189"]
    assert [entry.account for entry in entries] == ["DE89370400440532013000"] * 2 + ["FR7630006000011234567890189"]
    assert [entry.parent_key for entry in entries] == [statements[0].key] * 2 + [statements[1].key]
    assert findings == {}


def test_a_statement_tells_who_when_and_how_much():
    statement = parsed("two_accounts")[0][1]
    assert (statement.statement, statement.sequence, statement.servicer) == ("STM-9", "9", "COBADEFFXXX")
    assert (statement.opening.amount, statement.closing.amount) == (Decimal("-20.00"), Decimal("5.50"))
    assert (statement.on, statement.currency_of_account) == (dt.date(2026, 3, 2), "EUR")


def test_a_statement_without_entries_is_evidence_too():
    statements, entries, findings = parsed("no_entries")
    assert len(statements) == 1 and entries == [] and list(findings) == ["empty_statement"]


def test_the_same_number_next_year_is_another_statement():
    first = parsed("no_entries")[0][0]
    second = parsed("no_entries", {"2026-03-02": "2027-03-02"})[0][0]
    assert first.key != second.key


def test_pages_of_one_statement_are_tied_by_interim_balances():
    statements, entries, findings = parsed("two_pages")
    assert findings == {} and amounts(entries) == [Decimal("150.00"), Decimal("-40.00")]
    assert statements[0].key != statements[1].key


def test_a_file_without_a_statement_is_refused():
    content = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt/></Document>'
    with pytest.raises(MalformedPayload) as caught:
        list(CONNECTOR.parse(Payload("empty", lambda: _stream(content))))
    assert caught.value.code == "no_statement"


@pytest.mark.parametrize("message", ["camt.052.001.08", "camt.054.001.08", "pain.001.001.09", "camt.053.001.15"])
def test_another_message_is_refused_by_its_name(message):
    assert message in refusal("no_entries", {"camt.053.001.08": message}).text


@pytest.mark.parametrize("version", range(2, 15))
def test_versions_02_to_14_are_read(version):
    assert parsed("two_accounts", {"001.08": f"001.{version:02}"})[1] == parsed("two_accounts")[1]


# --- entries


def test_an_entry_tells_everything_that_the_bank_told():
    entry = parsed("two_accounts")[1][1]
    assert entry == BankEntry(
        account="DE89370400440532013000",
        amount=Decimal("-40.00"),
        currency="EUR",
        booked_on=dt.date(2026, 3, 2),
        value_on=dt.date(2026, 3, 2),
        status="BOOK",
        bank_reference="A-2",
        end_to_end="PO-7",
        counterparty="Wood Corner",
        counterparty_account="BE71096123456769",
        remittance="Order PO7",
        bank_code="PMNT-ICDT-ESCT",
        details=1,
    )


def test_an_entry_has_a_value_for_every_member():
    names = {member.name for member in dataclasses.fields(BankEntry)}
    entries = parsed("two_accounts")[1]
    assert all(set(vars(entry)) <= names for entry in entries)
    assert all(hasattr(entry, name) for entry in entries for name in names)


def test_the_oldest_version_tells_the_same_elsewhere():
    (statement,), (first, second), findings = parsed("oldest_version")
    assert statement.account == "05320130-00" and statement.servicer == "COBADEFFXXX"
    assert (first.counterparty, first.counterparty_account) == ("Azure Interior", "740618130100033626")
    assert (first.counterparty_agent, first.mandate, first.remittance) == ("ABNANL2A", "M-1", "first line\nsecond line")
    assert (second.structured_reference, second.proprietary_code) == ("RF18539007547034", "NTRF+166")
    assert findings == {}


def test_a_date_with_a_time_is_the_banks_own_day():
    assert parsed("oldest_version")[1][0].booked_on == dt.date(2026, 3, 2)


def test_a_batch_is_divided_into_details_that_add_up():
    _statements, entries, findings = parsed("batch_with_details")
    assert amounts(entries) == [100, 120, 80] and [entry.detail for entry in entries] == [1, 2, 3]
    assert [entry.counterparty for entry in entries] == ["Azure Interior", "Deco Addict", "Gemini Furniture"]
    assert len({entry.key for entry in entries}) == 3 and entries[0].batch == "COLLECT-1" and findings == {}


def test_a_batch_whose_details_have_no_amounts_is_one_row():
    _statements, entries, findings = parsed("batch_without_amounts")
    assert amounts(entries) == [300] and entries[0].details == 3 and findings == {}


def test_a_batch_that_does_not_add_up_is_one_row_and_a_question():
    _statements, entries, findings = parsed("batch_that_does_not_add_up")
    assert amounts(entries) == [300] and findings["details_differ"].facts == {"count": 1, "entries": "1"}


def test_charges_may_explain_the_difference():
    _statements, entries, findings = parsed("charges_explain_the_difference")
    assert amounts(entries) == [298] and findings == {}
    assert (entries[0].charges[0].amount, entries[0].charges[0].kind) == (-2, "COMM")


def test_a_batch_sent_whole_and_sent_divided_share_a_key():
    whole = parsed("batch_with_details", {"NbOfTxs>3": "NbOfTxs>3", "<TxDtls>": "<Other>", "</TxDtls>": "</Other>"})[1]
    assert [entry.key for entry in whole] == [parsed("batch_with_details")[1][0].key]


def test_law_2_pending_entries_are_not_booked():
    _statements, entries, findings = parsed("pending")
    assert amounts(booked(entries)) == [150]
    assert [(one.status, one.amount) for one in entries if one not in booked(entries)] == [("PDNG", 75), ("INFO", -5)]
    assert findings["not_booked"].facts == {"count": 2, "PDNG": 1, "INFO": 1} and not findings["not_booked"].blocking


def test_a_status_that_nobody_knows_is_not_booked_and_asked_about():
    _statements, entries, findings = parsed("unknown_status")
    assert booked(entries) == [] and findings["unknown_status"].blocking


def test_a_reversal_keeps_the_sign_and_names_the_first_party():
    (entry,) = parsed("reversal")[1]
    assert (entry.amount, entry.is_reversal, entry.counterparty) == (-60, True, "Lumber Inc")
    assert entry.return_reason == "MD06"


def test_a_foreign_amount_stays_beside_the_booked_one():
    (entry,) = parsed("foreign_currency")[1]
    assert (entry.amount, entry.currency) == (100, "EUR")
    assert (entry.original_amount, entry.original_currency, entry.rate) == (110, "USD", Decimal("1.1"))


def test_without_dates_the_only_day_of_the_statement_is_taken():
    _statements, entries, findings = parsed("no_dates_in_a_day")
    assert entries[0].booked_on == dt.date(2026, 3, 2) and not findings["date_assumed"].blocking


def test_without_dates_in_a_week_a_person_decides():
    assert parsed("no_dates_in_a_week")[2]["date_unknown"].blocking


def test_a_text_too_long_to_keep_is_shortened_and_said():
    _statements, entries, findings = parsed("two_accounts", {"Order PO7": "x" * 50_000})
    assert len(entries[1].remittance) == 20_000 and "text_shortened" in findings


# --- identity


def test_the_banks_reference_is_the_key():
    entry = parsed("two_accounts")[1][0]
    assert entry.key == "ref1:DE89370400440532013000:A-1" and entry.alt_key.startswith("fp1:")


def test_without_a_reference_equal_entries_are_counted():
    entries = parsed("no_reference")[1]
    assert all(entry.key == entry.alt_key for entry in entries)
    assert entries[0].key[:-1] == entries[1].key[:-1] and entries[0].key != entries[1].key


def test_a_repeated_reference_leaves_another_identity():
    first, second = parsed("repeated_reference")[1]
    assert first.key == second.key and first.alt_key != second.alt_key


def test_an_entry_told_again_by_another_statement_has_the_same_text():
    first = parsed("two_accounts")[1][0]
    again = parsed("two_accounts", {"STM-41": "STM-99", "2026-03-03T06": "2026-03-31T06"})[1][0]
    assert canonical(first) == canonical(again) and first.key == again.key and first.parent_key != again.parent_key


@pytest.mark.parametrize(("old", "new"), [("Azure Interior", "AZURE  INTERIOR"), ("Invoice INV", "invoice  INV")])
def test_spelling_does_not_make_another_entry(old, new):
    assert parsed("two_accounts")[1][0].alt_key == parsed("two_accounts", {old: new})[1][0].alt_key


@pytest.mark.parametrize("reference", ["NOTPROVIDED", "notprovided", " ", "NONREF", "-"])
def test_a_filled_field_is_no_reference(reference):
    assert parsed("two_accounts", {">A-1<": f">{reference}<", "T-1": "NOTPROVIDED"})[1][0].bank_reference is None


# --- what does not tie


@pytest.mark.parametrize(
    ("sample", "code"),
    [
        ("wrong_closing_balance", "balance_open"),
        ("no_balances", "balance_missing"),
        ("totals_that_are_not_met", "totals_unmet"),
        ("several_currencies", "several_currencies"),
        ("balances_after_the_entries", "header_after_entries"),
    ],
)
def test_law_4_what_does_not_tie_is_held(sample, code):
    statements, _entries, findings = parsed(sample)
    assert findings[code].document == statements[0].key and findings[code].blocking


def test_law_4_one_cent_is_a_difference():
    assert parsed("wrong_closing_balance")[2]["balance_open"].facts == {"difference": "-0.01", "currency": "EUR"}


def test_the_previous_closing_balance_opens_the_statement():
    assert parsed("previous_closing_only")[2] == {}


def test_a_second_copy_is_said_to_be_one():
    finding = parsed("second_copy")[2]["is_copy"]
    assert finding.facts == {"mark": "DUPL"} and not finding.blocking


OTHERS = ("half_a_file", "intraday", "notification")


def test_every_finding_is_either_blocking_or_information():
    assert not checks.BLOCKING & checks.INFORMATION
    codes = {code for sample in SAMPLES.glob("*.xml") if sample.stem not in OTHERS for code in parsed(sample.stem)[2]}
    assert codes <= checks.BLOCKING | checks.INFORMATION


# --- what is refused


def test_half_a_file_is_refused():
    refusal("half_a_file", None)


@pytest.mark.parametrize(
    "amount",
    [
        "",
        "abc",
        "1,50",
        "1.2.3",
        "NaN",
        "INF",
        "1e400",
        "-1.00",
        "+1.00",
        "0x10",
        "1 000.00",
        "1.234567",
        "１２",
        "9" * 40,
    ],
)
def test_an_amount_that_is_none_is_refused_with_its_place(amount):
    error = refusal("two_accounts", {"25.50</Amt>": f"{amount}</Amt>"})
    assert error.code == "amount" and "STM-9, entry 1" in error.text


@pytest.mark.parametrize("amount", ["25.5", "25.50000", " 25.50 ", "25.500000000"])
def test_spellings_of_one_amount_are_equal(amount):
    assert parsed("two_accounts", {">25.50</Amt>": f">{amount}</Amt>"})[1][2].amount == Decimal("25.5")


@pytest.mark.parametrize("date", ["2026-02-30", "02.03.2026", "2026-3-2", "0000-00-00", "today", "20260302"])
def test_a_date_that_is_none_is_refused(date):
    assert refusal("reversal", {"<BookgDt><Dt>2026-03-02": f"<BookgDt><Dt>{date}"}).code == "date"


@pytest.mark.parametrize("change", [{'Ccy="EUR">60.00': ">60.00"}, {'Ccy="EUR">60.00': 'Ccy="eur">60.00'}])
def test_an_amount_without_a_currency_is_refused(change):
    assert refusal("reversal", change).code == "amount"


def test_an_entry_that_is_neither_credit_nor_debit_is_refused():
    assert refusal("reversal", {"DBIT": "BOTH"}).code == "amount"


def test_a_statement_without_an_account_is_refused():
    assert refusal("no_entries", {"IBAN>": "Name>"}).code == "no_account"


# --- the folder


def test_files_are_extracted_and_settled(tmp_path):
    (tmp_path / "in.xml").write_bytes((SAMPLES / "no_entries.xml").read_bytes())
    os.utime(tmp_path / "in.xml", (0, 0))
    connector = Camt053(location=tmp_path.as_uri())
    connector.roots = (tmp_path,)
    (payload,) = connector.extract(Window())
    connector.settle(payload)
    connector.settle(payload)
    assert list(connector.extract(Window())) == [] and (tmp_path / "done" / "in.xml").exists()
    assert connector.probe() == "The folder can be read: 0 files fit *.xml."
