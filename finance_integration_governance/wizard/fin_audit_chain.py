from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.privacy.fin_amounts import hides_amounts
from ..models.screen import act_window


class FinAuditChain(models.TransientModel):
    """How the chain stands, and what an auditor can do with it."""

    _name = "fin.audit.chain"
    _description = "Audit Chain"

    position = fields.Integer(compute="_compute_chain", string="Sealed up to Position")
    head = fields.Char(compute="_compute_chain", string="Seal over everything until there")
    waiting = fields.Integer(compute="_compute_chain", string="Events not sealed yet")
    anchor_id = fields.Many2one("fin.audit.anchor", compute="_compute_chain", string="Last Anchor")
    anchored = fields.Integer(compute="_compute_chain", string="Anchored up to Position")
    anchored_at = fields.Datetime(compute="_compute_chain", string="Anchored at")
    target = fields.Char(compute="_compute_chain", string="Where")
    check_id = fields.Many2one("fin.audit.check", compute="_compute_chain", string="Last Check")
    checked_at = fields.Datetime(compute="_compute_chain", string="Verified at")
    verdict = fields.Selection(related="check_id.verdict")
    exception_count = fields.Integer(compute="_compute_chain", string="Open Exceptions")
    words = fields.Char(compute="_compute_words")

    def _compute_display_name(self):
        for chain in self:
            chain.display_name = self.env._("Chain of the audit log")

    @api.depends_context("uid")
    def _compute_chain(self):
        seals, checks = self.env["fin.audit.seal"], self.env["fin.audit.check"]
        position, head = seals._head()
        anchor, check = self.env["fin.audit.anchor"].search([], limit=1), checks.search([], limit=1)
        for chain in self:
            chain.position, chain.head, chain.waiting = position, head, len(seals._waiting(10_000, 50_000))
            chain.anchor_id, chain.anchored, chain.anchored_at = anchor, anchor.position, anchor.at
            chain.target, chain.check_id, chain.checked_at = anchor.target, check, check.at
            chain.exception_count = self.env["fin.exception"].search_count(self._open_domain())

    def _compute_words(self):
        said = {
            "proven": self.env._("Every event is as it was sealed, and the last anchor confirms it."),
            "not_provable": self.env._("Every event fits its seal, but no anchor that can be read confirms the chain."),
            "altered": self.env._("Something was altered. The exceptions say what, and the last check names the row."),
        }
        for chain in self:
            chain.words = said.get(chain.verdict) or self.env._("The log was not verified yet.")

    def _open_domain(self):
        return [("code", "=like", "audit\\_%"), ("state", "in", ("open", "in_progress"))]

    def _need_auditor(self):
        self.env["fin.approval"]._need_group("group_auditor")

    # Buttons

    @api.model
    def action_open(self):
        """The one page about the chain."""
        self._need_auditor()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.create({}).id,
            "view_mode": "form",
            "target": "current",
            "name": self.env._("Audit Chain"),
        }

    def action_verify(self):
        """Look at everything now, and keep the result."""
        self._need_auditor()
        self.env["fin.audit.check"]._check("hand")
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_export(self):
        """Hand the log out for the stand-alone verifier, through a controller that writes the audit row first."""
        self._need_auditor()
        return {"type": "ir.actions.act_url", "url": "/finance_integration/audit/export", "target": "download"}

    def action_exceptions(self):
        return act_window(self.env, "fin_exception_action", self._open_domain())

    def action_anchors(self):
        return act_window(self.env, "fin_audit_anchor_action", [])

    def action_checks(self):
        return act_window(self.env, "fin_audit_check_action", [])


class FinAuditSeal(models.Model):
    _inherit = "fin.audit.seal"

    @api.model
    def _export_for(self, user):
        """The lines, for an auditor; AccessError for others. The row about it is written before the first line."""
        if not user.has_group("finance_integration_governance.group_auditor"):
            raise AccessError(self.env._("The log is exported by an auditor."))
        if hides_amounts(self.with_user(user)):
            raise AccessError(self.env._("The log holds control totals, which the policy shows to others than you."))
        position, head = self._head()
        events = self.env["fin.audit.event"]
        events._append_apart("fin.audit.export", self._name, "all", None, {"position": position, "head": head})
        return self._export()
