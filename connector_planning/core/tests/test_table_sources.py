"""Budgets and members out of TM1, Pigment, Adaptive Planning and Vena: whole, or not at all."""

import io
import json
from decimal import Decimal

import pytest
from table_scene import BLOCK, SECRET, fault, started

from odoo.addons.connector_planning.core.adaptive_source import AdaptiveBudgets
from odoo.addons.connector_planning.core.pigment_source import PigmentBudgets, PigmentMembers
from odoo.addons.connector_planning.core.tm1_source import Tm1Budgets, Tm1Members
from odoo.addons.connector_planning.core.vena_source import VenaBudgets
from odoo.addons.finance_integration_governance.core.connector import Payload, Window
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    MalformedPayload,
    TransientError,
)

MDX = "SELECT {} ON 0, {} ON 1 FROM [Budget]"
PLANNED = {"Company": "BE1", "Account": "700000", "Period": "2026-01", "Currency": "EUR", "Balance": "-1000.50"}


def connect(cls, double, below, **settings):
    connector = cls(base_url=double.url + below, **settings)
    connector.allowed_hosts = ("127.0.0.1",)
    return connector


def fetched(connector):
    (payload,) = connector.extract(Window())
    return payload


def told(connector):
    return list(connector.parse(fetched(connector)))


def again(content):
    return Payload("again", lambda: io.BytesIO(content))


@pytest.fixture(scope="module")
def tm1_shared():
    with started("tm1") as double:
        yield double


@pytest.fixture
def tm1(tm1_shared):
    tm1_shared.ask("/control/reset", all=True)
    return tm1_shared


@pytest.fixture(scope="module")
def pigment_shared():
    with started("pigment") as double:
        yield double


@pytest.fixture
def pigment(pigment_shared):
    pigment_shared.ask("/control/reset", all=True)
    return pigment_shared


def query(tm1, cls=Tm1Budgets, **settings):
    """A connector to a cube of accounts by months, whose company, version and currency the connection names."""
    columns = 'Account = account; "BE1" = company; "b" = version; "EUR" = currency'
    login = {"user": "planner", "password": SECRET, "mdx": MDX}
    return connect(cls, tm1, "/api/v1", **({"columns": columns} | login | settings))


def fill(tm1, hierarchy, columns, rows):
    tm1.ask("/control/bank", query={"hierarchy": hierarchy, "columns": columns, "rows": rows})


def export(pigment, cls=PigmentBudgets, **settings):
    columns = 'Key = -; "b" = version'
    return connect(cls, pigment, "/api", **({"token": SECRET, "block": BLOCK, "columns": columns} | settings))


# TM1


def test_a_cellset_with_months_on_columns_is_a_budget(tm1):
    fill(tm1, "Account", ["2026-01", "Feb 26"], {"700000": [-1000.5, -1100], "610000": [300, None]})
    found = [(one.account, one.period, one.balance) for one in told(query(tm1))]
    expected = [("700000", "2026-01", Decimal("-1000.5")), ("700000", "2026-02", -1100), ("610000", "2026-01", 300)]
    assert found == expected


def test_members_and_their_attributes_are_members(tm1):
    fill(tm1, "Account", ["Caption", "Group"], {"611000": ["Licences", "61"]})
    connector = query(tm1, Tm1Members, columns='Account = code; Caption = name; Group = parent; "account" = kind')
    assert [(one.kind, one.code, one.name, one.parent) for one in told(connector)] == [
        ("account", "611000", "Licences", "61")
    ]


def test_law4_a_cellset_without_one_of_its_cells_is_none(tm1):
    fill(tm1, "Account", ["2026-01"], {"700000": [-5], "610000": [3]})
    connector = query(tm1)
    content = json.loads(fetched(connector).open().read())
    content["Cells"].pop()
    with pytest.raises(MalformedPayload, match="other cells"):
        list(connector.parse(again(json.dumps(content).encode())))


def test_one_session_serves_the_queries_of_a_run(tm1):
    fill(tm1, "Account", ["2026-01"], {"700000": [-5]})
    connector = query(tm1)
    assert "Account, 2026-01" in connector.probe() and told(connector)
    assert tm1.ask("/control/log") and len(connector.calls) == 3, "one session, two queries"


# Pigment


def test_an_export_is_a_budget(pigment):
    pigment.ask("/control/bank", cells={"1": {"Key": "1", **PLANNED}})
    (line,) = told(export(pigment))
    assert (line.version, line.account, line.period, line.balance) == ("b", "700000", "2026-01", Decimal("-1000.50"))


