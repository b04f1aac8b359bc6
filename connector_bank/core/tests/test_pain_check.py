"""Counts and control sums at both levels of any file of payments, ours or not."""

import io

import pytest
from corpus import SAMPLES, oracle

from odoo.addons.connector_bank.core.pain_check import check
from odoo.addons.finance_integration_governance.core.errors import IntegrationError, MalformedPayload

_WRONG = ("message_count", "message_sum")


def document(namespace="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03", count="2", total="3.50", group="2"):
    paid = [(1, "1.5"), (2, "2.00")]
    payments = "".join(
        f"<CdtTrfTxInf><PmtId><EndToEndId>E{number}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt></CdtTrfTxInf>'
        for number, amount in paid
    )
    header = f"<GrpHdr><MsgId>M</MsgId><NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum></GrpHdr>"
    told = f"<PmtInf><PmtInfId>G</PmtInfId><NbOfTxs>{group}</NbOfTxs>{payments}</PmtInf>"
    text = f'<Document xmlns="{namespace}"><CstmrCdtTrfInitn>{header}{told}</CstmrCdtTrfInitn></Document>'
    return io.BytesIO(text.encode())


def codes(stream):
    return [finding.code for finding in check(stream).findings]


def test_a_file_that_says_what_it_holds_has_no_findings():
    checked = check(document())
    assert checked.findings == []
    assert (checked.version, checked.message.count, checked.totals.count) == ("pain.001.001.03", 2, 2)


@pytest.mark.parametrize(
    "told, code",
    [
        ({"count": "3"}, "message_count"),
        ({"count": "two"}, "message_count"),
        ({"total": "3.51"}, "message_sum"),
        ({"total": "NaN"}, "message_sum"),
        ({"group": "1"}, "group_count"),
    ],
)
def test_each_control_field_that_does_not_hold_is_found(told, code):
    assert codes(document(**told)) == [code]


def test_swiss_files_are_read_by_their_own_name():
    swiss = "http://www.six-interbank-clearing.com/de/pain.001.001.03.ch.02.xsd"
    assert check(document(namespace=swiss)).version == "pain.001.001.03"


def test_other_messages_are_refused():
    with pytest.raises(MalformedPayload):
        check(document(namespace="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"))


@pytest.mark.skipif(not SAMPLES.exists(), reason="no published files here (FIG_SAMPLES)")
def test_published_files_with_wrong_counts_or_sums_are_found_and_no_others():
    told = {name: facts for name, facts in oracle("pain.001").items() if facts.get("well_formed")}
    found, differs = {code: set() for code in _WRONG}, []
    for name, facts in told.items():
        try:
            with (SAMPLES / name).open("rb") as stream:
                checked = check(stream)
        except IntegrationError as error:
            differs.append((name, error.text))
            continue
        for code in _WRONG:
            found[code] |= {name} if checked.has(code) else set()
        if (checked.message.count, len(checked.groups)) != (facts["transactions"], facts["pmt_inf"]):
            differs.append((name, checked.message.count))
    assert differs == []
    assert found["message_count"] == {name for name, facts in told.items() if facts["nb_ok"] is False}
    assert found["message_sum"] == {name for name, facts in told.items() if facts["ctrl_ok"] is False}
    assert len(told) >= 77 and len(found["message_count"]) >= 6 and len(found["message_sum"]) >= 3
