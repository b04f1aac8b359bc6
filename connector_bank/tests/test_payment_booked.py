import os
from unittest.mock import patch

from odoo.tests import tagged

from ..core.payment import message_id
from .match_scene import MatchCase
from .payment_flow_scene import PaymentFlowCase

LONG_AGO = 1_000_000_000
_ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{reversal}<Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls>{batch}{details}</NtryDtls></Ntry>"""
_DETAILS = """<TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId>{uetr}</Refs><Amt Ccy="EUR">{amount}</Amt>
<CdtDbtInd>{way}</CdtDbtInd>{returned}</TxDtls>"""
_KINDS = {
    "camt.053.001.08": ("BkToCstmrStmt", "Stmt"),
    "camt.054.001.08": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}


def entry(amount, end_to_end="NOTPROVIDED", reference="A-1", batch=None, why=None, uetr=None, day="2026-03-02"):
    """One booked entry; below zero it has left. `why`: it came back for this reason."""
    way, size = ("DBIT" if amount < 0 else "CRDT"), f"{abs(amount):.2f}"
    returned = f"<RtrInf><Rsn><Cd>{why}</Cd></Rsn></RtrInf>" if why else ""
    told = {"end_to_end": end_to_end, "amount": size, "way": way, "returned": returned}
    told["uetr"] = f"<UETR>{uetr}</UETR>" if uetr else ""
    details = "" if batch else _DETAILS.format(**told)
    group = f"<Btch><PmtInfId>{batch}</PmtInfId></Btch>" if batch else ""
    return _ENTRY.format(amount=size, way=way, reversal="", day=day, reference=reference, batch=group, details=details)


def document(*entries, kind="camt.053.001.08", name="STM-1", closing=0, opening=0):
    root, part = _KINDS[kind]
    balance = (
        '<Bal><Tp><CdOrPrtry><Cd>{}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{:.2f}</Amt><CdtDbtInd>{}</CdtDbtInd>'
        "<Dt><Dt>2026-03-02</Dt></Dt></Bal>"
    )
    balances = "".join(
        balance.format(code, abs(amount), "DBIT" if amount < 0 else "CRDT")
        for code, amount in (("OPBD", opening), ("CLBD", closing))
        if "053" in kind
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{kind}"><{root}><GrpHdr><MsgId>M-{name}</MsgId>
<CreDtTm>2026-03-03T06:00:00+01:00</CreDtTm></GrpHdr><{part}><Id>{name}</Id>
<CreDtTm>2026-03-03T06:00:00+01:00</CreDtTm><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>
{balances}{"".join(entries)}</{part}></{root}></Document>"""


