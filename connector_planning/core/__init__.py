"""Planning without Odoo: what an actual and a plan are, and the systems that take and give them."""

from .anaplan import AnaplanActuals
from .budget_files import BudgetFiles
from .dataset_files import DatasetFiles
from .extract_files import ExtractFiles
from .member_files import MemberFiles
from .planning_api import PlanningApi
from .rate_sources import EcbRates, RateFiles

CONNECTORS = [PlanningApi, AnaplanActuals, BudgetFiles, DatasetFiles, ExtractFiles, MemberFiles, EcbRates, RateFiles]
