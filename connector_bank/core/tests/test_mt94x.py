"""MT940 and MT942 in samples of ours, and in the ways that banks write them."""

import datetime as dt
from decimal import Decimal

import pytest
from bank_reading import SAMPLES, changed, read, reader, refusal

from odoo.addons.connector_bank.core.mt94x import Mt94x
from odoo.addons.connector_bank.core.statement import BankReport, ProvisionalEntry
from odoo.addons.finance_integration_governance.core.testing.source_contract import SourceContract
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

CONNECTOR = Mt94x(location=SAMPLES.as_uri())
parsed = reader(CONNECTOR)


class TestMt940(SourceContract):
    connector = CONNECTOR
    sample = SAMPLES / "day.sta"
    expected = ControlTotals(4, {"EUR": Decimal("246.00")})


class TestMt942(SourceContract):
    connector = CONNECTOR
    sample = SAMPLES / "interim.sta"
    expected = ControlTotals(2, {"EUR": Decimal("145.00")})


def message(*lines):
    head = (":20:STARTUMS", ":25:37040044/0532013000", ":28C:1/1", ":60F:C260301EUR100,00")
    return "\n".join((*head, *lines, ":62F:C260302EUR150,00", "-")).encode()


def one(*lines):
    _statements, (entry,), findings = read(CONNECTOR, message(*lines))
    assert findings == {}
    return entry


def test_two_accounts_in_one_file_stay_apart():
    statements, entries, findings = parsed("day.sta")
    assert [statement.account for statement in statements] == ["37040044/0532013000", "NL91ABNA0417164300"]
    assert [entry.parent_key for entry in entries] == [statements[0].key] * 3 + [statements[1].key]
    assert findings == {}


def test_a_statement_tells_number_and_both_balances():
    statement = parsed("day.sta")[0][0]
    assert (statement.statement, statement.sequence, statement.is_last_page) == ("00041", "00041", True)
    assert (statement.opening.amount, statement.closing.amount) == (Decimal("1000.00"), Decimal("1200.50"))
    assert statement.closing.on == dt.date(2026, 3, 2)


def test_numbered_details_become_names_references_and_text():
    entry = parsed("day.sta")[1][0]
    assert (entry.counterparty, entry.counterparty_account) == ("Azure Interior", "NL91ABNA0417164300")
    assert (entry.end_to_end, entry.remittance) == ("INV-12", "Invoice INV/2026/00012")
    assert (entry.bank_reference, entry.proprietary_code) == ("B-1001", "NTRF+166+9248")


def test_named_details_go_on_over_the_end_of_a_line():
    entry = parsed("day.sta")[1][3]
    assert (entry.counterparty, entry.remittance, entry.end_to_end) == ("Deco Addict", "Order 77", "SO-77")
    assert entry.counterparty_agent == "RABONL2U"


def test_a_reversal_of_a_credit_is_a_debit_and_names_the_first_party():
    entry = parsed("day.sta")[1][2]
    assert (entry.amount, entry.is_reversal, entry.counterparty) == (Decimal("-40.00"), True, "Lumber Inc")


def test_labelled_details_of_dutch_banks_are_read():
    text = ":86:SEPA IDEAL   IBAN: NL70ABNA0888888888\nBIC: ABNANL2A   NAAM: NS REIZIGERS\nOMSCHRIJVING: E-TICKET 48\n"
    entry = one(":61:2603020302C50,NTRFNONREF", text + "KENMERK: 26-01-2014 18:14")
    assert (entry.counterparty, entry.counterparty_account) == ("NS REIZIGERS", "NL70ABNA0888888888")
    assert (entry.remittance, entry.end_to_end) == ("E-TICKET 48", "26-01-2014 18:14")


def test_a_text_for_people_is_kept_line_by_line():
    assert one(":61:2603020302C50,00NTRFNONREF", ":86:Rent of March\nhouse 7").remittance == "Rent of March\nhouse 7"


def test_a_structured_reference_is_told_apart():
    entry = one(
        ":61:260302C50,00NTRFEREF", ":86:/CNTP/NL86INGB0002445588/INGBNL2A/TAX OFFICE//REMI/STRD/CUR/9001123412/"
    )
    assert (entry.structured_reference, entry.counterparty) == ("9001123412", "TAX OFFICE")
    assert entry.counterparty_account == "NL86INGB0002445588"


