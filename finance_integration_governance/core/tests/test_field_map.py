"""Field maps: a closed list of transforms, one object for each row, and errors that name row, field and transform."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.finance_integration_governance.core.canon import Account, BudgetLine, JournalEntry, Payment
from odoo.addons.finance_integration_governance.core.canonical import canonical, told
from odoo.addons.finance_integration_governance.core.contract import breaches
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.field_map import FieldMap, RawRow, words
from odoo.addons.finance_integration_governance.core.map_rules import problems
from odoo.addons.finance_integration_governance.core.transforms import TRANSFORMS, date_pattern

DAY = dt.date(2026, 3, 31)


@dataclasses.dataclass
class Line:
    target: str
    number: int


class Known:
    """Stands for a crosswalk: exact codes, each from a day on."""

    digest = "d" * 64

    def __init__(self, **lines):
        self.lines = lines

    def match(self, value, on):
        found = self.lines.get(value)
        return (Line(found[0], 7),) if found and found[1] <= on else ()


CROSSWALKS = {"accounts": Known(K1=("4000", dt.date(2026, 1, 1)), K2=("5000", dt.date(2026, 7, 1)))}


def steps(*steps, source=("in",), to="amount"):
    return {"to": to, "from": list(source), "steps": list(steps)}


FIXED = {
    "company": "ACME", "reference": "R1", "account": "A1", "currency": "EUR", "due_on": "2026-03-31", "amount": "1.00",
}  # fmt: skip


def payment(*lines):
    """A map to a payment whose other required members are constants."""
    named = {line["to"] for line in lines}
    fixed = [
        {"to": name, "steps": [{"do": "constant", "value": value}]}
        for name, value in FIXED.items()
        if name not in named
    ]
    return {"contract": Payment.contract, "fields": [*lines, *fixed]}


def compiled(*lines, records=None):
    return FieldMap(payment(*lines), Payment, CROSSWALKS, records, DAY)


def made(value, *chain, to="amount", **row):
    """What the chain makes of the value, or (rule, transform)."""
    one = compiled(steps(*chain, to=to)).one({"in": value, **row})
    return one.trouble and [(b.rule, b.step) for b in one.trouble] or getattr(one, to)


@pytest.mark.parametrize(
    ("value", "step", "expected"),
    [
        ("x", {"do": "constant", "value": "7"}, Decimal(7)),
        ("", {"do": "default", "value": "7"}, Decimal(7)),
        ("8", {"do": "default", "value": "7"}, Decimal(8)),
        ("8", {"do": "sign"}, Decimal(-8)),
        ("8.5", {"do": "scale", "factor": "0.001"}, Decimal("0.0085")),
        ("a/8/b", {"do": "split", "by": "/", "part": 2}, Decimal(8)),
        ("a/b/8", {"do": "split", "by": "/", "part": -1}, Decimal(8)),
        ("1.234.567,89", {"do": "number", "decimal": ",", "thousands": "."}, Decimal("1234567.89")),
        ("1234,5-", {"do": "number", "decimal": ","}, Decimal("-1234.5")),
        ("(1,234.5)", {"do": "number", "decimal": ".", "thousands": ","}, Decimal("-1234.5")),
        ("S", {"do": "choice", "cases": {"S": "1"}, "otherwise": "2"}, Decimal(1)),
        ("?", {"do": "choice", "cases": {"S": "1"}, "otherwise": "2"}, Decimal(2)),
    ],
)
def test_a_transform_does_what_it_says(value, step, expected):
    assert made(value, step) == expected


@pytest.mark.parametrize(
    ("value", "step", "rule"),
    [
        ("1,234.50", {"do": "number", "decimal": ","}, "number"),
        ("12.34,5", {"do": "number", "decimal": ",", "thousands": "."}, "number"),
        ("1e9", {"do": "sign"}, "number"),
        ("a", {"do": "split", "by": "/", "part": 2}, "split"),
        ("?", {"do": "choice", "cases": {"S": "1"}}, "choice"),
        ("31.02.2026", {"do": "date", "format": "DD.MM.YYYY"}, "date"),
        ("K9", {"do": "crosswalk", "crosswalk": "accounts"}, "lookup: gap"),
        ("K2", {"do": "crosswalk", "crosswalk": "accounts"}, "lookup: gap"),
        (True, {"do": "split", "by": "/", "part": 1}, "type"),
        (["list"], {"do": "number", "decimal": ","}, "number"),
    ],
)
def test_what_is_not_as_agreed_is_a_breach_that_names_the_transform(value, step, rule):
    assert made(value, step) == [(rule, step["do"])]


@pytest.mark.parametrize("form", ["DD.MM.YYYY", "YYYYMMDD", "MM/DD/YY", "YYYY-MM-DD", "D.M.YYYY"])
@given(day=st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
def test_a_date_is_read_as_it_was_written(form, day):
    parts = {"YYYY": f"{day:%Y}", "YY": f"{day:%y}", "MM": f"{day:%m}", "DD": f"{day:%d}"}
    text = form
    for mark, value in parts.items():
        text = text.replace(mark, value)
    text = text.replace("D", str(day.day)).replace("M", str(day.month))
    assert made(text, {"do": "date", "format": form}, to="due_on") == day


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15))
def test_a_number_is_read_as_it_was_written(number):
    text = f"{abs(number):,.2f}".replace(",", "_").replace(".", ",").replace("_", ".") + ("-" if number < 0 else "")
    assert made(text, {"do": "number", "decimal": ",", "thousands": "."}) == number


@given(st.text(max_size=40), st.sampled_from(sorted(TRANSFORMS)))
def test_no_text_makes_a_transform_fail_in_another_way(text, do):
    """Whatever a row holds, it is a value or a breach."""
    step = {"do": do, "value": "1", "crosswalk": "accounts", "record": "r", "factor": "2", "by": "/", "part": 1}
    step |= {"format": "DD.MM.YYYY", "decimal": ",", "cases": {"a": "1"}}
    given_ = {name: step[name] for name in ("do", *TRANSFORMS[do].needs)}
    source = ("in", "in") if do == "join" else ("in",)
    compiled(steps(given_, source=source), records=lambda kind: {}.get).one({"in": text})


def test_a_sign_follows_the_column_that_tells_it():
    step = {"do": "sign", "column": "side", "negative": ["H"], "positive": ["S"]}
    assert made("8", step, side="H") == Decimal(-8)
    assert made("8", step, side="S") == Decimal(8)
    assert made("8", step, side="?") == [("sign", "sign")]


def test_columns_are_joined_and_what_is_empty_left_out():
    line = steps({"do": "join", "by": "-"}, source=("a", "b", "c"), to="reference")
    assert compiled(line).one({"a": "1", "b": "", "c": "3"}).reference == "1-3"


def test_a_look_up_holds_for_the_day_of_another_member():
    account = steps({"do": "crosswalk", "crosswalk": "accounts", "on": "due_on"}, to="account")
    due = steps({"do": "date", "format": "DD.MM.YYYY"}, source=("due",), to="due_on")
    one = compiled(account, due)
    assert one.one({"in": "K2", "due": "01.07.2026"}).account == "5000"
    assert one.one({"in": "K2", "due": "30.06.2026"}).trouble[0].rule == "lookup: gap"


def test_a_code_that_two_lines_know_is_a_breach():
    class Twice(Known):
        def match(self, value, on):
            return (Line("4000", 1), Line("5000", 2))

    line = steps({"do": "crosswalk", "crosswalk": "twice"}, to="account")
    assert (
        FieldMap(payment(line), Payment, {"twice": Twice()}, on=DAY).one({"in": "K1"}).trouble[0].rule
        == "lookup: ambiguous"
    )


def test_a_record_gives_its_own_spelling_or_nothing():
    line = steps({"do": "record", "record": "partner"}, to="account")
    one = compiled(line, records=lambda kind: {"acme": "ACME"}.get)
    assert one.one({"in": "acme"}).account == "ACME"
    assert one.one({"in": "other"}).trouble[0].rule == "lookup: no partner"


def test_a_row_whose_required_member_fails_is_told_as_it_is():
    row = {"in": "no amount", "other": "kept"}
    one = compiled(steps()).one(row, 3)
    assert isinstance(one, RawRow)
    assert (one.row, one.number, one.amount) == (row, 3, None)
    assert [(b.member, b.rule, b.step, b.source) for b in one.trouble] == [("amount", "number", "read", "in")]


def test_a_required_member_without_a_value_is_missing():
    [breach] = compiled(steps()).one({"in": ""}).trouble
    assert (breach.member, breach.rule) == ("amount", "missing")


def test_without_an_optional_member_the_object_is_made_and_names_the_breach():
    one = compiled(steps({"do": "choice", "cases": {"a": "b"}}, to="method")).one({"in": "z"})
    assert isinstance(one, Payment)
    assert one.method is None
    assert [(b.member, b.rule, b.step) for b in one.trouble] == [("method", "choice", "choice")]


def test_an_object_of_a_map_is_the_object_of_its_class():
    made_ = compiled(steps()).one({"in": "12.5"})
    same = Payment(**{**FIXED, "amount": Decimal("12.5"), "due_on": DAY})
    assert made_ == same
    assert told(made_) == told(same)
    assert (made_.key, breaches(made_), made_.trouble) == (same.key, [], ())


@given(st.lists(st.text(max_size=12), max_size=20))
def test_one_row_is_one_object(texts):
    told_ = list(compiled(steps()).read({"in": text} for text in texts))
    assert len(told_) == len(texts)
    assert all(canonical(one) for one in told_)


WRONG = {
    "it makes": {"contract": "x/1.0", "fields": []},
    "no member": payment(steps(to="colour")),
    "more than one value": {"contract": JournalEntry.contract, "fields": [steps(to="lines")]},
    "made twice": payment(steps(), steps()),
    "required and not made": {"contract": Payment.contract, "fields": [steps()]},
    "no transform": payment(steps({"do": "python", "code": "1"})),
    "needs by": payment(steps({"do": "split", "part": 1})),
    "takes no code": payment(steps({"do": "sign", "code": "1"})),
    "joined first": payment(steps(source=("a", "b"))),
    "begins with a constant": payment(steps({"do": "sign"}, source=())),
    "no column": payment(steps(source=("x",))),
    "factor": payment(steps({"do": "scale", "factor": "NaN"})),
    "counted from 1": payment(steps({"do": "split", "by": "/", "part": 0})),
    "one year": payment(steps({"do": "date", "format": "DD.MM"}, to="due_on")),
    "marks": payment(steps({"do": "number", "decimal": ",", "thousands": ","})),
    "what is negative": payment(steps({"do": "sign", "column": "in", "negative": ["S"], "positive": ["S"]})),
    "to look up by": payment(steps({"do": "crosswalk", "crosswalk": "a", "on": "method"})),
}


@pytest.mark.parametrize("why", WRONG)
def test_a_map_that_cannot_stand_says_why(why):
    cls = JournalEntry if "lines" in str(WRONG[why]) else Payment
    assert any(why in wrong for wrong in problems(WRONG[why], cls, columns=("in", "a", "b")))
    if why != "no column":
        with pytest.raises(ConfigurationError):
            FieldMap(WRONG[why], cls, CROSSWALKS)


def test_a_crosswalk_that_is_not_part_of_the_version_is_refused():
    with pytest.raises(ConfigurationError) as refused:
        FieldMap(payment(steps({"do": "crosswalk", "crosswalk": "other"})), Payment, CROSSWALKS)
    assert refused.value.code == "no_crosswalk"


def test_a_class_whose_reader_makes_the_key_is_not_for_maps():
    @dataclasses.dataclass(frozen=True)
    class Entry(Account):
        key: str = dataclasses.field(default="", compare=False)

    assert problems({"contract": Entry.contract, "fields": []}, Entry)


def test_the_story_names_column_step_and_line():
    one = compiled(
        steps({"do": "split", "by": "/", "part": 1}, {"do": "crosswalk", "crosswalk": "accounts"}, to="account")
    )
    [story, *_rest] = one.explain({"in": "K1/x"})
    assert (story.to, story.source, story.value) == ("account", {"in": "K1/x"}, "4000")
    assert [(step.do, step.value, step.line, step.digest) for step in story.steps] == [
        ("split", "K1", None, None),
        ("crosswalk", "4000", 7, "d" * 64),
    ]


def test_the_story_of_a_failure_ends_where_it_failed():
    one = compiled(steps({"do": "split", "by": "/", "part": 2}, {"do": "sign"}))
    [story, *_rest] = one.explain({"in": "K1"})
    assert (story.value, story.rule, [step.do for step in story.steps]) == (None, "split: split", ["split"])


@given(st.text(max_size=10))
def test_the_story_agrees_with_the_object(text):
    one = compiled(steps({"do": "number", "decimal": ","}))
    row = {"in": text}
    amounts = [story.value for story in one.explain(row) if story.to == "amount"]
    assert amounts == [getattr(one.one(row), "amount", None)]


def test_a_pattern_has_year_month_and_day_once():
    with pytest.raises(ValueError):
        date_pattern("DD.DD.YYYY")


def test_a_json_number_is_a_text_where_text_is_wanted():
    given_ = {"company": "A", "version": "B", "month": "2026-01", "amount": "1", "currency": "EUR"}
    fixed = [{"to": name, "steps": [{"do": "constant", "value": value}]} for name, value in given_.items()]
    document = {"contract": BudgetLine.contract, "fields": [{"to": "account", "from": ["in"]}, *fixed]}
    assert FieldMap(document, BudgetLine).one({"in": Decimal("4000")}).account == "4000"


def test_a_step_is_told_in_words():
    assert words({"do": "split", "by": "/", "part": 1}) == "split by / part 1"
    assert words({"do": "crosswalk", "crosswalk": "accounts"}) == "crosswalk accounts"
