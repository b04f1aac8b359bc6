from odoo import api, models
from odoo.exceptions import ValidationError

from odoo.addons.finance_integration_governance.core.options import Option

from . import names


class FinObjectCell(models.AbstractModel):
    """What a flow of actuals by dimensions may say: by what, how much, and of which part of the ledger."""

    _inherit = "fin.object.cell"

    @api.model
    def _known_options(self, company):
        return [
            *self._places_options(),
            *self._values_options(),
            *self._ledger_options(company),
            *super()._known_options(company),
        ]

    def _places_options(self):
        grains = {
            "day": self.env._("Day"),
            "week": self.env._("Week"),
            "month": self.env._("Month"),
            "fiscal": self.env._("Month of the fiscal year"),
        }
        dimensions = {
            "partner": self.env._("Partner"),
            "tax": self.env._("Tax"),
            "journal_type": self.env._("Journal type"),
            "transaction_currency": self.env._("Document currency"),
        }
        fiscal = self.env._("Fiscal periods follow the fiscal year that the company has in Odoo.")
        shares = self.env._("Analytic plans by which items are shared out, as their distributions say.")
        return [
            Option("period", self.env._("Period"), "word", fiscal, words=grains, default="month"),
            Option("dimensions", self.env._("Dimensions"), "words", words=dimensions),
            Option("plans", self.env._("Analytic plans"), "words", shares, words=names.plans(self.env), is_open=True),
        ]

    def _values_options(self):
        measures = {
            "transaction_balance": self.env._("Amount in document currency"),
            "quantity": self.env._("Quantity"),
        }
        rates = {
            "closing": self.env._("Closing rate"),
            "average": self.env._("Average rate"),
            "historic": self.env._("Rate of the day"),
        }
        both = self.env._("The amount in document currency is told where that currency is a dimension.")
        old = self.env._("How many working days a rate may be old. Empty: one.")
        known = names.currencies(self.env)
        return [
            Option("measures", self.env._("Further figures"), "words", both, words=measures),
            Option("group.currency", self.env._("Group currency"), "word", words=known, is_open=True),
            Option("group.rate", self.env._("Rate of the group"), "word", words=rates),
            Option("group.days", self.env._("Age of the rate (days)"), "number", old),
        ]

    def _ledger_options(self, company):
        begin = self.env._("Beginnings of account codes, such as 6, 70. Empty: all accounts.")
        every = self.env._("Empty: all journals.")
        return [
            Option("ledger", self.env._("Ledger"), "word", every, words=names.ledgers(company), is_open=True),
            Option("journals", self.env._("Journals"), "words", every, words=names.journals(company), is_open=True),
            Option("accounts", self.env._("Accounts"), "texts", begin),
        ]

    @api.model
    def _check_options(self, told, company):
        super()._check_options(told, company)
        group = told.get("group")
        if group and not (group.get("currency") and group.get("rate")):
            raise ValidationError(
                self.env._("Amounts in the group's currency need both: the currency, and which rate is taken.")
            )