@pytest.mark.parametrize(
    ("entry", "booked_on"),
    [
        (":61:2603020302C50,00NTRFNONREF", dt.date(2026, 3, 2)),
        (":61:260302C50,00NTRFNONREF", dt.date(2026, 3, 2)),
        (":61:2601010102C50,00NTRFNONREF", dt.date(2026, 1, 2)),
        (":61:2601011231C50,00NTRFNONREF", dt.date(2025, 12, 31)),
        (":61:2512310102C50,00NTRFNONREF", dt.date(2026, 1, 2)),
    ],
)
def test_an_entry_date_without_a_year_is_the_nearest(entry, booked_on):
    assert one(entry).booked_on == booked_on


def test_the_thirtieth_of_february_is_its_last_day():
    assert one(":61:2602300302C50,00NTRFNONREF").value_on == dt.date(2026, 2, 28)


def test_blocks_and_lines_between_messages_are_passed_over():
    plain = read(CONNECTOR, changed("day.sta"))
    text = changed("day.sta").decode().replace("-\n", "-}\n").replace(":20:", "{1:F01BANK}{2:I940}{4:\n:20:")
    assert read(CONNECTOR, text.encode()) == plain
    assert read(CONNECTOR, b"Statements of today\n\n" + changed("day.sta")) == plain
    assert read(CONNECTOR, changed("day.sta").replace(b"\n", b"\r\n")) == plain


def test_a_block_that_does_not_end_is_half_a_file():
    text = "{1:F01BANK}{2:I940}{4:\n" + changed("day.sta").decode().split("-\n")[0]
    assert refusal(CONNECTOR, text.encode()).code == "truncated"


def test_characters_of_the_bank_are_kept():
    content = changed("day.sta", ("Azure Interior", "Müller")).decode().encode("latin-1")
    assert read(CONNECTOR, content)[1][0].counterparty == "Müller"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (":61:2603020302CR250,00", ":61:2603020302CRxx,00"),
        (":62F:C260302EUR1200,50", ":62F:C260302EUR"),
        (":20:STARTUMS\n:21:NONREF\n", ""),
        (":25:37040044/0532013000\n", ""),
        (":60F:C260227EUR1000,00", ":60F:C260227EUR1000,00\n:60F:C260227EUR1000,00"),
        ("-\n:20:STARTUMS\n:25:NL", "\x1a:20:STARTUMS\n:25:NL"),
    ],
)
def test_what_cannot_be_read_is_refused(old, new):
    refusal(CONNECTOR, changed("day.sta", (old, new)))


def test_an_entry_after_the_closing_balance_is_refused():
    refusal(CONNECTOR, changed("day.sta", ("C260302EUR1200,50\n:64", "C260302EUR1200,50\n:61:260302C1,00NTRF\n:64")))


def test_a_statement_that_does_not_add_up_is_held():
    findings = parsed("day.sta", (":62F:C260302EUR1200,50", ":62F:C260302EUR1200,51"))[2]
    assert findings["balance_open"].facts["difference"] == "-0.01" and findings["balance_open"].blocking


def test_r23_the_same_reference_on_another_day_is_another_entry():
    first = parsed("day.sta")[1]
    later = parsed("day.sta", ("260302", "260303"), ("0302", "0303"))[1]
    assert not {entry.key for entry in first} & {entry.key for entry in later}


def test_law_2_an_interim_report_is_never_final():
    (report,), entries, findings = parsed("interim.sta")
    assert isinstance(report, BankReport) and report.kind == "intraday" and findings == {}
    assert {type(entry) for entry in entries} == {ProvisionalEntry}


def test_totals_of_an_interim_report_are_held_against_its_entries():
    assert parsed("interim.sta", (":90C:1EUR150,00", ":90C:2EUR150,00"))[2]["totals_unmet"].blocking


def test_pages_of_one_statement_are_tied_by_interim_balances():
    page = ":20:A\n:25:37040044/0532013000\n:28C:7/{}\n:60{}:C260302EUR{}\n:61:260302C5,00NTRF\n:62{}:C260302EUR{}\n-\n"
    content = page.format(1, "F", "10,00", "M", "15,00") + page.format(2, "M", "15,00", "F", "20,00")
    statements, entries, findings = read(CONNECTOR, content.encode())
    assert findings == {} and len({statement.key for statement in statements}) == 2
    assert len({entry.alt_key for entry in entries}) == 2
