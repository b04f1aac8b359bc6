"""Files of payments: valid against the official XSDs, counted at both levels, and read back equal."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payment_scene import CREDITOR_ID, OURS, batches, debit, foreign, payment

from odoo.addons.connector_bank.core.pain import Options
from odoo.addons.connector_bank.core.pain001 import CreditTransfers
from odoo.addons.connector_bank.core.pain008 import DirectDebits
from odoo.addons.connector_bank.core.pain_check import check
from odoo.addons.connector_bank.core.pain_schema import validate
from odoo.addons.connector_bank.core.payment_text import as_sent
from odoo.addons.finance_integration_governance.core.errors import DataError, MalformedPayload
from odoo.addons.finance_integration_governance.core.totals import ControlTotals
from odoo.addons.finance_integration_governance.core.xml import Groups, Parts, bound, read

CREDITS, DEBITS = tuple(CreditTransfers.versions), tuple(DirectDebits.versions)
_SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
_PARTY = {"Nm": "name", "PstlAdr": {"TwnNm": "town", "StrtNm": "street", "Ctry": "country", "AdrLine": "line"}}
_ACCOUNT = {"Id": {"IBAN": "account", "Othr": {"Id": "account"}}}
_MADE = {
    "PmtId": {"EndToEndId": "end_to_end_id", "UETR": "uetr"},
    "Amt": {"InstdAmt": "amount"},
    "InstdAmt": "amount",
    "RmtInf": {"Ustrd": "text", "Strd": {"CdtrRefInf": {"Ref": "reference"}}},
    "DrctDbtTx": {"MndtRltdInf": {"MndtId": "mandate", "DtOfSgntr": "mandate_on", "AmdmntInd": "mandate_amended"}},
}


def written(payments, version, **options):
    message = CreditTransfers if version in CREDITS else DirectDebits
    return message(version, Options(**options)).write(iter(payments))


def content(payments, version, **options):
    with written(payments, version, **options).open() as stream:
        return stream.read()


def is_valid(made, version):
    with made.open() as stream:
        validate(stream, version)
    return True


def members(made, version):
    """What stands in the file of each payment, in our words, by an independent reading of it."""
    other, element = ("Cdtr", "CdtTrfTxInf") if version in CREDITS else ("Dbtr", "DrctDbtTxInf")
    one = {**_MADE, other: _PARTY, f"{other}Acct": _ACCOUNT}
    root = "CstmrCdtTrfInitn" if version in CREDITS else "CstmrDrctDbtInitn"
    table = {root: Parts({"PmtInf": {element: Groups("payments", one)}}, "PmtInf")}
    with made.open() as stream:
        events = list(read(stream, lambda namespace, _name: bound(table, namespace)))
    groups = [fields["payments"] for kind, fields in events if kind == "part"]
    return [told for group in groups for told in group]


@_SLOW
@given(batches("credit"), st.sampled_from(CREDITS), st.sampled_from(["sepa", "latin"]))
def test_any_valid_batch_of_credits_is_a_valid_file_that_reads_back_equal(payments, version, characters):
    _reads_back(payments, version, characters)


@_SLOW
@given(batches("debit"), st.sampled_from(DEBITS), st.sampled_from(["sepa", "latin"]))
def test_any_valid_batch_of_debits_is_a_valid_file_that_reads_back_equal(payments, version, characters):
    _reads_back(payments, version, characters)


def _reads_back(payments, version, characters):
    made = written(payments, version, characters=characters)
    assert is_valid(made, version)
    with made.open() as stream:
        checked = check(stream)
    assert checked.findings == []
    ours = ControlTotals.of((one.key, one.amount, one.currency) for one in payments)
    assert checked.totals.differences(ours) == made.totals.differences(ours) == []
    there = {told["end_to_end_id"]: told for told in members(made, version)}
    assert set(there) == set(made.keys) == {one.key for one in payments}
    for one in payments:
        sent, _changes = as_sent(one, characters)
        told = there[one.key]
        assert Decimal(told["amount"]) == one.amount
        assert (told["account"], told["name"], told["town"]) == (one.other_account, sent.other_name, sent.other_town)
        assert (told.get("text"), told.get("reference")) == (sent.text or None, sent.reference)
        assert told.get("uetr") == (one.uetr if version[-2:] in ("09", "08") else None)
        assert "line" not in told


@pytest.mark.parametrize("version", CREDITS)
def test_each_scheme_has_its_own_group_with_its_own_sums(version):
    made = written([payment(1), foreign(2), payment(3, scheme="instant"), payment(4)], version)
    with made.open() as stream:
        checked = check(stream)
    assert [(group.count, group.sum) for group in checked.groups] == [
        (2, Decimal("26.00")),
        (1, Decimal("12.50")),
        (1, Decimal("13.50")),
    ]
    assert (checked.message.count, checked.message.sum) == (4, Decimal("52.00"))
    text = content([payment(1, scheme="instant")], version).decode()
    assert "<SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>INST</Cd></LclInstrm>" in text


def test_the_same_payments_make_the_same_bytes_and_other_ones_another_name():
    assert content([payment(1), payment(2)], CREDITS[1]) == content([payment(1), payment(2)], CREDITS[1])
    whole, part = written([payment(1), payment(2)], CREDITS[1]), written([payment(2)], CREDITS[1])
    assert whole.name != part.name and {len(whole.name), len(part.name)} == {len("PAY-000123-12345678")}


def test_every_name_in_a_file_has_at_most_35_characters():
    long = "B" * 22
    days = [dt.date(2026, 12, 1) + dt.timedelta(n) for n in range(150)]
    made = written([payment(n, batch=long, execute_on=day) for n, day in enumerate(days)], CREDITS[1])
    with made.open() as stream:
        groups = check(stream).groups
    names = [made.name, *(group.name for group in groups)]
    assert len(set(names)) == 151 and max(map(len, names)) == 35


def test_the_moment_of_submission_is_the_files_and_without_one_its_day():
    told = content([payment(1, batched_at="2026-11-22T22:30:00.5+01:00")], CREDITS[1])
    assert b"<CreDtTm>2026-11-22T21:30:00+00:00</CreDtTm>" in told
    assert b"<CreDtTm>2026-11-25T00:00:00</CreDtTm>" in content([payment(1, batched_at=None)], CREDITS[0])


def test_the_settings_of_a_bank_stand_in_the_file():
    text = content([payment(1)], CREDITS[1], initiator="C-17", batch_booking=False, uetr=False).decode()
    assert "<Id>C-17</Id>" in text and "<BtchBookg>false</BtchBookg>" in text and "UETR" not in text


@pytest.mark.parametrize(
    "version, wanted",
    [
        (DEBITS[0], "<OrgnlDbtrAgt><FinInstnId><Othr><Id>SMNDA</Id></Othr></FinInstnId></OrgnlDbtrAgt>"),
        (DEBITS[1], "<OrgnlDbtrAcct><Id><Othr><Id>SMNDA</Id></Othr></Id></OrgnlDbtrAcct>"),
    ],
)
def test_an_amended_mandate_says_what_it_was_or_that_the_account_changed(version, wanted):
    assert wanted in content([debit(1, mandate_amended=True)], version).decode()
    known = {"mandate_before": "OLD", "creditor_scheme_before": CREDITOR_ID, "own_name_before": "Former GmbH"}
    text = content([debit(1, mandate_amended=True, **known)], version).decode()
    assert "<OrgnlMndtId>OLD</OrgnlMndtId><OrgnlCdtrSchmeId><Nm>Former GmbH</Nm>" in text and "SMNDA" not in text
    assert is_valid(written([debit(1, mandate_amended=True, **known)], version), version)


def test_collections_of_one_day_are_grouped_by_scheme_and_sequence():
    payments = [debit(1), debit(2, sequence="FRST"), debit(3, scheme="b2b"), debit(4)]
    with written(payments, DEBITS[1]).open() as stream:
        assert [group.count for group in check(stream).groups] == [2, 1, 1]


@pytest.mark.parametrize("again", [{"end_to_end_id": "PAY-000123-1"}, {"uetr": payment(1).uetr}])
def test_law_2_a_reference_stands_in_one_payment_only(again):
    with pytest.raises(DataError) as error:
        written([payment(1), payment(2, **again)], CREDITS[1])
    assert error.value.code == "payment_duplicate"


def test_what_a_scheme_refuses_is_never_written():
    with pytest.raises(DataError, match="no IBAN") as error:
        written([payment(1), payment(2, other_account="DE00370400440532013000")], CREDITS[1])
    assert error.value.code == "payment_iban" and error.value.facts["key"] == "PAY-000123-2"


def test_a_file_that_was_changed_is_not_valid_or_does_not_add_up():
    text = content([payment(1), payment(2)], CREDITS[1])
    with pytest.raises(MalformedPayload) as error:
        validate(io.BytesIO(text.replace(b"<ChrgBr>SLEV", b"<ChrgBr>WHO")), CREDITS[1])
    assert error.value.code == "xsd"
    with pytest.raises(MalformedPayload):
        validate(io.BytesIO(text.replace(OURS.encode(), b"XX")), CREDITS[1])
    checked = check(io.BytesIO(text.replace(b">11.50<", b">11.51<")))
    assert {finding.code for finding in checked.findings} == {"message_sum", "group_sum"}
    begin, end = text.index(b"<CdtTrfTxInf>"), text.index(b"</CdtTrfTxInf>") + len(b"</CdtTrfTxInf>")
    checked = check(io.BytesIO(text[:begin] + text[end:]))
    assert {finding.code for finding in checked.findings} == {
        "message_count",
        "message_sum",
        "group_count",
        "group_sum",
    }


def test_foreign_currencies_have_their_own_decimals():
    yen, dinar = foreign(1, currency="JPY", amount=Decimal(500)), foreign(2, currency="KWD", amount=Decimal("1.125"))
    made = written([yen, dinar], CREDITS[1])
    assert is_valid(made, CREDITS[1])
    text = made.open().read().decode()
    assert '<InstdAmt Ccy="JPY">500</InstdAmt>' in text and '<InstdAmt Ccy="KWD">1.125</InstdAmt>' in text
    assert "<CtrlSum>501.125</CtrlSum>" in text


def test_an_address_is_structured_or_it_is_not_written():
    text = content([foreign(1)], CREDITS[1]).decode()
    wanted = "<PstlAdr><StrtNm>Broadway</StrtNm><BldgNb>1</BldgNb><TwnNm>New York</TwnNm><Ctry>US</Ctry></PstlAdr>"
    assert wanted in text and "AdrLine" not in text
    assert "<Cdtr><Nm>Societe Exemple</Nm></Cdtr>" in content([payment(1, other_country="FR")], CREDITS[1]).decode()