@tagged("post_install", "-at_install")
class TestPaymentBooked(PaymentFlowCase):
    """The bank's own line is the end of a payment's way, and of a doubt."""

    def statement(self, *entries, connector="bank.camt053", **told):
        """A file of the bank, booked by an approved flow; the run that did."""
        if not self.german.fin_flow_id:
            self.statements_flow = self.new_flow(self.german, connector=connector)
        path = self.inbox / f"{told.get('name', 'STM-1')}.xml"
        path.write_text(document(*entries, **told))
        os.utime(path, (LONG_AGO, LONG_AGO))
        run = self.statements_flow.with_user(self.operator)._request_run("hand").with_env(self.env)
        self.work()
        self.assertEqual(run.state, "done", f"{run.last_error} {run.exception_ids.mapped('text')}")
        return run

    rules = classmethod(MatchCase.rules.__func__)

    def bank_line(self):
        return self.env["account.bank.statement.line"].search([("journal_id", "=", self.german.id)])

    def test_one_line_for_a_whole_batch_is_matched_with_its_payments_by_itself(self):
        self.rules({"name": "Batches of ours", "kind": "batch"})
        batch = self.sent(100.0, 200.0)
        name = f"{message_id(batch.name, batch.line_ids.mapped('end_to_end_id'))}-1"
        self.statement(entry(-300, batch=name), closing=-300)
        self.work()
        line = self.bank_line()
        self.assertTrue(line.is_reconciled)
        kept = self.env["fin.match"].search([("line_id", "=", line.id), ("act", "=", "applied")])
        self.assertEqual((kept.rule, kept.kind, kept.user_id.id), ("Batches of ours", "many", False))
        for payment in batch.line_ids:
            self.assertEqual((payment.payment_id.is_matched, payment.payment_id.state), (True, "paid"))
            self.assertEqual(payment.move_line_ids.move_id.payment_state, "paid")
            last = payment.timeline_ids[-1]
            self.assertEqual((last.code, last.statement_line_id), ("booked", line))

    def test_one_line_for_a_whole_batch_waits_where_no_approved_rule_lets_it_be_matched(self):
        self.rules({"name": "Payments of ours", "kind": "end_to_end"})
        batch = self.sent(100.0, 200.0)
        name = f"{message_id(batch.name, batch.line_ids.mapped('end_to_end_id'))}-1"
        self.statement(entry(-300, batch=name), closing=-300)
        self.work()
        self.assertFalse(self.bank_line().is_reconciled)
        proposed = self.env["fin.match"].search([("line_id", "=", self.bank_line().id)])
        self.assertEqual((proposed.act, proposed.kind), ("proposed", "many"))

    def test_a_line_of_the_statement_settles_the_payment_and_ends_its_timeline(self):
        batch = self.sent(100.0, 200.0)
        first, second = batch.line_ids
        self.statement(entry(-100, first.end_to_end_id), entry(-200, reference="A-2", uetr=second.uetr), closing=-300)
        self.assertEqual((batch.state, first.state, second.state), ("settled", "settled", "settled"))
        event = first.timeline_ids[-1]
        self.assertEqual((event.code, event.statement_line_id.amount), ("booked", -100.0))
        codes = [code for code in first.timeline_ids.mapped("code") if code in ("released", "taken", "sent", "booked")]
        self.assertEqual(codes, ["released", "taken", "sent", "booked"])

    def test_one_entry_for_the_whole_batch_settles_all_of_it(self):
        batch = self.sent(100.0, 200.0)
        name = f"{message_id(batch.name, batch.line_ids.mapped('end_to_end_id'))}-1"
        self.statement(entry(-300, batch=name), closing=-300)
        self.assertEqual((batch.state, *batch.line_ids.mapped("state")), ("settled", "settled", "settled"))

    def test_a_batch_entry_of_another_amount_settles_nothing_and_raises_a_case(self):
        batch = self.sent(100.0, 200.0)
        name = f"{message_id(batch.name, batch.line_ids.mapped('end_to_end_id'))}-1"
        self.statement(entry(-250, batch=name), closing=-250)
        self.assertEqual(batch.state, "sent")
        self.assertTrue(self.env["fin.exception"].search([("code", "=", "payment_batch_amount")]))

    def test_money_that_comes_back_by_the_statement_opens_the_bill_again(self):
        batch = self.sent(100.0)
        line = batch.line_ids
        self.statement(
            entry(-100, line.end_to_end_id), entry(100, line.end_to_end_id, reference="A-2", why="AC04"), closing=0
        )
        self.assertEqual((batch.state, line.state), ("rejected", "returned"))
        self.assertEqual(line.move_line_ids.move_id.amount_residual, 100.0)
        [case] = self.env["fin.exception"].search([("code", "=", "payment_returned")])
        self.assertIn("The account is closed.", case.text)

    def test_a_debit_note_settles_before_the_statement_comes(self):
        batch = self.sent(100.0)
        self.statement(
            entry(-100, batch.line_ids.end_to_end_id), connector="bank.camt054", kind="camt.054.001.08", name="NTF-1"
        )
        self.assertEqual((batch.state, batch.line_ids.timeline_ids[-1].code), ("settled", "booked"))

    def test_r02_a_batch_in_doubt_is_found_by_a_line_of_the_statement(self):
        batch = self.lost(100.0)
        self.work()
        self.statement(entry(-100, batch.line_ids.end_to_end_id), closing=-100)
        self.assertEqual((batch.state, batch.line_ids.state), ("settled", "settled"))
        self.work()
        self.assertEqual(batch.run_id.state, "done")

    def test_another_account_of_ours_says_nothing_of_the_payment(self):
        batch = self.sent(100.0)
        with patch.object(type(self.env["fin.payment.line"]), "_is_from", lambda line, told: False):
            self.statement(entry(-100, batch.line_ids.end_to_end_id), closing=-100)
        self.assertEqual(batch.state, "sent")
