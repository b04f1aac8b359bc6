"""The members of analytic plans that versions plan by, and which part of the ledger each of them has."""

from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import nfc

from ...core.analytic import plans_of, read, shares, spelled


class Planned(NamedTuple):
    """One version that plans by members: its `plans` in their order, and its `places`, as they are spelled in it."""

    version: models.BaseModel
    plans: tuple
    places: tuple


class FinBudgetVersion(models.Model):
    _inherit = "fin.budget.version"

    def _planned_by_member(self):
        """What each of these versions plans by; those that plan by account only are not among them."""
        self.env["fin.budget.line"].flush_model(["version_id", "analytic"])
        rows = self.env.execute_query(
            SQL(
                """SELECT version_id, array_agg(DISTINCT analytic) FROM fin_budget_line
                WHERE version_id = ANY(%s) AND analytic <> '' GROUP BY 1 ORDER BY 1""",
                self.ids,
            )
        )
        return [Planned(self.browse(version), plans_of(places), tuple(places)) for version, places in rows]

    def _members(self, plans):
        """Analytic account -> (plan, member) of these plans, named as actuals name them: by code, else by name."""
        self.ensure_one()
        # sudo: members are named as the version names them, whoever may read the plans
        accounts = self.env["account.analytic.account"].sudo().with_context(active_test=False)
        wanted = [("root_plan_id.name", "in", plans), ("company_id", "in", (False, self.company_id.id))]
        return {one: (one.root_plan_id.name, nfc(one.code or one.name)) for one in accounts.search(wanted)}


class FinBudgetVariance(models.Model):
    """A place is one member of each plan that the version plans by; what has none stands under no member."""

    _inherit = "fin.budget.variance"

    def _spelled_places(self, planned):
        """(version, place as the line spells it, place as actuals spell it): names and codes mean the same."""
        known = {}
        for account, (plan, member) in planned.version._members(planned.plans).items():
            known |= {(plan, name): member for name in (nfc(account.name), member)}
        for place in planned.places:
            told = read(place)
            members = [plan in told and known.get((plan, nfc(told[plan])), told[plan]) for plan in planned.plans]
            yield planned.version.id, place, spelled(members, planned.plans)

    def _shared_out(self, planned):
        """(version, distribution, place, share) of every distribution in the ledger of the version's months."""
        version = planned.version
        members = {account.id: told for account, told in version._members(planned.plans).items()}
        self.env["account.move.line"].flush_model(["analytic_distribution", "company_id", "date", "parent_state"])
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT analytic_distribution::text FROM account_move_line
                WHERE company_id = %s AND date BETWEEN %s AND %s AND parent_state = 'posted'
                    AND analytic_distribution IS NOT NULL""",
                version.company_id.id,
                version.date_from,
                version.date_to,
            )
        )
        for (distribution,) in rows:
            for place, share in shares(distribution, members, planned.plans):
                yield version.id, distribution, spelled(place, planned.plans), str(share)

    def _members_tables(self):
        """The two tables that figures are joined with: `place` (version, told, place) and `share` (version,
        distribution, place, share).
        """
        # sudo: the rows that come out of it are those of companies that the reader sees
        versions = self.env["fin.budget.version"].sudo().search([("line_ids.analytic", "!=", False)])
        planned = versions._planned_by_member()
        places = [row for one in planned for row in self._spelled_places(one)]
        parts = [row for one in planned for row in self._shared_out(one)]
        return (
            SQL("unnest(%s::int[], %s::text[], %s::text[]) AS place(version, told, place)", *_columns(places, 3)),
            SQL(
                """unnest(%s::int[], %s::text[], %s::text[], %s::numeric[])
                AS share(version, distribution, place, share)""",
                *_columns(parts, 4),
            ),
        )


def _columns(rows, count):
    return [list(column) for column in zip(*rows, strict=True)] or [[]] * count
