"""Budgets and members out of a table over REST or OData: all its pages, or none of it."""

from decimal import Decimal

import pytest
from table_scene import SECRET, fault, started

from odoo.addons.connector_planning.core.rest_source import RestBudgets, RestMembers
from odoo.addons.finance_integration_governance.core.connector import Payload, Window
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    MalformedPayload,
    TransientError,
)

FIGURES = [
    {"@odata.etag": "1", "Line": "700000", "Entity": "BE1", "Month": "2026-01", "Amount": -1000.5, "Note": None},
    {"@odata.etag": "2", "Line": "700000", "Entity": "BE1", "Month": "2026-02", "Amount": -1100},
    {"@odata.etag": "3", "Line": "610000", "Entity": "BE1", "Month": "2026-01", "Amount": 3e2},
]
COLUMNS = (
    'Line = account; Entity = company; Month = period; Amount = balance; Note = -; "b" = version; "EUR" = currency'
)


@pytest.fixture(scope="module")
def shared():
    with started("rest") as double:
        yield double


@pytest.fixture
def double(shared):
    shared.ask("/control/reset", all=True)
    fill(shared, FIGURES)
    return shared


def fill(double, rows):
    double.ask("/control/bank", cells={str(place): row for place, row in enumerate(rows)}, page=2)


def connect(double, cls=RestBudgets, **settings):
    told = {"base_url": f"{double.url}/service", "table": "Actuals", "secret": SECRET, "columns": COLUMNS}
    connector = cls(**(told | settings))
    connector.allowed_hosts = ("127.0.0.1",)
    return connector


def fetched(connector):
    (payload,) = connector.extract(Window())
    return payload


def figures(connector, payload):
    return [(one.account, one.period, one.balance) for one in connector.parse(payload)]


@pytest.mark.parametrize("protocol", ["odata", "rest"])
def test_figures_are_read_over_all_pages(double, protocol):
    connector = connect(double, protocol=protocol)
    expected = [("700000", "2026-01", Decimal("-1000.5")), ("700000", "2026-02", -1100), ("610000", "2026-01", 300)]
    assert figures(connector, fetched(connector)) == expected
    assert {call.host for call in connector.calls} == {double.url.removeprefix("http://")}, "s06: no address followed"


def test_law7_each_page_is_kept_as_it_came(double):
    payload = fetched(connect(double))
    pages = payload.open().read().split(b"\x1e")
    assert payload.content_type == "application/json-seq" and len(pages) == 3 and pages[0] == b""
    assert b'"Amount": -1000.5' in pages[1] and b"nextLink" not in pages[2]


def test_members_are_read_by_the_reader_of_their_files(double):
    fill(double, [{"Code": "611000", "Name": "Licences"}])
    connector = connect(double, RestMembers, columns='Code = code; Name = name; "account" = kind')
    (member,) = connector.parse(fetched(connector))
    assert (member.kind, member.code, member.name) == ("account", "611000", "Licences")


@pytest.mark.parametrize("fault_name", ["rows_missing", "pages_move"])
def test_law4_rows_that_are_not_as_many_as_told_are_no_table(double, fault_name):
    fault(double, **{fault_name: 1})
    connector = connect(double)
    with pytest.raises(MalformedPayload, match=r"3 rows, and 4 came|4 rows, and 3 came"):
        figures(connector, fetched(connector))


@pytest.mark.parametrize("kept", [0, 1, 2, -1, -2])
def test_law4_part_of_the_pages_is_no_table(double, kept):
    connector = connect(double, protocol="rest")
    content = fetched(connector).open().read()
    last = content.rindex(b"\x1e")
    parts = {0: b"", 1: content[:last], 2: content[last:] + content[:last], -1: content[:-1], -2: content[:-9]}
    with pytest.raises(MalformedPayload):
        figures(connector, _payload(parts[kept]))


def test_pages_that_go_in_a_circle_are_given_up(double):
    fault(double, same_page=None)
    with pytest.raises(MalformedPayload, match="do not go on"):
        fetched(connect(double))


def test_a_source_logs_in_by_client_credentials_like_the_target(double):
    login = {"login": "client_credentials", "user": "planner", "auth_url": f"{double.url}/oauth/token"}
    connector = connect(double, **login)
    assert len(figures(connector, fetched(connector))) == 3
    told = [call["headers"]["authorization"] for call in double.ask("/control/log") if "/service/" in call["path"]]
    assert len(told) == 2 and set(told) == {"Bearer canary-token-1"}


def test_an_empty_table_holds_no_budget(double):
    fill(double, [])
    with pytest.raises(MalformedPayload):
        figures(connect(double), fetched(connect(double)))


def test_r18_who_acts_on_what(double):
    with pytest.raises(ConfigurationError):
        fetched(connect(double, secret="canary-wrong"))
    fault(double, **{"503": 1})
    with pytest.raises(TransientError):
        fetched(connect(double))
    fault(double, html=1)
    with pytest.raises(DataError):
        fetched(connect(double))


def test_the_probe_reads_a_row(double):
    assert "the table can be read" in connect(double).probe()


def _payload(content):
    from io import BytesIO

    return Payload("table.json-seq", lambda: BytesIO(content))
