from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import RestrictViolation, UniqueViolation

from .budget_scene import BudgetCase
from .common import MODULE


@tagged("post_install", "-at_install")
class TestBudgetVersion(BudgetCase):
    """A plan is approved by another person, and what was approved is never overwritten."""

    def setUp(self):
        super().setUp()
        self.plan(self.budget, (self.sales, "2026-01-15", -100), (self.rent, "2026-01-31", 30))

    def test_a_figure_stands_at_the_end_of_its_month(self):
        self.assertEqual({f"{line.on}" for line in self.budget.line_ids}, {"2026-01-31"})

    def test_law2_a_cell_has_one_figure(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.plan(self.budget, (self.sales, "2026-01-02", -1))
            self.env.flush_all()

    def test_members_that_nobody_can_read_are_refused(self):
        line = {"version_id": self.budget.id, "account_id": self.rent.id, "on": "2026-02-28", "amount": 1}
        with self.assertRaises(ValidationError):
            self.env["fin.budget.line"].create({**line, "analytic": "Legal"})

    def test_a_figure_outside_of_the_versions_months_is_refused(self):
        with self.assertRaises(ValidationError):
            self.plan(self.budget, (self.sales, "2027-01-31", -1))

    def test_law3_nobody_approves_what_they_submitted_or_wrote(self):
        both = self.person("both", "group_approver,finance_integration_governance.group_operator")
        self.budget.with_user(both).action_submit()
        with self.assertRaises(AccessError):
            self.budget.with_user(both)._approve()
        self.budget.with_user(both).action_withdraw()
        self.budget.line_ids[0].with_user(both).amount = -101
        self.budget.with_user(self.operator).action_submit()
        with self.assertRaises(AccessError):
            self.budget.with_user(both)._approve()
        self.budget.with_user(self.approver)._approve()
        self.assertEqual(self.budget.state, "approved")

    def test_law3_the_yes_is_to_exactly_these_figures(self):
        self.approve_budget(self.budget)
        self.assertTrue(self.budget.is_proved)
        self.env.cr.execute("UPDATE fin_budget_line SET amount = amount - 1 WHERE version_id = %s", [self.budget.id])
        self.env.invalidate_all()
        self.assertFalse(self.budget.is_proved)

    def test_figures_that_changed_behind_the_submission_are_not_approved(self):
        self.budget.with_user(self.operator).action_submit()
        self.env.cr.execute("UPDATE fin_budget_line SET amount = amount - 1 WHERE version_id = %s", [self.budget.id])
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            self.budget.with_user(self.approver)._approve()

    def test_law7_an_approved_version_is_never_overwritten(self):
        self.approve_budget(self.budget)
        mine = self.budget.with_user(self.operator)
        for change in (
            lambda: mine.line_ids[0].write({"amount": 1}),
            lambda: mine.line_ids[0].unlink(),
            lambda: mine.write({"line_ids": [(5,)]}),
            lambda: self.plan(mine, (self.rent, "2026-02-28", 1)),
            lambda: mine.write({"date_to": "2027-12-31"}),
            lambda: mine._take_sheet(mine._as_sheet()),
            mine.unlink,
            lambda: mine.write({"state": "draft"}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                change()
                self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(RestrictViolation), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE fin_budget_version SET digest = 'x' WHERE id = %s", [self.budget.id])

    def test_a_new_version_takes_its_place_and_the_old_one_stays_readable(self):
        self.approve_budget(self.budget)
        opened = self.budget.with_user(self.operator).action_new_version()
        made = self.env["fin.budget.version"].browse(opened["res_id"])
        self.assertEqual((made.state, made.supersedes_id, len(made.line_ids)), ("draft", self.budget, 2))
        made.line_ids[0].amount = -150
        self.approve_budget(made)
        self.assertEqual((made.state, self.budget.state), ("approved", "superseded"))
        self.assertEqual(self.figures()["700000", "2026-01"], -100)
        self.assertTrue(self.budget.is_proved)

    def test_freezing_follows_approval(self):
        with self.assertRaises(UserError):
            self.budget.with_user(self.operator).action_freeze()
        self.approve_budget(self.budget)
        self.budget.with_user(self.operator).action_freeze()
        self.assertEqual(self.budget.state, "frozen")

    def test_who_only_looks_writes_nothing(self):
        viewer = self.person("viewer", "group_viewer")
        self.assertEqual(self.budget.with_user(viewer).line_count, 2)
        for attempt in (
            lambda: self.budget.with_user(viewer).action_submit(),
            lambda: self.budget.line_ids[0].with_user(viewer).write({"amount": 1}),
            lambda: self.budget.with_user(viewer).write({"name": "x"}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()

    def test_another_company_sees_none_of_it(self):
        other = self.env["res.company"].create({"name": "Other Plans"})
        groups = f"base.group_user,{MODULE}.group_administrator"
        stranger = new_test_user(self.env, "planning-stranger", groups, company_id=other.id, company_ids=other.ids)
        env = self.env(user=stranger, context={})
        for model in ("version", "line", "variance", "round", "step"):
            with self.subTest(model):
                found = env[f"fin.budget.{model}"].search([("company_id", "=", self.company.id)])
                self.assertFalse(found)

    # Variance

    def test_variance_is_absolute_in_percent_and_says_what_is_favourable(self):
        self.entry("2026-01-20", 120)
        self.entry("2026-01-21", 36, debit=self.rent, credit=self.bank)
        self.env.flush_all()
        found = self.env["fin.budget.variance"].search([("version_id", "=", self.budget.id)])
        told = {one.account_id.code: (one.planned, one.actual, one.variance, one.percent, one.verdict) for one in found}
        self.assertEqual(told["700000"], (100, 120, 20, 0.2, "favourable"))
        self.assertEqual(told["610000"], (-30, -36, -6, -0.2, "unfavourable"))
        self.assertNotIn("550000", told)

    def test_a_percentage_of_a_group_is_that_of_its_sums(self):
        self.entry("2026-01-20", 120)
        self.env.flush_all()
        [[_version, percent]] = self.env["fin.budget.variance"]._read_group(
            [("version_id", "=", self.budget.id)], ["version_id"], ["percent:avg"]
        )
        self.assertAlmostEqual(percent, 50 / 70)

    def test_an_actual_is_opened_as_its_journal_items(self):
        move = self.entry("2026-01-20", 120)
        self.entry("2026-01-21", 7, post=False)
        self.env.flush_all()
        sales = self.env["fin.budget.variance"].search(
            [("version_id", "=", self.budget.id), ("account_id", "=", self.sales.id)]
        )
        items = self.env["account.move.line"].search(sales.action_open_items()["domain"])
        self.assertEqual(items.move_id, move)
        self.assertEqual(-sum(items.mapped("balance")), sales.actual)

    def test_a_version_that_plans_by_members_is_held_against_the_shares_of_the_ledger(self):
        plan = self.env["account.analytic.plan"].create({"name": "Department"})
        vals = [{"name": "Legal", "code": "L-1", "plan_id": plan.id}, {"name": "Shop", "plan_id": plan.id}]
        legal, shop = self.env["account.analytic.account"].create(vals)
        version = self.version("by-member")
        line = {"version_id": version.id, "account_id": self.rent.id, "on": "2026-01-31"}
        told = (("Department=Legal", 30), ("Department=Shop", 10))
        self.env["fin.budget.line"].create([{**line, "analytic": place, "amount": amount} for place, amount in told])
        move = self.entry("2026-01-21", 50, debit=self.rent, credit=self.bank, post=False)
        move.line_ids.filtered("debit").analytic_distribution = {str(legal.id): 60, str(shop.id): 30}
        move.action_post()
        self.env.flush_all()
        rows = self.env["fin.budget.variance"].search([("version_id", "=", version.id)])
        # A line may name a member by its name or its code; what no member has stands under none.
        self.assertEqual(
            {row.analytic: (row.planned, row.actual) for row in rows},
            {"Department=L-1": (-30, -30), "Department=Shop": (-10, -15), False: (0, -5)},
        )
        named = rows.filtered("analytic")
        items = self.env["account.move.line"]
        self.assertEqual(items.search(named[0].action_open_items()["domain"]).move_id, move)
        by_account = self.env["fin.budget.variance"].search([("version_id", "=", self.budget.id)])
        self.assertEqual(by_account.filtered(lambda row: row.account_id == self.rent).mapped("actual"), [-50])

    # Rounds

    def round(self):
        steps = [
            {"name": "Hand in", "due_on": "2026-01-10", "owner_id": self.operator.id},
            {"name": "Approve", "due_on": "2099-01-10", "owner_id": self.approver.id},
        ]
        vals = {"name": "Budget 2026", "company_id": self.company.id, "date_from": "2026-01-01"}
        return self.env["fin.budget.round"].create(
            {**vals, "date_to": "2026-12-31", "step_ids": [(0, 0, step) for step in steps]}
        )

    def test_a_round_reminds_the_owners_of_its_steps_and_counts_what_is_late(self):
        one = self.round()
        one.with_user(self.operator).action_open()
        first = one.step_ids[0]
        self.assertEqual((first.activity_ids.user_id, one.late_count, one.next_step_id), (self.operator, 1, first))
        with self.assertRaises(UserError):
            one.with_user(self.operator).action_close()
        for step in one.step_ids:
            step.with_user(self.operator).action_done()
        self.assertEqual((first.done_by_id, one.late_count), (self.operator, 0))
        self.assertFalse(first.activity_ids)
        one.with_user(self.operator).action_close()

    def test_who_did_a_step_is_said_by_the_button(self):
        step = self.round().step_ids[0]
        step.with_user(self.operator).write({"done_by_id": self.approver.id, "done_at": "2026-01-01"})
        self.assertFalse(step.done_at or step.done_by_id)
