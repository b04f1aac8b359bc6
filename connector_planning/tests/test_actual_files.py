"""Actuals as files with control files, by whole runs: in a folder, over SFTP and in an object store."""

import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import TransientError
from odoo.addons.finance_integration_governance.core.location import Location
from odoo.addons.finance_integration_governance.core.stages import STAGES
from odoo.addons.finance_integration_governance.core.testing.double import Double
from odoo.addons.finance_integration_governance.tests.forgotten import forgotten

from ..core.manifests import CONTROL
from .common import PlanningCase

SECRETS = {"sftp": "canary-sftp", "s3": "key:canary-s3"}


@tagged("post_install", "-at_install")
class TestActualFiles(PlanningCase):
    """Whatever the place and the format: whole, with its control file, read back, once."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.enterContext(patch.dict(os.environ, {f"FIN_FILES_{kind.upper()}": told for kind, told in SECRETS.items()}))
        self.entry("2026-01-10", 100)
        self.entry("2026-02-10", 40)

    def in_folder(self):
        return {"location": self.folder_of_files().as_uri()}

    def at_sftp(self):
        root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (root / "out").mkdir()
        told = ("--root", root, "--user", "planner", "--password", SECRETS["sftp"])
        server = self.enterContext(Double("sftp_server.py", *told))
        known = {"credentials": "conf:files_sftp", "hostkey": server.ready["hostkey"]}
        return {"location": f"{server.url}out", **known}

    def in_store(self):
        server = self.enterContext(Double("s3_server.py", "--bucket", "planning"))
        return {"location": f"s3://planning/out?endpoint={server.url}", "credentials": "conf:files_s3"}

    def actuals(self, settings):
        return self.made_flow("planning.actual_files", settings, "fin.object.actual", "files-test")

    def names(self, run):
        return run._connector()._location().names()

    def tells_what_has_changed(self, settings):
        for form in ("csv", "xlsx", "parquet"):
            with self.subTest(form=form), forgotten(self.env):
                flow = self.actuals({**settings, "format": form})
                run = self.complete(self.queue(flow))
                self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 4))
                [name] = [name for name in self.names(run) if name.endswith(f".{form}")]
                self.assertIn(name + CONTROL, self.names(run))
                self.entry("2026-02-11", 2)
                run = self.complete(self.queue(flow))
                self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 2))
                self.assertEqual(len([name for name in self.names(run) if name.endswith(f".{form}")]), 2)

    def is_written_once(self, settings):
        """Killed after the file has its name: the next worker asks, finds no control file, and writes it again."""
        run, put = self.queue(self.actuals(settings)), Location.put

        def killed(location, name, opener):
            if name.endswith(CONTROL):
                raise TransientError("the connection is gone")
            return put(location, name, opener)

        with patch.object(Location, "put", killed):
            self.cut_off(run)
        self.assertEqual((run.attempt_ids.state, len(self.names(run))), ("announced", 1))
        [before] = self.names(run)
        self.go_on(run, STAGES[STAGES.index("deliver") :])
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 4))
        self.assertEqual(sorted(run.attempt_ids.mapped("state")), ["accepted", "refused"])
        return before, self.names(run)

    def test_every_format_in_a_folder(self):
        self.tells_what_has_changed(self.in_folder())

    def test_every_format_over_sftp(self):
        self.tells_what_has_changed(self.at_sftp())

    def test_every_format_in_an_object_store(self):
        self.tells_what_has_changed(self.in_store())

    def test_law_2_killed_between_a_file_and_its_control_file_over_sftp(self):
        self.is_written_once(self.at_sftp())

    def test_law_2_killed_between_a_file_and_its_control_file_in_an_object_store(self):
        self.is_written_once(self.in_store())
