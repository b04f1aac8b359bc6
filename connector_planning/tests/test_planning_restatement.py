"""A figure that was told as final changes only with the yes of the flow's owner."""

import json
from decimal import Decimal

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.http import HttpClient
from odoo.addons.finance_integration_governance.core.stages import STAGES

from ..models.book import Book
from .common import TOKEN, PlanningCase


class RestatementCase(PlanningCase):
    def setUp(self):
        super().setUp()
        self.double = self.start_double()

    def told(self):
        """What the planning system holds: (account, period) -> balance."""
        http = HttpClient(self.double.url, token=TOKEN, allowed_hosts=("127.0.0.1",))
        return {(c["account"], c["period"]): Decimal(c["balance"]) for c in http.get("/v1/cells").json()["cells"]}

    def run_once(self, flow):
        self.env.flush_all()
        run = self.complete(self.queue(flow))
        self.env.invalidate_all()
        return run

    def close(self, until):
        self.company.sudo().fiscalyear_lock_date = until

    def waiting(self):
        found = [("code", "=", "restatement"), ("state", "in", ("open", "in_progress"))]
        return self.env["fin.exception"].search(found)

    def say_yes(self, exception, by=None):
        """The operator asks with a reason, the deputy (here the second person) decides, the engine goes on."""
        held = exception._held_runs()
        exception.with_user(self.operator)._request_waiver("auditor's correction of January")
        exception.with_user(by or self.approver)._approve_waiver()
        self.env["fin.audit.seal"]._seal_waiting()
        for run in held:
            self.take_up(run)
        return held

    def take_up(self, run):
        self.env.flush_all()
        run._transition("start", digest=run.version_digest)
        return self.go_on(run, STAGES[STAGES.index(run.stage) :])


