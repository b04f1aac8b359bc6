"""Tables of banks as CSV and XLSX, by declared profiles."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from bank_reading import read, refusal
from openpyxl import Workbook

from odoo.addons.connector_bank.core.statement import ProvisionalEntry
from odoo.addons.connector_bank.core.table import TableFiles
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

IBAN = "DE89370400440532013000"
COLUMNS = (
    "booked_on=Buchungstag; value_on=Wertstellung; amount=Betrag; currency=Währung; remittance=Text; balance=Saldo"
)
TABLE = f"""Umsätze {IBAN}

Buchungstag;Wertstellung;Text;Betrag;Währung;Saldo
02.03.2026;03.03.2026;Azure  Interior;1.250,00;EUR;2.250,00
02.03.2026;02.03.2026;Miete;-250,50;EUR;1.999,50
04.03.2026;04.03.2026;"Gebühr; März";-9,50;EUR;1.990,00
"""


def connector(**more):
    told = {"columns": COLUMNS, "account": IBAN, "days": "DD.MM.YYYY", "location": "file:///nowhere", **more}
    return TableFiles(**told)


def bare(columns, **more):
    return connector(columns=columns, currency="EUR", days="YYYY-MM-DD", delimiter="comma", decimal="point", **more)


def amounts(entries):
    return [entry.amount for entry in entries]


def test_a_table_is_one_statement_with_balances_of_its_own():
    (statement,), entries, findings = read(connector(), TABLE.encode())
    assert (statement.account, statement.from_on, statement.to_on) == (
        IBAN,
        dt.date(2026, 3, 2),
        dt.date(2026, 3, 4),
    )
    assert (statement.opening.amount, statement.closing.amount) == (Decimal("1000.00"), Decimal("1990.00"))
    assert amounts(entries) == [Decimal("1250.00"), Decimal("-250.50"), Decimal("-9.50")]
    assert entries[0].remittance == "Azure Interior" and entries[0].value_on == dt.date(2026, 3, 3)
    assert {entry.parent_key for entry in entries} == {statement.key} and findings == {}


def test_newest_first_is_the_same_statement_the_other_way_round():
    head, rows = TABLE.split("Saldo\n")
    turned = f"{head}Saldo\n" + "\n".join(reversed(rows.strip().split("\n"))) + "\n"
    (statement,), entries, findings = read(connector(), turned.encode())
    assert (statement.opening.amount, statement.closing.amount) == (Decimal("1000.00"), Decimal("1990.00"))
    assert {entry.key for entry in entries} == {entry.key for entry in read(connector(), TABLE.encode())[1]}
    assert findings == {}


def test_balances_that_do_not_go_on_hold_the_statement_and_name_the_line():
    findings = read(connector(), TABLE.replace("1.999,50", "1.999,51").encode())[2]
    assert findings["balance_open"].blocking and findings["balance_open"].facts == {"line": 5}


def test_the_same_in_a_workbook():
    book = Workbook()
    book.active.append(["Umsätze"])
    book.active.append(["Buchungstag", "Wertstellung", "Text", "Betrag", "Währung", "Saldo"])
    rows = [(2, 3, "Azure  Interior", 1250, 2250), (2, 2, "Miete", -250.5, 1999.5), (4, 4, "Gebühr; März", -9.5, 1990)]
    for day, value, text, amount, balance in rows:
        days = [dt.date(2026, 3, one) for one in (day, value)]
        book.active.append([*days, text, amount, "EUR", balance])
    stream = io.BytesIO()
    book.save(stream)
    sheet = read(connector(decimal="point"), stream.getvalue())
    table = read(connector(), TABLE.encode())
    assert [entry.key for entry in sheet[1]] == [entry.key for entry in table[1]]
    assert sheet[0][0].key == table[0][0].key and sheet[2] == {}


def test_law_2_told_twice_it_has_the_same_keys_and_equal_rows_stay_apart():
    twice = TABLE.replace("1.990,00\n", "1.990,00\n04.03.2026;04.03.2026;Coffee;-3,00;EUR;1.987,00\n")
    twice += "04.03.2026;04.03.2026;Coffee;-3,00;EUR;1.984,00\n"
    first, again = (read(connector(), twice.encode())[1] for _time in range(2))
    assert [entry.key for entry in first] == [entry.key for entry in again]
    assert len({entry.key for entry in first}) == 5


def test_accounts_in_one_file_stay_apart_also_between_each_other():
    text = "a,b,c\nX1,2026-03-01,5\nX2,2026-03-01,7\nX1,2026-03-02,-1\n"
    statements, entries, _findings = read(bare("account=a; booked_on=b; amount=c"), text.encode())
    assert [one.account for one in statements] == ["X1", "X2"]
    places = {one.key: one.account for one in statements}
    assert [(places[entry.parent_key], entry.amount) for entry in entries] == [("X1", 5), ("X2", 7), ("X1", -1)]


@pytest.mark.parametrize(
    ("columns", "rows", "more", "expected"),
    [
        ("credit=c; debit=d", "c,d\n,2.50\n3,\n0,1\n", {}, ["-2.50", "3", "-1"]),
        ("credit=c; debit=d", "c,d\n,-2.50\n", {}, ["-2.50"]),
        ("amount=c; side=d", "c,d\n2,D\n3,K\n", {"credit_words": "K", "debit_words": "D"}, ["-2", "3"]),
        ("amount=c; side=d", "c,d\n2,\n3,CR\n", {"credit_words": "cr"}, ["-2", "3"]),
        ("amount=c; side=d", "c,d\n-2,D\n", {"credit_words": "K", "debit_words": "D"}, ["-2"]),
        ("amount=c; remittance=d", "c,d\n2,x\n-3,y\n", {"sign": "debits"}, ["-2", "3"]),
        ("amount=c; remittance=d", 'c,d\n(2),x\n2-,y\n"£1,183.23",z\n+ £4,v\n', {}, ["-2", "-2", "1183.23", "4"]),
    ],
)
def test_credits_and_debits_are_told_in_many_ways(columns, rows, more, expected):
    head, *rest = rows.strip().split("\n")
    text = "\n".join([f"{head},b", *(f"{row},2026-03-01" for row in rest)])
    entries = read(bare(f"booked_on=b; {columns}", **more), text.encode())[1]
    assert amounts(entries) == list(map(Decimal, expected))


def test_columns_by_their_number_where_nothing_names_them():
    text = "18.09.2017;HOFER DANKT;18.09.2017;-33,87;EUR\n"
    told = connector(columns="booked_on=#1; remittance=#2; amount=#4; currency=#5")
    assert [(e.amount, e.remittance) for e in read(told, text.encode())[1]] == [(Decimal("-33.87"), "HOFER DANKT")]


def test_what_is_pending_is_never_booked():
    text = "Date,What,Amount\nPending,Shop,5\n2026-03-02,Other,-7\n"
    told = bare("booked_on=Date; remittance=What; amount=Amount", pending_words="pending, reserved")
    _statements, entries, findings = read(told, text.encode())
    assert [type(entry) is ProvisionalEntry for entry in entries] == [True, False]
    assert findings["not_booked"].facts["count"] == 1


def test_a_text_goes_on_in_rows_of_its_own():
    text = "Date,Value,What,Out,In\n2026-03-02,2026-03-02,CARD,6.66,\n,,15/04 UBER,,\n,,SINGAPORE,,\n"
    columns = "booked_on=Date; value_on=Value; remittance=What; debit=Out; credit=In"
    assert read(bare(columns, goes_on=True), text.encode())[1][0].remittance == "CARD\n15/04 UBER\nSINGAPORE"
    assert refusal(bare(columns), text.encode()).code == "date"


def test_rows_with_balances_are_no_entries():
    text = (
        "Date,What,Amount,Side\n2026-03-01,Opening balance,100,K\n2026-03-01,Shop,15.5,D\n"
        "2026-03-02,Closing Balance,84.50,K\n"
    )
    told = bare(
        "booked_on=Date; remittance=What; amount=Amount; side=Side",
        credit_words="K",
        debit_words="D",
        opening_row="opening balance",
        closing_row="closing balance",
    )
    (statement,), entries, findings = read(told, text.encode())
    assert amounts(entries) == [Decimal("-15.5")] and findings == {}
    assert (statement.opening.amount, statement.closing.amount) == (100, Decimal("84.50"))
    assert "balance_open" in read(told, text.replace("84.50", "84.51").encode())[2]


def test_rows_that_were_declared_to_be_none_are_passed_over():
    text = "Date,What,Amount\n2026-03-01,A,10\nTurnover,,10\n,Note: figures in EUR,\n"
    columns = "booked_on=Date; remittance=What; amount=Amount"
    assert amounts(read(bare(columns, ignored_rows="turnover, note:"), text.encode())[1]) == [10]
    assert refusal(bare(columns, ignored_rows="turnover"), text.encode()).code == "date"


def test_a_control_record_is_held_against_the_rows():
    text = "Date,What,Amount\n2026-03-01,A,10\n2026-03-01,B,-4\nTotal,2,6\n"
    told = bare("booked_on=Date; remittance=What; amount=Amount", control="Total; count=#2; net=#3")
    assert "totals_unmet" not in read(told, text.encode())[2]
    assert read(told, text.replace("Total,2,6", "Total,3,6").encode())[2]["totals_unmet"].facts == {"count": "3 / 2"}
    assert refusal(told, text.replace("Total,2,6\n", "").encode()).code == "truncated"
    assert refusal(told, (text + "2026-03-02,C,1\n").encode()).code == "row"


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("Betrag;", "Summe;", "columns", None),
        ("Währung;Saldo", "Währung;Saldo;Betrag", "columns", 3),
        ("-250,50", "-250.50", "amount", 5),
        ("-250,50", "", "amount", 5),
        ("-250,50", "-2.50,50", "amount", 5),
        ("02.03.2026;02", "31.02.2026;02", "date", 5),
        ("02.03.2026;02", "2026-03-02;02", "date", 5),
        ("02.03.2026;02", ";02", "date", 5),
        ('"Gebühr; März"', "Gebühr; März", "row", 6),
        ('"Gebühr', '"Gebühr"x', None, None),
        ("EUR;1.999", "Euro;1.999", "amount", None),
    ],
)
def test_what_does_not_fit_is_refused_as_a_whole_with_its_line(old, new, code, line):
    assert old in TABLE
    error = refusal(connector(), TABLE.replace(old, new, 1).encode())
    assert error.code == (code or error.code) and (line is None or f"line {line}" in str(error))


def test_bytes_that_are_not_the_characters_agreed_are_refused():
    refusal(connector(), TABLE.encode("cp1252"))
    assert read(connector(encoding="cp1252"), TABLE.encode("cp1252"))[1][2].remittance == "Gebühr; März"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a;b\n", b"PK\x03\x04 no workbook", b"\0\0\0"])
def test_what_is_no_table_is_refused(content):
    refusal(connector(), content)


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": "amount=Betrag"},
        {"columns": "booked_on=Tag"},
        {"columns": "booked_on=Tag; amount=A; credit=B"},
        {"columns": "booked_on=Tag; amount=A; side=B"},
        {"columns": "booked_on=Tag; amount=A; colour=B"},
        {"columns": "booked_on=#0; amount=#2"},
        {"days": "DD.MM"},
        {"control": "Total"},
        {"control": "Total; sum=#3"},
    ],
)
def test_a_profile_that_says_too_little_or_too_much_is_refused(wrong):
    with pytest.raises(ConfigurationError):
        read(connector(**wrong), TABLE.encode())
