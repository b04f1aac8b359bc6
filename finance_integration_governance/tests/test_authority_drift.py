from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .authority_scene import AuthorityScene, partner

NEW = "BE0428759497"


@tagged("post_install", "-at_install")
class TestAuthorityDrift(AuthorityScene, HttpCase):
    """Drift: what the other side told last, beside what Odoo holds now."""

    def report(self, group="viewer"):
        drift = self.by(group, "fin.drift").create({"flow_id": self.flow.id})
        drift.action_compare()
        return drift

    def test_both_sides_the_same_is_no_drift(self):
        self.start(partner(vat=NEW))
        self.assertFalse(self.report().line_ids)

    def test_a_field_that_was_changed_here_is_named_with_both_values(self):
        self.start(partner(vat=NEW, phone="+32 470 123456"))
        self.partner.write({"vat": "BE0477472701", "phone": "+32 470 999999"})
        lines = self.report().line_ids
        told = {line.field: (line.ours, line.theirs) for line in lines}
        self.assertEqual(told, {"Tax ID": ("BE0477472701", NEW), "Phone": ("+3…99", "+3…56")})
        self.assertEqual(lines[0].action_open_record()["res_id"], self.partner.id)

    def test_without_a_finished_run_there_is_nothing_to_compare(self):
        with self.assertRaises(UserError):
            self.report()

    def test_s05_an_export_holds_no_formula_and_is_in_the_log(self):
        self.start(partner("P9", "=1+1", vat=NEW))
        self.env["res.partner"].search([("ref", "=", "P9")]).name = "@SUM(A1)"
        drift = self.report()
        self.authenticate("law-viewer", "law-viewer")
        answer = self.url_open(drift.action_export()["url"])
        self.assertEqual(answer.status_code, 200)
        text = answer.content.decode("utf-8-sig")
        self.assertIn("P9/1,Contact,Name,'@SUM(A1),'=1+1", text)
        event = self.env["fin.audit.event"].search([("code", "=", "fin.drift.export")], limit=1)
        self.assertIn("law-viewer", event.actor)

    def test_s11_a_report_is_seen_by_who_asked_for_it_and_of_own_companies_only(self):
        self.start(partner(vat=NEW))
        self.partner.vat = "BE0477472701"
        drift = self.report()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.person("viewer", "theirs", company_id=other.id, company_ids=[Command.set(other.ids)])
        with self.assertRaises(AccessError):
            drift.with_user(theirs).read(["display_name"])
        with self.assertRaises(AccessError):
            self.env["fin.drift"].with_user(theirs).create({"flow_id": self.flow.id}).action_compare()
        with self.assertRaises(AccessError):
            drift.line_ids.with_user(theirs).read(["ours"])
        with self.assertRaises(AccessError):
            self.by("viewer", drift).line_ids.create({"drift_id": drift.id, "ours": "x"})
