from odoo import api, models

from .fin_masking import AMOUNT


def hides_amounts(records):
    """Whether this user may not see the amounts of one of the companies at hand."""
    return not records.env.su and AMOUNT in records.env.companies._fin_hidden()


class FinAmounts(models.AbstractModel):
    """To whom amounts are hidden, no search, sum, sorting or export tells a field that holds one."""

    _name = "fin.amounts"
    _description = "Amounts that may be hidden"
    _amounts = frozenset()  # names of the fields that hold amounts

    @api.model
    def _has_field_access(self, field, operation):
        is_hidden = field.name in self._amounts and hides_amounts(self)
        return super()._has_field_access(field, operation) and not is_hidden
