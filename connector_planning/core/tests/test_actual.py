import datetime as dt
from decimal import Decimal

import pytest
from samples import YEAR_END, actual

from odoo.addons.connector_planning.core import CONNECTORS
from odoo.addons.connector_planning.core.actual import Actual
from odoo.addons.finance_integration_governance.core.contract import breaches, schema
from odoo.addons.finance_integration_governance.core.errors import ContractViolation
from odoo.addons.finance_integration_governance.core.reading import read


def test_the_catalogue_names_every_connector_once():
    codes = [cls.code for cls in CONNECTORS]
    assert len(set(codes)) == len(codes)
    assert {"planning.api", "anaplan.actuals", "tm1.actuals", "adaptive.actuals", "pigment.actuals"} <= set(codes)
    assert {"vena.actuals", "planning.rest_table", "planning.actual_files", "planning.dataset"} <= set(codes)


def test_a_key_is_readable_and_leads_with_its_rule():
    assert YEAR_END[0].key == YEAR_END[0].alt_key == "1|BE0477472701|400000|2025-12"


def test_an_actual_counts_with_its_balance_on_the_last_day_of_its_month():
    assert (YEAR_END[0].amount, YEAR_END[0].currency) == (Decimal("9999.50"), "EUR")
    assert [actual("1", period, "0", "0").on.day for period in ("2026-02", "2028-02", "2025-12")] == [28, 29, 31]
    assert YEAR_END[0].on == dt.date(2025, 12, 31)


@pytest.mark.parametrize("period", ["2026-13", "2026-00", "26-01", "2026-1", "2026-01-01", "２０２６-01"])
def test_a_period_is_a_month(period):
    assert [breach.member for breach in breaches(actual("1", period, "0", "0"))] == ["period"]


@pytest.mark.parametrize("part", ["", "a|b", "a\nb", "x" * 65])
def test_a_part_of_the_key_cannot_pretend_to_be_two(part):
    broken = actual(part, "2026-01", "0", "0", company=part)
    assert [breach.member for breach in breaches(broken)] == ["company", "account"]


def test_every_member_is_required():
    assert schema(Actual)["required"] == list(schema(Actual)["properties"])


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("balance", 1.5),
        ("balance", "1,5"),
        ("balance", True),
        ("balance", None),
        ("balance", "NaN"),
        ("period", 202601),
        ("currency", "eur"),
    ],
)
def test_what_another_system_tells_is_read_strictly(member, value):
    told = {"company": "B", "account": "1", "account_name": "x", "period": "2026-01", "currency": "EUR"}
    told |= {"debit": "1.5", "credit": "0", "balance": "1.5"}
    assert read(Actual, told).balance == Decimal("1.5")
    with pytest.raises(ContractViolation, match=member):
        read(Actual, {**told, member: value})
