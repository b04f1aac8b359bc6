"""Rows in CSV files: with the columns that were agreed, or refused as a whole."""

import io

import pytest

from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.csv_rows import MAX_LINE, CsvFiles
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MalformedPayload


def told(read, content, **settings):
    data = content if isinstance(content, bytes) else content.encode()
    source = CsvFiles(location="file:///nowhere", **{"declared": "a, b", **settings})
    return list(read(source, Payload("x.csv", lambda: io.BytesIO(data))))


def rows(content, **settings):
    return told(CsvFiles.rows, content, **settings)


def test_each_line_is_a_row():
    assert rows("a;b\n1;2\n\n3;\n") == [{"a": "1", "b": "2"}, {"a": "3", "b": ""}]


def test_a_quoted_line_break_is_part_of_its_cell():
    assert rows('a;b\n"x\ny\x85z";2\n') == [{"a": "x\ny\x85z", "b": "2"}]


def test_each_row_is_found_where_a_spreadsheet_has_it():
    content = 'a;b\n1;2\n\n"x\ny\nz";3\n4;5\n'
    assert told(CsvFiles.lines, content) == [2, 4, 5]
    assert [row["b"] for row in rows(content)] == ["2", "3", "5"]


def test_a_row_that_is_not_as_agreed_is_named_where_a_spreadsheet_has_it():
    with pytest.raises(MalformedPayload, match="row 5 has 1 cells"):
        rows('a;b\n1;2\n\n"x\ny";3\n4\n')


def test_a_byte_order_mark_is_not_part_of_the_first_column():
    assert rows("a;b\n1;2".encode("utf-8-sig")) == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize("content", ["", "a\n1\n", "b;a\n1;2\n", "a;b;c\n", "a,b\n1,2\n"])
def test_other_columns_are_refused(content):
    with pytest.raises(MalformedPayload) as refused:
        rows(content)
    assert refused.value.code == "columns"


@pytest.mark.parametrize("line", ["1", "1;2;3", '"1;2', '"1"x;2'])
def test_a_line_that_is_not_as_agreed_refuses_the_file(line):
    with pytest.raises(MalformedPayload) as refused:
        rows(f"a;b\n1;2\n{line}")
    assert "1;2" not in refused.value.text


def test_bytes_of_another_encoding_are_refused():
    with pytest.raises(MalformedPayload):
        rows(b"a;b\n\xff;2\n")


def test_a_line_without_end_is_refused_in_bounded_memory():
    with pytest.raises(MalformedPayload):
        rows("a;b\n" + "x" * (MAX_LINE + 1))


def test_columns_of_the_same_name_are_refused():
    with pytest.raises(ConfigurationError):
        rows("a;a\n", declared="a,a")
