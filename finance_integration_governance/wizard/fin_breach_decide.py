from odoo import api, fields, models

from ..models.contract.fin_breach import DECISIONS

EXPLAINED = {
    "evolve": "The source has changed and is right. Edit the field map or move the flow to the new contract, and"
    " propose it; once that version is live, the file is read again.",
    "freeze": "Nothing more is taken from this source until somebody resumes the flow. What is here waits.",
    "discard_row": "The row stays rejected and counts as rejected in the control totals. Nothing of it is booked.",
    "discard_value": "The row goes on without this optional value. A second person has to agree.",
}


class FinBreachDecide(models.TransientModel):
    """A person's decision on rows that break the contract, with the reason that stays in the evidence."""

    _name = "fin.breach.decide"
    _description = "Decide on a Breach"

    exception_id = fields.Many2one("fin.exception", required=True, ondelete="cascade")
    can_discard_value = fields.Boolean(related="exception_id.can_discard_value")
    decision = fields.Selection(DECISIONS, required=True, default="discard_row")
    explained = fields.Char(compute="_compute_explained", string="What it does")
    reason = fields.Text(required=True)

    @api.depends("decision")
    def _compute_explained(self):
        for wizard in self:
            wizard.explained = EXPLAINED.get(wizard.decision)

    def action_decide(self):
        self.ensure_one()
        self.exception_id._need_decider()
        self.exception_id._decide_breach(self.decision, self.reason)
        return {"type": "ir.actions.act_window_close"}
