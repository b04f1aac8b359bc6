"""Tables as files, CSV and XLSX: out guarded against formulas, in raw, bounded, refused with line and reason.

The library of workbooks is openpyxl. It is loaded where a workbook is read or written: a connector's core is also
imported by the script of an evidence pack, which has Python's own library only.
"""

import csv
import io
import re
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .errors import DataError, MalformedPayload
from .tabular import guarded, unguarded, write

MAX_BYTES = 20 << 20
MAX_UNPACKED = 100 << 20
MAX_ROWS = 100_000
# An XML reader would follow these where our look for a document type does not.
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0", b"\x4c\x6f\xa7\x94")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)""")
_ENCODINGS = (b"utf-8", b"us-ascii", b"ascii")
_ARCHIVE = b"PK\x03\x04"
_DELIMITERS = (",", ";", "\t")
_PROPERTIES = "docProps/core.xml"
_CHOICES = "Members"
_MOMENT = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")


# Out


@dataclass(frozen=True)
class Choice:
    """What may be chosen: `texts` are pairs of what is written and what it is called.

    `column`: the place in the first sheet that offers it, counted from 0; None where it is only listed.
    """

    title: str
    texts: tuple
    column: int | None = None


def as_csv(rows):
    """UTF-8 with a byte-order mark, so that spreadsheets read it as such."""
    stream = io.StringIO(newline="")
    write(stream, ([_cell(cell) for cell in row] for row in rows))
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _cell(cell):
    return cell.isoformat() if isinstance(cell, date) else cell


def as_xlsx(rows, choices=()):
    """One sheet; a text never becomes a formula, and a number never a text. `choices`: as `write_xlsx` has them."""
    stream = io.BytesIO()
    write_xlsx(stream, rows, choices)
    return stream.getvalue()


def write_xlsx(target, rows, choices=()):
    """The same into a path or a binary stream, a row at a time; the same rows make the same bytes.

    `choices`: `Choice`s, which stand in a second sheet; their columns offer them as drop-downs. Raises DataError for a
    text that no workbook holds.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Lines")
    for place, choice in enumerate(choices):
        _offer(sheet, choice, place)
    _append(sheet, rows)
    if choices:
        _append(book.create_sheet(_CHOICES), _side_by_side(choices))
    with tempfile.TemporaryFile() as made:
        book.save(made)
        _without_clock(made, target)


def _append(sheet, rows):
    from openpyxl.utils.exceptions import IllegalCharacterError

    for row in rows:
        try:
            sheet.append([guarded(cell) if isinstance(cell, str) else _cell(cell) for cell in row])
        except IllegalCharacterError:
            text = "a text has a control character, which no workbook holds: choose another format"
            raise DataError(text, code="control") from None


def _offer(sheet, choice, place):
    """A drop-down in the choice's column of the first sheet; another text is taken after a warning."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    if choice.column is None or not choice.texts:
        return
    column, source = get_column_letter(choice.column + 1), get_column_letter(2 * place + 1)
    offered = DataValidation(
        type="list",
        formula1=f"{_CHOICES}!${source}$2:${source}${len(choice.texts) + 1}",
        errorStyle="warning",
        showErrorMessage=True,
        sqref=f"{column}2:{column}{MAX_ROWS + 1}",
    )
    sheet.data_validations.append(offered)


def _side_by_side(choices):
    """Two columns for each choice: what is written, and what it is called."""
    yield [text for choice in choices for text in (choice.title, "")]
    for number in range(max(len(choice.texts) for choice in choices)):
        told = (choice.texts[number] if number < len(choice.texts) else ("", "") for choice in choices)
        yield [text for pair in told for text in pair]


def _without_clock(made, target):
    """The workbook without the moment at which it was made."""
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(target, "w") as timeless:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name)  # of 1980, when archives begin
            part.compress_type = zipfile.ZIP_DEFLATED
            with parts.open(name) as source, timeless.open(part, "w") as copy:
                if name == _PROPERTIES:
                    copy.write(_MOMENT.sub(b"", source.read()))
                else:
                    shutil.copyfileobj(source, copy)


# In


