from odoo import api, fields, models
from odoo.fields import Command

from ...core.contract import members
from ...core.register import CRITICALITIES, PROCESSES, QUESTIONS, RECERTIFY_MONTHS, entity


class FinFlow(models.Model):
    """The register entry of a flow: what it is for, how much hangs on it, what may leave, and what to do when it fails.

    All of it is part of the version. Only the legal hold works at once when it is set; lifting it needs a version.
    """

    _inherit = "fin.flow"

    technical_owner_id = fields.Many2one("res.users", compute="_compute_technical_owner")
    process = fields.Selection(PROCESSES, tracking=True)
    criticality = fields.Selection(CRITICALITIES, required=True, default="normal", tracking=True)
    data_class_id = fields.Many2one(
        "fin.data.class",
        string="Data class",
        ondelete="restrict",
        tracking=True,
        default=lambda self: self._default_data_class(),
    )
    scope_ids = fields.One2many("fin.flow.scope", "flow_id", string="Data scope", copy=True)
    payload_days = fields.Integer("Payloads kept (days)", default=365, tracking=True)
    evidence_years = fields.Integer("Evidence kept (years)", default=10, tracking=True)
    legal_hold = fields.Boolean(tracking=True, help="Nothing of this flow is deleted as long as this is set.")
    runbook = fields.Text(tracking=True, help="How finance goes on by hand while this flow stands still.")
    recertify_months = fields.Integer("Confirmed again after (months)", default=RECERTIFY_MONTHS, tracking=True)
    answer_trigger = fields.Text(QUESTIONS["trigger"], tracking=True)
    answer_approvals = fields.Text(QUESTIONS["approvals"], tracking=True)
    answer_checks = fields.Text(QUESTIONS["checks"], tracking=True)
    answer_exceptions = fields.Text(QUESTIONS["exceptions"], tracking=True)
    answer_reconciliation = fields.Text(QUESTIONS["reconciliation"], tracking=True)

    _retention_positive = models.Constraint(
        "CHECK(payload_days > 0 AND evidence_years > 0 AND recertify_months > 0)",
        "What is kept is kept for at least one day, and confirmed again some day.",
    )

    @api.model
    def _default_data_class(self):
        return self.env.ref("finance_integration_governance.data_class_confidential", raise_if_not_found=False)

    @api.depends("role_ids.role", "role_ids.user_id.active", "role_ids.date_from", "role_ids.date_to")
    def _compute_technical_owner(self):
        for flow in self:
            flow.technical_owner_id = flow._people("technical")[:1]

    def _compose(self):
        return super()._compose() | {"register": self._register_entry()}

    def _register_entry(self):
        """What a version keeps of the entry; what nobody said is left out."""
        told = {
            "process": self.process or None,
            "criticality": self.criticality,
            "data_class": self.data_class_id._document() if self.data_class_id else None,
            "system": self.connection_id.system_id._document(),
            "scope": self.scope_ids._document() or None,
            "retention": self._retention(),
            "runbook": self.runbook or None,
            "recertify_months": self.recertify_months,
            "questions": {name: self[f"answer_{name}"] for name in QUESTIONS if self[f"answer_{name}"]} or None,
        }
        return {name: value for name, value in told.items() if value is not None}

    def _retention(self):
        kept = {"payload_days": self.payload_days, "evidence_years": self.evidence_years}
        return {**kept, "legal_hold": True} if self.legal_hold else kept

    def _is_on_legal_hold(self):
        """Set here it works at once; lifted here it holds until a version without it is live."""
        self.ensure_one()
        live = self._document().get("register", {}) if self.live_version_id else {}
        return self.legal_hold or live.get("retention", {}).get("legal_hold", False)

    # Proposals

    @api.model
    def _proposals(self, schedule, direction, object_label):
        """An answer to each question as the suite would give it, for a person to make their own."""
        inbound = direction != "outbound"
        what = object_label or self.env._("Items")
        return {
            "trigger": schedule,
            "approvals": self.env._(
                "Every change of the flow: a second person with the group Approver. Items that a gate holds: the "
                "steward, and a second person where they are to be booked as they are."
            ),
            "checks": self.env._(
                "Contract of every item, double delivery by key, open periods, declared totals against what was read, "
                "and the fields that may leave."
            ),
            "exceptions": self.env._(
                "Files that cannot be read, accounts or journals that are missing, locked periods."
            )
            if inbound
            else self.env._("The system does not answer or refuses items; fields outside of the approved scope."),
            "reconciliation": self.env._(
                "%s: count, sum per currency and hash total of what arrived against what Odoo holds.", what
            )
            if inbound
            else self.env._("%s: count, sum per currency and hash total, read back from the system.", what),
        }

    @api.model
    def _schedule_in_words(self, kind, minutes, times):
        if kind == "interval" and minutes == 1:
            return self.env._("The clock, every minute.")
        if kind == "interval":
            return self.env._("The clock, every %s minutes.", minutes)
        if kind == "times":
            return self.env._("The clock, at %s.", times)
        if kind == "after":
            return self.env._("The end of another flow's run.")
        if kind == "event":
            return self.env._("Something that happens in Odoo.")
        return self.env._("A person starts it by hand.")

    def action_prefill(self):
        """Propose answers and a scope where there are none; what a person wrote stays."""
        self.check_access("write")
        for flow in self:
            words = flow._schedule_in_words(flow.schedule_kind, flow.interval_minutes, flow.times)
            told = flow._proposals(words, flow.direction, dict(flow._selection_object()).get(flow.object, ""))
            flow.write({f"answer_{name}": text for name, text in told.items() if not flow[f"answer_{name}"]})
        self._prefill_scope()

    def _prefill_scope(self):
        """What leaves begins with everything that the contract has; a person takes out what need not leave."""
        self.filtered(lambda flow: flow.direction == "outbound" and not flow.scope_ids).action_list_fields()

    def action_list_fields(self):
        """Put every field of what the flow moves on the list; new ones may not leave unless the list was empty."""
        self.check_access("write")
        for flow in self:
            carried = flow._carried()
            told = {(entity(cls.contract), m.name): n for cls in carried for n, m in enumerate(members(cls))}
            known = {(row.entity, row.field_name) for row in flow.scope_ids}
            flow.scope_ids = [
                Command.create({"entity": name, "field_name": field, "sequence": n, "is_allowed": not known})
                for (name, field), n in told.items()
                if (name, field) not in known
            ]
