"""Whatever is done to a statement that states its own totals, it is never silently wrong (generated changes)."""

import re

import pytest
from bank_reading import SAMPLES, read
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.connector_bank.core import checks
from odoo.addons.connector_bank.core.bai2 import Bai2
from odoo.addons.connector_bank.core.camt052 import Camt052
from odoo.addons.connector_bank.core.camt053 import Camt053
from odoo.addons.connector_bank.core.camt054 import Camt054
from odoo.addons.connector_bank.core.mt94x import Mt94x
from odoo.addons.connector_bank.core.ofx import Ofx
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

WHERE = "file:///"
# Sample, its connector, what one entry is in it, and the sides that may be turned.
PROVEN = {
    "two_accounts.xml": (Camt053(location=WHERE), rb"<Ntry>.*?</Ntry>", (b"<CdtDbtInd>CRDT", b"<CdtDbtInd>DBIT")),
    "day.sta": (Mt94x(location=WHERE), rb"(?m)^:61:(?:.|\n)*?(?=^:6[12])", (b"CR", b"DR")),
    "interim.sta": (Mt94x(location=WHERE), rb"(?m)^:61:(?:.|\n)*?(?=^:(?:61|90D))", (b"02C", b"02D")),
    "day.bai": (Bai2(location=WHERE), rb"(?m)^16,[^\n]*\n(?:88,[^\n]*\n)*", (b"16,165", b"16,465")),
}
READERS = [Camt052, Camt053, Camt054, Mt94x, Bai2, Ofx]
SOME = settings(max_examples=60, deadline=None)


def sure(connector, content):
    """What would be booked of these bytes: amounts by account; None where they are refused or held."""
    try:
        statements, entries, findings = read(connector, content)
    except MalformedPayload:
        return None
    if {code for code, finding in findings.items() if finding.blocking} & checks.BLOCKING:
        return None
    return [
        (statement.account, [e.amount for e in entries if e.parent_key == statement.key]) for statement in statements
    ]


def content_of(name):
    return (SAMPLES / name).read_bytes()


@pytest.mark.parametrize("name", PROVEN)
def test_s13_a_doubled_or_dropped_entry_is_never_booked(name):
    connector, pattern, _sides = PROVEN[name]
    content = content_of(name)
    assert sure(connector, content)
    entries = list(re.finditer(pattern, content, re.S))
    assert len(entries) >= 2
    for found in entries:
        assert sure(connector, content[: found.start()] + content[found.end() :]) is None
        assert sure(connector, content[: found.end()] + content[found.start() :]) is None


@pytest.mark.parametrize("name", PROVEN)
def test_s13_a_turned_sign_is_never_booked(name):
    connector, pattern, (one, other) = PROVEN[name]
    content, turned = content_of(name), 0
    for found in re.finditer(pattern, content, re.S):
        for old, new in ((one, other), (other, one)):
            if old in found[0]:
                changed = found[0].replace(old, new)
                result = sure(connector, content[: found.start()] + changed + content[found.end() :])
                turned += result is None
                assert result in (None, sure(connector, content))
    assert turned


@SOME
@given(st.sampled_from(sorted(PROVEN)), st.floats(0, 1))
def test_s13_a_file_cut_anywhere_is_never_taken_for_another(name, share):
    connector, content = PROVEN[name][0], content_of(name).rstrip()
    whole, cut = sure(connector, content), sure(connector, content[: int(len(content) * share)])
    # Cut between two messages it is what it is: the next statement of the second account will open a gap.
    assert cut in (None, []) or cut == whole[: len(cut)]


@SOME
@given(st.sampled_from(sorted(PROVEN)), st.data())
def test_s13_a_changed_digit_of_an_amount_is_never_booked(name, data):
    connector, pattern, _sides = PROVEN[name]
    content, whole = content_of(name), sure(PROVEN[name][0], content_of(name))
    found = data.draw(st.sampled_from(list(re.finditer(pattern, content, re.S))))
    digits = [found.start() + place.start() for place in re.finditer(rb"[0-9]", found[0])]
    at = data.draw(st.sampled_from(digits))
    changed = content[:at] + str((int(content[at : at + 1]) + 1) % 10).encode() + content[at + 1 :]
    assert sure(connector, changed) in (None, whole)


@SOME
@given(st.sampled_from(READERS), st.binary(max_size=3000))
def test_s13_bytes_are_read_or_refused_and_never_crash(reader, content):
    sure(reader(location=WHERE), content)


@SOME
@given(st.sampled_from(sorted(PROVEN)), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), max_size=4))
def test_s13_a_file_with_bytes_thrown_in_never_crashes(name, thrown):
    content = content_of(name)
    for share, more in thrown:
        at = int(len(content) * share)
        content = content[:at] + more + content[at:]
    sure(PROVEN[name][0], content)
