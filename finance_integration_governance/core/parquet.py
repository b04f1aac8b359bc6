"""Tables in Parquet files: amounts exact, dates as dates, written and read a batch of rows at a time.

The library is pyarrow; it is loaded where somebody reads or writes such a file, and an administrator is told where it
is not there.
"""

import datetime as dt
import os
import tempfile
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice

from .errors import ConfigurationError, DataError, MalformedPayload

BATCH = 10_000  # rows
DIGITS, SCALE = 38, 10  # of an amount, and of them behind the point
MAX_BYTES = 2 << 30
_CHUNK = 1 << 16


def write(path, types, rows):
    """Write rows (lists of values, None where absent) to a file. `types`: column -> str, Decimal, date or int.

    Raises DataError where an amount has more digits than the file's type holds: nothing is rounded.
    """
    arrow, parquet = _library()
    schema = arrow.schema([(name, _type(arrow, kind)) for name, kind in types.items()])
    rows = iter(rows)
    with _spelled(arrow), parquet.ParquetWriter(path, schema) as writer:
        while some := list(islice(rows, BATCH)):
            columns = [
                arrow.array(values, field.type) for values, field in zip(zip(*some, strict=True), schema, strict=True)
            ]
            writer.write_table(arrow.Table.from_arrays(columns, schema=schema))


def rows(stream):
    """Each row of a file as a mapping, from a binary stream; MalformedPayload where it is no such file."""
    arrow, parquet = _library()
    with tempfile.TemporaryFile() as file:
        _copy(stream, file)
        try:
            for batch in parquet.ParquetFile(file).iter_batches(BATCH, use_threads=False):
                yield from batch.to_pylist()
        except (arrow.ArrowException, OSError):
            raise MalformedPayload("the file is no Parquet file, or is not whole") from None


def _copy(stream, file):
    # The end of such a file says what is in it, so a stream has to be stored before it is read.
    size = 0
    while block := stream.read(_CHUNK):
        size += len(block)
        if size > MAX_BYTES:
            raise MalformedPayload(f"the file is larger than {MAX_BYTES >> 20} MB", code="too_large")
        file.write(block)
    file.seek(0)


def _library():
    # Its own allocator and its threads reserve more than a gigabyte of addresses, and Odoo counts these against the
    # limits of its workers: one that had ever touched such a file could start no thread, or would be ended.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        text = "Parquet files need the Python package pyarrow; install it, or choose CSV"
        raise ConfigurationError(text, code="package") from None
    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(1)
    return pyarrow, parquet


def _type(arrow, kind):
    known = {str: arrow.string(), Decimal: arrow.decimal128(DIGITS, SCALE), dt.date: arrow.date32(), int: arrow.int64()}
    return known[kind]


@contextmanager
def _spelled(arrow):
    try:
        yield
    except arrow.ArrowInvalid:
        text = f"an amount has more than {SCALE} digits behind the point, or {DIGITS - SCALE} before it"
        raise DataError(text, code="digits") from None
