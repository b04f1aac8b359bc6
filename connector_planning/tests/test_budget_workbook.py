import base64
import io

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL
from openpyxl import load_workbook

from odoo.addons.finance_integration_governance.core.sheets import as_xlsx

from ..core.budget import partner_name
from ..core.budget_sheet import head
from ..models.cell_sql import shortened
from .budget_scene import BudgetCase


@tagged("post_install", "-at_install")
class TestBudgetWorkbook(BudgetCase):
    """A version goes out as a workbook with its members, and comes back whole or not at all."""

    def setUp(self):
        super().setUp()
        self.plan(self.budget, (self.sales, "2026-01-15", -100), (self.rent, "2026-01-31", 30))
        self.mine = self.budget.with_user(self.operator)

    def sheet(self, *rows, months=("2026-01", "2026-02"), version="budget-2026", currency="EUR"):
        """Rows as (account, analytic, partner, figures of the months)."""
        fixed = [version, self.code]
        told = (
            [*fixed, account, "", analytic, partner, currency, *figures]
            for account, analytic, partner, *figures in rows
        )
        return as_xlsx([head(months), *told])

    def told(self, content):
        """cell -> what is wrong with it."""
        _lines, troubles = self.mine._read_sheet(content)
        return {one["cell"]: one["reason"] for one in troubles}

    def partner(self, name, **vals):
        return self.env["res.partner"].create({"name": name, **vals})

    def by_partner(self, *partners):
        line = {"version_id": self.budget.id, "account_id": self.sales.id, "on": "2026-02-28", "amount": -7}
        return self.env["fin.budget.line"].create([{**line, "partner_id": partner.id} for partner in partners])

    # As it was given

    def test_it_is_taken_back_as_it_was_given(self):
        self.budget.line_ids[0].write({"note": "as agreed", "is_actual": True})
        before = self.budget.line_ids.read(["amount", "note", "is_actual", "create_uid", "write_date"])
        self.mine._take_sheet(self.mine._as_sheet())
        self.assertEqual(self.budget.line_ids.read(["amount", "note", "is_actual", "create_uid", "write_date"]), before)

    def test_another_amount_keeps_the_note_and_is_no_actual_any_more(self):
        line = self.budget.line_ids.filtered(lambda one: one.account_id == self.rent)
        line.write({"note": "two offices", "is_actual": True})
        self.mine._take_sheet(self.sheet(("610000", "", "", 31, 5)))
        self.assertEqual((line.amount, line.note, line.is_actual), (31, "two offices", False))
        self.assertEqual(self.figures(), {("610000", "2026-01"): 31, ("610000", "2026-02"): 5})

    def test_partners_are_named_as_the_ledgers_cells_name_them_and_come_back(self):
        names = (
            ("Referred", {"ref": "R-17"}),
            ("Taxed", {"vat": "XX-CANARY-9"}),
            ("Called | so", {}),
            ("x" * 63 + " and more", {}),
        )
        partners = self.env["res.partner"].concat(*(self.partner(name, **vals) for name, vals in names))
        lines = self.by_partner(*partners)
        ours = {one.id: partner_name(one.ref, one.vat, one.name) for one in partners}
        query = SQL("SELECT p.id, %s FROM res_partner p WHERE p.id = ANY(%s)", _named_by_cells(), partners.ids)
        self.assertEqual(dict(self.env.execute_query(query)), ours)
        self.mine._take_sheet(self.mine._as_sheet())
        self.assertEqual(lines.exists(), lines)
        self.assertEqual(lines.partner_id, partners)

    def test_a_contact_with_its_companys_tax_number_makes_nobody_ambiguous(self):
        company = self.partner("Owner", vat="XX-CANARY-1", is_company=True)
        contact = self.partner("Desk", parent_id=company.id)
        line = self.by_partner(contact)
        self.assertEqual(line.partner_id, company, "journal items of a contact stand under its company")
        self.mine._take_sheet(self.mine._as_sheet())
        self.assertEqual(line.exists().partner_id, company)

    # Refused by cell

    def test_every_cell_that_cannot_stand_is_named_at_once_and_nothing_is_taken(self):
        self.partner("Twin Canary")
        self.partner("Twin Canary")
        before = self.budget.line_ids.read()
        content = self.sheet(
            ("700000", "", "", "about 12", -5),
            ("999999", "", "Nobody Canary", 1, 2),
            ("610000", "Moon=Dark", "", 1, 2.005),
            ("610000", "", "Twin Canary", 1, ""),
            ("610000", "", "", 1, 2),
            ("610000", "", "", "", 3),
            months=("2026-01", "2027-01"),
        )
        told = self.told(content)
        expected = {
            "H2": "“about 12” is no number",
            "I1": "2027-01 is no period",
            "C3": "999999",
            "F3": "no partner",
            "E4": "Dark is no member",
            "I4": "decimal places",
            "F5": "several partners",
            "I7": "stands in I6 already",
        }
        self.assertEqual(set(told), set(expected))
        for cell, words in expected.items():
            with self.subTest(cell):
                self.assertIn(words, told[cell])
        with self.assertRaises(UserError) as caught:
            self.mine._take_sheet(content)
        for cell in expected:
            self.assertIn(f"Cell {cell}:", str(caught.exception))
        self.assertEqual(self.budget.line_ids.read(), before)

    def test_each_formula_is_refused_by_its_cell(self):
        book = load_workbook(io.BytesIO(self.sheet(("700000", "", "", -1, -2), ("610000", "", "", 1, 2))))
        book["Lines"]["I3"], book["Lines"]["H2"] = "=H3*1.02", "=SUM(H3:H9)"
        book["Lines"]["D2"] = "=VLOOKUP(C2,Members!A:B,2)"  # the account's name is nobody's figure
        changed = io.BytesIO()
        book.save(changed)
        told = self.told(changed.getvalue())
        self.assertEqual(list(told), ["H2", "I3"], "in the order of the workbook")
        self.assertIn("formula", told["I3"])

    def test_a_workbook_of_another_version_or_in_another_currency_is_refused(self):
        told = self.told(self.sheet(("700000", "", "", 1, 2), version="budget-2027", currency="USD"))
        self.assertEqual(set(told), {"A2", "G2"})
        self.assertIn("budget-2027", told["A2"])
        self.assertIn("USD", told["G2"])

    def test_a_cell_that_is_spelled_in_two_ways_stands_twice(self):
        plan = self.env["account.analytic.plan"].create({"name": "Canary plan"})
        self.env["account.analytic.account"].create({"name": "Legal", "code": "L-1", "plan_id": plan.id})
        rows = (("610000", "Canary plan=Legal", "", 1, ""), ("610000", "Canary plan=L-1", "", 2, ""))
        self.assertIn("stands in H2 already", self.told(self.sheet(*rows))["H3"])
        told = self.told(self.sheet(("610000", "", "", 1, 2), months=("2026-01", "FY2026-P01")))
        self.assertIn("stands in H2 already", told["I2"])

    def test_a_member_of_two_names_is_refused_and_its_code_taken(self):
        plan = self.env["account.analytic.plan"].create({"name": "Canary twins"})
        vals = [{"name": "Shop", "code": code, "plan_id": plan.id} for code in ("S-1", "S-2")]
        self.env["account.analytic.account"].create(vals)
        told = self.told(
            self.sheet(("610000", "Canary twins=Shop", "", 1, 2), ("610000", "Canary twins=S-2", "", 1, 2))
        )
        self.assertEqual(set(told), {"E2"})

    # As a person sees it

    def upload(self, content):
        vals = {"version_id": self.budget.id, "file": base64.b64encode(content)}
        return self.env["fin.budget.upload"].with_user(self.operator).create(vals)

    def test_a_person_gets_a_list_of_the_cells_and_mends_them(self):
        before = self.figures()
        wizard = self.upload(self.sheet(("999999", "", "", 1, 2), ("700000", "", "", "x", 2)))
        action = wizard.action_upload()
        self.assertEqual((action["res_model"], action["res_id"]), ("fin.budget.upload", wizard.id))
        self.assertEqual(wizard.trouble_ids.mapped("cell"), ["C2", "H3"])
        self.assertEqual(self.figures(), before)
        wizard.file = base64.b64encode(self.sheet(("700000", "", "", -1, -2)))
        wizard.action_upload()
        self.assertFalse(wizard.trouble_ids)
        self.assertEqual(self.figures(), {("700000", "2026-01"): -1, ("700000", "2026-02"): -2})

    def test_a_viewer_brings_nothing_and_nobody_reads_the_list_of_another(self):
        wizard = self.upload(self.sheet(("999999", "", "", 1, 2)))
        wizard.action_upload()
        viewer, other = self.person("sheet-viewer", "group_viewer"), self.person("sheet-other", "group_operator")
        for person in (viewer, other):
            with self.subTest(person.login), self.assertRaises(AccessError):
                wizard.trouble_ids.with_user(person).read(["cell"])

    # The members

    def members(self):
        """title -> what is written in the column, and the drop-downs of the first sheet."""
        book = load_workbook(io.BytesIO(self.mine._as_sheet()))
        rows = list(book["Members"].iter_rows(values_only=True))
        columns = {
            title: [row[place] for row in rows[1:] if row[place]] for place, title in enumerate(rows[0]) if title
        }
        offered = {str(one.sqref).split(":")[0]: one.formula1 for one in book["Lines"].data_validations.dataValidation}
        return columns, offered

    def test_the_template_has_its_members_with_drop_downs(self):
        plan = self.env["account.analytic.plan"].create({"name": "Canary dept"})
        other = self.env["account.analytic.plan"].create({"name": "Canary other"})
        vals = [{"name": "Legal", "code": "L-1", "plan_id": plan.id}, {"name": "Shop", "plan_id": plan.id}]
        self.env["account.analytic.account"].create([*vals, {"name": "Else", "plan_id": other.id}])
        line = {"version_id": self.budget.id, "account_id": self.rent.id, "on": "2026-03-31", "amount": 1}
        known = self.partner("Landlord Canary", ref="R-1")
        self.env["fin.budget.line"].create({**line, "analytic": "Canary dept=L-1", "partner_id": known.id})
        columns, offered = self.members()
        self.assertEqual(columns["Analytic"], ["Canary dept=L-1", "Canary dept=Shop"])
        self.assertEqual(columns["Partner"], ["R-1"])
        self.assertEqual((columns["Month"][0], len(columns["Month"])), ("2026-01", 12))
        self.assertTrue({"700000", "610000"} <= set(map(str, columns["Account"])))
        self.assertEqual(set(offered), {"C2", "E2", "F2"})
        self.assertEqual(offered["F2"], "Members!$G$2:$G$2")

    def test_a_version_that_plans_by_no_member_yet_is_offered_those_of_every_plan(self):
        plan = self.env["account.analytic.plan"].create({"name": "Canary all"})
        self.env["account.analytic.account"].create({"name": "One", "plan_id": plan.id})
        self.assertIn("Canary all=One", self.members()[0]["Analytic"])


def _named_by_cells():
    return shortened(SQL("COALESCE(NULLIF(p.ref, ''), NULLIF(p.vat, ''), p.name)"))
