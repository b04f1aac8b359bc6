import pytest

from odoo.addons.finance_integration_governance.core.options import Option, taken_apart

WORDS = {"partner": "Partner", "tax": "Tax"}
RIGHT = {
    "flag": [True, False],
    "word": ["partner"],
    "words": [["partner", "tax"], ["tax"]],
    "texts": [["70", "71 0"]],
    "text": ["IFRS"],
    "month": ["2026-01", "1999-12"],
    "day": ["2026-02-28"],
    "time": ["16:15", "00:00"],
    "number": [1, 500],
    "percent": ["5", 5, 2.5, "0.01"],
}
WRONG = {
    "flag": ["yes", 1, [True]],
    "word": ["partners", 1, ["partner"], False],
    "words": ["partner", ["partners"], ["tax", "tax"], [1], {"tax": 1}],
    "texts": ["70", [7], [" "]],
    "text": [" ", 5],
    "month": ["2026-13", "2026-1", "2026", 202601, "2026-01\n"],
    "day": ["2026-02-30", "20260228", 5],
    "time": ["noon", "24:00", "9:15"],
    "number": [0, -1, "5", 1.5, True],
    "percent": ["a little", "0", -1, "NaN", "Infinity", True, [5]],
}


def option(kind):
    return Option("one", "One", kind, words=WORDS, least=1)


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in RIGHT.items() for value in values])
def test_what_means_something_is_taken(kind, value):
    assert option(kind).accepts(value)


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in WRONG.items() for value in values])
def test_what_means_nothing_is_refused(kind, value):
    assert not option(kind).accepts(value)


@pytest.mark.parametrize("kind", RIGHT)
@pytest.mark.parametrize("value", [None, "", []])
def test_nothing_said_is_no_mistake(kind, value):
    assert option(kind).accepts(value)


def test_a_name_of_a_record_may_be_one_that_is_to_come():
    assert Option("plans", "Plans", "words", words={}, is_open=True).accepts(["Projects"])


def test_parts_are_taken_apart_and_what_is_unknown_stays_to_be_seen():
    told = {"group": {"rate": "closing", "x": 1}, "period": "day", "odd": {"y": 2}, "limits": None}
    assert list(taken_apart(told, ["group.rate", "period", "limits.retries"])) == [
        ("group.rate", "closing"),
        ("group.x", 1),
        ("period", "day"),
        ("odd", {"y": 2}),
    ]


def test_a_part_that_is_none_is_seen_as_it_is():
    assert list(taken_apart({"group": "USD"}, ["group.rate"])) == [("group", "USD")]
