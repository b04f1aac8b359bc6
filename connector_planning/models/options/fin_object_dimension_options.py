from odoo import api, models

from odoo.addons.finance_integration_governance.core.options import Option

from .names import plans


class FinObjectDimension(models.AbstractModel):
    """What a flow of members may say: of which dimensions, and of which analytic plans."""

    _inherit = "fin.object.dimension"

    @api.model
    def _known_options(self, company):
        kinds = {
            "account": self.env._("Accounts"),
            "analytic": self.env._("Analytic plans"),
            "entity": self.env._("Companies"),
            "product": self.env._("Products"),
            "currency": self.env._("Currencies"),
        }
        every = self.env._("Empty: all of them.")
        return [
            Option("kinds", self.env._("Dimensions"), "words", every, words=kinds),
            Option("plans", self.env._("Analytic plans"), "words", every, words=plans(self.env), is_open=True),
            *super()._known_options(company),
        ]
