import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from odoo.addons.finance_integration_governance.core.crosswalk import Line
from odoo.addons.finance_integration_governance.core.crosswalk_file import COLUMNS, lines_of, table
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.likeness import proposals
from odoo.addons.finance_integration_governance.core.sheets import Choice, as_csv, as_xlsx, rows_of, workbook_rows
from odoo.addons.finance_integration_governance.core.tabular import guarded, unguarded

HEAD = ",".join(COLUMNS)
WRITERS = {"csv": as_csv, "xlsx": as_xlsx}
LINES = [
    Line("REV", "700000", label="Revenue", valid_from=date(2026, 1, 1)),
    Line("REV", "700100", "range", "700199"),
    Line("=cmd|' /C calc'!A0", "-1*", "wildcard", label="@SUM(1)"),
    Line("0400", "+49", label="'=quoted"),
    Line("＝1", "''x", valid_to=date(2026, 6, 30)),
    Line('Größe; "x", y', kind="default"),
]


def csv_of(*lines, head=HEAD):
    return "\n".join([head, *lines]).encode()


def refusal(content):
    with pytest.raises(MalformedPayload) as raised:
        lines_of(content)
    return raised.value


@pytest.mark.parametrize("kind", WRITERS)
def test_what_goes_out_comes_back_the_same(kind):
    content = WRITERS[kind](table(LINES))
    assert sorted(map(repr, lines_of(content))) == sorted(map(repr, LINES))


@given(st.text(max_size=6) | st.text("=+-@\t\r\n\0＝＋－＠ '1a", max_size=4))
def test_s05_guarding_is_undone_exactly(text):
    assert unguarded(guarded(text)) == text


def test_s05_no_cell_of_a_workbook_is_a_formula_and_numbers_stay_numbers():
    row = ["=1+1", "+x", "-x", "@x", "＝1", " =1", Decimal("-12.50"), -3, "plain"]
    cells = next(load_workbook(io.BytesIO(as_xlsx([row]))).active.iter_rows())
    assert [cell.data_type for cell in cells] == ["s"] * 6 + ["n", "n", "s"]
    assert (cells[0].value, float(cells[6].value)) == ("'=1+1", -12.5)
    assert as_csv([row]).decode("utf-8-sig").startswith("'=1+1,'+x,'-x,'@x,'＝1,' =1,-12.5,-3,plain")


def test_what_a_formula_would_be_is_taken_raw():
    assert lines_of(csv_of("exact,=1+1,,-A,,,"))[0] == Line("-A", "=1+1")


def test_semicolons_tabs_and_a_byte_order_mark_are_understood():
    assert lines_of("\ufeffsource;target\n1;A\n".encode()) == [Line("A", "1")]
    assert lines_of(b"target\tsource\r\nA\t1\r\n\r\n") == [Line("A", "1")]


def test_a_number_in_a_workbook_is_a_code_without_a_point():
    book = Workbook()
    for row in (["source", "target", "valid_from"], [400000, 12.5, date(2026, 1, 31)], [None, None, None]):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    assert lines_of(stream.getvalue()) == [Line("12.5", "400000", valid_from=date(2026, 1, 31))]


@pytest.mark.parametrize(
    ("rows", "place", "word"),
    [
        (["exact,1,,A,,,", "exact,1,,B,,,"], 3, "line 2 already"),
        (["exact,1,,A,,,2026-06-30", "exact,1,,B,,2026-06-30,"], 3, "same days"),
        (["range,10,20,A,,,", "range,15,30,B,,,"], 3, "overlaps"),
        (["exact,1,,A,,31.01.2026,"], 2, "valid_from is no date"),
        (["guess,1,,A,,,"], 2, "kind"),
        (["exact,1,,,,,"], 2, "no target"),
        (["exact,1,,A,,,,,x"], 2, "more cells than columns"),
        (["exact,1,,A,,,", 'exact,"2,,B,,,'], 3, "unexpected end"),
        (['exact,1,,"A\nB",,,'], 3, "cannot be seen"),
        (["exact,1\0,,A,,,"], 2, "cannot be seen"),
    ],
)
def test_bad_lines_are_refused_whole_with_line_and_reason(rows, place, word):
    error = refusal(csv_of(*rows))
    assert f"line {place}: " in error.text
    assert word in error.text


