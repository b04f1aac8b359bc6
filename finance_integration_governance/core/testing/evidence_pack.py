"""An evidence pack in the hands of a stranger: built, unpacked, re-performed by its own script, and tampered with.

A test of an addon inherits this beside Odoo's test case; `self.auditor` is a user who may ask for evidence.
"""

import datetime as dt
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


class EvidencePackInHand:
    def unpacked_pack(self, flow):
        """The folder of an unpacked pack of today, with files, built by the cron."""
        self.env["fin.audit.seal"]._seal_waiting()
        today, packs = dt.datetime.now(dt.UTC).date(), self.env["fin.evidence.pack"].with_user(self.auditor)
        asked = packs._ask(flow.with_user(self.auditor), today, today, has_payloads=True)
        with self.enter_registry_test_mode():
            self.env["fin.evidence.pack"]._cron_build()
        self.env.invalidate_all()
        self.assertEqual((asked.state, asked.reason), ("ready", False))
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        with zipfile.ZipFile(asked._stream().path) as archive:
            archive.extractall(folder)
        return folder

    def reperform(self, folder):
        """(exit code, what it says) of the script in the pack, by a Python that knows nothing but its own library."""
        command = [sys.executable, "-I", "-S", str(folder / "reperform.py")]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
        self.assertEqual(ran.stderr, "")
        return ran.returncode, ran.stdout

    def reperformed(self, folder):
        """What was counted, where all of it is equal."""
        code, said = self.reperform(folder)
        self.assertEqual(code, 0, said)
        return json.loads(said.splitlines()[-2])

    def assertNamed(self, folder, *words):
        """It is not equal, and one difference names all of this."""
        code, said = self.reperform(folder)
        self.assertEqual(code, 1, said)
        lines = [line for line in said.splitlines() if line.startswith("DIFFERENT")]
        self.assertTrue(any(all(word in line for word in words) for line in lines), said)

    def change(self, path, old, new):
        """Replace the one place where the text stands."""
        content = path.read_text()
        self.assertIn(old, content)
        path.write_text(content.replace(old, new, 1))
