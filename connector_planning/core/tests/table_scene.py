"""The simulated planning systems with tables, a connector to each, and the steps of a load."""

from contextlib import contextmanager

from samples import YEAR_END

from odoo.addons.connector_planning.core.adaptive import AdaptiveActuals
from odoo.addons.connector_planning.core.pigment import PigmentActuals
from odoo.addons.connector_planning.core.rest_table import RestTable
from odoo.addons.connector_planning.core.tm1 import Tm1Actuals
from odoo.addons.connector_planning.core.vena import VenaActuals
from odoo.addons.finance_integration_governance.core.testing.double import Double
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

SECRET = "canary-planning-secret"
BLOCK = "6f1f0f0e-0000-4000-8000-000000000002"
# (program, connector, what stands behind the address, its settings)
SYSTEMS = {
    "tm1": (
        "tm1_server.py",
        Tm1Actuals,
        "/api/v1",
        {"user": "planner", "password": SECRET, "process": "Load Actuals", "mdx": "SELECT {} ON 0, {} ON 1 FROM [GL]"},
    ),
    "pigment": (
        "pigment_server.py",
        PigmentActuals,
        "/api",
        {"token": SECRET, "configuration": "6f1f0f0e-0000-4000-8000-000000000001", "block": BLOCK},
    ),
    "vena": (
        "vena_server.py",
        VenaActuals,
        "",
        {"user": "planner", "api_key": SECRET, "template": "700000000000000001", "model": "800000000000000001"},
    ),
    "adaptive": (
        "adaptive_server.py",
        AdaptiveActuals,
        "/api/v40",
        {"login": "planner", "password": SECRET, "currency": "EUR"},
    ),
    "rest": ("rest_table_server.py", RestTable, "/service", {"secret": SECRET, "table": "Actuals", "chunk": 4}),
}


@contextmanager
def started(name):
    with Double(SYSTEMS[name][0]) as double:
        yield double


def connect(name, double, **settings):
    _program, cls, below, told = SYSTEMS[name]
    connector = cls(**({"base_url": double.url + below} | told | settings))
    connector.allowed_hosts = ("127.0.0.1",)
    return connector


def fault(double, **faults):
    double.ask("/control/faults", faults=faults)


def load(connector, objects=YEAR_END):
    """What the load has come to."""
    payloads = list(connector.serialize(iter(objects)))
    connector.begin(len(payloads))
    assert [connector.upload(number, one).state for number, one in enumerate(payloads)] == ["pending"]
    connector.seal()
    reference = connector.load(payloads)
    for _poll in range(10):
        told = connector.poll(reference)
        if told.state != "pending":
            return told
    raise AssertionError("it never ends")


def send(connector, objects):
    """The receipts of everything that these objects become."""
    payloads = connector.serialize(iter(objects))
    return [connector.send(payload, f"k-{number}") for number, payload in enumerate(payloads)]


def figures(objects=YEAR_END):
    return {one.key: one.amount for one in objects}


def totals(objects=YEAR_END):
    return ControlTotals.of((one.key, one.amount, one.currency) for one in objects)


def ties(connector, objects=YEAR_END):
    return connector.read_back(figures(objects)).ties(totals(objects))
