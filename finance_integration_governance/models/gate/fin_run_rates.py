"""What is in another currency is booked at a rate of its day, or waits for one.

Odoo itself takes the last rate that it has, however old, and one to one where it has none.
"""

from bisect import bisect
from dataclasses import dataclass
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..run.gates import PROCEED, Answer


class Unrated(NamedTuple):
    """Open items of one currency and day, without a rate that is young enough; `measure` is whose rates count."""

    measure: str
    own: str
    currency: str
    day: object
    newest: object
    ids: list


@dataclass(frozen=True)
class Rates:
    days: int
    question = "Is there an exchange rate of the day for every item in another currency?"

    def ask(self, run):
        """Everything without one waits together: for the first currency of it, and then for the next."""
        unrated = sorted(run._unrated(self.days), key=lambda place: place[:4])
        if not unrated:
            return PROCEED
        one, more = unrated[0], len(unrated) - 1
        last = f"the last one is of {one.newest}" if one.newest else "there is none before"
        reason = f"no rate from {one.currency} to {one.own} is young enough for {one.day}: {last}"
        reason += f", approved are {self.days} working days" + (f"; and {more} more" if more else "")
        held = tuple(sorted(item_id for place in unrated for item_id in place.ids))
        return Answer("hold", reason, held, waits="rate", key=one.measure)


class FinFlow(models.Model):
    _inherit = "fin.flow"

    gate_rates = fields.Boolean(
        "Only at a rate of the day",
        tracking=True,
        help="What comes in another currency than the company's waits until a rate is there that is young enough.",
    )
    gate_rate_days = fields.Integer(
        "A rate is young enough for",
        default=1,
        tracking=True,
        help="Working days from the day of the rate to the day of the entry. 0: of the day itself.",
    )

    _rates_positive = models.Constraint("CHECK(gate_rate_days >= 0)", "An age is a number of days.")

    def _gates_told(self):
        rates = [{"gate": "rates", "days": self.gate_rate_days}] if self.gate_rates else []
        return rates + super()._gates_told()

    def _take_gates(self, told, documents):
        super()._take_gates(told, documents)
        rates = [one for one in told if one["gate"] == "rates"]
        self.write({"gate_rates": bool(rates), "gate_rate_days": rates[0]["days"] if rates else 1})


class FinRun(models.Model):
    _inherit = "fin.run"

    waits_for = fields.Selection(selection_add=[("rate", "An exchange rate")], ondelete={"rate": "set null"})

    def _own_gates(self):
        return {**super()._own_gates(), "rates": lambda told: Rates(told["days"])}

    def _turns(self):
        words = self.env._(
            "Enter the rate of that day under Currencies in Accounting, or mend what brings the rates; with it the run "
            "goes on by itself."
        )
        return {**super()._turns(), "rate": words}

    def _unrated(self, days):
        """What is open in another currency than its company's, at a rate older than these working days."""
        grouped = SQL('AND currency IS NOT NULL AND amount <> 0 AND "on" IS NOT NULL GROUP BY 1, 2, 3')
        between = {}
        for currency, company_id, day, ids in self._of_open(SQL('currency, company_id, "on", array_agg(id)'), grouped):
            company = self.env["res.company"].browse(company_id)
            own = company.currency_id.name
            if currency == own:
                continue
            if (currency, company) not in between:
                between[currency, company] = self._rates_between(currency, company)
            for measure, *known in between[currency, company]:
                newest = rate_taken(known, day)
                if not newest or self._working_days(newest, day) > days:
                    yield Unrated(measure, own, currency, day, newest, ids)
                    break

    def _rates_between(self, currency, company):
        """[(code, days of the company's rates, of everybody's)]: of each currency that the rate between them hangs on.

        Nearly always that is the item's alone, as the company's is one; where both are measured by a third currency,
        an old rate of either is an old rate.
        """
        known = {name: self._rates_known(name, company) for name in (currency, company.currency_id.name)}
        measures = [name for name, (mine, all_) in known.items() if _varies(mine or all_)] or [currency]
        return [(name, *(rates.mapped("name") for rates in known[name])) for name in measures]

    def _rates_known(self, currency, company):
        """Rates of the company, and rates of everybody."""
        wanted = [("currency_id.name", "=", currency), ("company_id", "in", (False, company.root_id.id))]
        # sudo: rates are everybody's
        rates = self.env["res.currency.rate"].sudo().with_context(active_test=False)
        found = rates.search(wanted, order="name")
        return found.filtered("company_id"), found.filtered(lambda rate: not rate.company_id)


def _varies(rates):
    return any(rate.rate != 1 for rate in rates)


def rate_taken(known, day):
    """The day of the rate that Odoo takes: the last one until then, of the company where it has one, else of all."""
    before = (days[: bisect(days, day)][-1:] for days in known)
    return next((last[0] for last in before if last), None)


class ResCurrencyRate(models.Model):
    """A rate that arrives is what a run may have waited for."""

    _inherit = "res.currency.rate"

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create(vals_list)
        rates._fin_let_go()
        return rates

    def write(self, vals):
        done = super().write(vals)
        self._fin_let_go()
        return done

    def _fin_let_go(self):
        """Runs that wait for these currencies are asked again; without the rate that they need they wait on."""
        for name in sorted(set(self.currency_id.mapped("name"))):
            self.env["fin.run"].sudo()._let_go("rate", name)  # sudo: whoever enters rates need not see runs
