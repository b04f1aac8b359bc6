"""Memory does not grow with the statements of a file: what was read is let go, and no tree is kept."""

import io
import re
import tracemalloc

import pytest
from bank_reading import SAMPLES
from payment_scene import payment

from odoo.addons.connector_bank.core import CONNECTORS
from odoo.addons.connector_bank.core.payment_pain001 import Pain001Files
from odoo.addons.finance_integration_governance.core.connector import Payload

FEW, MANY = 100, 1000
# What of a statement must stay: the key that tells a second copy, and the short digests of its entries.
KEPT = 700


def camt(count):
    text = (SAMPLES / "reversal.xml").read_text()
    head, statement, tail = re.fullmatch(r"(.*?)(<Stmt>.*</Stmt>)(.*)", text, re.DOTALL).groups()
    number = re.search(r"<Id>(.*?)</Id>", statement)[1]
    return (head + "".join(statement.replace(number, f"{number}-{n}", 1) for n in range(count)) + tail).encode()


def mt940(count):
    text = (SAMPLES / "day.sta").read_bytes().strip() + b"\n"
    return text * count


@pytest.mark.parametrize(("code", "make"), [("bank.camt053", camt), ("bank.mt94x", mt940)])
def test_memory_does_not_grow_with_the_statements_of_a_file(code, make):
    few, many = (peak(code, make(count)) for count in (FEW, MANY))
    assert many - few < (MANY - FEW) * KEPT


def peak(code, content):
    """The most that is held while the objects of the payload pass by, beyond its bytes."""
    connector = next(one for one in CONNECTORS if one.code == code)(location="file:///")
    read(connector, content)
    tracemalloc.start()
    read(connector, content)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def read(connector, content):
    for _one in connector.parse(Payload("a", lambda: io.BytesIO(content))):
        pass


def test_memory_does_not_grow_with_the_payments_of_a_file():
    few, many = (written_peak(count) for count in (FEW, MANY))
    assert many - few < (MANY - FEW) * KEPT


def written_peak(count):
    """The most that is held while a file of so many payments is made and validated, beyond the payments."""
    connector = Pain001Files(location="file:///")
    list(connector.serialize(iter([payment(1)])))
    tracemalloc.start()
    list(connector.serialize(payment(number) for number in range(count)))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most
