"""R23, R24: what is missing, told again or told before it is final is seen before it is booked."""

from odoo.tests import tagged

from .common import BankCase

CLOSING = """Ccy="EUR">{}</Amt>
        <CdtDbtInd>CRDT</CdtDbtInd>
        <Dt><Dt>2026-03-03"""


def next_day(*more, number="42", opening="1150.00", closing="1300.00"):
    """The changes that make the day after of the sample `pending`; the closing balance before the opening one."""
    return (
        ("STM-46", f"STM-{number}"),
        ("<ElctrncSeqNb>41", f"<ElctrncSeqNb>{number}"),
        ("2026-03-02", "2026-03-03"),
        (CLOSING.format("1150.00"), CLOSING.format(closing)),
        ('Ccy="EUR">1000.00', f'Ccy="EUR">{opening}'),
        ("A-1<", f"A-{number}<"),
        ("T-1<", f"T-{number}<"),
        *more,
    )


@tagged("post_install", "-at_install")
class TestBankContinuity(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french)

    def test_r24_a_statement_that_goes_on_is_booked(self):
        self.import_file(self.flow, "pending")
        run = self.import_file(self.flow, "pending", *next_day())
        self.assert_state(run, "done", delivered=2, skipped=2)
        self.assertEqual(self.amounts(), [150.0, 150.0])

    def test_r24_behind_a_gap_nothing_is_booked_until_the_gap_is_filled(self):
        self.import_file(self.flow, "pending")
        late = self.import_file(self.flow, "pending", *next_day(number="43", opening="1300.00", closing="1450.00"))
        self.assert_state(late, "held", delivered=0)
        self.assertEqual(self.codes(late), ["statement_gap"])
        self.assertEqual(self.amounts(), [150.0])

    def test_r24_a_statement_that_comes_late_fills_the_gap_and_what_waited_is_booked_by_itself(self):
        self.import_file(self.flow, "pending")
        waiting = self.import_file(self.flow, "pending", *next_day(number="43", opening="1300.00", closing="1450.00"))
        case = self.exception(waiting, "statement_gap")
        late = self.import_file(self.flow, "pending", *next_day())
        self.advance()
        self.env.invalidate_all()
        self.assertEqual((late.state, waiting.state, case.state), ("done", "done", "resolved"))
        self.assertEqual(self.amounts(), [150.0] * 3)

    def test_r24_a_statement_that_does_not_fill_the_gap_leaves_it_a_gap(self):
        self.import_file(self.flow, "pending")
        told = {"opening": "1450.00", "closing": "1600.00"}
        waiting = self.import_file(self.flow, "pending", *next_day(number="44", **told))
        self.import_file(self.flow, "pending", *next_day())
        self.advance()
        self.assert_state(waiting, "held", delivered=0)
        self.assertEqual(self.codes(waiting), ["statement_gap"])
        self.assertEqual(self.exception(waiting, "statement_gap").state, "open")

    def test_r24_a_gap_that_two_persons_waive_is_booked(self):
        self.import_file(self.flow, "pending")
        run = self.import_file(self.flow, "pending", *next_day(number="44"))
        self.waive(self.exception(run, "statement_gap"))
        self.release(run)
        self.assert_state(run, "done", delivered=2)

    def test_r24_a_balance_that_does_not_go_on_is_held(self):
        self.import_file(self.flow, "pending")
        run = self.import_file(self.flow, "pending", *next_day(opening="1151.00", closing="1301.00"))
        self.assertEqual(self.codes(run), ["balance_break"])
        self.assertEqual(self.amounts(), [150.0])

    def test_r24_an_approved_policy_books_and_says_so(self):
        self.german.fin_flow_id = False
        flow = self.new_flow(self.german, code="bank-told", bank_gap="tell")
        self.assertEqual(flow._compose()["bank_policy"], {"gap": "tell"})
        self.import_file(flow, "pending")
        run = self.import_file(flow, "pending", *next_day(number="44"))
        self.assert_state(run, "done", delivered=2)
        events = self.env["fin.audit.event"].search([("subject_key", "=", run.name)])
        self.assertIn("statement_gap", "".join(events.mapped("content")))

    def test_law_3_a_flow_without_a_choice_says_nothing_of_it(self):
        self.assertNotIn("bank_policy", self.flow._compose())

    def test_r23_a_corrected_statement_waits_and_its_known_entries_are_known(self):
        self.import_file(self.flow, "pending")
        more = ('Ccy="EUR">1150.00', 'Ccy="EUR">1225.00'), ("<Cd>PDNG</Cd>", "<Cd>BOOK</Cd>")
        run = self.import_file(self.flow, "pending", *more)
        self.assert_state(run, "held", duplicate=1)
        self.assertEqual(self.codes(run), ["statement_corrected"])
        self.waive(self.exception(run, "statement_corrected"))
        self.release(run)
        self.assertEqual(self.amounts(), [150.0, 75.0])

    def test_law_2_pending_is_kept_and_never_booked(self):
        run = self.import_file(self.flow, "pending")
        self.assert_state(run, "done", delivered=2, skipped=2)
        items = run.item_ids.filtered(lambda item: item.contract == "bank.provisional/1.0")
        self.assertEqual(items.mapped("reason"), ["not_final"] * 2)
        self.assertEqual(self.amounts(), [150.0])

    def test_law_2_pending_that_turns_booked_is_booked_once(self):
        self.import_file(self.flow, "pending")
        booked = next_day(("<Cd>PDNG</Cd>", "<Cd>BOOK</Cd>"), closing="1375.00")
        run = self.import_file(self.flow, "pending", *booked)
        self.assertEqual(self.amounts(), [150.0, 150.0, 75.0])
        self.assert_state(run, "done", delivered=3, skipped=1)
