from dateutil.relativedelta import relativedelta
from odoo import api, fields, models

from ..models.evidence.fin_evidence_pack import KINDS, POPULATIONS


class FinEvidencePackAsk(models.TransientModel):
    """Which flows, which period, and what the archive is to hold."""

    _name = "fin.evidence.pack.ask"
    _description = "Ask for Evidence"

    kind = fields.Selection(KINDS, required=True, default="flow")
    flow_ids = fields.Many2many("fin.flow", string="Flows", required=True)
    date_from = fields.Date(required=True, default=lambda self: self._month(0), string="From")
    date_to = fields.Date(required=True, default=lambda self: self._month(1), string="To")
    purpose = fields.Char(help="What it is for, in a few words; printed on the control sheet.")
    has_payloads = fields.Boolean(
        default=True, string="With files", help="With the bytes that were read or sent, so that it can be re-performed."
    )
    population = fields.Selection(POPULATIONS, default="runs")
    sample_size = fields.Integer(default=25)
    seed = fields.Char(help="Any text. The same seed and population give the same sample. Empty: one is drawn.")

    def _month(self, which):
        """First or last day of the month before this one."""
        first = fields.Date.context_today(self).replace(day=1)
        return first - relativedelta(days=1) if which else first - relativedelta(months=1)

    @api.onchange("sample_size")
    def _onchange_sample_size(self):
        self.sample_size = max(1, self.sample_size)

    def action_ask(self):
        self.ensure_one()
        is_population = self.kind == "population"
        pack = self.env["fin.evidence.pack"]._ask(
            self.flow_ids,
            self.date_from,
            self.date_to,
            kind=self.kind,
            purpose=self.purpose,
            has_payloads=self.has_payloads and not is_population,
            population=self.population if is_population else False,
            seed=self.seed if is_population else False,
            sample_size=max(1, self.sample_size) if is_population else 0,
        )
        return pack._open()
