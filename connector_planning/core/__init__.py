"""Planning without Odoo: what an actual and a plan are, and the systems that take and give them."""

from .adaptive import AdaptiveActuals
from .anaplan import AnaplanActuals
from .anaplan_export import AnaplanBudgets, AnaplanMembers
from .budget_files import BudgetFiles
from .dataset_files import ActualFiles, DatasetFiles
from .extract_files import ExtractFiles
from .member_files import MemberFiles
from .pigment import PigmentActuals
from .planning_api import PlanningApi
from .rate_sources import EcbRates, RateFiles
from .rest_table import RestTable
from .tm1 import Tm1Actuals
from .vena import VenaActuals

CONNECTORS = [
    PlanningApi,
    AnaplanActuals,
    AnaplanBudgets,
    AnaplanMembers,
    Tm1Actuals,
    AdaptiveActuals,
    PigmentActuals,
    VenaActuals,
    RestTable,
    ActualFiles,
    BudgetFiles,
    DatasetFiles,
    ExtractFiles,
    MemberFiles,
    EcbRates,
    RateFiles,
]
