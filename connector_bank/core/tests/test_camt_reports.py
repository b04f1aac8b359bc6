"""camt.052 and camt.054 in samples of ours."""

from decimal import Decimal

import pytest
from bank_reading import SAMPLES, changed, read, refusal

from odoo.addons.connector_bank.core.camt052 import Camt052
from odoo.addons.connector_bank.core.camt053 import Camt053
from odoo.addons.connector_bank.core.camt054 import Camt054
from odoo.addons.connector_bank.core.statement import ProvisionalEntry
from odoo.addons.finance_integration_governance.core.testing.source_contract import SourceContract
from odoo.addons.finance_integration_governance.core.totals import ControlTotals


class TestCamt052(SourceContract):
    connector = Camt052(location=SAMPLES.as_uri())
    sample = SAMPLES / "intraday.xml"
    expected = ControlTotals(3, {"EUR": Decimal("220.00")})


class TestCamt054(SourceContract):
    connector = Camt054(location=SAMPLES.as_uri())
    sample = SAMPLES / "notification.xml"
    expected = ControlTotals(3, {"EUR": Decimal("300.00")})


@pytest.mark.parametrize("version", range(2, 15))
@pytest.mark.parametrize(("case", "message"), [(TestCamt052, "camt.052"), (TestCamt054, "camt.054")])
def test_versions_02_to_14_are_read(case, message, version):
    told = changed(case.sample.name, (f"{message}.001.08", f"{message}.001.{version:02}"))
    assert read(case.connector, told)[1] == read(case.connector, changed(case.sample.name))[1]


@pytest.mark.parametrize("case", [TestCamt052, TestCamt054])
def test_law_2_nothing_of_a_report_is_final(case):
    statements, entries, findings = read(case.connector, changed(case.sample.name))
    assert {type(entry) for entry in entries} == {ProvisionalEntry} and findings == {}
    assert {statement.kind for statement in statements} == {case.connector.kind}


def test_each_message_is_read_by_its_own_connector():
    assert refusal(Camt053(location="file:///"), changed("intraday.xml")).code == "other_message"
    assert refusal(Camt052(location="file:///"), changed("notification.xml")).code == "other_message"


def test_law_2_what_was_pending_has_the_key_of_what_is_booked():
    connector = Camt053(location="file:///")
    pending = {entry.amount: entry for entry in read(connector, changed("pending.xml"))[1]}[Decimal("75.00")]
    booked = read(connector, changed("pending.xml", ("<Cd>PDNG</Cd>", "<Cd>BOOK</Cd>")))[1][1]
    assert pending.key == booked.key and type(pending) is not type(booked)


def test_structured_remittance_names_its_documents():
    strd = (
        "<Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>INV-{}</Nb>"
        '<RltdDt><Dt>2026-02-0{}</Dt></RltdDt></RfrdDocInf><RfrdDocAmt><RmtdAmt Ccy="EUR">{}.50</RmtdAmt></RfrdDocAmt>'
        "<CdtrRefInf><Ref>RF{}</Ref></CdtrRefInf></Strd>"
    )
    both = strd.format(1, 1, 100, 18) + strd.format(2, 2, 49, 19)
    change = ("<Ustrd>Invoice INV/2026/00012</Ustrd>", "<Ustrd>Two invoices</Ustrd>" + both)
    entry = read(Camt053(location="file:///"), changed("pending.xml", change))[1][0]
    assert [(one.number, one.amount, one.reference) for one in entry.documents] == [
        ("INV-1", Decimal("100.50"), "RF18"),
        ("INV-2", Decimal("49.50"), "RF19"),
    ]
    assert (entry.structured_reference, entry.remittance) == ("RF18", "Two invoices")
