"""Budgets and members out of Anaplan: each trap of its exports, against a double that has them."""

import doctest
from decimal import Decimal
from pathlib import Path

import pytest
from anaplan_scene import SPECIFICATION, asked, fault, start
from export_scene import ACCOUNTS, BUDGET, COLUMNS, FIGURES, LISTED, budgets, fetched, fill, members, now, started

from odoo.addons.connector_planning.core import anaplan_export, budget_table, table_source
from odoo.addons.finance_integration_governance.core.connector import Window
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.http import HttpClient
from odoo.addons.finance_integration_governance.core.testing.source_contract import SourceContract
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(anaplan_export, "_PAUSE", 0.01)


class ExportContract(SourceContract):
    """What every source owes; an export remembers nothing that could be settled, so it is made anew each time."""

    @pytest.fixture(autouse=True)
    def system(self, double):
        self.double = double

    @property
    def connector(self):
        return self.connect(self.double)

    def moved(self, folder):
        fill(self.double, self.sample.read_text(), self.sample.stem.removeprefix("export-"))
        return self.connector

    def test_settling_twice_is_settling_once(self, tmp_path):
        connector = self.moved(tmp_path)
        payload = fetched(connector)
        connector.settle(payload)
        connector.settle(payload)
        assert fetched(connector, now(payload.cursor)).open().read() == self.sample.read_bytes()


class TestBudgets(ExportContract):
    connect = staticmethod(budgets)
    sample = SAMPLES / f"export-{BUDGET}.csv"
    expected = ControlTotals.of(
        (f"4|BE0477472701|{account}|2026-{month}||", Decimal(amount), "EUR")
        for account, month, amount in (
            ("700000", "01", "-1000.50"),
            ("700000", "02", "-1100"),
            ("610000", "01", "300"),
            ("610000", "02", "300"),
        )
    )


class TestMembers(ExportContract):
    connect = staticmethod(members)
    sample = SAMPLES / f"export-{ACCOUNTS}.csv"


@pytest.fixture
def connector(double):
    fill(double)
    return budgets(double)


def figures(connector, payload):
    return {(one.version, one.account, one.period): one.balance for one in connector.parse(payload)}


# The way through


def test_the_file_is_kept_byte_for_byte_over_all_its_chunks(double, connector):
    payload = fetched(connector)
    assert payload.open().read() == FIGURES.encode()
    assert len(asked(double, f"/files/{BUDGET}/chunks/")) == 3
    assert figures(connector, payload)["budget-2026", "700000", "2026-01"] == Decimal("-1000.50")


def test_members_of_a_list_are_told_with_their_parents(double):
    fill(double, LISTED, ACCOUNTS)
    connector = members(double)
    told = [(one.kind, one.code, one.name, one.parent) for one in connector.parse(fetched(connector))]
    assert told == [("account", "611000", "Licences", "61"), ("account", "700000", "Sales", "70")]


def test_an_export_is_named_by_its_name_over_all_pages_of_the_list(double, connector):
    payload = fetched(budgets(double, export_action="Budget - planning.csv"))
    assert payload.name == f"export-{BUDGET}.csv"
    with pytest.raises(ConfigurationError, match="no access"):
        fetched(budgets(double, export_action="Nothing"))


def test_one_login_serves_all_calls_and_a_token_that_ends_is_asked_for_again(double, connector):
    fetched(connector)
    assert len(asked(double, "/token/authenticate")) == 1
    double.ask("/control/age", hours=1)
    connector._api.http._authorization._since -= 26 * 60
    assert fetched(connector, Window()).open().read() == FIGURES.encode()
    assert len(asked(double, "/token/authenticate")) == 2


def test_the_probe_says_what_the_export_holds(connector):
    assert "the model is Open; Budget - planning.csv has the columns Line, Entity, Jan 26, Feb 26" in connector.probe()


def test_the_probe_refuses_an_export_with_other_characters_between_columns(double, connector):
    with pytest.raises(ConfigurationError, match="between columns") as raised:
        budgets(double, delimiter="tab").probe()
    assert raised.value.facts["setting"] == "delimiter"


# What is not whole


def test_trap_a_task_that_is_complete_and_not_successful_has_made_nothing(double, connector):
    fault(double, fail_export=1)
    with pytest.raises(DataError, match="COMPLETE: The saved view is gone") as raised:
        fetched(connector)
    assert raised.value.code == "export_failed" and not asked(double, "/chunks")


def test_trap_a_cancelled_task_has_made_nothing(double, connector):
    fault(double, cancelled=1)
    with pytest.raises(DataError, match="CANCELLED"):
        fetched(connector)


