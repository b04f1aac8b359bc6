import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tools import json_default

from .close_scene import NAME, CloseScene
from .common import fact
from .wire import OverTheWire


class PeriodScene(CloseScene):
    def opened(self, **vals):
        """A period whose checkpoint asks that every entry be explained."""
        self.template("entries", "entries", **vals)
        self.calendar()
        return self.checkpoint("entries").period_id

    def entries(self, period, **wanted):
        domain = [("period_id", "=", period.id), *((name, "=", value) for name, value in wanted.items())]
        return self.env["fin.period.entry"].search(domain)

    def explain(self, period):
        waiting = self.entries(period, state="open", is_current=True)
        waiting.with_user(self.accountant)._acknowledge("voucher 42")
        return waiting


@tagged("post_install", "-at_install")
class TestPeriod(PeriodScene, TransactionCase):
    """Decision 12: closing = opening + delivered + other entries, each of which somebody has explained."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def test_the_four_parts_make_the_equation_account_by_account(self):
        self.entry(40, "2026-02-10")
        period = self.opened()
        self.start(fact("a", "70"))
        self.entry(100)
        self.entry(7, "2026-04-02")
        self.env["fin.period.entry"]._recount(period)
        equation = period._equation()
        self.assertEqual(period._off(equation), [])
        one = {name: float(amount) for name, amount in equation[self.debit.id].items()}
        self.assertEqual(one, {"opening": 40, "delivered": 0, "other": 100, "closing": 140})
        bank = equation[self.journal.default_account_id.id]
        self.assertEqual((float(bank["delivered"]), float(bank["closing"])), (70, 70))

    def test_what_nobody_has_listed_breaks_the_equation(self):
        """Whatever stands in the ledger and not in the list shows as the difference."""
        period = self.opened()
        self.env["fin.period.entry"]._recount(period)
        self.entry(100)
        self.assertIn(self.debit.id, period._off(period._equation()))

    def test_a_delivered_entry_is_explained_by_its_run_and_a_manual_one_asks(self):
        period = self.opened()
        run = self.start(fact("a", "70"))
        move = self.entry(100)
        self.env["fin.period.entry"]._recount(period)
        delivered, manual = (self.entries(period, origin=origin) for origin in ("delivered", "manual"))
        self.assertEqual((delivered.state, delivered.run_id), ("known", run))
        self.assertEqual((manual.state, manual.move_id, manual.amount), ("open", move, 100))
        self.assertEqual((period.delivered_count, period.open_count), (1, 1))

    def test_the_period_ties_when_every_entry_has_its_reason(self):
        period = self.opened()
        self.entry()
        checkpoint = self.checkpoint("entries")
        checkpoint._evaluate()
        self.assertEqual((checkpoint.state, checkpoint.told), ("open", "1 entries ask for a reason"))
        row = self.explain(period)
        self.assertEqual((row.reason, row.person_id, row.state), ("voucher 42", self.accountant, "acknowledged"))
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "tied")
        event = self.env["fin.audit.event"].search([("code", "=", "fin.period.acknowledge")], limit=1)
        self.assertIn("voucher 42", event.facts)

    def test_entries_of_journals_that_begin_in_odoo_need_no_reason(self):
        self.policy.native_journal_ids = self.general
        period = self.opened()
        self.entry()
        self.env["fin.period.entry"]._recount(period)
        self.assertEqual(self.entries(period).mapped("origin"), ["native"])

    def test_a_late_posting_asks_also_in_a_journal_that_begins_in_odoo(self):
        self.policy.native_journal_ids = self.general
        period = self.opened()
        self.entry()
        checkpoint = self.sign(self.checkpoint("entries"))
        self.assertTrue(period.closed_at)
        late = self.entry(5)
        self.tick()
        self.assertEqual(checkpoint.state, "suspended")
        self.assertEqual(self.entries(period, state="open").mapped("move_id"), late)
        self.assertEqual(self.entries(period, origin="late").move_id, late)
        self.explain(period)
        self.sign(checkpoint)
        self.assertEqual(checkpoint.state, "signed")

    def test_a_late_delivery_of_a_flow_asks_too(self):
        period = self.opened()
        self.sign(self.checkpoint("entries"))
        self.start(fact("a", "70"))
        self.tick()
        self.assertEqual(self.checkpoint("entries").state, "suspended")
        self.assertEqual(self.entries(period, is_current=True).mapped("origin"), ["late"])

    def test_a_reset_to_draft_shows_itself_and_what_was_there_stays(self):
        period = self.opened()
        move = self.entry()
        self.env["fin.period.entry"]._recount(period)
        self.explain(period)
        move.button_draft()
        self.env["fin.period.entry"]._recount(period)
        gone = self.entries(period, is_current=True)
        self.assertEqual((gone.origin, gone.state, gone.amount), ("gone", "open", 0))
        before = self.entries(period, is_current=False)
        self.assertEqual((before.reason, before.amount), ("voucher 42", 100))
        move.action_post()
        self.env["fin.period.entry"]._recount(period)
        self.assertEqual(self.entries(period, is_current=True).origin, "changed")

    def test_a_delivered_entry_that_was_reset_before_anybody_saw_it_asks(self):
        period = self.opened()
        self.start(fact("a", "70"))
        line = self.env["account.bank.statement.line"].search([("journal_id", "=", self.journal.id)])
        line.move_id.button_draft()
        self.env["fin.period.entry"]._recount(period)
        self.assertEqual(self.entries(period).mapped("origin"), ["reset"])

    def test_another_amount_asks_for_another_reason(self):
        period = self.opened()
        move = self.entry()
        self.env["fin.period.entry"]._recount(period)
        self.explain(period)
        move.button_draft()
        move.write(
            {
                "line_ids": [
                    (1, move.line_ids.filtered("debit").id, {"debit": 120}),
                    (1, move.line_ids.filtered("credit").id, {"credit": 120}),
                ]
            }
        )
        move.action_post()
        self.env["fin.period.entry"]._recount(period)
        row = self.entries(period, is_current=True)
        self.assertEqual((row.origin, row.state, row.amount), ("changed", "open", 120))

    def test_reconciling_a_bank_line_changes_no_entry(self):
        period = self.opened()
        self.start(fact("a", "70"))
        self.env["fin.period.entry"]._recount(period)
        line = self.env["account.bank.statement.line"].search([("journal_id", "=", self.journal.id)])
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = self.debit
        self.env["fin.period.entry"]._recount(period)
        self.assertEqual(self.entries(period).mapped("origin"), ["delivered"])

    def test_looking_twice_lists_nothing_twice(self):
        period = self.opened()
        self.entry()
        for _again in range(2):
            self.env["fin.period.entry"]._recount(period)
        self.assertEqual(len(self.entries(period)), 1)

    def test_what_is_explained_asks_nobody_for_another_reason(self):
        period = self.opened()
        self.entry()
        self.env["fin.period.entry"]._recount(period)
        row = self.explain(period)
        with self.assertRaises(UserError):
            row.with_user(self.accountant)._acknowledge("again")

    def test_another_company_is_not_in_it(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids += other
        period = self.opened()
        self.entry()
        self.env["fin.period.entry"]._recount(period)
        self.assertEqual(self.entries(period).company_id, self.company)
        stranger = self.person("operator", "elsewhere", company_id=other.id, company_ids=other.ids)
        with self.assertRaises(AccessError):
            period.with_user(stranger).action_recount()
        with self.assertRaises(AccessError):
            self.entries(period).with_user(stranger)._acknowledge("mine")

    def test_the_cut_off_lists_what_came_after_the_end(self):
        """The facts are of 2 March and come today."""
        period = self.opened()
        run = self.start(fact("a", "70"), fact("b", "1"))
        self.assertEqual(period.after_count, 2)
        told = json.dumps(period.action_open_received_after()["domain"], default=json_default)
        found = self.env["fin.item"].search(json.loads(told))  # as the web client sends it back
        self.assertEqual(found, run.item_ids)
        self.sql("UPDATE fin_run SET create_date = '2026-03-31 23:00:00' WHERE id = %s", run.id)
        period.invalidate_recordset()
        self.assertEqual(period.after_count, 0)

    def test_the_standard_close_explains_every_entry(self):
        self.by("administrator", self.policy).action_standard_close()
        self.calendar()
        self.assertTrue(self.checkpoint("entries", NAME))


@tagged("post_install", "-at_install")
class TestPeriodOverTheWire(PeriodScene, OverTheWire, HttpCase):
    def test_an_accountant_gives_the_reason_and_a_viewer_none(self):
        period = self.opened()
        self.entry()
        self.login("viewer")
        self.refused("fin.period", "action_recount", period.ids)
        self.login("operator")
        self.call("fin.period", "action_recount", period.ids)
        row = self.entries(period)
        asked = self.call("fin.period.entry", "action_acknowledge", row.ids)
        made = self.call(asked["res_model"], "create", [{"reason": "voucher 42"}], context=asked["context"])
        self.call(asked["res_model"], "action_acknowledge", made)
        self.assertEqual((row.state, row.person_id.login), ("acknowledged", "law-operator"))

    def test_s09_nobody_writes_an_entry(self):
        period = self.opened()
        self.entry()
        self.env["fin.period.entry"]._recount(period)
        row = self.entries(period)
        for who in ("operator", "administrator", "auditor"):
            self.login(who)
            self.refused("fin.period.entry", "write", row.ids, {"state": "acknowledged"})
            self.refused("fin.period.entry", "unlink", row.ids)
        self.assertEqual(row.state, "open")
