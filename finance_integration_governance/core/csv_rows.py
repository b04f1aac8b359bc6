"""Rows in CSV files, from a folder or over SFTP, with the columns that were agreed."""

import csv
import io

from .connector import Setting
from .errors import ConfigurationError, MalformedPayload
from .file_source import FileSource, file_settings
from .rows import RowSource

MAX_LINE = 1_000_000  # characters
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


class CsvFiles(FileSource, RowSource):
    """One payload is one file; its first line names the columns. What they mean says the flow's field map."""

    code = "kernel.csv"
    label = "Rows in CSV files"
    settings = file_settings(
        "*.csv",
        Setting("declared", "Columns", help="The columns as agreed, separated by commas; other files are refused."),
        Setting("delimiter", "Between columns", kind="choice", default="semicolon", choices=tuple(DELIMITERS)),
        Setting("encoding", "Characters", kind="choice", default="utf-8-sig", choices=("utf-8-sig", "cp1252")),
    )
    content_type = "text/csv"

    @classmethod
    def declared_columns(cls, settings):
        return tuple(name.strip() for name in settings.get("declared", "").split(",") if name.strip())

    def _columns(self):
        names = self.declared_columns({"declared": self.declared})
        if len(set(names)) != len(names):
            raise ConfigurationError("the declared columns have names of their own", setting="declared")
        return names

    def rows(self, payload):
        """A file with other columns, or a row with more or fewer cells, is refused as a whole."""
        return (row for _number, row in self._numbered(payload))

    def lines(self, payload):
        """As a spreadsheet counts: the head and blank rows count, line breaks in quotes make no further row."""
        return (number for number, _row in self._numbered(payload))

    def _numbered(self, payload):
        columns = self._columns()
        with payload.open() as stream:
            lines = rows_in(stream, self.encoding, DELIMITERS[self.delimiter])
            if tuple(next(lines, (1, ()))[1]) != columns:
                raise MalformedPayload("the first line does not name the columns that were agreed", code="columns")
            for number, cells in lines:
                if cells:
                    if len(cells) != len(columns):
                        raise MalformedPayload(f"row {number} has {len(cells)} cells, not {len(columns)}")
                    yield number, dict(zip(columns, cells, strict=True))


def rows_in(stream, encoding, delimiter):
    """(number, cells) of each row, blank ones too; the file is never in memory as a whole."""
    rows, number = csv.reader(_lines(stream, encoding), delimiter=delimiter, strict=True), 1
    while (cells := _next(rows, number)) is not None:
        yield number, cells
        number += 1


def _lines(stream, encoding):
    text = io.TextIOWrapper(stream, encoding, newline="")
    try:
        while line := text.readline(MAX_LINE):
            if len(line) == MAX_LINE:
                raise MalformedPayload(f"a line of {MAX_LINE} characters or more", code="too_large")
            yield line
    except UnicodeError:
        # UnicodeError carries the bytes it stumbled over, so it is not chained.
        raise MalformedPayload(f"the file is not {encoding}") from None


def _next(rows, number):
    """The next row's cells, None at the end."""
    try:
        return next(rows, None)
    except csv.Error as error:
        raise MalformedPayload(f"row {number} is not CSV: {error}") from None
