from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..models.screen import opened


class FinChangePropose(models.TransientModel):
    """Why something is to change, and from when: whoever proposes says it before there is a change request."""

    _name = "fin.change.propose"
    _description = "Propose a Change"

    flow_ids = fields.Many2many("fin.flow", readonly=True)
    policy_ids = fields.Many2many("fin.policy", readonly=True)
    rollback_id = fields.Many2one("fin.version", readonly=True, string="Back to")
    subject = fields.Text(compute="_compute_subject", string="What is proposed")
    changes_table = fields.Html(compute="_compute_subject", sanitize=False)
    reason = fields.Text(required=True, help="Whoever decides reads it, and so does the auditor.")
    effective_at = fields.Datetime("In force from", help="Empty: as soon as it is approved.")

    @api.depends("flow_ids", "policy_ids", "rollback_id")
    def _compute_subject(self):
        for dialog in self:
            named = [*dialog.flow_ids, *dialog.policy_ids, *dialog.rollback_id]
            dialog.subject = ", ".join(one.display_name for one in named)
            dialog.changes_table = dialog._changes()

    def _changes(self):
        """What would change against what is live, as the approver will see it."""
        versions = self.env["fin.version"]
        asked = [(self.rollback_id._subject(), self.rollback_id)] if self.rollback_id else []
        working = [(subject, None) for subject in (*self.flow_ids, *self.policy_ids)]
        told = [
            (subject.display_name, versions._table_between(subject.live_version_id, subject, old))
            for subject, old in (*asked, *working)
        ]
        return self.env["ir.qweb"]._render("finance_integration_governance.screen_change", {"versions": told})

    @api.constrains("reason")
    def _check_reason(self):
        if any(not (dialog.reason or "").strip() for dialog in self):
            raise ValidationError(self.env._("Say why: whoever decides has to know."))

    @api.constrains("effective_at")
    def _check_date(self):
        if any(dialog.effective_at and dialog.effective_at < fields.Datetime.now() for dialog in self):
            raise ValidationError(
                self.env._("The date has passed: leave it empty to have the change in force at once.")
            )

    def action_propose(self):
        self.ensure_one()
        change = self._propose()
        return opened(change.version_ids if len(change.version_ids) == 1 else change)

    def action_submit(self):
        """Propose, and ask for a second person's yes at once."""
        self.ensure_one()
        change = self._propose()
        change.action_submit()
        return opened(change.version_ids if len(change.version_ids) == 1 else change)

    def _propose(self):
        if self.rollback_id:
            return self.rollback_id._roll_back(self.reason, self.effective_at)
        return self.env["fin.change"]._propose([self.flow_ids, self.policy_ids], self.reason, self.effective_at)
