"""A flow that publishes only behind its checkpoint."""

from dataclasses import dataclass

from odoo import api, fields, models
from odoo.tools import SQL

from ...core.close import period_of
from ..run.gates import PROCEED, Answer


@dataclass(frozen=True)
class CheckpointSigned:
    code: str
    question = "Is the checkpoint signed behind which this is published?"

    def ask(self, run):
        """Of the company and period of each item; what belongs to a signed one goes on."""
        reasons = {}
        for company_id, name, ids in run._open_by_period():
            company = run.env["res.company"].browse(company_id)
            why = run.env["fin.checkpoint"]._why_not_passed(company, name, self.code)
            if why:
                reasons[why] = ids
        if not reasons:
            return PROCEED
        first, more = next(iter(reasons)), len(reasons) - 1
        reason = f"{first}, and {more} more" if more else first
        held = tuple(sorted(item_id for ids in reasons.values() for item_id in ids))
        return Answer("hold", reason, held, waits="checkpoint", key=self.code)


class FinCheckpoint(models.Model):
    _inherit = "fin.checkpoint"

    @api.model
    def _why_not_passed(self, company, name, code):
        """Why nothing of this period is published behind this checkpoint, or None.

        Figures are looked at now, and both signatures are looked for in the sealed log; what it rests on has to be
        signed as well. Periods from before the close calendar are not asked about.
        """
        # sudo: everybody obeys the close calendar, whoever may read it
        close = company.sudo()._fin_close()
        if not close:
            return f"{company.fin_code} has no close calendar in force"
        if name and name < close["from"]:
            return None
        wanted = [("company_id", "=", company.id), ("period_id.name", "=", name), ("code", "=", code)]
        checkpoint = self.search(wanted, limit=1)
        if not checkpoint:
            return f"{company.fin_code} has no checkpoint {code} for {name or 'items without a date'}"
        rests_on = checkpoint._rests_on()
        (rests_on | checkpoint)._evaluate()
        open_ones = [one for one in (*rests_on, checkpoint) if not one._is_sealed()]
        if open_ones:
            one = open_ones[0]
            return f"{one.display_name} is {one.state}: {one.owner_id.name} and a second person sign it"
        return None


class FinRun(models.Model):
    _inherit = "fin.run"

    waits_for = fields.Selection(
        selection_add=[("checkpoint", "A checkpoint that is signed")], ondelete={"checkpoint": "set null"}
    )

    def _own_gates(self):
        return {**super()._own_gates(), "checkpoint": lambda told: CheckpointSigned(told["code"])}

    def _turns(self):
        words = self.env._("Once the checkpoint is signed by both, this run goes on by itself.")
        return {**super()._turns(), "checkpoint": words}

    def _open_by_period(self):
        """(company, period or None, ids) of the open items, by their accounting date."""
        rows = self._of_open(
            SQL("company_id, date_trunc('month', \"on\")::date, array_agg(id)"), SQL("GROUP BY 1, 2 ORDER BY 1, 2")
        )
        return [(company_id, period_of(day) if day else None, ids) for company_id, day, ids in rows]


class FinFlow(models.Model):
    _inherit = "fin.flow"

    gate_checkpoint_id = fields.Many2one(
        "fin.checkpoint.template",
        string="Only behind the checkpoint",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="What belongs to a period is published when this is signed for the period.",
    )

    def _gates_told(self):
        code = self.gate_checkpoint_id.code
        return super()._gates_told() + ([{"gate": "checkpoint", "code": code}] if code else [])

    def _take_gates(self, told, documents):
        super()._take_gates(told, documents)
        code = next((one["code"] for one in told if one["gate"] == "checkpoint"), None)
        self.gate_checkpoint_id = self._taken_checkpoints([code] if code else [])

    def _taken_checkpoints(self, codes):
        templates = self.env["fin.checkpoint.template"]
        mine = {"company_id": self.company_id.id}
        return templates.union(*(self._found(templates._name, "checkpoint", code, code=code, **mine) for code in codes))
