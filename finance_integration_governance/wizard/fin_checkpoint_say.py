from odoo import fields, models


class FinCheckpointSay(models.TransientModel):
    """What the owner of a checkpoint looked at, where no figure proves it."""

    _name = "fin.checkpoint.say"
    _description = "Say what was looked at"

    checkpoint_id = fields.Many2one("fin.checkpoint", required=True, ondelete="cascade")
    words = fields.Text("You looked at", required=True)

    def action_say(self):
        self.ensure_one()
        self.checkpoint_id.action_state(self.words)
        return {"type": "ir.actions.act_window_close"}
