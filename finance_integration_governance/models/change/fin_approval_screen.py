from odoo import api, fields, models
from odoo.exceptions import UserError


class FinApproval(models.Model):
    """From an approval to what it is about."""

    _inherit = "fin.approval"

    subject = fields.Char(compute="_compute_subject", string="What it is about")
    is_mine = fields.Boolean(compute="_compute_is_mine", help="You asked for it, so somebody else decides.")

    @api.depends("purpose", "subject_key", "version_id")
    def _compute_subject(self):
        for approval in self:
            subject = approval._subject()
            approval.subject = subject.display_name if subject else approval.subject_key

    @api.depends("requested_by")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for approval in self:
            approval.is_mine = approval._is_own_request()

    def _subject(self):
        """The record that waits for the yes, where there is one."""
        if self.version_id:
            return self.version_id
        if self.subject_model in ("fin.exception", "fin.run", "fin.delegation"):
            return self.env[self.subject_model].search([("name", "=", self.subject_key)], limit=1)
        return None

    def action_open_subject(self):
        self.ensure_one()
        subject = self._subject()
        if not subject:
            raise UserError(self.env._("There is no record behind this approval to open."))
        return {
            "type": "ir.actions.act_window",
            "res_model": subject._name,
            "res_id": subject.id,
            "view_mode": "form",
        }

    def action_approve_release(self):
        return self.env["fin.database"].action_approve_release()
