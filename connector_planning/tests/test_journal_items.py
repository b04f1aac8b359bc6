import csv
import io

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.finance_integration_governance.core.tabular import guarded

from .common import PlanningCase


@tagged("post_install", "-at_install")
class TestJournalItems(PlanningCase):
    """Journal items as a stream say what the ORM says, to those who may read them."""

    def setUp(self):
        super().setUp()
        self.reader = new_test_user(
            self.env, "items-reader", "base.group_user,account.group_account_readonly", company_id=self.company.id
        )
        self.move = self.entry("2026-01-10", 100)

    def told(self, user, *names, domain=()):
        sink = io.BytesIO()
        lines = self.env["account.move.line"].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
        lines._fin_stream(list(domain), sink, ("id", *names))
        return list(csv.DictReader(io.StringIO(sink.getvalue().decode())))

    def test_the_stream_says_what_the_orm_says(self):
        self.entry("2026-01-11", 0.07)
        names = ("date", "account_id", "debit", "credit", "company_id")
        lines = self.env["account.move.line"].with_user(self.reader)
        told = {int(row["id"]): row for row in self.told(self.reader, *names)}
        self.assertEqual(sorted(told), sorted(lines.search([]).ids))
        for line in lines.browse(sorted(told)):
            row = told[line.id]
            self.assertEqual((row["date"], int(row["account_id"])), (str(line.date), line.account_id.id))
            self.assertEqual((float(row["debit"]), float(row["credit"])), (line.debit, line.credit))

    def test_s11_record_rules_hold(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "items-stranger",
            "base.group_user,account.group_account_readonly",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertEqual(self.told(stranger, domain=[("move_id", "=", self.move.id)]), [])

    def test_who_may_not_read_the_ledger_gets_nothing(self):
        nobody = new_test_user(self.env, "items-nobody", "base.group_user", company_id=self.company.id)
        with self.assertRaises(AccessError):
            self.told(nobody)

    def test_fields_of_other_groups_are_not_given(self):
        """Nor what they point to: there the field itself is no column, and Odoo does not ask for it."""
        for name, column in (("name", "name"), ("partner_id", "partner_id.name")):
            self.patch(self.env["account.move.line"]._fields[name], "groups", "base.group_system")
            with self.subTest(column), self.assertRaises(AccessError):
                self.told(self.reader, column)

    def test_what_no_row_holds_is_refused(self):
        for name in ("display_name", "tax_ids", "nothing"):
            with self.subTest(name), self.assertRaises(UserError):
                self.told(self.reader, name)

    def test_a_formula_is_a_text(self):
        """As the kernel's lists guard it: behind blanks, apostrophes and in full width, too; a number stays one."""
        for text in (
            "=cmd()",
            "+1+1",
            "@x",
            " =1",
            "'=1",
            "＝1",
            "-1+2",
            "\ufeff=1",
            "\t=1",
            "-5",
            "-5.25",
            "plain",
            "a=1",
        ):
            self.move.line_ids[0].name = text
            rows = self.told(self.reader, "name", domain=[("id", "=", self.move.line_ids[0].id)])
            with self.subTest(text):
                self.assertEqual([row["name"] for row in rows], [guarded(text)])

    def test_what_an_item_points_to_has_names(self):
        names = ("account_id.code", "account_id.name", "journal_id.code", "partner_id.name")
        rows = [tuple(row[name] for name in names) for row in self.told(self.reader, *names)]
        self.assertEqual(sorted(rows), [("550000", "Bank", "PLAN", ""), ("700000", "Sales", "PLAN", "")])