def test_trap_chunks_that_are_not_all_there_are_no_file(double, connector):
    fault(double, half_written=1)
    with pytest.raises(TransientError, match="1 of 3 chunks"):
        fetched(connector)
    assert fetched(connector).open().read() == FIGURES.encode()


def test_trap_a_chunk_that_goes_while_it_is_read_ends_the_reading(double, connector):
    fault(double, chunk_gone=1)
    with pytest.raises(TransientError, match="chunk of the export is gone"):
        fetched(connector)


def test_trap_a_file_without_content_is_404_and_never_no_data(double, connector):
    fault(double, no_content=None)
    with pytest.raises(ConfigurationError, match="no access") as raised:
        fetched(connector)
    assert raised.value.code == "missing_or_no_access"


def test_trap_an_empty_list_of_chunks_leaves_its_key_out_and_holds_no_budget(double, connector):
    fill(double, "")
    payload = fetched(connector)
    assert payload.open().read() == b""
    with pytest.raises(MalformedPayload):
        list(connector.parse(payload))


@pytest.mark.parametrize("text", ["", FIGURES.partition("\n")[0] + "\n", FIGURES[:-1], FIGURES[:-9] + "\n"])
def test_law4_part_of_a_table_is_never_taken_for_all_of_it(double, text):
    fill(double, text)
    connector = budgets(double)
    with pytest.raises(MalformedPayload):
        list(connector.parse(fetched(connector)))


def test_law4_where_totals_are_agreed_a_table_without_its_last_rows_is_refused(double):
    connector = budgets(double, totals=True)
    fill(double, f"{FIGURES}Total,,-700.50,-800\n")
    assert len(figures(connector, fetched(connector))) == 4
    for text in (FIGURES, f"{FIGURES}Total,,-700.50,-801\n"):
        fill(double, text)
        with pytest.raises(MalformedPayload):
            figures(connector, fetched(connector, Window()))


# One at a time


def test_trap_a_file_that_somebody_wrote_over_while_it_was_read_is_thrown_away(double, connector):
    fault(double, run_again=1)
    with pytest.raises(TransientError, match="by somebody else") as raised:
        fetched(connector)
    assert raised.value.code == "conflict"


def test_law2_an_export_that_runs_for_somebody_else_is_not_started_a_second_time(double, connector):
    double.ask("/control/run_export", id=BUDGET)
    with pytest.raises(TransientError, match="by somebody else"):
        fetched(connector, now(minutes=-30))
    assert started(double) == 0


def test_trap_a_start_whose_answer_was_lost_is_found_and_not_made_twice(double, connector):
    fault(double, drop_after_start=1)
    with pytest.raises(TransientError):
        fetched(connector)
    assert fetched(connector).open().read() == FIGURES.encode() and started(double) == 1


class Killed(BaseException):
    """The worker is gone, as a power cut would have it."""


def test_law2_killed_after_any_call_it_goes_on_with_the_export_that_it_began(double, monkeypatch):
    exchanged, calls = HttpClient._exchanged, 0
    fetched(budgets(double))
    for last in range(1, len(double.ask("/control/log")["log"]) + 1):
        double.ask("/control/reset", all=True)
        fill(double)
        calls = 0

        def dying(client, call, request, last=last):
            nonlocal calls
            answer = exchanged(client, call, request)
            calls += 1
            if calls == last:
                raise Killed
            return answer

        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(HttpClient, "_exchanged", dying)
            fetched(budgets(double))
        assert fetched(budgets(double)).open().read() == FIGURES.encode()
        assert started(double) == 1, f"killed after call {last}"


def test_a_table_that_is_too_large_is_refused_before_it_is_kept(double, connector, monkeypatch):
    monkeypatch.setattr(table_source, "LARGEST", 20)
    with pytest.raises(ConfigurationError, match="let several flows fetch parts") as raised:
        fetched(connector)
    assert raised.value.code == "too_large"


def test_an_export_that_takes_long_is_left_to_work_and_then_taken(double, connector, monkeypatch):
    monkeypatch.setattr(anaplan_export, "_FOLLOWING", 0)
    fault(double, never_ends=None)
    with pytest.raises(TransientError, match="still being made") as raised:
        fetched(connector)
    assert raised.value.code == "still_working", "which costs no try"
    fault(double, hang=0)
    monkeypatch.setattr(anaplan_export, "_FOLLOWING", 20)
    assert fetched(connector).open().read() == FIGURES.encode() and started(double) == 1


def test_an_export_that_was_read_or_is_older_than_the_run_is_made_anew(double, connector):
    first = fetched(connector)
    assert fetched(connector, now(first.cursor)).cursor != first.cursor
    assert fetched(connector, now(minutes=-30)).cursor != first.cursor
    assert started(double) == 3


