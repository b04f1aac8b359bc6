"""Reading a sample of ours, whole or with texts in it replaced."""

import io
from pathlib import Path

import pytest

from odoo.addons.connector_bank.core.statement import BankStatement
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

SAMPLES = Path(__file__).parent / "samples"


def read(connector, content):
    """(statements, entries, findings by code) of these bytes."""
    found = list(connector.parse(Payload("sample", lambda: io.BytesIO(content))))
    findings = {one.code: one for one in found if isinstance(one, Finding)}
    rest = [one for one in found if not isinstance(one, Finding)]
    statements = [one for one in rest if isinstance(one, BankStatement)]
    return statements, [one for one in rest if not isinstance(one, BankStatement)], findings


def changed(name, *changes):
    """The sample's bytes, with each (old, new) replaced."""
    content = (SAMPLES / name).read_text()
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    return content.encode()


def reader(connector):
    """Reads the sample of this name, with each (old, new) replaced."""

    def parsed(name, *changes):
        return read(connector, changed(name, *changes))

    return parsed


def refusal(connector, content):
    with pytest.raises(MalformedPayload) as caught:
        read(connector, content)
    return caught.value
