import json

from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.finance_integration_governance.core.crosswalk_file import lines_of

from .common import MODULE


@tagged("post_install", "-at_install")
class TestCrosswalkExport(HttpCase):
    """A crosswalk as a file: guarded, logged, and only for who may read it."""

    def setUp(self):
        super().setUp()
        self.crosswalk = self.env["fin.crosswalk"].create(
            {
                "name": "Hostile",
                "code": "hostile",
                "system": "Out there",
                "line_ids": [
                    (0, 0, {"source": "=1+1", "target": "@SUM(A1)", "label": "-2+3 say"}),
                    (0, 0, {"source": "'=2", "target": "+49 30"}),
                    (0, 0, {"kind": "range", "source": "-1", "until": "-9", "target": "A", "valid_from": "2026-01-01"}),
                    (0, 0, {"kind": "default", "target": 'Größe; "x", y'}),
                ],
            }
        )
        for login, group in (("xw-viewer", "group_viewer"), ("xw-support", "group_support")):
            new_test_user(self.env, login, f"base.group_user,{MODULE}.{group}", password=f"{login}-Pass1")

    def get(self, login, kind):
        self.authenticate(login, f"{login}-Pass1")
        return self.url_open(f"/finance_integration/crosswalk/hostile.{kind}")

    def test_s05_what_is_exported_runs_nowhere_and_comes_back_the_same(self):
        before = sorted(map(repr, self.crosswalk.line_ids._lines()))
        for kind in ("csv", "xlsx"):
            answer = self.get("xw-viewer", kind)
            self.assertEqual(answer.status_code, 200)
            self.assertEqual(sorted(map(repr, lines_of(answer.content))), before)
        cells = self.get("xw-viewer", "csv").text.replace("\r\n", ",").split(",")
        self.assertFalse([cell for cell in cells if cell[:1] in tuple("=+@") and cell])

    def test_an_export_is_in_the_log(self):
        self.get("xw-viewer", "csv")
        event = self.env["fin.audit.event"].search([("code", "=", "fin.crosswalk.export")], limit=1)
        self.assertEqual((event.subject_key, event.actor.split("#")[0]), ("hostile", "xw-viewer"))
        self.assertEqual(json.loads(event.facts)["digest"], self.crosswalk.digest)

    def test_s12_who_may_not_read_it_gets_nothing(self):
        self.assertEqual(self.get("xw-support", "csv").status_code, 403)
        self.crosswalk.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertEqual(self.get("xw-viewer", "csv").status_code, 403)