def test_a_failed_export_is_made_anew_when_the_run_is_let_go_again(double, connector):
    fault(double, fail_export=1)
    with pytest.raises(DataError):
        fetched(connector)
    assert fetched(connector).open().read() == FIGURES.encode() and started(double) == 2


def test_trap_an_empty_list_of_tasks_is_no_access_and_never_no_task(double, connector):
    fault(double, no_tasks=None)
    with pytest.raises(ConfigurationError, match="cannot be seen"):
        fetched(connector)


def test_trap_a_busy_model_is_left_alone_and_429_is_asked_again_when_it_says(double, connector):
    fault(double, busy_once=1)
    with pytest.raises(TransientError, match="busy") as raised:
        fetched(connector)
    assert raised.value.retry_after >= 60
    fault(double, **{"429_with_retry_after": 1})
    with pytest.raises(TransientError) as raised:
        fetched(connector)
    assert raised.value.retry_after == 7


# Columns


def test_months_are_spelled_in_several_ways():
    assert not doctest.testmod(budget_table).failed


def test_a_row_for_each_figure_is_read_like_a_column_for_each_month(double):
    text = "Line,Entity,Scenario,Year,Month,Amount\n700000,BE1,Budget,2026,1,-5\n700000,BE1,Actual,2026,1,-9\n"
    columns = f'{COLUMNS}; Scenario = "Budget"; Year = year; Month = month; Amount = balance'
    fill(double, text)
    connector = budgets(double, columns=columns)
    assert figures(connector, fetched(connector)) == {("budget-2026", "700000", "2026-01"): -5}


def test_members_of_analytic_plans_stand_in_columns_of_their_own(double):
    text = "Line,Entity,Project,Cost center,Jan 26\n700000,BE1,P1,Sales,-5\n700000,BE1,,Legal,-6\n700000,BE1,,,-7\n"
    fill(double, text)
    connector = budgets(double, columns=f"{COLUMNS}; Project = analytic.Projects; Cost center = analytic.Departments")
    told = [one.analytic for one in connector.parse(fetched(connector))]
    assert told == ["Departments=Sales;Projects=P1", "Departments=Legal", None]


def test_a_dimension_that_nobody_has_named_refuses_the_table(double):
    text = "Line,Entity,Product,Jan 26\n700000,BE1,P1,-5\n"
    fill(double, text)
    connector = budgets(double)
    with pytest.raises(MalformedPayload, match="neither a column nor a month"):
        list(connector.parse(fetched(connector)))
    connector = budgets(double, columns=f"{COLUMNS}; Product = -")
    assert len(figures(connector, fetched(connector, Window()))) == 1


@pytest.mark.parametrize("period", ["FY26", "Q1 FY26", ""])
def test_law4_a_sum_of_the_other_side_is_no_figure_and_refuses_the_table(double, period):
    text = f"Line,Entity,Time,Amount\n700000,BE1,Jan 26,-5\n700000,BE1,{period},-60\n"
    fill(double, text)
    connector = budgets(double, columns=f"{COLUMNS}; Time = period; Amount = balance")
    with pytest.raises(MalformedPayload, match=r"row 3: .* is no month") as raised:
        figures(connector, fetched(connector))
    assert raised.value.code == "no_period"


def test_a_figure_that_is_no_number_or_stands_twice_is_refused_by_its_row(double):
    fill(double, "Line,Entity,Time,Amount\n700000,BE1,Jan 26,-5\n700000,BE1,Jan 26,-6\n610000,BE1,Feb 26,some\n")
    connector = budgets(double, columns=f"{COLUMNS}; Time = period; Amount = balance")
    figure, twice, none = connector.parse(fetched(connector))
    assert figure.balance == -5
    assert [(one.trouble[0].rule, one.row["line"]) for one in (twice, none)] == [
        ("stands twice", "3"),
        ("no number", "4"),
    ]


@pytest.mark.parametrize(
    "columns", ["Line = account; Other = account", "Year = year", "Line = nothing", "Line", "Line = analytic."]
)
def test_columns_that_cannot_be_read_need_an_administrator(double, columns):
    fill(double)
    connector = budgets(double, columns=columns)
    with pytest.raises(ConfigurationError) as raised:
        list(connector.parse(fetched(connector)))
    assert raised.value.facts["setting"] == "columns"


# The published specification


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="the published specification is not here")
def test_every_call_of_an_export_keeps_the_published_specification():
    with start("--spec", SPECIFICATION, "--page", "2") as double:
        fill(double)
        connector = budgets(double)
        connector.probe()
        payload = fetched(connector)
        assert len(figures(connector, payload)) == 4
        fault(double, fail_export=1)
        with pytest.raises(DataError):
            fetched(connector, now(payload.cursor))
        assert double.ask("/control/violations")["violations"] == []
