from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import nfc
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MappingError
from odoo.addons.finance_integration_governance.models.gate.fin_run_rates import rate_taken

from ..core.analytic import shares, spelled
from .cell_sql import share_of

RATE_DAYS = 1  # working days that a rate may be old, where the version names none


class FinObjectCell(models.AbstractModel):
    """How cells are shared out over analytic plans, and what they are worth in the group's currency."""

    _inherit = "fin.object.cell"

    # Analytic plans

    def _plan_members(self, plans):
        """Analytic account id -> (plan, member), for the plans of these names."""
        # sudo: members of plans are named as the approved version says, whoever may read them
        roots = self.env["account.analytic.plan"].sudo().search([("name", "in", plans), ("parent_id", "=", False)])
        missing = set(plans) - set(roots.mapped("name"))
        if missing:
            raise ConfigurationError(f"there is no analytic plan {', '.join(sorted(missing))}")
        accounts = self.env["account.analytic.account"].sudo().with_context(active_test=False)  # sudo: as above
        found = accounts.search([("root_plan_id", "in", roots.ids)])
        return {one.id: (one.root_plan_id.name, nfc(one.code or one.name)) for one in found}

    def _shares(self, run, company, options):
        """Each distribution that stands in the ledger, shared out once: a join on its text."""
        plans = options.get("plans")
        if not plans:
            return SQL()
        lines = self.env["account.move.line"].with_company(company)
        query = lines._search(self._domain(run, company))
        column = SQL("%s::text", SQL.identifier(lines._table, "analytic_distribution"))
        told = self.env.execute_query(
            SQL("SELECT DISTINCT %s FROM %s WHERE %s", column, query.from_clause, query.where_clause)
        )
        members = self._plan_members(plans)
        rows = [
            (text, spelled(place, plans), str(share))
            for (text,) in told
            if text
            for place, share in shares(text, members, tuple(plans))
        ]
        return SQL(
            """LEFT JOIN unnest(%s::text[], %s::text[], %s::numeric[]) AS s(distribution, place, share)
            ON s.distribution = g.distribution""",
            *([list(column) for column in zip(*rows, strict=True)] or [[], [], []]),
        )

    # The group's currency

    def _rate(self, options):
        return (options.get("group") or {}).get("rate")

    def _valued(self, options):
        places = self._currency(options["group"]["currency"]).decimal_places
        balance = share_of(SQL("g.balance"), options)
        return SQL("trim_scale(round(sum(%s * r.rate), %s))", balance, places)

    def _currency(self, name):
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", name)], limit=1)
        if not currency:
            raise ConfigurationError(f"there is no currency {name}")
        return currency

    def _rates(self, run, company, options):
        """The rate of each period (closing, average) or day (historic) as a join."""
        kind = self._rate(options)
        if not kind:
            return SQL()
        lines = self.env["account.move.line"].with_company(company)
        query, grain = lines._search(self._domain(run, company)), self._grain(run)
        date = SQL.identifier(lines._table, "date")
        when = date if kind == "historic" else grain.bucket(date)
        days = self.env.execute_query(
            SQL("SELECT DISTINCT %s FROM %s WHERE %s", when, query.from_clause, query.where_clause)
        )
        target = self._currency(options["group"]["currency"])
        age = _RateAge(run, company, target, (options["group"]).get("days", RATE_DAYS))
        rows = [(day, str(self._rate_of(kind, company, target, day, grain, age))) for (day,) in days]
        return SQL(
            "JOIN unnest(%s::date[], %s::numeric[]) AS r(day, rate) ON r.day = %s",
            *([list(column) for column in zip(*rows, strict=True)] or [[], []]),
            SQL("g.day") if kind == "historic" else SQL("g.first"),
        )

    def _rate_of(self, kind, company, target, day, grain, age):
        """Units of the target for one of the company's currency; MappingError where none is young enough."""
        source = company.currency_id
        if source != target and not (source.rate_ids or target.rate_ids):
            raise MappingError(f"there is no rate between {source.name} and {target.name}")
        last = grain.after(day) - day.resolution if kind != "historic" else day
        days = [day + day.resolution * n for n in range((last - day).days + 1)] if kind == "average" else [last]
        for one in days:
            age.must_be_young(one)
        return sum(source._get_conversion_rate(source, target, company, one) for one in days) / len(days)


class _RateAge:
    """How old the rates are that Odoo takes between a company's currency and the target, in working days.

    Odoo takes the last rate that it has, however old. Days to come are told at what is known today.
    """

    def __init__(self, run, company, target, days):
        self.run, self.days = run, days
        self.measures = [] if company.currency_id == target else run._rates_between(target.name, company)
        self.today = fields.Date.context_today(run)

    def must_be_young(self, day):
        """MappingError, which holds the load, where the rate of the day is older than was approved."""
        day = min(day, self.today)
        for name, *known in self.measures:
            newest = rate_taken(known, day)
            if newest and self.run._working_days(newest, day) <= self.days:
                continue
            last = f"the last one is of {newest}" if newest else "there is none before"
            text = f"no rate of {name} is young enough for {day}: {last}, approved are {self.days} working days"
            raise MappingError(text, code="stale_rate", currency=name)
