from odoo import api, models

from odoo.addons.finance_integration_governance.core.options import Option

from .names import checkpoints


class FinObjectDataset(models.AbstractModel):
    """What a flow of datasets may say: behind which checkpoint, which ones, and since when."""

    _inherit = "fin.object.dataset"

    @api.model
    def _known_options(self, company):
        labels = dict(self.env["fin.dataset"]._fields["kind"]._description_selection(self.env))
        datasets = {name: labels[name] for name in self._kinds()}
        signed = self.env._("A period is published once this is signed.")
        months = self.env._("A month such as 2026-01. Empty: every signed period.")
        known = checkpoints(company)
        return [
            Option("checkpoint", self.env._("Published behind"), "word", signed, words=known, is_open=True),
            Option("datasets", self.env._("Datasets"), "words", self.env._("Empty: all of them."), words=datasets),
            Option("period_from", self.env._("From period"), "month", months),
            *super()._known_options(company),
        ]
