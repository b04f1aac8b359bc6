"""What one currency was worth in another one on one day, as somebody has published it."""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from odoo.addons.finance_integration_governance.core.contract import Canonical, Currency
from odoo.addons.finance_integration_governance.core.dictionary import means

KEY_RULE = "7"
# More digits than any bank publishes, and fewer than a double precision number keeps.
_DIGITS = Context(prec=12, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, kw_only=True)
class Rate(Canonical):
    """The rate of one publication day: so many units of the currency for one unit of the base."""

    contract = "planning.rate/1.0"

    base: Currency = means("The currency of which there is one unit.", sap="FCURR")
    currency: Currency = means("The currency that is counted.", sap="TCURR")
    dated_on: dt.date = means("The day that the rate is of.", sap="GDATU")
    rate: Decimal = means("How many units of the currency one unit of the base was worth.", sap="UKURS")

    @property
    def key(self):
        return "|".join((KEY_RULE, self.base, self.currency, self.dated_on.isoformat()))

    @property
    def amount(self):
        """Control totals add up rates by currency: no money, but a figure that was changed is seen."""
        return self.rate

    @property
    def on(self):
        return self.dated_on


def quotient(rate, divisor):
    """A rate by way of a third currency, with twelve digits.

    >>> quotient(Decimal("0.95"), Decimal("1.1"))
    Decimal('0.863636363636')
    """
    return _DIGITS.divide(rate, divisor)
