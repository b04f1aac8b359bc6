"""An Anaplan double and a connector to it, with the steps of a load."""

import os
from pathlib import Path

from samples import YEAR_END

from odoo.addons.connector_planning.core.anaplan import AnaplanActuals
from odoo.addons.finance_integration_governance.core.testing.double import Double
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

PASSWORD = "canary-anaplan-password"
MODEL = "A1B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4"
_BESIDE = Path(__file__).resolve().parents[4] / "shared" / "samples"
SPECIFICATION = Path(os.environ.get("FIG_SAMPLES") or _BESIDE) / (
    "openapi/setikites__anaplan-openapi/integration/integration-openapi.json"
)


def start(*arguments):
    return Double("anaplan_server.py", "--password", PASSWORD, *arguments)


def connect(double, **settings):
    told = {"login": "password", "user": "planner", "secret": PASSWORD, "workspace": "W1", "model": MODEL}
    told |= {"import_action": "Actuals", "view": "101000000001", "base_url": double.url, "auth_url": double.url}
    connector = AnaplanActuals(**(told | settings))
    connector.allowed_hosts = ("127.0.0.1",)
    return connector


def fault(double, **faults):
    double.ask("/control/faults", faults=faults)


def uploaded(connector, objects=YEAR_END):
    """The payloads, uploaded and sealed."""
    payloads = list(connector.serialize(iter(objects)))
    connector.begin(len(payloads))
    for number, payload in enumerate(payloads):
        assert connector.upload(number, payload).state == "pending"
    connector.seal()
    return payloads


def loaded(connector, objects=YEAR_END):
    uploaded(connector, objects)
    return followed(connector, connector.load())


def followed(connector, reference):
    for _poll in range(20):
        told = connector.poll(reference)
        if told.state != "pending":
            return told
    raise AssertionError("it never ends")


def keys(objects=YEAR_END):
    return {one.key: one.amount for one in objects}


def totals(objects=YEAR_END):
    return ControlTotals.of((one.key, one.amount, one.currency) for one in objects)


def asked(double, part):
    return [entry for entry in double.ask("/control/log")["log"] if part in entry[1]]
