"""BAI2 and BTRS 3 in samples of ours."""

import datetime as dt
from decimal import Decimal
from functools import partial

import pytest
from bank_reading import SAMPLES, changed, read, reader, refusal

from odoo.addons.connector_bank.core.bai2 import Bai2
from odoo.addons.connector_bank.core.statement import BankReport, ProvisionalEntry
from odoo.addons.finance_integration_governance.core.testing.source_contract import SourceContract
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

CONNECTOR = Bai2(location=SAMPLES.as_uri())
parsed = partial(reader(CONNECTOR), "day.bai")


class TestBai2(SourceContract):
    connector = CONNECTOR
    sample = SAMPLES / "day.bai"
    expected = ControlTotals(4, {"EUR": Decimal("200.50"), "JPY": Decimal("500")})


def test_an_amount_has_the_decimals_of_its_currency():
    assert [(entry.amount, entry.currency) for entry in parsed()[1]] == [
        (Decimal("250.00"), "EUR"),
        (Decimal("-9.50"), "EUR"),
        (Decimal("-40.00"), "EUR"),
        (Decimal("500"), "JPY"),
    ]


def test_a_text_goes_on_in_the_next_record():
    entry = parsed()[1][0]
    assert entry.remittance == "Azure Interior\nInvoice INV/2026/00012, second line"
    assert (entry.bank_reference, entry.instruction, entry.proprietary_code) == ("B-1001", "INV-12", "165")


def test_funds_types_bring_their_own_fields():
    fees, wire = parsed()[1][1], parsed()[1][3]
    assert (fees.value_on, fees.bank_reference, fees.remittance) == (dt.date(2026, 3, 2), "B-1002", "Fees of February")
    assert (wire.bank_reference, wire.remittance) == ("B-2001", "Wire")


def test_balances_are_opening_and_closing():
    statement = parsed()[0][0]
    assert (statement.opening.amount, statement.closing.amount) == (Decimal("1000.00"), Decimal("1200.50"))


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("49,279950,7/", "49,279951,7/", "total"),
        ("49,279950,7/", "49,279950,8/", "records"),
        ("98,290950,2,12/", "98,290950,3,12/", "accounts"),
        ("99,290950,1,14/", "99,290950,1,15/", "records"),
    ],
)
def test_totals_of_the_bank_that_are_not_met_hold_it(old, new, where):
    finding = parsed((old, new))[2]["totals_unmet"]
    assert where in finding.facts and finding.blocking


def test_credits_and_debits_of_the_summary_are_held_against_the_entries():
    content = changed("day.bai", ("100,25000,1", "100,25000,2"))
    assert "credit_count" in read(CONNECTOR, content)[2]["totals_unmet"].facts


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.8, 0.97])
def test_half_a_file_is_refused(kept):
    content = changed("day.bai")
    refusal(CONNECTOR, content[: int(len(content) * kept)])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("16,165,25000", "16,720,25000"),
        ("16,165,25000", "16,165,25x"),
        ("02,FINANCE,COBADEFF,1,", "02,FINANCE,COBADEFF,4,"),
        ("1,80,,2/", "1,80,,1/"),
        ("260302,2359", "260231,2359"),
        ("98,290950,2,12/\n", ""),
    ],
)
def test_what_nobody_can_tell_is_refused(old, new):
    refusal(CONNECTOR, changed("day.bai", (old, new)))


def test_law_2_a_file_told_twice_has_the_same_keys():
    once, twice = read(CONNECTOR, changed("day.bai")), read(CONNECTOR, changed("day.bai") * 2)
    assert [entry.key for entry in twice[1]] == [entry.key for entry in once[1]] * 2


def test_law_2_an_interim_day_is_never_final():
    statements, entries, _findings = parsed(("2359,EUR,2/", "2359,EUR,3/"))
    assert {type(one) for one in statements} == {BankReport} and {type(one) for one in entries} == {ProvisionalEntry}


def test_a_correction_waits_for_a_person():
    assert parsed(("02,FINANCE,COBADEFF,1,", "02,FINANCE,COBADEFF,3,"))[2]["correction"].blocking


def test_version_3_is_read_alike():
    assert parsed(("1,80,,2/", "1,80,,3/"))[1] == parsed()[1]


def test_padded_lines_and_lines_with_every_record_are_read_alike():
    padded = b"\n".join(line.ljust(80) for line in changed("day.bai").splitlines())
    assert read(CONNECTOR, padded)[1] == parsed()[1]
