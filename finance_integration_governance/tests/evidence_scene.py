import tempfile
import zipfile
from pathlib import Path

from odoo import fields
from odoo.exceptions import AccessError

from odoo.addons.finance_integration_governance.core import pack as packs
from odoo.addons.finance_integration_governance.core.reperform import Reperformance

from .common import LawScene, ListSource


class EvidenceScene(LawScene):
    """A flow that has run, and an auditor who asks."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def ask(self, by="auditor", flows=None, **vals):
        today = fields.Date.today()
        packs_ = self.by(by, "fin.evidence.pack")
        return packs_._ask(self.by(by, flows or self.flow), today.replace(day=1), today, **vals)

    def built(self, by="auditor", **vals):
        """A pack that the cron has built."""
        self.seal()
        asked = self.ask(by, **{"has_payloads": True, **vals})
        self.env["fin.evidence.pack"]._cron_build()
        self.env.invalidate_all()
        self.assertEqual((asked.state, asked.reason), ("ready", False))
        return asked

    def unpacked(self, record):
        """The archive of a pack, in a folder."""
        folder = self.enterContext(tempfile.TemporaryDirectory())
        with zipfile.ZipFile(record.sudo()._stream().path) as archive:
            archive.extractall(folder)
        return Path(folder)

    def rows(self, folder, name):
        with packs.read_list(folder / "lists" / f"{name}.json") as (_about, rows):
            return list(rows)

    def refusal(self, act, *arguments):
        """The words of a refusal; what was logged about it stays, as it does outside of tests."""
        try:
            act(*arguments)
        except AccessError as error:
            return str(error)
        return None

    def reperform(self, folder):
        return Reperformance(folder, {ListSource.code: ListSource}).perform()
