"""The contract of actuals is frozen by version, and defined."""

from pathlib import Path

from odoo.addons.connector_planning.core import actual
from odoo.addons.connector_planning.core.actual import Actual
from odoo.addons.connector_planning.core.budget import BudgetLine
from odoo.addons.connector_planning.core.cell import Cell
from odoo.addons.connector_planning.core.dataset import LedgerBalance, LedgerEntry
from odoo.addons.connector_planning.core.open_item import OpenItem
from odoo.addons.finance_integration_governance.core.testing.frozen_contracts import FrozenContracts


class TestPlanningContracts(FrozenContracts):
    contracts = (Actual, Cell, OpenItem, BudgetLine, LedgerBalance, LedgerEntry)
    folder = Path(actual.__file__).parent / "schemas"
