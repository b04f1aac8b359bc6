"""Budgets and members in the Anaplan double, and connectors that fetch them."""

import datetime as dt

from anaplan_scene import MODEL, PASSWORD

from odoo.addons.connector_planning.core.anaplan_export import AnaplanBudgets, AnaplanMembers
from odoo.addons.finance_integration_governance.core.connector import Window

BUDGET, ACCOUNTS = "116000000001", "116000000002"
FIGURES = "Line,Entity,Jan 26,Feb 26\n700000,BE0477472701,-1000.50,-1100\n610000,BE0477472701,300,300\n"
COLUMNS = 'Line = account; Entity = company; "budget-2026" = version; "EUR" = currency'
LISTED = "Accounts,Parent,Code\nLicences,61,611000\nSales,70,700000\n"
MEMBER_COLUMNS = '"account" = kind; Accounts = name; Parent = parent; Code = code'


def fill(double, text=FIGURES, export=BUDGET, **told):
    """What the export makes from now on, in chunks of 40 bytes."""
    double.ask("/control/export", id=export, text=text, **({"chunk": 40} | told))


def budgets(double, **settings):
    return _connect(AnaplanBudgets, double, {"export_action": BUDGET, "columns": COLUMNS} | settings)


def members(double, **settings):
    return _connect(AnaplanMembers, double, {"export_action": ACCOUNTS, "columns": MEMBER_COLUMNS} | settings)


def _connect(cls, double, settings):
    told = {"login": "password", "user": "planner", "secret": PASSWORD, "workspace": "W1", "model": MODEL}
    connector = cls(base_url=double.url, auth_url=double.url, **told, **settings)
    connector.allowed_hosts = ("127.0.0.1",)
    return connector


def now(cursor=None, minutes=0):
    """The window of a run that was asked for so many minutes ago."""
    return Window(cursor, since=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes))


def fetched(connector, window=None):
    (payload,) = connector.extract(window or now())
    return payload


def started(double, export=BUDGET):
    """How often the export was started."""
    path = f"/exports/{export}/tasks"
    return sum(method == "POST" and told.endswith(path) for method, told, _kind in double.ask("/control/log")["log"])
