"""The contract of actuals is frozen by version, and defined."""

from pathlib import Path

from odoo.addons.connector_planning.core import actual
from odoo.addons.connector_planning.core.actual import Actual
from odoo.addons.connector_planning.core.budget import BudgetLine
from odoo.addons.connector_planning.core.cell import Cell
from odoo.addons.connector_planning.core.dataset import DatasetManifest, LedgerAsset, LedgerBalance, LedgerEntry
from odoo.addons.connector_planning.core.member import Member
from odoo.addons.connector_planning.core.open_item import OpenItem
from odoo.addons.connector_planning.core.rate import Rate
from odoo.addons.connector_planning.core.trial_balance import OpeningBalance, TrialBalance
from odoo.addons.finance_integration_governance.core.testing.frozen_contracts import FrozenContracts


class TestPlanningContracts(FrozenContracts):
    contracts = (Actual, Cell, OpenItem, BudgetLine, LedgerBalance, LedgerEntry)
    contracts += (Rate, Member, TrialBalance, OpeningBalance, LedgerAsset, DatasetManifest)
    folder = Path(actual.__file__).parent / "schemas"
