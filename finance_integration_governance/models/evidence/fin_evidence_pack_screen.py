from odoo import fields, models

from ...core.stages import OUTCOMES
from ..change.fin_approval import MODULE


class FinEvidencePack(models.Model):
    """A pack as people read it."""

    _inherit = "fin.evidence.pack"

    sheet_table = fields.Html(compute="_compute_sheet_table", sanitize=False, string="Control sheet")
    is_mine = fields.Boolean(compute="_compute_is_mine", string="I may download it")

    def _compute_sheet_table(self):
        for pack in self:
            template = f"{MODULE}.fin_evidence_pack_sheet"
            pack.sheet_table = self.env["ir.qweb"]._render(template, {"doc": pack}) if pack.sheet else False

    def _compute_is_mine(self):
        for pack in self:
            pack.is_mine = pack.state == "ready" and not pack._why_not(pack.flow_ids)

    # For the template of the control sheet

    def _outcomes(self):
        return OUTCOMES

    def _day(self, text):
        """The day of an instant in canonical text."""
        return (text or "")[:10]

    def _counts(self, counts):
        return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(counts.items())) or "none"

    def action_ask_again(self):
        """The same question once more."""
        self.ensure_one()
        again = self._ask(
            self.flow_ids,
            self.date_from,
            self.date_to,
            kind=self.kind,
            purpose=self.purpose,
            has_payloads=self.has_payloads,
            population=self.population,
            seed=self.seed,
            sample_size=self.sample_size,
        )
        return again._open()
