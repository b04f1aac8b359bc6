"""Planning without Odoo: what an actual and a plan are, and the systems that take and give them."""

from .adaptive import AdaptiveActuals
from .adaptive_source import AdaptiveBudgets
from .anaplan import AnaplanActuals
from .anaplan_export import AnaplanBudgets, AnaplanMembers
from .budget_files import BudgetFiles
from .dataset_files import ActualFiles, DatasetFiles
from .extract_files import ExtractFiles
from .member_files import MemberFiles
from .pigment import PigmentActuals
from .pigment_source import PigmentBudgets, PigmentMembers
from .planning_api import PlanningApi
from .rate_sources import EcbRates, RateFiles
from .rest_source import RestBudgets, RestMembers
from .rest_table import RestTable
from .tm1 import Tm1Actuals
from .tm1_source import Tm1Budgets, Tm1Members
from .vena import VenaActuals
from .vena_source import VenaBudgets

CONNECTORS = [
    PlanningApi,
    AnaplanActuals,
    AnaplanBudgets,
    AnaplanMembers,
    Tm1Actuals,
    Tm1Budgets,
    Tm1Members,
    AdaptiveActuals,
    AdaptiveBudgets,
    PigmentActuals,
    PigmentBudgets,
    PigmentMembers,
    VenaActuals,
    VenaBudgets,
    RestTable,
    RestBudgets,
    RestMembers,
    ActualFiles,
    BudgetFiles,
    DatasetFiles,
    ExtractFiles,
    MemberFiles,
    EcbRates,
    RateFiles,
]
