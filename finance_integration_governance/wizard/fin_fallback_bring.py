import base64

from odoo import fields, models


class FinFallbackBring(models.TransientModel):
    """A file that somebody brings by hand while the first channel of a flow does not answer."""

    _name = "fin.fallback.bring"
    _description = "Bring a File"

    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="cascade")
    runbook = fields.Text(related="flow_id.runbook")
    content = fields.Binary("File", attachment=False)
    name = fields.Char()
    reason = fields.Text(required=True)

    def action_bring(self):
        self.ensure_one()
        content = base64.b64decode(self.content or b"")
        run = self.env["fin.run"]._bring(self.flow_id, self.name or "file", content, self.reason)
        self.unlink()  # the bytes stand in the payload, and nowhere else
        return run._open()
