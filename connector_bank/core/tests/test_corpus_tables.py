"""Published exports of banks as CSV, each with the profile that somebody would declare for it."""

from decimal import Decimal

import pytest
from bank_reading import read
from corpus import SAMPLES

from odoo.addons.connector_bank.core.statement import BankEntry
from odoo.addons.connector_bank.core.table import TableFiles

FOLDER = SAMPLES / "bankcsv" / "bank2ynab__bank2ynab" / "test" / "test-data"
if not FOLDER.exists():
    pytest.skip("no sample files: set FIG_SAMPLES to their folder", allow_module_level=True)

COMMA = {"delimiter": "comma", "decimal": "point"}
CZECH = {"days": "YYYY/MM/DD", "currency": "CZK", "encoding": "cp1250"}
# File -> profile, how many entries are booked, their sum, and the finding that holds the statement, if one does.
PROFILES = {
    "20171001-20171106.csv": (
        COMMA
        | {
            "currency": "EUR",
            "columns": "booked_on=Datum; counterparty=Empfänger; counterparty_account=Kontonummer; amount=Betrag (EUR);"
            "remittance=Verwendungszweck; original_amount=Betrag (Fremdwährung); original_currency=Fremdwährung",
        },
        (1, "-59.99", None),
    ),
    "20180226_12345678.csv": (
        COMMA
        | {
            "days": "DD/MM/YYYY",
            "currency": "GBP",
            "columns": "booked_on=Date; remittance=Description; amount=Amount; balance=Balance",
        },
        (1, "-5.00", None),
    ),
    "CSV_A_20180414_112204.csv": (
        {
            "delimiter": "comma",
            "encoding": "cp1252",
            "account": None,
            "columns": "account=IBAN/BBAN; currency=Munt; booked_on=Datum; value_on=Rentedatum; amount=Bedrag;"
            "balance=Saldo na trn; counterparty=Naam tegenpartij; counterparty_account=Tegenrekening IBAN/BBAN;"
            "remittance=Omschrijving-1 + Omschrijving-2 + Omschrijving-3; proprietary_code=Code",
        },
        (3, "-1037.49", "balance_open"),
    ),
    "MS_JANE_SMITH_01-12-2019_14-12-2019.csv": (
        COMMA
        | {
            "days": "DD-MMM-YYYY",
            "currency": "GBP",
            "pending_words": "pending",
            "credit_words": "CR",
            "columns": "booked_on=Date Processed; remittance=Description; amount=Amount; side=#4",
        },
        (10, "-285.80", None),
    ),
    "MonzoDataExport_February2018_2018-02-26_174335.csv": (
        COMMA
        | {"columns": "booked_on=created; amount=amount; currency=currency; bank_reference=id; remittance=description"},
        (1, "-10", None),
    ),
    "TH_20180101-20180523_page_1.csv": (
        CZECH | {"columns": "booked_on=Posting date; amount=Amount CZK; remittance=Bank account details"},
        (9, "-2599.99", None),
    ),
    "TH_20180521-20180523.csv": (
        CZECH | {"columns": "booked_on=Posting date; amount=Amount CZK; remittance=Bank account details"},
        (1, "-111.11", None),
    ),
    "TH_20180101-20180523_strana_1.csv": (
        CZECH | {"columns": "booked_on=Datum zaúčtování; amount=Částka CZK; remittance=Bankovní spojení"},
        (9, "-2599.99", None),
    ),
    "TransactionHistory_20180418043121.csv": (
        COMMA
        | {
            "days": "DD/MM/YYYY",
            "currency": "SGD",
            "goes_on": True,
            "columns": "booked_on=Transaction date; value_on=Value date; remittance=Description;"
            "debit=Withdrawals (SGD); credit=Deposits (SGD)",
        },
        (8, "-173.28", None),
    ),
    "Umsaetze_KtoNr538917600_EUR_02-03-2018_1503.CSV": (
        {
            "days": "DD.MM.YYYY",
            "account": None,
            "columns": "booked_on=Buchungstag; value_on=Wertstellung; amount=Betrag; currency=Währung;"
            "account=IBAN Auftraggeberkonto; remittance=Buchungstext; proprietary_code=Umsatzart",
        },
        (1, "-17.22", None),
    ),
    "dba33fceecd62c3c727893361e0ba4d3.P000000027355791.csv": (
        COMMA
        | {"days": "DD MMM YYYY", "currency": "SGD", "columns": "booked_on=#1; remittance=#5; debit=#3; credit=#4"},
        (1, "-7.80", None),
    ),
    "export_KBC-Mastercard Business Essential_20200204_1604.csv": (
        {
            "days": "DD/MM/YYYY",
            "columns": "booked_on=Datum verrekening; credit=credit; debit=debet; currency=munt; remittance=Handelaar",
        },
        (3, "2.73", None),
    ),
    "test_headers.csv": (
        {
            "days": "DD.MM.YYYY",
            "ignored_rows": "footer row, a null transaction",
            "columns": "booked_on=Date; remittance=Payee; amount=Inflow; currency=Currency",
        },
        (73, "-4580.70", None),
    ),
    "test_row_format_neg_inflow.csv": (
        {
            "days": "DD.MM.YYYY",
            "ignored_rows": "a null transaction",
            "columns": "booked_on=#1; remittance=#2; amount=#4; currency=#5",
        },
        (73, "-4580.70", None),
    ),
    "test_swedebank_statement.xls": (
        COMMA
        | {
            "account": None,
            "credit_words": "K",
            "debit_words": "D",
            "opening_row": "opening balance",
            "closing_row": "closing balance",
            "ignored_rows": "turnover",
            "columns": "account=Account No; booked_on=Date; counterparty=Beneficiary; remittance=Details;"
            "amount=Amount; currency=Currency; side=D/K",
        },
        (13, "2578.93", None),
    ),
}


@pytest.mark.parametrize("name", PROFILES)
def test_a_published_table_is_read_right_or_held(name):
    told, (count, total, held) = PROFILES[name]
    connector = TableFiles(**({"location": "file:///nowhere", "account": "TABLE-1"} | told))
    statements, entries, findings = read(connector, (FOLDER / name).read_bytes())
    booked = [entry for entry in entries if type(entry) is BankEntry]
    assert (len(statements), len(booked), sum(e.amount for e in booked)) == (1, count, Decimal(total))
    assert len({entry.key for entry in entries}) == len(entries)
    assert [code for code, one in findings.items() if one.blocking] == ([held] if held else [])


def test_every_published_table_has_a_profile():
    assert {path.name for path in FOLDER.iterdir() if path.suffix.lower() in (".csv", ".xls")} == PROFILES.keys()
