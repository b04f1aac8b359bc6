"""The control sheet as a PDF, by the real program: FIG_WKHTMLTOPDF names a folder with it where PATH has none."""

import os
import unittest
from pathlib import Path
from shutil import which
from unittest.mock import patch

from odoo.addons.base.models import ir_actions_report
from odoo.tests import HttpCase, tagged

from .common import fact
from .evidence_scene import EvidenceScene

PATH = os.pathsep.join(filter(None, (os.environ.get("FIG_WKHTMLTOPDF"), os.environ.get("PATH"))))


@tagged("post_install", "-at_install")
class TestControlSheetPrinted(EvidenceScene, HttpCase):
    def printed(self, path):
        """(content, kind, notes) of the sheet, on a machine that finds its programs there."""
        self.start(fact("a", "10.10"), fact("poison", "1"), fact("c", "5", "EUR"))
        record = self.built()
        self.env["ir.config_parameter"].set_param("report.url", self.base_url())
        # Odoo remembers whether the program is there, and prints nothing in tests unless told to.
        ir_actions_report._wkhtml.cache_clear()
        self.addCleanup(ir_actions_report._wkhtml.cache_clear)
        with patch.dict(os.environ, {"PATH": path}):
            return self.env["fin.evidence.builder"].with_context(force_report_rendering=True)._printed(record)

    @unittest.skipUnless(which("wkhtmltopdf", path=PATH), "there is no wkhtmltopdf here: the PDF is not tried")
    def test_the_control_sheet_is_printed(self):
        content, kind, notes = self.printed(PATH)
        self.assertEqual((kind, notes), ("pdf", []))
        self.assertEqual((content[:5], content.rstrip()[-5:]), (b"%PDF-", b"%%EOF"))
        if os.environ.get("FIG_KEEP_PDF"):
            Path(os.environ["FIG_KEEP_PDF"]).write_bytes(content)

    def test_where_nothing_prints_the_sheet_is_a_page_and_the_pack_says_so(self):
        content, kind, notes = self.printed("")
        self.assertEqual(kind, "html")
        self.assertIn(b"Control sheet", content)
        self.assertIn("no wkhtmltopdf", notes[0])
