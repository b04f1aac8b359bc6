"""The closed list of what a field map may do with a value. No code, no expressions: names and parameters.

A step is a mapping such as `{"do": "split", "by": "-", "part": 2}`. It is compiled once into a function of (value, row,
members made so far) and raises `Fails` with a rule where the value is not what was agreed. Nothing is guessed: what is
not in a list, or not written as the step says, is a breach.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal

from .canonical import plain
from .contract import MAX_DIGITS

# Products must not be rounded, however long the factors are.
_EXACT = Context(prec=200)


class Fails(Exception):
    """The value breaks this rule, which never holds the value; `do`: the step that says so."""

    def __init__(self, rule, do=""):
        super().__init__(rule)
        self.rule, self.do = rule, do


@dataclass(frozen=True)
class Transform:
    """`needs` and `may`: its parameters; `on_nothing`: whether it also answers where there is no value."""

    label: str
    make: Callable
    needs: tuple = ()
    may: tuple = ()
    on_nothing: bool = False


def compiled(step, on):
    """The step as a function; `on` is the day that look-ups without a date of their own hold for."""
    return TRANSFORMS[step["do"]].make(step, on)


def text_of(value):
    """A value of a row as text; Fails for what is neither text nor number."""
    kind = value.__class__
    if kind is str:
        return value
    if kind is Decimal:
        return plain(value)
    if kind is int:
        return str(value)
    raise Fails("type")


def number_of(value):
    """A value as Decimal: a number, or a number written with a point; Fails for anything else."""
    if value.__class__ is Decimal:
        return value
    if value.__class__ is int:
        return Decimal(value)
    if value.__class__ is str and _PLAIN(value):
        return Decimal(value)
    raise Fails("number")


_PLAIN = re.compile(r"[+-]?[0-9]{1,60}(\.[0-9]{1,30})?").fullmatch


def _constant(step, _on):
    given = step["value"]
    return lambda _value, _row, _made: given


def _default(step, _on):
    given = step["value"]
    return lambda value, _row, _made: given if value is None else value


def _lookup(step, on):
    """By the crosswalk or the records that were bound to the step (`found`); see `field_map.bind`."""
    found, member = step["found"], step.get("on")
    if member:
        return lambda value, _row, made: found(text_of(value), _day(made.get(member)))
    return lambda value, _row, _made: found(text_of(value), on if step["do"] == "record" else _day(on))


def _day(value):
    if not isinstance(value, dt.date):
        raise Fails("lookup: no date")
    return value


def _sign(step, _on):
    """The other sign; with a column, only where that says so."""
    column = step.get("column")
    if not column:
        return lambda value, _row, _made: -number_of(value)
    turns = {**dict.fromkeys(step["negative"], True), **dict.fromkeys(step["positive"], False)}

    def turned(value, row, _made):
        turn = turns.get(text_of(row.get(column)))
        if turn is None:
            raise Fails("sign")
        return -number_of(value) if turn else number_of(value)

    return turned


def _scale(step, _on):
    factor = Decimal(step["factor"])

    def scaled(value, _row, _made):
        number = number_of(value)
        if not number.is_finite() or len(number.as_tuple().digits) > MAX_DIGITS:
            raise Fails("number")
        return _EXACT.multiply(number, factor)

    return scaled


def _join(step, _on):
    by = step.get("by", " ")
    return lambda value, _row, _made: by.join(text_of(part) for part in value if part is not None) or None


def _split(step, _on):
    by, part = step["by"], int(step["part"])
    place = part - 1 if part > 0 else part

    def piece(value, _row, _made):
        parts = text_of(value).split(by)
        if not -len(parts) <= place < len(parts):
            raise Fails("split")
        return parts[place].strip() or None

    return piece


_MARKS = {"YYYY": r"(?P<y>[0-9]{4})", "YY": r"(?P<y>[0-9]{2})", "MM": r"(?P<m>[0-9]{2})", "DD": r"(?P<d>[0-9]{2})",
          "M": r"(?P<m>[0-9]{1,2})", "D": r"(?P<d>[0-9]{1,2})"}  # fmt: skip
_MARK = re.compile("YYYY|YY|MM|DD|M|D")
_KNOWN_DAYS = 5_000


def date_pattern(form):
    """The pattern of a date written like `DD.MM.YYYY`; ValueError where year, month and day are not there once each."""
    marks = _MARK.findall(form)
    if sorted(mark[0] for mark in marks) != ["D", "M", "Y"]:
        raise ValueError(f"{form} does not have one year, one month and one day")
    literal = [re.escape(part) for part in _MARK.split(form)]
    return re.compile("".join(a + _MARKS.get(b, "") for a, b in zip(literal, [*marks, ""], strict=True)))


def _date(step, _on):
    match, known = date_pattern(step["format"]).fullmatch, {}

    def day(value, _row, _made):
        found = known.get(value) if value.__class__ is str else None
        if found is None:
            found = _parsed(match(text_of(value).strip()))
            if len(known) < _KNOWN_DAYS:
                known[value] = found
        return found

    return day


def _parsed(found):
    if not found:
        raise Fails("date")
    year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
    try:
        return dt.date(year, int(found["m"]), int(found["d"]))
    except ValueError:
        raise Fails("date") from None


def _number(step, _on):
    """A number as people write it: `1.234,56`, `1234,56-` and `(1.234,56)` with a decimal comma."""
    point, thousands = step["decimal"], step.get("thousands") or ""
    groups = rf"[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+|" if thousands else ""
    match = re.compile(rf"(?P<n>(?:{groups}[0-9]{{1,60}})(?:{re.escape(point)}[0-9]{{1,30}})?)").fullmatch

    def number(value, _row, _made):
        if value.__class__ is not str:
            return number_of(value)
        bare, negative = _unsigned(value.strip())
        found = match(bare)
        if not found:
            raise Fails("number")
        told = Decimal(found["n"].replace(thousands, "").replace(point, ".") if thousands else bare.replace(point, "."))
        return -told if negative else told

    return number


def _unsigned(text):
    """The text without its sign, and whether it was negative: before, after, or by brackets."""
    if text[:1] == "(" and text[-1:] == ")":
        return text[1:-1], True
    if text[-1:] == "-":
        return text[:-1], True
    return (text[1:], text[:1] == "-") if text[:1] in ("-", "+") else (text, False)


def _choice(step, _on):
    cases, otherwise = step["cases"], step.get("otherwise")

    def chosen(value, _row, _made):
        found = cases.get(text_of(value), otherwise)
        if found is None:
            raise Fails("choice")
        return found

    return chosen


TRANSFORMS = {
    "constant": Transform("Constant", _constant, ("value",), on_nothing=True),
    "default": Transform("Default, where there is no value", _default, ("value",), on_nothing=True),
    "crosswalk": Transform("Look up in a crosswalk", _lookup, ("crosswalk",), ("on",)),
    "record": Transform("Look up a record", _lookup, ("record",)),
    "sign": Transform("Turn the sign", _sign, (), ("column", "negative", "positive")),
    "scale": Transform("Multiply", _scale, ("factor",)),
    "join": Transform("Join columns", _join, (), ("by",)),
    "split": Transform("Split and take a part", _split, ("by", "part")),
    "date": Transform("Read a date", _date, ("format",)),
    "number": Transform("Read a number", _number, ("decimal",), ("thousands",)),
    "choice": Transform("Choose by value", _choice, ("cases",), ("otherwise",)),
}
