"""Budgets out of Workday Adaptive Planning: the export of a version and its months, as it came."""

import re

from odoo.addons.finance_integration_governance.core.connector import Setting
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from .adaptive_system import INSTANCE, AdaptiveSystem, output_of
from .table_source import TOTALS, BudgetTable, as_payload, source_settings
from .tables import rows_of

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


class AdaptiveBudgets(AdaptiveSystem, BudgetTable):
    """Figures of a version by account and level, without roll-ups; the answer has a column for each month.

    How members of dimensions are told stands in none of our sources, so they come in files.
    """

    code = "adaptive.budgets"
    label = "Workday Adaptive Planning: budgets"
    settings = (
        *source_settings(
            *INSTANCE,
            Setting("plan_version", "Version", help="Its name in Adaptive Planning"),
            Setting("first", "First month", help="Such as 2026-01"),
            Setting("last", "Last month", help="Such as 2026-12"),
            Setting("dimensions", "Dimensions", required=False, help="Their names, by commas: a column for each"),
            columns="Account Code = account; Level Name = company; Account Name = -",
        ),
        TOTALS,
    )

    def _fetched(self, window):
        dimensions = [name.strip() for name in (self.dimensions or "").split(",") if name.strip()]
        body = self._exported(_month(self.first, "first"), _month(self.last, "last"), dimensions)
        output_of(body)  # a refusal is no table
        return as_payload("export.xml", body, "text/xml")

    def _table(self, content):
        return enumerate(rows_of(output_of(content)), 1)


def _month(told, setting):
    found = _MONTH.fullmatch(told)
    if not found:
        raise ConfigurationError(f"{setting} month: such as 2026-01", setting=setting)
    return found.groups()