def test_a_list_holds_members(pigment):
    pigment.ask("/control/bank", cells={"1": {"Account": "611000", "Name": "Licences"}})
    columns = 'Account = code; Name = name; "account" = kind'
    (member,) = told(export(pigment, PigmentMembers, columns=columns, block_kind="list"))
    assert (member.kind, member.code, member.name) == ("account", "611000", "Licences")


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_law4_part_of_an_export_is_none(pigment, share):
    pigment.ask("/control/bank", cells={"1": {"Key": "1", **PLANNED}})
    connector = export(pigment)
    content = fetched(connector).open().read()
    with pytest.raises(MalformedPayload):
        list(connector.parse(again(content[: int(len(content) * share)])))


def test_r18_who_acts_on_what(pigment, tm1):
    with pytest.raises(ConfigurationError):
        fetched(export(pigment, token="canary-wrong"))
    with pytest.raises(ConfigurationError):
        fetched(query(tm1, password="canary-wrong"))
    fault(pigment, **{"429_with_retry_after": 1})
    with pytest.raises(TransientError) as raised:
        fetched(export(pigment))
    assert raised.value.retry_after == 7


# Adaptive Planning


def version(adaptive, **settings):
    told = {
        "login": "planner",
        "password": SECRET,
        "plan_version": "Budget 2026",
        "first": "2026-01",
        "last": "2026-02",
    }
    columns = 'Account Code = account; Level Name = company; Account Name = -; "b" = version; "EUR" = currency'
    return connect(AdaptiveBudgets, adaptive, "/api/v40", **({"columns": columns} | told | settings))


@pytest.fixture(scope="module")
def adaptive_shared():
    with started("adaptive") as double:
        yield double


@pytest.fixture
def adaptive(adaptive_shared):
    adaptive_shared.ask("/control/reset", all=True)
    rows = [("700000", "01/2026", "-1000.50"), ("700000", "02/2026", "-1100"), ("700000", "03/2026", "-9")]
    cells = [{"Account": a, "Level": "BE1", "Period": period, "Amount": amount} for a, period, amount in rows]
    adaptive_shared.ask("/control/bank", cells=dict(enumerate(cells)))
    return adaptive_shared


def test_the_months_of_a_version_are_a_budget(adaptive):
    found = [(one.company, one.account, one.period, one.balance) for one in told(version(adaptive))]
    assert found == [("BE1", "700000", "2026-01", Decimal("-1000.50")), ("BE1", "700000", "2026-02", -1100)]


def test_law7_the_answer_is_kept_as_it_came_and_holds_no_login(adaptive):
    content = fetched(version(adaptive)).open().read()
    assert content.startswith(b"<?xml") and b"canary" not in content


def test_law4_part_of_an_answer_is_none(adaptive):
    connector = version(adaptive)
    content = fetched(connector).open().read()
    for share in (0.0, 0.5, 0.99):
        with pytest.raises(MalformedPayload):
            list(connector.parse(again(content[: int(len(content) * share)])))


def test_an_export_that_is_refused_brings_nothing(adaptive):
    fault(adaptive, refused=1)
    with pytest.raises(DataError, match="the version is locked"):
        fetched(version(adaptive))


def test_months_are_named_as_months(adaptive):
    with pytest.raises(ConfigurationError, match="such as 2026-01"):
        fetched(version(adaptive, first="January"))


# Vena


@pytest.fixture(scope="module")
def vena_shared():
    with started("vena") as double:
        yield double


@pytest.fixture
def vena(vena_shared):
    vena_shared.ask("/control/reset", all=True)
    rows = [{"Key": str(number), **PLANNED, "Period": f"2026-0{number}"} for number in (1, 2, 3)]
    vena_shared.ask("/control/bank", cells={row["Key"]: row for row in rows}, page=2)
    return vena_shared


def model(vena, **settings):
    login = {"user": "planner", "api_key": SECRET, "model": "800000000000000001"}
    return connect(VenaBudgets, vena, "", **({"columns": 'Key = -; "b" = version'} | login | settings))


def test_the_intersections_of_all_pages_are_a_budget(vena):
    found = [(one.period, one.balance) for one in told(model(vena))]
    assert found == [(f"2026-0{number}", Decimal("-1000.50")) for number in (1, 2, 3)]


def test_law4_a_model_without_its_last_page_is_none(vena):
    connector = model(vena)
    content = fetched(connector).open().read()
    for part in (b"", content[: content.rindex(b"\x1e")], content[:-1], content[:-9]):
        with pytest.raises(MalformedPayload):
            list(connector.parse(again(part)))


def test_pages_that_go_in_a_circle_are_given_up(vena):
    fault(vena, same_page=None)
    with pytest.raises(MalformedPayload, match="do not go on"):
        fetched(model(vena))
