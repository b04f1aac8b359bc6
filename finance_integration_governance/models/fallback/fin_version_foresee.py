"""What a run would make of a file, told before anything is kept: the stages of the engine, rolled back at the end."""

from io import BytesIO

from odoo import models

from ...core.connector import Payload
from ...core.errors import IntegrationError
from ..run.gates import Period
from ..writer import as_writer


class FinVersion(models.Model):
    _inherit = "fin.version"

    def _foresee(self, file, is_fallback, tell):
        """`tell(run)` of a run that has read this file, (name, bytes), up to the gates; or why it cannot be read.

        Returns (told, trouble). Neither the bytes nor anything else is kept.
        """
        with self._dry_env() as env:
            version = env["fin.version"].browse(self.id)
            run = env["fin.run"]._dry_run(version)
            as_writer(run).write({"is_fallback": is_fallback, "brought_by": "upload"})
            try:
                run._foresee_file(*file)
            except IntegrationError as error:
                return None, error.text
            return tell(run), None


class FinRun(models.Model):
    _inherit = "fin.run"

    def _foresee_file(self, name, content):
        """Read, map and hold against lock dates as the stages do. The bytes stay in memory: nobody has brought them."""
        payload = Payload(name, lambda: BytesIO(content))
        row = as_writer(self.env["fin.payload"]).create(
            {"name": name, "run_id": self.id, "flow_id": self.flow_id.id, "digest": "0" * 64, "size": len(content)}
        )
        scope = self._object()._scope(self)
        for _kept in self.env["fin.item"]._receive(self, row, self._connector().parse(payload), scope):
            self.env.flush_all()
        for _kept in self.env["fin.pipeline.inbound"]._map(self):
            self.env.flush_all()
        Period().ask(self)
        self.env.flush_all()
