from io import BytesIO

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.connector import Payload
from ..writer import as_writer


class FinRun(models.Model):
    _inherit = "fin.run"

    is_fallback = fields.Boolean(
        "By Hand", readonly=True, help="A file that somebody brought, by the fallback channel."
    )

    @api.model
    def _bring(self, flow, name, content, reason):
        """A run that begins with this file, read by the flow's fallback channel."""
        flow._need("group_operator")
        flow._check_quota()
        if not flow.has_fallback:
            raise UserError(self.env._("The live version of %s names no fallback channel.", flow.name))
        if not content:
            raise UserError(self.env._("The file is empty."))
        run = self._queue(flow, "hand", is_fallback=True, connection=False, concurrency_key="by-hand")
        self.env["fin.payload"]._keep(run, Payload(name, lambda: BytesIO(content)))
        run._reached("validate")
        run._audit("bring", reason=reason, payloads=run.payload_ids.mapped("digest"))
        self.env["fin.engine"]._wake(run.lane)
        return run

    @api.model
    def _queue(self, flow, trigger, slot=None, **vals):
        """What is held of it is read by the same channel; so is what is replayed of it."""
        if self.browse(vals.get("parent_id") or []).is_fallback:
            vals = {"is_fallback": True, "connection": False, **vals}
        return super()._queue(flow, trigger, slot=slot, **vals)

    def _channel(self):
        return self._document()["fallback"] if self.is_fallback else super()._channel()

    def _pin(self):
        super()._pin()
        if self.is_fallback:
            as_writer(self).write({"connection": False})  # it asks nobody outside
