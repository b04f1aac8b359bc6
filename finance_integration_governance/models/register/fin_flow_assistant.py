from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.pattern import CRITERIA, PATTERNS, SYNCS, TIMINGS, recommend, unjustified

SCORES = [(str(score), label) for score, label in enumerate(("1 little", "2", "3", "4", "5 much"), 1)]


class FinFlow(models.Model):
    """Which pattern fits this flow: scores by a person, a recommendation with its reasons, and what was chosen."""

    _inherit = "fin.flow"

    score_criticality = fields.Selection(SCORES, string=CRITERIA["criticality"], tracking=True)
    score_control = fields.Selection(SCORES, string=CRITERIA["control"], tracking=True)
    score_change = fields.Selection(SCORES, string=CRITERIA["change"], tracking=True)
    score_volume = fields.Selection(SCORES, string=CRITERIA["volume"], tracking=True)
    score_extensibility = fields.Selection(SCORES, string=CRITERIA["extensibility"], tracking=True)
    timing = fields.Selection(TIMINGS, string="How soon it is needed", tracking=True)
    advised_pattern = fields.Selection(PATTERNS, compute="_compute_advice", string="Recommended pattern")
    advised_sync = fields.Selection(SYNCS, compute="_compute_advice", string="Recommended rhythm")
    advice = fields.Text(compute="_compute_advice", string="Why")
    pattern = fields.Selection(PATTERNS, string="Chosen pattern", tracking=True, help="Empty: as recommended.")
    sync_model = fields.Selection(SYNCS, string="Chosen rhythm", tracking=True, help="Empty: as recommended.")
    pattern_reason = fields.Text("Why it was chosen otherwise", tracking=True)
    is_against_advice = fields.Boolean(compute="_compute_advice")

    @api.depends(*(f"score_{name}" for name in CRITERIA), "timing", "pattern", "sync_model")
    def _compute_advice(self):
        for flow in self:
            advised = recommend(flow._scores())
            flow.advised_pattern = advised.pattern if advised else False
            flow.advised_sync = advised.sync if advised else False
            flow.advice = "\n".join(advised.reasons) if advised else False
            flow.is_against_advice = bool(unjustified({**flow._assistant(), "justification": None}))

    def _scores(self):
        return {
            **{name: int(self[f"score_{name}"]) for name in CRITERIA if self[f"score_{name}"]},
            **({"timing": self.timing} if self.timing else {}),
        }

    def _assistant(self):
        """What a version keeps: what was scored, what was chosen, and why it was chosen otherwise."""
        chosen = {"pattern": self.pattern, "sync": self.sync_model}
        told = {
            "scores": self._scores(),
            "chosen": {name: value for name, value in chosen.items() if value},
            "justification": self.pattern_reason,
        }
        return {name: value for name, value in told.items() if value}

    def _compose(self):
        told = self._assistant()
        return super()._compose() | ({"assistant": told} if told else {})


class FinVersion(models.Model):
    _inherit = "fin.version"

    def _guard_register(self, document):
        super()._guard_register(document)
        if unjustified(document.get("assistant", {})):
            raise UserError(
                self.env._("Another pattern or rhythm was chosen than recommended: say why, on the page Assistant.")
            )
