"""Field maps: how the columns of a raw row become the members of a canonical object.

A map is a document: the contract that it makes, and for each member the columns it reads and the steps it takes.

    {"contract": "master.account/1.0", "fields": [
        {"to": "company", "steps": [{"do": "constant", "value": "ACME"}]},
        {"to": "number", "from": ["Konto"], "steps": [{"do": "crosswalk", "crosswalk": "accounts"}]}]}

One row becomes one object, so the n-th item of a payload is its n-th row. A row whose required member cannot be made is
told as it is (`RawRow`); where only an optional one cannot be made, the object comes without it and names the breach.
"""

import datetime as dt
from dataclasses import MISSING, dataclass, field, fields
from decimal import Decimal

from .canonical import told
from .contract import Breach, Canonical, members
from .errors import ConfigurationError
from .map_rules import problems
from .transforms import TRANSFORMS, Fails, compiled, number_of, text_of


@dataclass(frozen=True)
class RawRow(Canonical):
    """A row that no object could be made of, as it came."""

    contract = "raw.row/1.0"

    row: dict
    number: int = field(default=0, compare=False)
    trouble: tuple = field(default=(), compare=False)

    @property
    def key(self):
        return f"row:{self.number}:{told(self)[1][:16]}"


@dataclass(frozen=True)
class Told:
    """One step of one member, with what it made of the value; `line` and `digest` name the crosswalk's line."""

    do: str
    words: str
    value: object = None
    line: int | None = None
    digest: str | None = None


@dataclass(frozen=True)
class Story:
    """Where one member of an object comes from: columns with their values, steps, and the value or the broken rule."""

    to: str
    source: dict
    steps: tuple
    value: object = None
    rule: str | None = None


def bind(step, crosswalks, records):
    """The step with its look-up: a function of (text, day) that gives the target or fails."""
    if step["do"] == "crosswalk":
        return {**step, "found": _in_crosswalk(step, crosswalks)}
    if step["do"] == "record":
        return {**step, "found": _in_records(step, records)}
    return step


def _in_crosswalk(step, crosswalks):
    name = step["crosswalk"]
    if name not in crosswalks:
        raise ConfigurationError(f"the crosswalk {name} is not part of the version", code="no_crosswalk")
    match = crosswalks[name].match

    def found(text, on):
        lines = match(text, on)
        if len(lines) != 1:
            raise Fails("lookup: ambiguous" if lines else "lookup: gap")
        return lines[0].target

    return found


def _in_records(step, records):
    look, rule = records(step["record"]), f"lookup: no {step['record']}"

    def found(text, _on):
        key = look(text)
        if key is None:
            raise Fails(rule)
        return key

    return found


def named_crosswalks(document):
    """The codes of the crosswalks that a map's document names; none for None."""
    lines = document["fields"] if document else ()
    return {step["crosswalk"] for line in lines for step in line.get("steps", ()) if step["do"] == "crosswalk"}


class _Maker:
    """One member of the object: the columns that it reads, its steps, and the function that makes it of a row."""

    def __init__(self, line, member, is_given, bound, on):
        self.line, self.member, self.name = line, member, line["to"]
        self.is_needed = not (member.optional or is_given)
        self.source = " + ".join(line.get("from", ()))
        self.read, self.last = _reader(line.get("from", ())), _FINISH.get(member.type, _as_it_is)
        self.steps = [(step["do"], compiled(step, on), TRANSFORMS[step["do"]].on_nothing) for step in bound]
        self.make = self._make if self.steps else self._take

    def _take(self, row, _made):
        value = self.read(row)
        try:
            return None if value is None else self.last(value)
        except Fails as fails:
            raise Fails(fails.rule, "read") from None

    def _make(self, row, made):
        value, step = self.read(row), None
        try:
            for step in self.steps:
                _do, run, on_nothing = step
                if value is not None or on_nothing:
                    value = run(value, row, made)
            return None if value is None else self.last(value)
        except Fails as fails:
            raise Fails(fails.rule, step[0]) from None

    def breach(self, rule, do):
        return Breach(self.name, rule, do, self.source)


