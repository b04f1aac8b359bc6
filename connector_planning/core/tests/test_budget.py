"""Budgets as tables: what is in them, and what is refused by the name of its cell."""

from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from odoo.addons.connector_planning.core.budget import BudgetLine, month_of
from odoo.addons.connector_planning.core.budget_files import BudgetFiles
from odoo.addons.connector_planning.core.budget_sheet import TOTAL, cells, head, row_of
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.field_map import RawRow
from odoo.addons.finance_integration_governance.core.sheets import as_xlsx
from odoo.addons.finance_integration_governance.core.testing.source_contract import SourceContract
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

SAMPLES = Path(__file__).parent / "samples"
HEAD = "Version;Company;Account;Currency;2026-01;2026-02\n"


class TestBudgetFiles(SourceContract):
    connector = BudgetFiles(location=SAMPLES.as_uri(), pattern="*.csv")
    sample = SAMPLES / "budget.csv"
    expected = ControlTotals.of(
        (f"4|BE0477472701|{account}|2026-{month}|{place}|", Decimal(amount), "EUR")
        for account, place, month, amount in (
            ("700000", "", "01", "-1000.50"),
            ("700000", "", "02", "-1100"),
            ("610000", "Department=Sales", "01", "300"),
            ("610000", "Department=Sales", "02", "300"),
        )
    )


def read(content):
    if not isinstance(content, bytes):
        content += totals(content)
    payload = Payload("budget", lambda: BytesIO(content if isinstance(content, bytes) else content.encode()))
    return list(BudgetFiles(location="file:///x", pattern="*").parse(payload))


def totals(content):
    """The last row, of whatever is a whole number in the last two columns."""
    rows = [line.split(";")[-2:] for line in content.splitlines()[1:]]
    sums = [sum(int(row[place]) for row in rows if row[place].lstrip("-").isdigit()) for place in (0, 1)]
    return f"Total;;;;{sums[0]};{sums[1]}\n"


def refused(content):
    """(cell, rule) of what no figure could be made of."""
    return [(one.row["cell"], one.trouble[0].rule) for one in read(content) if isinstance(one, RawRow)]


def test_text_in_a_number_is_refused_by_its_cell_and_the_rest_is_read():
    content = f"{HEAD}b;C;700000;EUR;10;about 12\nb;C;610000;EUR;1,5;3\n"
    assert refused(content) == [("F2", "no number"), ("E3", "no number")]
    assert [one.balance for one in read(content) if not isinstance(one, RawRow)] == [10, 3]


def test_a_cell_that_stands_twice_is_refused_and_names_the_first():
    content = f"{HEAD}b;C;700000;EUR;10;\nb;C;700000;EUR;10;\n"
    assert refused(content) == [("E3", "stands twice")]
    assert next(one for one in read(content) if isinstance(one, RawRow)).row["shape"] == "E2"


def test_a_row_without_its_account_is_refused():
    assert refused(f"{HEAD}b;C;;EUR;10;20\n") == [("C2", "missing")]


def test_every_figure_knows_its_line_of_the_file():
    content = f"{HEAD}\nb;C;700000;EUR;10;about 12\nb;C;610000;EUR;;3\n"
    payload = Payload("budget", lambda: BytesIO((content + totals(content.replace("\n\n", "\n"))).encode()))
    reader = BudgetFiles(location="file:///x", pattern="*")
    assert list(reader.lines(payload)) == [3, 3, 4]
    assert len(list(reader.parse(payload))) == 3


def test_what_is_wrong_with_a_figure_has_a_cell_of_its_own():
    rows = [(1, ["Version", "Company", "Account", "Currency", "2026-01"]), (7, ["b", "C", "700000", "EUR", "1"])]
    [figure] = cells(iter(rows))
    places = {member: figure.where(member) for member in ("account", "currency", "period", "balance", "partner")}
    assert places == {"account": "C7", "currency": "D7", "period": "E1", "balance": "E7", "partner": "E7"}


def test_version_1_1_leaves_the_keys_of_1_0_as_they_were():
    line = BudgetLine(version="b", company="C", account="7", period="2026-01", currency="EUR", balance=Decimal(1))
    assert line.key == "4|C|7|2026-01||"
    assert replace(line, journal_type="sale").key == "4|C|7|2026-01||||sale||"


def test_an_empty_cell_is_no_figure_and_a_zero_is_one():
    assert [one.period for one in read(f"{HEAD}b;C;700000;EUR;;0\n")] == ["2026-02"]


@pytest.mark.parametrize(
    "head_line",
    ["Version;Company;Account;Currency;2026-13", "Version;Company;Account;Currency;2026-01;2026-01", "A;B", ""],
)
def test_a_head_that_nobody_knows_refuses_the_file(head_line):
    with pytest.raises(MalformedPayload):
        read(f"{head_line}\nb;C;700000;EUR;1;2\nTotal;;;;1;2\n".encode())


@pytest.mark.parametrize("last", ["", "Total;;;;10;21\n"])
def test_law4_a_file_without_its_totals_or_with_others_is_refused(last):
    with pytest.raises(MalformedPayload):
        read(f"{HEAD}b;C;700000;EUR;10;20\n{last}".encode())


def test_a_file_without_a_figure_is_refused():
    with pytest.raises(MalformedPayload):
        read(f"{HEAD}Total;;;;0;0\n".encode())


def test_what_the_template_writes_is_read_back():
    months = ["2026-01", "2026-02"]
    told = {"version": "b", "company": "C", "account": "700000", "name": "=Sales", "currency": "EUR"}
    rows = [head(months), row_of(told, months, {"2026-02": Decimal("-12.25")})]
    content = as_xlsx([*rows, row_of({"version": TOTAL}, months, {"2026-02": Decimal("-12.25")})])
    [line] = read(content)
    assert (line.account, line.period, line.balance) == ("700000", "2026-02", Decimal("-12.25"))


def test_a_fiscal_period_is_a_month_of_the_companys_calendar():
    assert month_of("FY2026-P01", 12).isoformat() == "2026-01-31"
    assert month_of("FY2027-P12", 3).isoformat() == "2027-03-31"