@tagged("post_install", "-at_install")
class TestPlanningRestatement(RestatementCase):
    def setUp(self):
        super().setUp()
        self.entry("2026-01-10", 100)
        self.entry("2026-02-10", 7)
        self.actuals = self.flow(self.double.url)
        self.close("2026-01-31")
        self.run_once(self.actuals)
        self.close(False)

    def test_a_change_in_a_final_period_waits_and_the_rest_goes_on(self):
        self.entry("2026-01-11", 5)
        self.entry("2026-02-11", 3)
        run = self.run_once(self.actuals)
        self.assertEqual((run.state, run.delivered, run.held), ("done", 2, 2))
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(100))
        self.assertEqual(self.told()["550000", "2026-02"], Decimal(10))
        self.assertEqual((run.child_ids.state, len(run.child_ids.item_ids)), ("held", 2))
        answer = run.answer_ids.filtered(lambda one: one.gate == "Restatement")[:1]
        self.assertEqual((answer.answer, answer.count), ("hold", 2))

    def test_the_entries_that_caused_it_are_named(self):
        early = self.env["account.move"].search([("date", "=", "2026-01-10"), ("journal_id", "=", self.journal.id)])
        late, gone = self.entry("2026-01-11", 5), early.name
        early.button_draft()
        early.write({"date": "2026-02-20", "name": "/"})
        self.run_once(self.actuals)
        self.assertIn(f"{late.name} (new)", self.waiting().text)
        self.assertIn(f"{gone} (gone)", self.waiting().text)
        again = self.entry("2026-01-12", 5)
        self.run_once(self.actuals)
        self.assertIn(again.name, "".join(self.waiting().message_ids.mapped("body")))
        self.env["fin.audit.seal"]._seal_waiting()
        causes = self.env["fin.audit.event"].search([("code", "=", "fin.exception.causes")], order="id", limit=1)
        self.assertIn(late.name, causes[:1].content)

    def test_it_says_who_decides(self):
        self.entry("2026-01-11", 5)
        self.run_once(self.actuals)
        self.assertIn("owner or deputy of the flow agree", self.waiting().with_user(self.operator).next_step)

    def test_after_the_yes_it_is_sent_with_its_reason(self):
        self.entry("2026-01-11", 5)
        self.run_once(self.actuals)
        (child,) = self.say_yes(self.waiting())
        self.assertEqual((child.state, child.reconciliation_state, child.delivered), ("done", "tied", 2))
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(105))
        with child.payload_ids._open() as stream:
            self.assertIn(b"auditor's correction of January", stream.read())

    def test_the_reason_travels_where_nothing_leaves_without_the_rest_and_beside_files(self):
        folder = self.folder_of_files()
        told = ("planning.actual_files", {"location": folder.as_uri()}, "fin.object.actual", "files")
        flow = self.made_flow(*told, all_or_nothing=True)
        self.close("2026-01-31")
        self.run_once(flow)
        self.close(False)
        self.entry("2026-01-11", 5)
        run = self.queue(flow)
        run._transition("start", digest=run.version_digest)
        self.go_on(run, ("extract", "validate", "map", "gate"))
        self.assertEqual((run.state, run.child_ids), ("held", run.browse()))
        self.say_yes(self.waiting())
        self.assertEqual((run.state, run.delivered), ("done", 2))
        reasons = [json.loads(path.read_text()).get("reason") for path in folder.glob("*.control.json")]
        self.assertCountEqual(reasons, [None, "auditor's correction of January"])

    def test_law_3_the_yes_is_the_owners_or_the_deputys_and_nobody_elses(self):
        self.entry("2026-01-11", 5)
        self.run_once(self.actuals)
        other = self.person("third", "group_approver")
        exception = self.waiting()
        exception.with_user(self.operator)._request_waiver("because")
        for person in (other, self.operator):
            with self.subTest(person.login), self.assertRaises(AccessError):
                exception.with_user(person)._approve_waiver()
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(100))

    def test_law_2_a_restatement_that_waits_does_not_wait_twice(self):
        self.entry("2026-01-11", 5)
        first = self.run_once(self.actuals)
        second = self.run_once(self.actuals)
        self.assertEqual((second.state, second.duplicate, second.held), ("done", 2, 0))
        self.assertFalse(second.child_ids)
        self.assertEqual(first.child_ids.state, "held")

    def test_what_changes_again_takes_the_place_of_what_waits(self):
        self.entry("2026-01-11", 5)
        first = self.run_once(self.actuals)
        self.entry("2026-01-12", 1)
        second = self.run_once(self.actuals)
        self.assertEqual(set(first.child_ids.item_ids.mapped("outcome")), {"superseded"})
        self.take_up(first.child_ids)
        self.assertEqual((first.child_ids.state, second.child_ids.state), ("done", "held"))
        self.say_yes(self.waiting())
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(106))

    def test_a_new_account_in_a_final_period_restates_as_well(self):
        cash = self.account("570000", "Cash", "asset_cash")
        self.entry("2026-01-11", 5, debit=cash)
        run = self.run_once(self.actuals)
        self.assertEqual((run.delivered, run.held), (0, 2))

    def test_a_figure_that_vanishes_from_a_final_period_restates_as_zero(self):
        january = self.env["account.move"].search([("date", "=", "2026-01-10"), ("journal_id", "=", self.journal.id)])
        january.button_draft()
        self.assertEqual(self.run_once(self.actuals).held, 2)
        self.say_yes(self.waiting())
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(0))

    def test_a_period_that_was_told_while_open_changes_freely(self):
        self.entry("2026-02-11", 3)
        self.close("2026-02-28")
        self.assertEqual(self.run_once(self.actuals).held, 0)
        self.close(False)
        self.entry("2026-02-12", 3)
        self.assertEqual(self.run_once(self.actuals).held, 2)

    def test_a_period_closed_without_a_change_is_final_from_then_on(self):
        self.close("2026-02-28")
        self.assertEqual(self.run_once(self.actuals).held, 0)
        self.close(False)
        self.entry("2026-02-12", 3)
        run = self.run_once(self.actuals)
        self.assertEqual(run.held, 2)
        told = self.env["fin.actual.period"].search([("run_id", "=", run.id), ("last_on", "=", "2026-02-28")])
        self.assertEqual(told.mapped("is_final"), [True])

    def test_what_is_refused_stays_as_it_was_told(self):
        self.entry("2026-01-11", 5)
        run = self.run_once(self.actuals)
        exception = self.waiting()
        child = run.child_ids
        exception._reject_items("not this year")
        self.assertEqual(set(child.item_ids.mapped("outcome")), {"rejected"})
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(100))

    def test_the_periods_say_how_the_other_side_stands(self):
        self.entry("2026-01-11", 5)
        self.entry("2026-02-11", 3)
        self.run_once(self.actuals)
        self.env.invalidate_all()
        newest = self.env["fin.actual.period"].search([("is_newest", "=", True)])
        found = {f"{period.last_on:%Y-%m}": period.state for period in newest}
        self.assertEqual(found, {"2026-01": "restated", "2026-02": "delivered"})
        self.assertEqual(len(set(newest.mapped("stamp"))), 1)

    def test_who_sees_the_periods(self):
        self.assertTrue(self.env["fin.actual.period"].with_user(self.operator).search([]))
        outsider = self.env["res.users"].create({"name": "Nobody", "login": "planning-nobody"})
        with self.assertRaises(AccessError):
            self.env["fin.actual.period"].with_user(outsider).search([])
        with self.assertRaises(AccessError):
            self.env["fin.actual.period"].with_user(self.operator).search([], limit=1).write({"is_final": False})

    def test_law_4_cells_that_are_not_the_trial_balance_never_leave(self):
        self.entry("2026-02-11", 3)
        honest = Book._trial_balance
        self.patch(Book, "_trial_balance", lambda book: [(*row[:3], row[3] + 1, *row[4:]) for row in honest(book)])
        with self.assertRaisesRegex(ConfigurationError, "not the trial balance"):
            self.collect(self.actuals)


