"""What every source owes the engine, of each system that gives a table on request."""

from decimal import Decimal
from pathlib import Path

from odoo.addons.connector_planning.core.adaptive_source import AdaptiveBudgets
from odoo.addons.connector_planning.core.pigment_source import PigmentBudgets, PigmentMembers
from odoo.addons.connector_planning.core.rest_source import RestBudgets
from odoo.addons.connector_planning.core.tm1_source import Tm1Budgets
from odoo.addons.connector_planning.core.vena_source import VenaBudgets
from odoo.addons.finance_integration_governance.core.testing.source_contract import SourceContract
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

SAMPLES = Path(__file__).parent / "samples"
SECRET = "canary-planning-secret"
FIXED = '"budget-2026" = version; "EUR" = currency'
COMPANY = '"BE0477472701" = company'
BUDGET = ControlTotals.of(
    (f"4|BE0477472701|{account}|2026-{month}||", Decimal(amount), "EUR")
    for account, month, amount in (("700000", "01", "-1000.5"), ("700000", "02", "-1100"), ("610000", "01", "300"))
)


class TableContract(SourceContract):
    """Its table is asked for anew by each run: how it is fetched shows the test of each system, against its double."""

    expected = BUDGET
    test_the_sample_is_found_where_it_lies = test_settling_twice_is_settling_once = None


class TestRestBudgets(TableContract):
    connector = RestBudgets(
        base_url="https://planning.example.com",
        table="Budget",
        secret=SECRET,
        columns=f"Account = account; Entity = company; Month = period; Amount = balance; {FIXED}",
    )
    sample = SAMPLES / "table.json-seq"


class TestTm1Budgets(TableContract):
    connector = Tm1Budgets(
        base_url="https://tm1.example.com/api/v1",
        user="planner",
        password=SECRET,
        mdx="SELECT {} ON 0, {} ON 1 FROM [Budget]",
        columns=f"Account = account; {COMPANY}; {FIXED}",
    )
    sample = SAMPLES / "cellset.json"


class TestPigmentBudgets(TableContract):
    connector = PigmentBudgets(token=SECRET, block="1", columns='"budget-2026" = version')
    sample = SAMPLES / "view.csv"


class TestPigmentMembers(TableContract):
    connector = PigmentMembers(
        token=SECRET, block="1", columns='"account" = kind; Account = code; Name = name; Group = parent'
    )
    sample, expected = SAMPLES / "list.csv", None


class TestAdaptiveBudgets(TableContract):
    connector = AdaptiveBudgets(
        login="planner",
        password=SECRET,
        plan_version="Budget",
        first="2026-01",
        last="2026-02",
        columns=f"Account Code = account; Level Name = company; Account Name = -; {FIXED}",
    )
    sample = SAMPLES / "export.xml"


class TestVenaBudgets(TableContract):
    connector = VenaBudgets(user="planner", api_key=SECRET, model="1", columns='"budget-2026" = version')
    sample = SAMPLES / "intersections.json-seq"
