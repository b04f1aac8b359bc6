"""What answers in JSON hold, or MalformedPayload: systems say less than their documentation."""

from decimal import Decimal

from odoo.addons.finance_integration_governance.core.canonical import plain
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload


def mapping(answer):
    told = answer.json()
    if not isinstance(told, dict):
        raise MalformedPayload("the answer is no object")
    return told


def rows(told, name):
    """The list of this name; what is empty is left out of an answer."""
    found = told.get(name) or []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise MalformedPayload(f"the answer has no list of {name}")
    return found


def text(told, *names):
    """A text inside of nested objects; ids are texts, whatever they look like."""
    value = told
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, str) or not value:
        raise MalformedPayload(f"the answer has no {'.'.join(names)}")
    return value


def spelled(value):
    """A value as a cell of a table: numbers plain, nothing empty."""
    return "" if value is None else plain(value) if isinstance(value, Decimal) else str(value)
