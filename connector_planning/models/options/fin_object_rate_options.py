from odoo import api, models

from odoo.addons.finance_integration_governance.core.options import Option

from ..rate.fin_rate_gap import PUBLISHED_AT
from ..rate.fin_rate_gates import JUMP
from .names import currencies


class FinObjectRate(models.AbstractModel):
    """What a flow of exchange rates may say: of which currencies, for whom, when they are due, and what is strange."""

    _inherit = "fin.object.rate"

    @api.model
    def _known_options(self, company):
        days = {"target": self.env._("Those of TARGET")}
        return [
            Option(
                "currencies",
                self.env._("Currencies"),
                "words",
                self.env._("Empty: all that are active in Odoo."),
                words=currencies(self.env),
                is_open=True,
            ),
            Option(
                "shared",
                self.env._("For all companies"),
                "flag",
                self.env._("One rate for all companies, by the base of the source."),
            ),
            Option(
                "days",
                self.env._("Days of publication"),
                "word",
                self.env._("Empty: the working days of the flow's calendar."),
                words=days,
            ),
            Option(
                "published_at",
                self.env._("Published by"),
                "time",
                self.env._("Wall time by which the rates of a day are there."),
                default=PUBLISHED_AT,
            ),
            Option(
                "jump",
                self.env._("Largest change (%)"),
                "percent",
                self.env._("A rate that changes by more from one day to the next waits for a second person."),
                default=JUMP,
            ),
            Option(
                "since",
                self.env._("Since"),
                "day",
                self.env._("The first day that is asked for or told, such as 2026-01-01. Empty: as far as there are."),
            ),
            *super()._known_options(company),
        ]
