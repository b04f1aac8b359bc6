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
    brought_by = fields.Selection(
        [("upload", "Upload"), ("mail", "E-Mail")],
        readonly=True,
        help="How its files came, where the flow's own channel did not fetch them.",
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
        return self._hand_in(flow, [(name, content)], "upload", is_fallback=True, reason=reason)

    @api.model
    def _hand_in(self, flow, files, by, trigger="hand", is_fallback=False, **told):
        """A run that begins with these files, (name, bytes), instead of what the flow's channel would fetch.

        Whoever calls it has asked whether the person, or the sender, may bring them.
        """
        run = self._queue(
            flow, trigger, brought_by=by, is_fallback=is_fallback, connection=False, concurrency_key="by-hand"
        )
        for name, content in files:
            self.env["fin.payload"]._keep(run, Payload(name, lambda content=content: BytesIO(content)))
        run._reached("validate")
        run._audit("bring", by=by, payloads=run.payload_ids.mapped("digest"), **told)
        self.env["fin.engine"]._wake(run.lane)
        return run

    @api.model
    def _queue(self, flow, trigger, slot=None, **vals):
        """What is held of it is read by the same channel; so is what is replayed of it."""
        parent = self.browse(vals.get("parent_id") or [])
        if parent.is_fallback or parent.brought_by:
            told = {"is_fallback": parent.is_fallback, "brought_by": parent.brought_by}
            vals = {**told, "connection": False, **vals}
        return super()._queue(flow, trigger, slot=slot, **vals)

    def _channel(self):
        return self._document()["fallback"] if self.is_fallback else super()._channel()

    def _pin(self):
        super()._pin()
        if self.is_fallback or self.brought_by:
            as_writer(self).write({"connection": False})  # it asks nobody outside

    def _after_hold(self):
        """What waits of one file does not stand in the way of the next that somebody brings."""
        super()._after_hold()
        if self.brought_by:
            as_writer(self).write({"concurrency_key": f"by-hand-{self.name}"})
