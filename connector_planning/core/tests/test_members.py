"""Members of dimensions out in files, and in as a planning system tells them."""

import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from odoo.addons.connector_planning.core.dataset_files import CONTROL
from odoo.addons.connector_planning.core.extract_files import ExtractFiles
from odoo.addons.connector_planning.core.member import Member
from odoo.addons.connector_planning.core.member_files import MemberFiles
from odoo.addons.connector_planning.core.rate import Rate
from odoo.addons.connector_planning.core.trial_balance import OpeningBalance, TrialBalance
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import breaches
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.testing.destination_contract import DestinationContract
from odoo.addons.finance_integration_governance.core.testing.source_contract import SourceContract

SAMPLES = Path(__file__).parent / "samples"
_ACCOUNT = {"kind": "account", "company": "BE 1"}
_BOOK = {"company": "BE 1", "account": "400000", "account_name": "=Customers", "currency": "EUR"}
ROWS = (
    Member(**_ACCOUNT, code="4", name="Claims", level="group"),
    Member(**_ACCOUNT, code="400000", name="Customers", parent="4", account_type="asset_receivable"),
    Member(kind="analytic", plan="Projects", code="P1", name="=One", state="retired"),
    Rate(base="EUR", currency="USD", dated_on=dt.date(2026, 3, 2), rate=Decimal("1.0837")),
    TrialBalance(
        **_BOOK, period="2026-01", opening=Decimal(5), debit=Decimal("1.5"), credit=Decimal(0), balance=Decimal("6.5")
    ),
    OpeningBalance(**_BOOK, year="FY2026", opened_on=dt.date(2026, 1, 1), balance=Decimal(-5)),
)


def connect(folder):
    connector = ExtractFiles(location=Path(folder).as_uri())
    connector.roots = (str(folder),)
    return connector


class TestExtractFiles(DestinationContract):
    sample = ROWS

    @pytest.fixture
    def connector(self, tmp_path):
        return connect(tmp_path)


class TestMemberFiles(SourceContract):
    connector = MemberFiles(location=SAMPLES.as_uri(), pattern="members.csv")
    sample = SAMPLES / "members.csv"


def send(connector, rows, key):
    for payload in connector.serialize(iter(rows)):
        connector.send(payload, key)


def test_each_dimension_is_a_file_of_its_own_with_a_control_file(tmp_path):
    send(connect(tmp_path), ROWS, "k1")
    names = {path.name for path in tmp_path.iterdir()}
    files = {"account_BE-1", "analytic_Projects", "rate_EUR", "trial_balance_BE-1", "opening_balance_BE-1"}
    assert names == {f"{name}_k1.csv{end}" for name in files for end in ("", CONTROL)}
    told = json.loads((tmp_path / f"account_BE-1_k1.csv{CONTROL}").read_text())
    assert (told["file"], told["totals"]["count"]) == ("account_BE-1_k1.csv", 2)


def test_what_was_told_before_stays_when_it_changes_and_changes_back(tmp_path):
    connector = connect(tmp_path)
    for key in ("k1", "k2", "k3"):
        send(connector, ROWS[:2], key)
    assert len(list(tmp_path.glob("*.csv"))) == 3


def test_a_group_and_an_account_of_one_code_are_two():
    one, other = (Member(**_ACCOUNT, code="70", name="Sales", level=level) for level in ("group", "member"))
    assert one.key != other.key


@pytest.mark.parametrize(("member", "value"), [("level", "leaf"), ("state", "gone"), ("code", "a|b"), ("code", "")])
def test_a_member_keeps_its_contract(member, value):
    one = Member(**{**_ACCOUNT, "code": "1", "name": "x", member: value})
    assert [breach.member for breach in breaches(one)] == [member]


def parse(content):
    payload = Payload("members.csv", lambda: io.BytesIO(content.encode()))
    return list(MemberFiles(location=SAMPLES.as_uri()).parse(payload))


def test_columns_that_are_not_there_say_nothing():
    assert parse("kind;code;name\naccount;1;'=One\n") == [Member(kind="account", code="1", name="=One")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("kind;code\naccount;1\n", "the first row names the columns"),
        ("kind;code;name;name\n", "the first row names the columns"),
        ("kind;code;name\naccount;1\n", "row 2 has 2 cells"),
        ("kind;code;name\nvessel;1;x\n", "row 2: vessel is none of"),
        ("kind;code;name\naccount;1;x", "the last line has no end"),
    ],
)
def test_what_cannot_be_taken_refuses_the_file_with_its_row(content, reason):
    with pytest.raises(MalformedPayload, match=reason):
        parse(content)
