from odoo import api, fields, models

from ...core.register import CRITICALITIES

EXCEPTION_HOURS = 24


class FinPolicySet(models.Model):
    """What several flows share: limits of gates, service levels, retention, masking, approvals.

    Flows keep its content in their versions. Editing it changes no run; proposing it asks for one yes for all of them.
    """

    _name = "fin.policy.set"
    _description = "Policy Set"
    _inherit = ["fin.working.part", "mail.thread"]
    _bystanders = frozenset({"name", "note"})
    _order = "name"

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(required=True, copy=False, tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    note = fields.Text()
    owner_grace_days = fields.Integer("Grace without an owner (days)", tracking=True, default=14)
    retries = fields.Integer("Tries before a run fails", tracking=True, default=8)
    sla_minutes = fields.Integer("Done within (minutes)", tracking=True, help="0: no promise.")
    exception_hours = fields.Integer("Exceptions due within (hours)", tracking=True, default=EXCEPTION_HOURS)
    payload_days = fields.Integer("Payloads kept (days)", tracking=True, default=365)
    evidence_years = fields.Integer("Evidence kept (years)", tracking=True, default=10)
    masking = fields.Selection(
        [("company", "As the company's policy says"), ("always", "Always masked")], default="company", tracking=True
    )
    criticality = fields.Selection(
        CRITICALITIES, tracking=True, help="Decides how many approvers its flows need, where a flow says less."
    )
    flow_ids = fields.One2many("fin.flow", "policy_set_id", string="Flows")
    changed_count = fields.Integer(compute="_compute_changed_count", string="Flows to be proposed")

    _code_uniq = models.Constraint("UNIQUE(code)", "There is already a policy set with this code.")
    _positive = models.Constraint(
        "CHECK(owner_grace_days >= 0 AND retries >= 0 AND sla_minutes >= 0 AND exception_hours > 0 "
        "AND payload_days > 0 AND evidence_years > 0)",
        "Limits and times are not negative.",
    )

    def _working_copies(self):
        return [self.flow_ids]

    def _compute_changed_count(self):
        for policy in self:
            policy.changed_count = len(policy._changed())

    def _changed(self):
        """The flows in use whose live version says something else."""
        return self.flow_ids.filtered(lambda flow: flow.live_version_id and flow.is_changed)

    def _document(self):
        if not self:
            return None
        return {
            "code": self.code,
            "service_level": {"minutes": self.sla_minutes or None, "exception_hours": self.exception_hours},
            "masking": self.masking or "company",
        }

    def _limits(self):
        return {"owner_grace_days": self.owner_grace_days, "retries": self.retries} if self else {}

    def action_propose(self):
        """One change request for all flows that use it and differ by now."""
        self.ensure_one()
        return self.env["fin.change"]._ask_why(self._changed(), self.env._("Policy set %s", self.name))


class FinFlow(models.Model):
    _inherit = "fin.flow"

    policy_set_id = fields.Many2one(
        "fin.policy.set", string="Policy set", ondelete="restrict", check_company=True, tracking=True
    )

    @api.onchange("policy_set_id")
    def _onchange_policy_set(self):
        for name in ("payload_days", "evidence_years"):
            self[name] = self.policy_set_id[name] or self[name]

    def _compose(self):
        """The set's limits hold where the flow has none of its own."""
        told, shared = super()._compose(), self.policy_set_id
        if not shared:
            return told
        return told | {"policy": shared._document(), "limits": {**shared._limits(), **told["limits"]}}

    def _exception_hours(self):
        """How soon an exception of this flow is due, as its live version says."""
        told = self._document().get("policy", {}) if self.live_version_id else {}
        return told.get("service_level", {}).get("exception_hours", EXCEPTION_HOURS)

    def _retention(self):
        kept = super()._retention()
        shared = self.policy_set_id
        if not shared:
            return kept
        return {**kept, "payload_days": shared.payload_days, "evidence_years": shared.evidence_years}

    def _register_entry(self):
        told = super()._register_entry()
        grades = [grade for grade, _label in CRITICALITIES]
        least = self.policy_set_id.criticality or grades[0]
        return {**told, "criticality": max(told["criticality"], least, key=grades.index)}
