"""Have the actuals reached planning? Companies and systems down, periods across, one word in each place."""

from odoo import api, fields, models
from odoo.tools import SQL

PERIODS = 13
# The worst of a month counts, where it is told by days or weeks.
WORST = ("delivered", "pending", "held", "restated", "not_tied")


class FinActualPeriod(models.Model):
    _inherit = "fin.actual.period"

    @api.model
    @api.readonly
    def matrix(self, until=None):
        """The last 13 months up to the month of a day: {"months": [...], "rows": [...], "states": {code: words}}.

        A row is a company at a system, with a place for each month: None where nothing was ever told, else its state,
        how many periods it has, whether some of it was told as final, and what was posted since.
        """
        self.check_access("read")
        last = fields.Date.start_of(fields.Date.to_date(until) or fields.Date.context_today(self), "month")
        months = [fields.Date.subtract(last, months=back) for back in reversed(range(PERIODS))]
        newest = self._newest_between(months[0], fields.Date.end_of(last, "month"))
        since = self._posted_since(newest)
        rows = {}
        for period in newest:
            place = rows.setdefault(self._row_of(period), [None] * PERIODS)
            number = months.index(fields.Date.start_of(period.last_on, "month"))
            place[number] = self._added(place[number], period, since.get(period.id, 0))
        told = [
            {"company": company, "company_id": number, "scope": scope, "object": label, "model": model, "cells": cells}
            for (company, number, scope, label, model), cells in sorted(rows.items())
        ]
        names = dict(self._fields["state"]._description_selection(self.env))
        return {"months": [f"{month:%Y-%m}" for month in months], "rows": told, "states": names}

    def _newest_between(self, first, last):
        asked = [("company_id", "in", self.env.companies.ids), ("last_on", ">=", first), ("last_on", "<=", last)]
        return self.search([*asked, ("is_newest", "=", True)], order="company_id, scope, last_on")

    def _row_of(self, period):
        model = self.env.get(period.object)
        label = model._description if model is not None else period.object
        return period.company_id.name, period.company_id.id, period.scope, label, period.object

    def _added(self, cell, period, since):
        cell = cell or {"state": period.state, "count": 0, "final": False, "since": 0}
        return {
            "state": max(cell["state"], period.state, key=WORST.index),
            "count": cell["count"] + 1,
            "final": cell["final"] or period.is_final,
            "since": cell["since"] + since,
        }

    def _posted_since(self, periods):
        """Period's id -> how many entries in it were posted or changed since its run collected, as this person sees."""
        if not periods:
            return {}
        moves = self.env["account.move"]
        query = moves._search([("company_id", "in", periods.company_id.ids), ("state", "=", "posted")])
        rows = self.env.execute_query(
            SQL(
                """SELECT p.id, count(*) FROM %(tables)s
                JOIN fin_actual_period p ON p.company_id = account_move.company_id
                    AND account_move.date BETWEEN p.first_on AND p.last_on
                JOIN fin_run r ON r.id = p.run_id AND account_move.write_date >= r.started_at
                WHERE p.id = ANY(%(periods)s) AND %(where)s GROUP BY p.id""",
                tables=query.from_clause,
                where=query.where_clause or SQL("TRUE"),
                periods=periods.ids,
            )
        )
        return dict(rows)
