"""OFX 1 and 2 in samples of ours."""

import datetime as dt
from decimal import Decimal

import pytest
from bank_reading import SAMPLES, changed, read, reader, refusal

from odoo.addons.connector_bank.core.ofx import Ofx
from odoo.addons.connector_bank.core.statement import ProvisionalEntry
from odoo.addons.finance_integration_governance.core.testing.source_contract import SourceContract
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

CONNECTOR = Ofx(location=SAMPLES.as_uri())
parsed = reader(CONNECTOR)


class TestOfx1(SourceContract):
    connector = CONNECTOR
    sample = SAMPLES / "account.ofx"
    expected = ControlTotals(2, {"EUR": Decimal("240.50")})


class TestOfx2(SourceContract):
    connector = CONNECTOR
    sample = SAMPLES / "cards.ofx"
    expected = ControlTotals(2, {"USD": Decimal("-57.00")})


def test_sgml_without_ends_is_read():
    (statement,), entries, findings = parsed("account.ofx")
    assert (statement.account, statement.closing.amount) == ("0532013000", Decimal("1240.50"))
    assert [(entry.amount, entry.booked_on) for entry in entries] == [
        (Decimal("250.00"), dt.date(2026, 3, 2)),
        (Decimal("-9.50"), dt.date(2026, 3, 2)),
    ]
    assert entries[0].remittance == "Invoice INV/2026/00012 & more"
    assert list(findings) == ["balance_not_told"]


def test_two_cards_in_one_file_stay_apart():
    statements, entries, _findings = parsed("cards.ofx")
    assert [statement.account for statement in statements] == ["4111000011112222", "4111000011113333"]
    assert {entry.parent_key for entry in entries} == {statements[0].key}
    assert (entries[0].counterparty, entries[0].remittance) == ("Wood Corner", "Table & <chairs>")


def test_law_2_what_is_pending_is_never_final():
    entries = parsed("cards.ofx")[1]
    assert [(type(entry) is ProvisionalEntry, entry.amount) for entry in entries] == [(False, -45), (True, -12)]


def test_a_balance_of_a_later_day_closes_nothing():
    assert parsed("cards.ofx")[0][0].closing is None


@pytest.mark.parametrize(
    ("text", "amount"), [("1.5", "1.5"), ("+2", "2"), ("1,234.56", "1234.56"), ("1.234,56", "1234.56"), (",5", "0.5")]
)
def test_the_decimal_mark_is_a_comma_or_a_point(text, amount):
    assert parsed("account.ofx", ("250.00", text))[1][0].amount == Decimal(amount)


@pytest.mark.parametrize("text", ["1.234", "1,234", "NaN", "1e5", "", "-", "٣", "12 000"])
def test_an_amount_that_nobody_can_tell_is_refused(text):
    assert refusal(CONNECTOR, changed("account.ofx", ("<TRNAMT>250.00", f"<TRNAMT>{text}"))).code == "amount"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</OFX>", ""),
        ("<DTPOSTED>20260302<", "<"),
        ("<DTPOSTED>20260302<", "<DTPOSTED>20260231<"),
        ("<ACCTID>0532013000", ""),
        ("<CURDEF>EUR", ""),
        ("<STMTRS>", "<INVSTMTRS>"),
        ("<OFX>", "<!DOCTYPE x [<!ENTITY a 'b'>]><OFX>"),
    ],
)
def test_what_cannot_be_read_is_refused(old, new):
    refusal(CONNECTOR, changed("account.ofx", (old, new)))


def test_an_account_that_the_file_does_not_name_may_be_named_by_the_connection():
    connector = Ofx(location=SAMPLES.as_uri(), account="DE89 3704 0044 0532 0130 00")
    statements = read(connector, changed("account.ofx", ("<ACCTID>0532013000", "")))[0]
    assert statements[0].account == "DE89370400440532013000"


def test_a_correction_waits_for_a_person():
    found = parsed("account.ofx", ("<FITID>B-1001", "<FITID>B-1001<CORRECTFITID>B-900<CORRECTACTION>REPLACE"))[2]
    assert found["correction"].blocking


def test_r23_the_same_period_with_more_entries_is_another_statement_with_the_known_entries():
    old, new = parsed("account.ofx"), parsed("account.ofx", ("</BANKTRANLIST>", NEW + "</BANKTRANLIST>"))
    assert old[0][0].key != new[0][0].key
    assert [entry.key for entry in new[1]][:2] == [entry.key for entry in old[1]]


NEW = "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260302<TRNAMT>1.00<FITID>B-1003<NAME>Late</STMTTRN>"
