from odoo import api, models

from odoo.addons.finance_integration_governance.core.options import Option

from .names import checkpoints


class FinObjectActual(models.AbstractModel):
    """What every flow of actuals may say: which periods, and when a period is final."""

    _inherit = "fin.object.actual"

    @api.model
    def _known_options(self, company):
        month = self.env._("A month such as 2026-01. Empty: as far as there are entries.")
        return [
            Option("period_from", self.env._("From period"), "month", month),
            Option("period_until", self.env._("Until period"), "month", month),
            Option(
                "checkpoint",
                self.env._("Final once signed"),
                "word",
                self.env._("The checkpoint that makes a period final; after it, changes are restatements."),
                words=checkpoints(company),
                is_open=True,
            ),
            Option(
                "only_signed",
                self.env._("Only signed periods"),
                "flag",
                self.env._("Nothing is told but what lies behind its signed checkpoint."),
            ),
            Option(
                "only_closed",
                self.env._("Only closed periods"),
                "flag",
                self.env._("Nothing is told but what lies up to the lock date."),
            ),
            Option(
                "delta",
                self.env._("Only periods that changed"),
                "flag",
                self.env._("Periods that are as they were delivered are not read again."),
            ),
            *super()._known_options(company),
        ]


class FinObjectOpenItem(models.AbstractModel):
    """Open items belong to no period, so there is none that has not changed."""

    _inherit = "fin.object.open_item"

    @api.model
    def _known_options(self, company):
        return [option for option in super()._known_options(company) if option.name != "delta"]
