"""Payment status reports: what each level says, and what published ones say by an independent reading."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from corpus import SAMPLES, oracle

from odoo.addons.connector_bank.core.pain002 import StatusFiles
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.testing.source_contract import SourceContract
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

OURS = Path(__file__).parent / "samples" / "payments" / "partly_rejected.xml"
_LEVELS = {"GrpSts": "message", "PmtInfSts": "group", "TxSts": "payment"}


class TestStatusFiles(SourceContract):
    connector = StatusFiles(location="file:///")
    sample = OURS
    expected = ControlTotals.of([("", Decimal("12.50"), "EUR")])

    def test_each_level_is_told_with_its_reason(self):
        (message, group, paid), findings = self.read()
        assert findings == []
        assert (message.level, message.status, message.declared_count) == ("message", "PART", 3)
        assert message.declared_sum == Decimal("37.50")
        assert (group.level, group.original_group, group.status) == ("group", "PAY-000123-23519a43-1", "PART")
        assert (paid.level, paid.end_to_end_id) == ("payment", "PAY-000123-2")
        assert (paid.status, paid.reason) == ("RJCT", "AC04")
        assert (paid.reason_text, paid.amount, paid.currency) == (
            "Account closed on 2026-10-31",
            Decimal("12.5"),
            "EUR",
        )
        assert {one.scope for one in (message, group, paid)} == {"PAY-000123-23519a43"}
        assert paid.told_at == "2026-11-25T06:10:00+01:00" and paid.uetr.endswith("2")

    def changed(self, *pairs):
        text = OURS.read_text()
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        return self.read(text.encode())

    def test_the_same_report_again_has_the_same_keys_and_a_corrected_one_has_not(self):
        first = [one.key for one in self.read()[0]]
        corrected = [one.key for one in self.changed(("<TxSts>RJCT", "<TxSts>ACSC"))[0]]
        assert [one.key for one in self.read()[0]] == first
        assert corrected[:2] == first[:2] and corrected[2] != first[2]

    def test_a_group_that_names_fewer_than_it_counts_waits_for_a_person(self):
        _objects, (finding,) = self.changed(("<DtldNbOfTxs>1<", "<DtldNbOfTxs>2<"))
        assert finding.code == "status_count" and finding.blocking

    def test_further_reasons_stand_in_the_words(self):
        more = "</StsRsnInf><StsRsnInf><Rsn><Prtry>X17</Prtry></Rsn></StsRsnInf><OrgnlTxRef>"
        (_message, _group, paid), _findings = self.changed(("</StsRsnInf>\n        <OrgnlTxRef>", more))
        assert (paid.reason, paid.reason_text) == ("AC04", "X17; Account closed on 2026-10-31")

    def test_a_status_behind_its_payments_is_told_too(self):
        status = "<PmtInfSts>PART</PmtInfSts>"
        objects, _findings = self.changed((status, ""), ("</OrgnlPmtInfAndSts>", f"{status}</OrgnlPmtInfAndSts>"))
        assert [one.level for one in objects] == ["message", "payment", "group"]

    @pytest.mark.parametrize("gone", ["<TxSts>RJCT</TxSts>", "<MsgId>STS-2026-11-25-1</MsgId>"])
    def test_what_is_missing_is_refused_or_said(self, gone):
        if "TxSts" in gone:
            with pytest.raises(MalformedPayload):
                self.changed((gone, ""))
        else:
            assert {one.message for one in self.changed((gone, ""))[0]} == {"NOTPROVIDED"}

    def test_other_messages_are_refused(self):
        with pytest.raises(MalformedPayload, match=r"camt\.053"):
            self.changed(("pain.002.001.10", "camt.053.001.08"))


@pytest.mark.skipif(not SAMPLES.exists(), reason="no published files here (FIG_SAMPLES)")
def test_published_reports_are_read_with_the_oracles_counts_and_codes():
    reader, differs = StatusFiles(location="file:///"), {}
    for name, told in oracle("pain.002").items():
        path = SAMPLES / name
        found = list(reader.parse(Payload(path.name, lambda path=path: path.open("rb"))))
        statuses = [one for one in found if not isinstance(one, Finding)]
        read = {
            element: dict(Counter(one.status for one in statuses if one.level == level))
            for element, level in _LEVELS.items()
        }
        wanted = {element: told[element] for element in _LEVELS}
        codes = [one.reason for one in statuses if one.reason]
        original = {one.original_message for one in statuses}
        wanted_original = {(told["orig_msg_id"] or "NOTPROVIDED").strip()}
        if (read, codes, original) != (wanted, told["reason_codes"], wanted_original) or len(found) != len(statuses):
            differs[name] = (read, codes, original)
    assert differs == {} and len(oracle("pain.002")) >= 11
