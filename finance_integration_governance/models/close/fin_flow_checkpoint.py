from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class FinFlow(models.Model):
    """A flow that runs when a checkpoint is signed."""

    _inherit = "fin.flow"

    schedule_kind = fields.Selection(
        selection_add=[("checkpoint", "After a checkpoint is signed")], ondelete={"checkpoint": "set default"}
    )
    checkpoint_ids = fields.Many2many(
        "fin.checkpoint.template",
        "fin_flow_checkpoint_rel",
        string="After which Checkpoint",
        check_company=True,
    )

    @api.constrains("schedule_kind", "checkpoint_ids")
    def _check_checkpoints(self):
        for flow in self:
            if flow.schedule_kind == "checkpoint" and not flow.checkpoint_ids:
                raise ValidationError(self.env._("Choose the checkpoint after which this flow runs."))

    def _schedule(self):
        told = super()._schedule()
        if self.schedule_kind == "checkpoint":
            told["checkpoints"] = sorted(self.checkpoint_ids.mapped("code"))
        return told

    def _take_schedule(self, told, documents):
        found = self._taken_checkpoints(told.get("checkpoints", ()))
        self.checkpoint_ids = [Command.set(found.ids)]
        super()._take_schedule(told, documents)


class FinTrigger(models.Model):
    _inherit = "fin.trigger"

    def _keys(self, schedule):
        return {*super()._keys(schedule), *(f"checkpoint:{code}" for code in schedule.get("checkpoints", ()))}


class FinCheckpointTemplate(models.Model):
    _inherit = "fin.checkpoint.template"

    def _flows_that_name(self):
        # sudo: whoever edits the close calendar need not see the flows; it is noted as their edit of them
        flows = self.env["fin.flow"].sudo()
        found = flows.search(["|", ("checkpoint_ids", "in", self.ids), ("gate_checkpoint_id", "in", self.ids)])
        return [found.with_env(self.env)]
