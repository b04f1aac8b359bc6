from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import AccessError, UserError

from ...core.canonical import canonical, digest
from ...core.lifecycle import Lifecycle
from ..writer import as_writer
from .fin_grant import MODULE


class FinDelegation(models.Model):
    """For some days somebody else says yes or no in an approver's place; a second person has granted it."""

    _name = "fin.delegation"
    _description = "Deputy of an Approver"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "id desc"
    _lifecycle = Lifecycle(
        {"requested": "Requested", "granted": "Granted", "refused": "Refused", "ended": "Ended"},
        grant="requested > granted",
        refuse="requested > refused",
        end="requested, granted > ended",
    )

    name = fields.Char(required=True, readonly=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    approver_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    deputy_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True)
    reason = fields.Text(readonly=True)
    can_decide = fields.Boolean(compute="_compute_can_decide")

    @api.depends_context("uid")
    def _compute_can_decide(self):
        for delegation in self:
            approval = delegation._open_approval()
            delegation.can_decide = bool(approval) and not approval._why_not()

    @api.model
    def _ask(self, company, deputy, date_from, date_to, reason):
        """An approver names a deputy; it counts when a second person has granted it."""
        self.env["fin.approval"]._need_group("group_approver")
        if deputy.partner_id == self.env.user.partner_id or not deputy.has_group(f"{MODULE}.group_viewer"):
            raise UserError(self.env._("A deputy is another person who may see what is to be approved."))
        if date_to < date_from:
            raise UserError(self.env._("The period ends before it begins."))
        delegation = as_writer(self).create(
            {
                "name": self.env["ir.sequence"].sudo().next_by_code("fin.delegation"),  # sudo: the system's
                "company_id": company.id,
                "approver_id": self.env.uid,
                "deputy_id": deputy.id,
                "date_from": date_from,
                "date_to": date_to,
                "reason": reason,
            }
        )
        delegation = delegation.with_env(self.env)
        delegation._audit("ask", digest=delegation._content_digest())
        self.env["fin.approval"]._request(
            "delegation", self._name, delegation.name, delegation._content_digest(), None, company=company
        )
        return delegation

    def _content_digest(self):
        people = [f"{user.login}#{user.id}" for user in (self.approver_id, self.deputy_id)]
        return digest(canonical([self.name, self.company_id.fin_code, *people, self.date_from, self.date_to]))

    def _open_approval(self):
        asked = [("purpose", "=", "delegation"), ("subject_key", "=", self.name), ("state", "=", "requested")]
        return self.env["fin.approval"].search([*asked, ("digest", "=", self._content_digest())], limit=1)

    @check_identity
    def action_grant(self):
        self.ensure_one()
        return self._decide("approve", "grant")

    @check_identity
    def action_refuse(self):
        self.ensure_one()
        return self._decide("reject", "refuse")

    def _decide(self, verb, move):
        self._open_approval()._decide(verb)
        self._transition(move, digest=self._content_digest())

    def action_end(self):
        """The approver, or an administrator, ends it before its time."""
        self.ensure_one()
        if self.env.user != self.approver_id:
            self.env["fin.approval"]._need_group("group_administrator")
        self.check_access("read")
        self._transition("end")
        self._open_approval()._transition("expire")

    @api.model
    def _in_force(self, deputy, company):
        """Delegations to this person today, each granted in the sealed log."""
        today = fields.Date.context_today(self)
        # sudo: whoever decides may be the deputy of somebody they do not see
        found = self.sudo().search(
            [
                ("state", "=", "granted"),
                ("deputy_id", "=", deputy.id),
                ("company_id", "=", company.id),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
            ]
        )
        return found.filtered(lambda one: one._is_granted())

    def _is_granted(self):
        return self.env["fin.approval"]._is_sealed("delegation", self._name, self.name, self._content_digest())

    def write(self, vals):
        if "approver_id" in vals or "deputy_id" in vals:
            raise AccessError(self.env._("A delegation keeps its people."))
        return super().write(vals)
