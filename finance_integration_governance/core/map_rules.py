"""What a field map's document may say: checked whenever one is submitted, imported or compiled."""

from dataclasses import MISSING, fields
from decimal import Decimal, InvalidOperation

from .contract import members
from .transforms import TRANSFORMS, date_pattern

MAX_FIELDS = 200
MAX_STEPS = 10
MAX_EXPONENT = 30


def problems(document, cls, columns=None):
    """What is wrong with the map, in words; an empty list where it can stand. `columns`: what the source declares."""
    if document.get("contract") != cls.contract:
        return [f"it makes {document.get('contract')}, not {cls.contract}"]
    if any(field.name == "key" for field in fields(cls)):
        return [f"the keys of {cls.contract} are made by its reader, not by a map"]
    lines = document.get("fields", [])
    if len(lines) > MAX_FIELDS:
        return [f"more than {MAX_FIELDS} fields"]
    told = {member.name: member for member in members(cls)}
    found = [wrong for line in lines for wrong in _wrong_line(line, told, columns, lines)]
    return found + _twice(lines) + _missing(lines, cls, told)


def _twice(lines):
    targets = [line.get("to") for line in lines]
    return [f"{name} is made twice" for name in sorted({str(t) for t in targets if targets.count(t) > 1})]


def _missing(lines, cls, told):
    made = {line.get("to") for line in lines}
    given = {field.name for field in fields(cls) if field.default is not MISSING}
    return [
        f"{name} is required and not made"
        for name, member in told.items()
        if not member.optional and name not in made | given
    ]


def _wrong_line(line, told, columns, lines):
    to, source, steps = line.get("to"), line.get("from", []), line.get("steps", [])
    if to not in told:
        return [f"{to} is no member of the contract"]
    if told[to].item or told[to].type is dict:
        return [f"{to} holds more than one value: a row cannot tell it"]
    found = [f"{to}: the source has no column {name}" for name in source if columns and name not in columns]
    if len(steps) > MAX_STEPS:
        found.append(f"{to}: more than {MAX_STEPS} steps")
    if len(source) > 1 and (not steps or steps[0].get("do") != "join"):
        found.append(f"{to}: several columns are joined first")
    if not source and (not steps or steps[0].get("do") != "constant"):
        found.append(f"{to}: without a column it begins with a constant")
    return found + [f"{to}: {wrong}" for step in steps for wrong in _wrong_step(step, lines, to, columns)]


def _wrong_step(step, lines, to, columns):
    transform = TRANSFORMS.get(step.get("do"))
    if not transform:
        return [f"there is no transform {step.get('do')}"]
    given = {name for name, value in step.items() if value not in (None, "")} - {"do"}
    lacking = [f"{step['do']} needs {name}" for name in transform.needs if name not in given]
    strange = [f"{step['do']} takes no {name}" for name in sorted(given - {*transform.needs, *transform.may})]
    return lacking or strange or _wrong_value(step, lines, to, columns)


def _wrong_value(step, lines, to, columns):
    check = _CHECKS.get(step["do"])
    return [wrong] if check and (wrong := check(step, lines, to, columns)) else []


def _sign(step, _lines, _to, columns):
    if "column" not in step:
        return None
    if columns and step["column"] not in columns:
        return f"the source has no column {step['column']}"
    negative, positive = set(step.get("negative", ())), set(step.get("positive", ()))
    return None if negative and positive and not negative & positive else "sign needs what is negative and what is not"


def _scale(step, _lines, _to, _columns):
    try:
        factor = Decimal(step["factor"])
    except (InvalidOperation, TypeError):
        return "the factor is no number"
    # Written out, a number with a huge exponent would fill the memory.
    is_sane = factor.is_finite() and abs(factor.adjusted()) <= MAX_EXPONENT
    return None if is_sane else f"the factor is no number with at most {MAX_EXPONENT} places"


def _split(step, _lines, _to, _columns):
    return None if isinstance(step["part"], int) and step["part"] else "a part is counted from 1, or from the end by -1"


def _date(step, _lines, _to, _columns):
    try:
        date_pattern(step["format"])
    except ValueError as error:
        return str(error)
    return None


def _number(step, _lines, _to, _columns):
    marks = (step["decimal"], step.get("thousands") or " ")
    wrong = any(len(mark) != 1 or mark.isdigit() or mark in "+-()" for mark in marks)
    return "the marks of a number are one character each, and differ" if wrong or marks[0] == marks[1] else None


def _choice(step, _lines, _to, _columns):
    return None if isinstance(step["cases"], dict) else "the cases are pairs of values"


def _crosswalk(step, lines, to, _columns):
    named = {line.get("to"): line for line in lines}
    if "on" not in step:
        return None
    if step["on"] == to or step["on"] not in named:
        return f"the map makes no {step['on']} to look up by"
    return "a date is not looked up by another date" if _by_date(named[step["on"]]) else None


def _by_date(line):
    return any(step.get("on") for step in line.get("steps", ()))


_CHECKS = {
    "sign": _sign,
    "scale": _scale,
    "split": _split,
    "date": _date,
    "number": _number,
    "choice": _choice,
    "crosswalk": _crosswalk,
}
