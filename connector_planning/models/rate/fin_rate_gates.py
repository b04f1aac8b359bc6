"""Rates that jump wait for a second person: a figure that is wrong by a digit looks like any other."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.models.run.gates import PROCEED, Answer

from .fin_object_rate import FinObjectRate

JUMP = "5"  # percent, where the version names none


@dataclass(frozen=True)
class RateJump:
    percent: Decimal
    question = "Does no rate change by more than the approved percentage from one day to the next?"

    def ask(self, run):
        jumps = run._rate_jumps(self.percent)
        if not jumps or run._has_yes("RateJump"):
            return PROCEED
        named = "; ".join(f"{name} of {day}: {rate} after {before}" for _id, name, day, rate, before in jumps[:5])
        more = f", and {len(jumps) - 5} more" if len(jumps) > 5 else ""
        reason = f"more than {self.percent} % from one day to the next: {named}{more}"
        return Answer("hold", reason, tuple(row[0] for row in jumps), waits="yes")


class FinRun(models.Model):
    _inherit = "fin.run"

    def _gates(self):
        gates = tuple(super()._gates())
        if not self._brings_rates():
            return gates
        # What the watch over gaps needs is asked before anything lands.
        self._publication_days()
        self._publication_hour()
        return (*gates, RateJump(self._approved_jump()))

    def _brings_rates(self):
        return self.direction == "inbound" and self._document().get("object") == FinObjectRate._name

    def _approved_jump(self):
        told = self._document().get("options", {}).get("jump", JUMP)
        try:
            percent = Decimal(str(told))
        except InvalidOperation:
            percent = Decimal()
        if not percent > 0:
            raise ConfigurationError("the jump of a rate is a percentage above zero, such as 5", option="jump")
        return percent

    def _rate_jumps(self, percent):
        """(item id, currency, day, rate, the one before) of open items too far from the rate before them.

        That is the last one in Odoo, or the one before in the same run.
        """
        home = self._object()._home(self)
        self.env["res.currency.rate"].flush_model()
        return self._of_rates(
            SQL(
                """SELECT id, currency, day, rate::text, before::text FROM (
                    SELECT id, currency, day, rate, lag(rate) OVER (PARTITION BY currency ORDER BY day) AS before
                    FROM (
                        SELECT id, mapped_values::json->>'currency' AS currency, "on" AS day,
                            (mapped_values::json->>'rate')::numeric AS rate
                        FROM fin_item WHERE run_id = %(run)s AND outcome = 'open' AND mapped_values IS NOT NULL
                        UNION ALL
                        SELECT NULL, c.name, r.name, r.rate FROM res_currency_rate r
                        JOIN res_currency c ON c.id = r.currency_id
                        WHERE r.company_id IS NOT DISTINCT FROM %(home)s
                    ) AS known) AS followed
                WHERE id IS NOT NULL AND abs(rate / before - 1) * 100 > %(percent)s ORDER BY day, currency, id""",
                run=self.id,
                home=home.id or None,
                percent=percent,
            )
        )

    def _of_rates(self, query):
        self.env["fin.item"].flush_model()
        return self.env.execute_query(query)
