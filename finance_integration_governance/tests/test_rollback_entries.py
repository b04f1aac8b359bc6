"""Journal entries that a run has made: drafts are deleted, posted ones reversed, and the period says what they are."""

from decimal import Decimal

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tests.common import TransactionCase
from odoo.tools import SQL

from ..core.totals import ControlTotals
from ..models.writer import by_program
from .common import fact
from .test_period import PeriodScene


def _deliver(self, run, items):
    """Each fact becomes a journal entry; what begins with `draft` is not posted."""
    account = self.env["account.account"].search
    debit, credit = (account([("code", "=", code)], limit=1) for code in ("999001", "999002"))
    journal = self.env["account.journal"].search([("code", "=", "LWG")], limit=1)
    moves = self.env["account.move"].create(
        [
            {
                "journal_id": journal.id,
                "date": item.on,
                "ref": item.key,
                "line_ids": [
                    Command.create({"account_id": debit.id, "debit": float(item.amount)}),
                    Command.create({"account_id": credit.id, "credit": float(item.amount)}),
                ],
            }
            for item in items
        ]
    )
    moves.filtered(lambda move: not move.ref.startswith("draft")).action_post()
    return list(zip([item.id for item in items], moves, strict=True))


def _totals(self, run):
    rows = self.env.execute_query(
        SQL(
            """SELECT b.key, m.amount_total::text, i.currency FROM fin_binding b
            JOIN account_move m ON m.id = b.res_id JOIN fin_item i ON i.id = b.item_id
            WHERE b.run_id = %s AND b.live AND b.res_model = 'account.move'""",
            run.id,
        )
    )
    return ControlTotals.of((key, Decimal(amount), currency) for key, amount, currency in rows)


@tagged("post_install", "-at_install")
class TestRollbackOfEntries(PeriodScene, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        business = type(cls.env["fin.object"])
        for name, value in (("_deliver", _deliver), ("_totals", _totals), ("_undoes", True)):
            cls.classPatch(business, name, value)

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def booked(self, *facts):
        run = self.start(*facts)
        self.assertEqual(run.state, "done", run.last_error)
        return run, self.moves(run)

    def moves(self, run):
        bindings = self.env["fin.binding"].search([("run_id", "=", run.id), ("res_model", "=", "account.move")])
        return self.env["account.move"].browse(bindings.mapped("res_id")).exists()

    def ask(self, run):
        return self.by("operator", "fin.remedy")._ask_rollback(self.by("operator", run), "a wrong file")

    def roll_back(self, run):
        remedy = self.ask(run).with_env(self.env)
        by_program(self.by("approver", remedy))._approve()
        self.advance(remedy.run_ids)
        return remedy.run_ids

    def test_posted_entries_are_reversed_and_drafts_deleted_whole_and_reconciled(self):
        run, moves = self.booked(fact("a", "70"), fact("draft b", "30"))
        draft = moves.filtered(lambda move: move.state == "draft")
        back = self.roll_back(run)
        self.assertEqual((back.state, back.delivered, back.reconciliation_state), ("done", 2, "tied"), back.last_error)
        self.assertFalse(draft.exists())
        [reversal] = (moves - draft).reversal_move_ids
        self.assertEqual((reversal.state, reversal.date), ("posted", (moves - draft).date))
        self.assertEqual(sum((moves.exists() | reversal).line_ids.mapped("balance")), 0)
        self.assertFalse(run.item_ids.binding_ids.filtered("live"))

    def test_the_same_facts_come_again_as_if_they_had_never_been_there(self):
        run, _moves = self.booked(fact("a", "70"))
        self.roll_back(run)
        again = self.start(fact("a", "70"), name="again.txt")
        self.assertEqual((again.state, again.delivered), ("done", 1))

    def test_what_was_reversed_by_hand_waits_for_a_person(self):
        run, moves = self.booked(fact("a", "70"))
        moves._reverse_moves([{"date": moves.date}], cancel=True)
        back = self.roll_back(run)
        self.assertEqual((back.state, back.exception_ids.code), ("held", "undo_gone"))

    def test_a_reversal_that_somebody_took_away_does_not_tie(self):
        run, moves = self.booked(fact("a", "70"))
        back = self.roll_back(run)
        moves.reversal_move_ids.button_draft()
        self.env.flush_all()
        self.assertEqual(back._object()._undone(back).count, 0)

    def test_a_reversal_lies_on_the_first_day_that_is_open(self):
        run, moves = self.booked(fact("a", "70"))
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.roll_back(run)
        self.assertEqual(str(moves.reversal_move_ids.date), "2026-04-01")

    # What the period says of them

    def test_the_entries_of_a_rollback_are_what_they_are_in_the_period(self):
        period = self.opened()
        run, moves = self.booked(fact("a", "70"))
        self.env["fin.period.entry"]._recount(period)
        back = self.roll_back(run)
        self.env["fin.period.entry"]._recount(period)
        mine = self.entries(period, is_current=True)
        self.assertEqual(
            {(row.origin, row.state, row.run_id) for row in mine},
            {("delivered", "known", run), ("rollback", "known", back)},
        )
        self.assertEqual(mine.filtered(lambda row: row.origin == "rollback").move_id, moves.reversal_move_ids)
        one = period._equation()[self.debit.id]
        self.assertEqual([float(one[name]) for name in ("delivered", "other", "closing")], [0, 0, 0])
        self.assertEqual((period.delivered_count, period.known_count, period.open_count), (2, 0, 0))

    def test_it_is_the_same_where_nobody_had_looked_before(self):
        period = self.opened()
        run, _moves = self.booked(fact("a", "70"))
        self.roll_back(run)
        self.env["fin.period.entry"]._recount(period)
        self.assertEqual(sorted(self.entries(period).mapped("origin")), ["delivered", "rollback"])
        self.assertEqual(period.open_count, 0)

    def test_a_reversal_by_hand_is_a_manual_entry_and_asks(self):
        period = self.opened()
        _run, moves = self.booked(fact("a", "70"))
        moves._reverse_moves([{"date": moves.date}], cancel=True)
        self.env["fin.period.entry"]._recount(period)
        by_hand = self.entries(period, state="open")
        self.assertEqual((by_hand.move_id, by_hand.origin), (moves.reversal_move_ids, "manual"))

    def test_a_binding_that_ended_otherwise_explains_nothing(self):
        period = self.opened()
        run, _moves = self.booked(fact("a", "70"))
        run.item_ids.binding_ids._end()
        self.env["fin.period.entry"]._recount(period)
        self.assertEqual(self.entries(period).mapped("origin"), ["manual"])

    def test_a_rollback_after_the_sign_off_is_late_and_asks(self):
        period = self.opened()
        run, _moves = self.booked(fact("a", "70"))
        self.sign(self.checkpoint("entries"))
        self.roll_back(run)
        self.tick()
        self.assertEqual(self.checkpoint("entries").state, "suspended")
        self.assertEqual(self.entries(period, state="open").mapped("origin"), ["late"])

    def test_what_was_rolled_back_and_what_reversed_it_lead_to_their_runs(self):
        run, moves = self.booked(fact("a", "70"))
        back = self.roll_back(run)
        self.assertEqual((moves.fin_run_id, moves.reversal_move_ids.fin_run_id), (run, back))

    def test_both_came_through_the_flow_for_the_governed_share(self):
        run, moves = self.booked(fact("a", "70"))
        self.roll_back(run)
        rows = self.env["fin.governed.row"].search([("journal_id", "=", self.general.id)])
        self.assertEqual(set(rows.mapped("way")), {"flow"})
        self.assertEqual(sum(rows.mapped("governed")), 2, moves)
