"""Parquet: what was written is read back exactly, and what is no such file is told."""

import datetime as dt
import io
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from pyarrow.parquet import read_schema

from odoo.addons.finance_integration_governance.core import parquet
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, DataError, MalformedPayload

ROOT = Path(__file__).resolve().parents[3]
TYPES = {"name": str, "amount": Decimal, "on": dt.date}
ROWS = [
    ["=1+1 \u2028 é", Decimal("-1234567890123.45"), dt.date(2026, 2, 28)],
    ["", Decimal(0), None],
    [None, None, None],
]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "some.parquet"


def read(path):
    with path.open("rb") as stream:
        return list(parquet.rows(stream))


def test_what_was_written_is_read_back_exactly(path):
    parquet.write(path, TYPES, ROWS)
    assert read(path) == [dict(zip(TYPES, row, strict=True)) for row in ROWS]


def test_other_readers_find_exact_types(path):
    parquet.write(path, TYPES, ROWS)
    assert [str(field.type) for field in read_schema(path)] == ["string", "decimal128(38, 10)", "date32[day]"]


ADDRESSES = """
import sys; from decimal import Decimal; from pathlib import Path
sys.path.insert(0, "scripts"); import core_namespaces
from odoo.addons.finance_integration_governance.core import parquet
parquet.write(sys.argv[1], {"n": str, "a": Decimal}, ([str(n), Decimal(n)] for n in range(20_000)))
assert len(list(parquet.rows(open(sys.argv[1], "rb")))) == 20_000
[told] = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmPeak")]
print(int(told) >> 10)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell it")
def test_a_process_keeps_its_addresses_for_itself(path):
    """Odoo ends a worker by the addresses it has reserved; the library's own allocator takes a gigabyte at once."""
    ran = subprocess.run([sys.executable, "-c", ADDRESSES, path], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) < 700  # MiB


def test_many_rows_are_written_in_batches(path, monkeypatch):
    monkeypatch.setattr(parquet, "BATCH", 10)
    parquet.write(path, TYPES, ([str(number), Decimal(number), None] for number in range(25)))
    assert sum(row["amount"] for row in read(path)) == 300


@pytest.mark.parametrize("amount", ["0.00000000001", "1" + "0" * 30])
def test_an_amount_is_never_rounded(path, amount):
    with pytest.raises(DataError, match="digits"):
        parquet.write(path, TYPES, [["x", Decimal(amount), None]])


@pytest.mark.parametrize("content", [b"", b"PAR1", b"a,b\r\n1,2\r\n", b"PAR1" + bytes(100) + b"PAR1"])
def test_what_is_no_parquet_file_is_malformed(path, content):
    with pytest.raises(MalformedPayload):
        list(parquet.rows(io.BytesIO(content)))


def test_half_a_file_is_malformed(path):
    parquet.write(path, TYPES, ROWS)
    with pytest.raises(MalformedPayload):
        list(parquet.rows(io.BytesIO(path.read_bytes()[:-20])))


def test_a_file_that_is_too_large_is_refused(path, monkeypatch):
    monkeypatch.setattr(parquet, "MAX_BYTES", 10)
    with pytest.raises(MalformedPayload, match="larger"):
        list(parquet.rows(io.BytesIO(bytes(11))))


def test_without_the_library_an_administrator_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match="pyarrow"):
        parquet.write(tmp_path / "x", TYPES, ROWS)
    with pytest.raises(ConfigurationError, match="pyarrow"):
        list(parquet.rows(io.BytesIO(b"")))