class FieldMap:
    """A compiled map. `crosswalks`: code -> crosswalk; `records`: kind -> function(text) -> key or None.

    `on`: the day for look-ups that name no date. Raises ConfigurationError where the document cannot stand.
    """

    def __init__(self, document, cls, crosswalks=None, records=None, on=None):
        wrong = problems(document, cls)
        if wrong:
            raise ConfigurationError(f"the field map cannot stand: {wrong[0]}", code="field_map")
        self.document, self.cls, self.crosswalks, self.on = document, cls, crosswalks or {}, on
        self._blank = {f.name: f.default for f in fields(cls) if f.default is not MISSING}
        self._blank |= {f.name: f.default_factory() for f in fields(cls) if f.default_factory is not MISSING}
        # What looks up by the date of another member is made after it.
        ordered = sorted(document["fields"], key=lambda line: any("on" in step for step in line.get("steps", ())))
        self._makers = [self._maker(line, records) for line in ordered]
        self._fast = [(maker.name, maker.make, maker.is_needed, maker) for maker in self._makers]

    def _maker(self, line, records):
        [member] = [member for member in members(self.cls) if member.name == line["to"]]
        bound = [bind(step, self.crosswalks, records) for step in line.get("steps", ())]
        return _Maker(line, member, line["to"] in self._blank, bound, self.on)

    # Reading

    def read(self, rows):
        """One object for each row, in their order."""
        for number, row in enumerate(rows, 1):
            yield self.one(row, number)

    def one(self, row, number=0):
        """The object that this row makes, or the row itself with its breaches."""
        made, trouble = self._blank.copy(), []
        for name, make, is_needed, maker in self._fast:
            try:
                value = make(row, made)
            except Fails as fails:
                trouble.append((maker, fails.rule, fails.do))
                continue
            if value is not None:
                made[name] = value
            elif is_needed:
                trouble.append((maker, "missing", "read"))
        return self._told(made, trouble, row, number) if trouble else self._object(made)

    def _told(self, made, trouble, row, number):
        """The object without an optional member, where that is all; else the row."""
        breaches = tuple(maker.breach(rule, do) for maker, rule, do in trouble)
        if any(not maker.member.optional for maker, _rule, _do in trouble):
            return RawRow(row, number, breaches)
        return self._object({**made, "trouble": breaches})

    def _object(self, made):
        # __init__ sets frozen members one by one: several times as slow.
        one = object.__new__(self.cls)
        object.__setattr__(one, "__dict__", made)
        return one

    # Explaining

    def explain(self, row):
        """The story of each member, in the map's order."""
        made = self._blank.copy()
        stories = {maker.name: self._story(maker, row, made) for maker in self._makers}
        return [stories[line["to"]] for line in self.document["fields"]]

    def _story(self, maker, row, made):
        source = {column: row.get(column) for column in maker.line.get("from", ())}
        steps = tuple(self._steps_of(maker, row, made))
        try:
            value = maker.make(row, made)
        except Fails as fails:
            return Story(maker.name, source, steps, rule=f"{fails.do}: {fails.rule}")
        if value is None:
            return Story(maker.name, source, steps, rule="missing" if maker.is_needed else None)
        made[maker.name] = value
        return Story(maker.name, source, steps, value)

    def _steps_of(self, maker, row, made):
        """Each step with what it made, up to the one that failed."""
        value = maker.read(row)
        for step, (do, run, on_nothing) in zip(maker.line.get("steps", ()), maker.steps, strict=True):
            before = value
            try:
                value = run(value, row, made) if value is not None or on_nothing else None
            except Fails:
                yield Told(do, words(step))
                return
            yield Told(do, words(step), value, *self._line_of(step, before, made))

    def _line_of(self, step, value, made):
        """(number, digest) of the crosswalk's line that knew the value."""
        if step["do"] != "crosswalk" or value is None:
            return None, None
        crosswalk, day = self.crosswalks[step["crosswalk"]], made[step["on"]] if "on" in step else self.on
        [line] = crosswalk.match(text_of(value), day)
        return line.number, crosswalk.digest


def words(step):
    """A step as a person reads it: `split by - part 2`."""
    given = (_shown(value) if name == step["do"] else f"{name} {_shown(value)}" for name, value in step.items())
    return " ".join(given).removeprefix("do ")


def _shown(value):
    if isinstance(value, dict):
        return ", ".join(f"{name} = {one}" for name, one in value.items())
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)


def _reader(columns):
    """The value of the columns; an empty text is no value. Several columns are read together, for a join."""
    if not columns:
        return lambda row: None
    if len(columns) == 1:
        [column] = columns
        return lambda row: None if (value := row.get(column)) == "" else value
    return lambda row: [None if (value := row.get(column)) == "" else value for column in columns]


def _as_it_is(value):
    return value


def _date(value):
    if value.__class__ is dt.date:
        return value
    try:
        return dt.date.fromisoformat(text_of(value))
    except ValueError:
        raise Fails("date") from None


def _instant(value):
    try:
        found = dt.datetime.fromisoformat(text_of(value))
    except ValueError:
        raise Fails("time") from None
    if not found.tzinfo:
        raise Fails("time: no zone")
    return found


def _whole_number(value):
    number = number_of(value)
    if number != int(number):
        raise Fails("whole number")
    return int(number)


_TRUTH = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def _truth(value):
    if value.__class__ is bool:
        return value
    found = _TRUTH.get(text_of(value).lower())
    if found is None:
        raise Fails("yes or no")
    return found


# A value that no step has brought into the member's type is read strictly.
_FINISH = {str: text_of, Decimal: number_of, int: _whole_number, bool: _truth, dt.date: _date, dt.datetime: _instant}