def test_all_bad_lines_are_named_up_to_a_bound():
    error = refusal(csv_of(*(f"exact,{n},,,,," for n in range(50))))
    assert (error.facts["count"], len(error.facts["told"])) == (50, 20)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "nobody knows none"),
        (b"source,colour\n1,2\n", "nobody knows colour"),
        (b"source,source\n1,2\n", "twice"),
        (b"source,target\n1,\xff\xfe\n", "no UTF-8"),
        (b"PK\x03\x04 and no more", "no workbook"),
        (b"source,target\n" + b"1," + b"x" * 200_000 + b"\n", "field larger"),
    ],
)
def test_what_is_no_table_is_refused(content, word):
    assert word in refusal(content).text


def workbook(**parts):
    """A real workbook with parts exchanged or added."""
    stream, content = io.BytesIO(), as_xlsx(table(LINES))
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize("part", [
    BOMB.encode(),
    b"<!--" + b" " * 100_000 + b"-->" + BOMB.encode(),
    BOMB.encode("utf-16"),
    BOMB.encode("utf-16-le"),
    b'<?xml version="1.0" encoding="UTF-7"?><x/>',
    '<?xml version="1.0" encoding="IBM037"?><x/>'.encode("cp037"),
])  # fmt: skip
def test_s02_a_workbook_with_a_document_type_is_not_opened(part):
    assert "not what a workbook holds" in refusal(workbook(**{SHEET: part})).text


def test_s02_a_workbook_that_unpacks_to_too_much_is_not_opened():
    assert "too large" in refusal(workbook(**{"xl/media/x.bin": b"\1" * (101 << 20)})).text


def test_s02_a_sheet_that_says_it_is_endless_ends():
    cell = '<c r="A{0}" t="inlineStr"><is><t>source</t></is></c>'
    rows = "".join(f'<row r="{number}">{cell.format(number)}</row>' for number in (1, 999_999_999))
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
    assert refusal(workbook(**{SHEET: sheet})).code in ("malformed_table", "crosswalk_refused")


def test_a_formula_in_a_workbook_is_refused_with_its_line():
    book = Workbook()
    for row in (["source", "target"], ["1", "=1+1"]):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    assert refusal(stream.getvalue()).text == "line 2: there is a formula"


def test_who_refuses_each_cell_gets_formulas_and_truths_as_texts():
    book = Workbook()
    book.active.append(["=1+1", True, "#REF!", 7])
    book.active["C1"].data_type = "e"
    stream = io.BytesIO()
    book.save(stream)
    assert list(workbook_rows(stream.getvalue(), 4, is_by_cell=True)) == [(1, ["=1+1", "True", "#REF!", "7", None])]


def test_choices_stand_beside_the_lines_and_are_offered_in_their_columns():
    choices = [Choice("Account", (("700000", "Sales"), ("=1", "Odd")), 1), Choice("Month", (("2026-01", ""),))]
    content = as_xlsx([["a", "b"], ["x", "y"]], choices)
    book = load_workbook(io.BytesIO(content))
    told = [list(row) for row in book["Members"].iter_rows(values_only=True)]
    assert told == [["Account", None, "Month", None], ["700000", "Sales", "2026-01", None], ["'=1", "Odd", None, None]]
    [offered] = book["Lines"].data_validations.dataValidation
    assert (offered.formula1, str(offered.sqref).split(":")[0]) == ("Members!$A$2:$A$3", "B2")
    assert [row for _number, row in rows_of(content, ("a", "b"))] == [{"a": "x", "b": "y"}]


def test_empty_rows_are_no_rows():
    assert list(rows_of(b"source,target\n,\n\n1,A\n", COLUMNS)) == [(4, {"source": "1", "target": "A"})]


# Proposals


KNOWN = [
    ("700000", "Sales of goods", "REV", "Revenue"),
    ("700100", "Sales of services", "SRV", "Services"),
    ("610000", "Rent", "OPEX", None),
]


def test_what_is_alike_in_code_and_name_is_proposed_first():
    found = proposals("700150", "Sales of services abroad", KNOWN)
    assert (found[0].target, found[0].because) == ("SRV", "700100")
    assert found[0].score > found[1].score


def test_what_is_alike_in_nothing_is_not_proposed():
    assert proposals("ZZ", "Unheard of", KNOWN) == []
    assert proposals("", "", KNOWN) == []