def rows_of(content, columns):
    """(line number, {column: text or date}) of each row that is not empty; the first row names the columns.

    Raises MalformedPayload with line and reason: for what is no table, too large, or has a column nobody knows.
    """
    rows = workbook_rows(content, len(columns)) if content.startswith(_ARCHIVE) else _csv_rows(content)
    number, head = next(rows, (1, []))
    names = [cell.strip().lower() if isinstance(cell, str) else "" for cell in _without_tail(head)]
    _check_head(number, names, columns)
    for number, row in rows:
        cells = _without_tail(row)
        if len(cells) > len(names):
            raise _refusal(number, "there are more cells than columns")
        if cells:
            yield number, {name: cell for name, cell in zip(names, cells, strict=False) if cell not in ("", None)}


def workbook_rows(content, width, is_by_cell=False):
    """(number, cells) of each row of a workbook's first sheet: texts, numbers as texts, dates as dates, or None.

    Raises MalformedPayload for what is no workbook, too large, or has a formula where a value belongs. `is_by_cell`: a
    formula, an error or a truth value is a text like any other, for who refuses each cell by its name.
    """
    _must_be_small(content)
    return _xlsx_rows(content, width, is_by_cell)


def _must_be_small(content):
    if len(content) > MAX_BYTES:
        raise MalformedPayload(f"the file is larger than {MAX_BYTES >> 20} MB", code="too_large")


def _without_tail(row):
    """The row up to its last cell that holds something."""
    cells = list(row)
    while cells and cells[-1] in ("", None):
        cells.pop()
    return cells


def _check_head(number, names, columns):
    unknown = [name or "(empty)" for name in names if name not in columns]
    if not names or unknown:
        raise _refusal(number, f"the columns are {', '.join(columns)}; nobody knows {', '.join(unknown) or 'none'}")
    if len(set(names)) < len(names):
        raise _refusal(number, "a column stands twice")


def _refusal(number, reason):
    return MalformedPayload(f"line {number}: {reason}", code="malformed_table", line=number)


def _csv_rows(content):
    _must_be_small(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(content[: error.start].count(b"\n") + 1, "this is no UTF-8") from None
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for count, row in enumerate(reader):
            if count > MAX_ROWS:
                raise _refusal(reader.line_num, f"more than {MAX_ROWS} rows")
            yield reader.line_num, [unguarded(cell) for cell in row]
    except csv.Error as error:
        raise _refusal(reader.line_num, str(error)) from None


def _xlsx_rows(content, width, is_by_cell=False):
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # Never beyond what we take, whatever the sheet says of its own size.
        for number, row in enumerate(sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=width + 1), 1):
            if number > MAX_ROWS + 1:
                raise _refusal(number, f"more than {MAX_ROWS} rows")
            yield number, [_xlsx_cell(number, cell, is_by_cell) for cell in row]
    except (InvalidFileException, KeyError, ValueError, IndexError, AttributeError, TypeError, SyntaxError) as error:
        raise MalformedPayload(
            f"this workbook cannot be read: {type(error).__name__}", code="malformed_table"
        ) from None


def _xlsx_cell(number, cell, is_by_cell):
    value = cell.value
    if is_by_cell and cell.data_type in ("f", "e", "b"):
        return str(value)
    if cell.data_type == "f":
        raise _refusal(number, "there is a formula")
    if cell.data_type in ("e", "b"):
        raise _refusal(number, "there is an error or a truth value where a text belongs")
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, int | float):
        return _number(value)
    return unguarded(value) if isinstance(value, str) else value


def _number(value):
    """A code that somebody typed as a number: 400000, not 400000.0."""
    return format(Decimal(str(value)).normalize(), "f")


def _check_archive(content):
    """A workbook that would fill the memory, or that brings a document type, is not opened at all."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED:
                raise MalformedPayload("the workbook is too large when unpacked", code="too_large")
            for member in archive.infolist():
                _check_member(archive, member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise MalformedPayload(f"this is no workbook: {type(error).__name__}", code="malformed_table") from None


def _check_member(archive, member):
    """Parts are UTF-8 and have no document type, whatever they are called; pictures pass."""
    with archive.open(member) as stream:
        last = stream.read(1 << 16)
        declared = _ENCODING.search(last[:200])
        if last.startswith(_OTHER_ENCODINGS) or (declared and declared[1].lower() not in _ENCODINGS):
            raise _stranger(member)
        while last:
            if b"<!DOCTYPE" in last or b"<!ENTITY" in last:
                raise _stranger(member)
            more = stream.read(1 << 16)
            last = last[-9:] + more if more else b""


def _stranger(member):
    return MalformedPayload(f"{member.filename[:80]} is not what a workbook holds", code="malformed_table")
