import datetime as dt
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.totals import ControlTotals
from odoo.addons.finance_integration_governance.models.writer import by_program

from .common import BankCase

MATCHED = "it is matched with an account chosen by hand: undo the matching first"


@tagged("post_install", "-at_install")
class TestBankRollback(BankCase):
    """What a run has booked is taken back by another run, and comes again as if it had never been there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french)
        cls.company.transfer_account_id = cls.env["account.account"].create(
            {
                "code": "199998",
                "name": "Transfers",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": cls.company.ids,
            }
        )

    def ask(self, run, ids=None):
        asked = self.env["fin.remedy"].with_user(self.operator)
        with self.enter_registry_test_mode():
            return asked._ask_rollback(run.with_user(self.operator), "a wrong file", ids).with_env(self.env)

    def roll_back(self, run, ids=None):
        remedy = self.ask(run, ids)
        by_program(remedy.with_user(self.second))._approve()
        self.advance()
        self.env.invalidate_all()
        return remedy

    def exception_words(self, run):
        return sorted(run.exception_ids.mapped("text"))

    def balance(self, account):
        lines = self.env["account.move.line"].search([("account_id", "=", account.id), ("parent_state", "=", "posted")])
        return sum(lines.mapped("balance"))

    def booked(self):
        run = self.import_file(self.flow, "two_accounts")
        self.assertEqual(run.state, "done")
        return run

    def test_a_whole_run_is_reversed_reconciled_and_comes_again(self):
        run = self.booked()
        before, amounts = self.lines(), sorted(self.amounts())
        remedy = self.roll_back(run)
        back = remedy.run_ids
        self.assertEqual(
            (back.state, back.received, back.delivered), ("done", run.delivered, run.delivered), back.last_error
        )
        self.assertEqual((back.reconciliation_state, back.trigger, remedy.state), ("tied", "rollback", "done"))
        counters = self.lines() - before
        self.assertEqual(sorted(-line.amount for line in counters), amounts)
        self.assertTrue(all(line.is_reconciled for line in before | counters))
        self.assertEqual(self.balance(self.german.default_account_id), 0)
        self.assertFalse(run.item_ids.binding_ids.filtered("live"))
        self.assertEqual(set(run.item_ids.mapped("outcome")), {"delivered"})
        # The same file comes again: everything is booked once more, and nothing twice.
        again = self.import_file(self.flow, "two_accounts", name="again.xml")
        self.assertEqual((again.state, again.delivered), ("done", run.delivered))
        again = self.import_file(self.flow, "two_accounts", name="third.xml")
        self.assertEqual((again.state, again.delivered), ("done", 0))

    def test_the_totals_of_a_rollback_are_those_of_the_run_with_the_other_sign(self):
        run = self.booked()
        back = self.roll_back(run).run_ids
        parts = [self.env["fin.item"]._totals_by_outcome(one)["delivered"] for one in (run, back)]
        together = sum(parts, ControlTotals())
        self.assertEqual(set(together.amounts.values()), {0})
        self.assertEqual(parts[0].hash_total, parts[1].hash_total)

    def test_a_rollback_takes_a_second_person(self):
        remedy = self.ask(self.booked())
        self.assertEqual((remedy.state, remedy.needs_yes, bool(remedy.run_ids)), ("asked", True, False))
        with self.assertRaises(AccessError):
            by_program(remedy.with_user(self.operator))._approve()
        self.assertEqual(self.env["fin.approval"].search([("purpose", "=", "rollback")]).state, "requested")

    def test_chosen_lines_go_and_the_rest_stays(self):
        run = self.booked()
        entry = run.item_ids.filtered("parent_key")[:1]
        back = self.roll_back(run, entry.ids).run_ids
        self.assertEqual((back.state, back.delivered), ("done", 1))
        self.assertEqual(len(run.item_ids.binding_ids.filtered("live")), run.delivered - 1)

    def test_the_plan_says_first_what_would_happen(self):
        run = self.booked()
        told = json.loads(self.ask(run).difference_id.text)
        self.assertEqual(sum(one["count"] for one in told["done"]), run.delivered)
        self.assertEqual({one["undo"] for one in told["done"]}, {"reverse", "release"})
        self.assertFalse(self.env["fin.run"].search([("name", "=", "PREVIEW")]))

    def test_a_reversal_lies_on_the_first_day_that_is_open(self):
        run = self.booked()
        days = run.item_ids.filtered("parent_key").mapped("on")
        # Odoo asks for every line to be matched before it locks a day; what is locked anyway stays as it is.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET fiscalyear_lock_date = %s WHERE id = %s", (max(days), self.company.id)
        )
        self.env.invalidate_all()
        before = self.lines()
        back = self.roll_back(run).run_ids
        self.assertEqual(back.state, "done", back.last_error)
        self.assertEqual(set((self.lines() - before).mapped("date")), {max(days) + dt.timedelta(days=1)})
        self.assertEqual(back.reconciliation_state, "tied")

    def test_what_somebody_has_matched_waits_with_clear_words(self):
        run = self.booked()
        line = self.lines()[0]
        account = self.env["account.account"].create(
            {"code": "199997", "name": "By hand", "account_type": "expense", "company_ids": self.company.ids}
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = account
        self.assertTrue(line.is_reconciled)
        remedy = self.roll_back(run)
        held = remedy.run_ids.filtered(lambda one: one.state == "held")
        self.assertIn("undo_matched", held.exception_ids.mapped("code"))
        self.assertEqual(self.exception_words(held), ["1 lines of the statement stay", MATCHED])
        line.action_undo_reconciliation()
        held.with_user(self.operator).action_release()
        self.advance()
        told = [(one.name, one.state, one.last_error, one.exception_ids.mapped("text")) for one in remedy.run_ids]
        self.assertEqual(set(remedy.run_ids.mapped("state")), {"done"}, told)
        self.assertEqual(sum(remedy.run_ids.mapped("delivered")), run.delivered)

    def test_a_draft_is_deleted(self):
        run = self.booked()
        line = self.lines()[0]
        line.move_id.button_draft()
        binding = line.fin_item_id
        back = self.roll_back(run, binding.ids).run_ids
        self.assertEqual((back.state, back.delivered, bool(line.exists())), ("done", 1, False), back.last_error)

    def test_what_somebody_reversed_by_hand_is_not_taken_back_once_more(self):
        run = self.booked()
        line = self.lines()[0]
        line.move_id._reverse_moves([{"date": line.date}], cancel=False).action_post()
        remedy = self.roll_back(run, line.fin_item_id.ids)
        self.assertEqual((remedy.run_ids.state, remedy.run_ids.exception_ids.code), ("held", "undo_gone"))
        self.assertIn("reversed by hand already", remedy.run_ids.exception_ids.text)

    def test_a_draft_in_a_locked_period_is_not_deleted(self):
        run = self.booked()
        line = self.lines()[0]
        line.move_id.button_draft()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET fiscalyear_lock_date = %s WHERE id = %s", (line.date, self.company.id)
        )
        self.env.invalidate_all()
        remedy = self.roll_back(run, line.fin_item_id.ids)
        self.assertEqual((remedy.run_ids.state, remedy.run_ids.exception_ids.code), ("held", "period_locked"))
        self.assertTrue(line.exists())

    def test_nobody_takes_back_what_somebody_takes_back(self):
        run = self.booked()
        ids = self.lines()[0].fin_item_id.ids
        self.ask(run, ids)
        with self.assertRaises(UserError) as caught:
            self.ask(run, ids)
        self.assertIn("nothing left", str(caught.exception))

    def test_what_the_suite_cannot_take_back_is_said_before_anybody_is_asked(self):
        run = self.booked()
        self.patch(type(self.env["fin.object.bank_statement"]), "_undoes", False)
        with self.assertRaises(UserError) as caught:
            self.ask(run)
        self.assertIn("cannot be taken back", str(caught.exception))

    def test_law4_a_rollback_whose_effect_still_stands_does_not_tie(self):
        run = self.booked()
        kept = type(self.env["fin.object.bank_statement"])
        self.patch(kept, "_undo", lambda _self, _run, items: [(item.id, None) for item in items])
        back = self.roll_back(run).run_ids
        self.assertEqual((back.state, back.reconciliation_state), ("held", "not_tied"))
        self.assertEqual(len(self.lines()), len(run.item_ids.filtered("parent_key")))