@tagged("post_install", "-at_install")
class TestPlanningDelta(RestatementCase):
    """Only periods whose mark has changed are looked at again, where the version says so."""

    def setUp(self):
        super().setUp()
        self.entry("2026-01-10", 100)
        self.entry("2026-02-10", 7)
        self.actuals = self.flow(self.double.url, options={"delta": True})
        self.run_once(self.actuals)

    def test_an_unchanged_ledger_has_nothing_to_tell(self):
        run = self.run_once(self.actuals)
        self.assertEqual((run.state, run.received), ("done", 0))

    def test_one_late_entry_has_its_period_told_and_no_other(self):
        self.entry("2026-01-11", 5)
        run = self.run_once(self.actuals)
        self.assertEqual((run.received, run.delivered), (2, 2))
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(105))

    def test_a_period_that_is_empty_now_is_told_as_zero(self):
        self.env["account.move"].search(
            [("date", "=", "2026-02-10"), ("journal_id", "=", self.journal.id)]
        ).button_draft()
        run = self.run_once(self.actuals)
        self.assertEqual((run.delivered, self.told()["550000", "2026-02"]), (2, Decimal(0)))
        self.assertEqual(self.run_once(self.actuals).received, 0)

    def test_an_entry_that_moves_to_another_month_changes_both(self):
        move = self.env["account.move"].search([("date", "=", "2026-02-10"), ("journal_id", "=", self.journal.id)])
        move.button_draft()
        move.write({"date": "2026-01-20", "name": "/"})
        move.action_post()
        self.run_once(self.actuals)
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(107))
        self.assertEqual(self.told()["550000", "2026-02"], Decimal(0))

    def test_what_sql_changed_is_seen_too(self):
        self.env.flush_all()
        query = "UPDATE account_move_line SET debit = debit + 1, balance = balance + 1 WHERE debit = 7"
        self.env.cr.execute(query)
        self.assertEqual(self.run_once(self.actuals).delivered, 1)

    def test_a_renamed_account_is_told_anew(self):
        self.sales.name = "Turnover"
        self.assertEqual(self.run_once(self.actuals).delivered, 2)

    def test_what_did_not_arrive_is_looked_at_again(self):
        self.actuals.left_out_rows = 1
        self.approve(self.actuals)
        self.env["fin.audit.seal"]._seal_waiting()
        self.run_once(self.actuals)
        self.double.ask("/control/faults", faults={"reject_row": 1})
        self.entry("2026-01-11", 5)
        self.assertEqual(self.run_once(self.actuals).rejected, 1)
        self.assertEqual(self.run_once(self.actuals).delivered, 1)
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(105))

    def test_another_version_looks_at_everything_once(self):
        self.actuals.purpose = "Another purpose"
        self.approve(self.actuals)
        self.env["fin.audit.seal"]._seal_waiting()
        self.assertEqual(self.run_once(self.actuals).unchanged, 4)
        self.assertEqual(self.run_once(self.actuals).received, 0)

    def test_a_period_that_was_closed_since_is_final(self):
        self.close("2026-01-31")
        self.assertEqual(self.run_once(self.actuals).received, 0)
        self.close(False)
        self.entry("2026-01-11", 5)
        self.assertEqual(self.run_once(self.actuals).held, 2)

    def test_up_to_the_lock_date_where_only_closed_books_are_told(self):
        flow = self.actuals
        flow.options = {"only_closed": True, "period_from": "2025-01"}
        self.approve(flow)
        self.env["fin.audit.seal"]._seal_waiting()
        self.close("2026-01-31")
        self.entry("2026-02-11", 3)
        run = self.run_once(flow)
        self.assertEqual((run.unchanged, run.delivered), (2, 0))
