"""S16: what a person may configure never becomes code, and no value keeps the processor busy for ever."""

import datetime as dt

import pytest

from odoo.addons.finance_integration_governance.core.canon.budget import BudgetLine
from odoo.addons.finance_integration_governance.core.map_rules import problems
from odoo.addons.finance_integration_governance.core.transforms import compiled

DAY = dt.date(2026, 1, 31)
HOSTILE = ("__import__('os').system('true')", "().__class__.__mro__[1].__subclasses__()", "{0.__class__}", "9**9**9")


def wrong(*steps):
    fields = [{"to": "amount", "from": ["Amount"], "steps": list(steps)}]
    return problems({"contract": BudgetLine.contract, "fields": fields}, BudgetLine)


@pytest.mark.parametrize("name", ["python", "eval", "__import__", "format_map", "lambda"])
def test_s16_a_transform_that_is_not_on_the_list_is_refused(name):
    assert f"amount: there is no transform {name}" in wrong({"do": name, "value": "1"})


@pytest.mark.parametrize("factor", ["9**9**9", "1e999999999", "__import__('os')", "inf", "NaN"])
def test_s16_a_factor_is_a_number_that_can_be_written_down(factor):
    assert any("factor" in one for one in wrong({"do": "scale", "factor": factor}))


@pytest.mark.parametrize("text", HOSTILE)
def test_s16_a_text_stays_the_text_that_it_is(text):
    assert compiled({"do": "constant", "value": text}, DAY)(None, {}, {}) == text
    assert compiled({"do": "choice", "cases": {text: text}}, DAY)(text, {}, {}) == text
