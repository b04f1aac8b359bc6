"""Planning without Odoo: what an actual is, and the systems that take it."""

from .anaplan import AnaplanActuals
from .planning_api import PlanningApi

CONNECTORS = [PlanningApi, AnaplanActuals]
