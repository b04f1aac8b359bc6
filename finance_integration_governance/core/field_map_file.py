"""A field map as a YAML file, both ways: taken whole, or refused whole with line and reason."""

import yaml

from .bundle import load
from .canonical import simple
from .errors import MalformedPayload

FORMAT = "finance-integration-field-map/1"
_MEMBERS = ("format", "flow", "map")


def written(flow, document):
    """The file of a flow's map, as its version keeps it."""
    told = {"format": FORMAT, "flow": flow, "map": simple(document)}
    return yaml.dump(told, Dumper=yaml.SafeDumper, sort_keys=False, allow_unicode=True, width=120)


def read(data):
    """(flow's code, document, line of each field by its name); MalformedPayload where it cannot be read."""
    told, node = load(data)
    if set(told) != set(_MEMBERS) or told["format"] != FORMAT:
        raise MalformedPayload(f"line 1: this is no field map of the form {FORMAT}")
    document = told["map"]
    if not isinstance(document, dict) or set(document) != {"contract", "fields"}:
        raise MalformedPayload("the map has a contract and fields, and nothing else")
    lines = {}
    for place, (one, line) in enumerate(zip(document["fields"], _lines(node), strict=True), 1):
        wrong = _wrong(one)
        if wrong:
            raise MalformedPayload(f"line {line}: field {place}: {wrong}")
        lines.setdefault(one["to"], []).append(line)
    return told["flow"], document, lines


def _wrong(one):
    if not isinstance(one, dict) or not isinstance(one.get("to"), str):
        return "it does not say which member it makes"
    if set(one) - {"to", "from", "steps"}:
        return f"it has strange members: {', '.join(sorted(set(one) - {'to', 'from', 'steps'}))}"
    texts = isinstance(one.get("from", []), list) and all(isinstance(name, str) for name in one.get("from", []))
    steps = isinstance(one.get("steps", []), list) and all(isinstance(step, dict) for step in one.get("steps", []))
    return None if texts and steps else "columns are texts, and steps are mappings"


def _lines(node):
    """The line of each field in the file, in order."""
    within = {name.value: value for name, value in node.value}
    fields = {name.value: value for name, value in within["map"].value}["fields"]
    if not isinstance(fields, yaml.SequenceNode):
        raise MalformedPayload("the fields of a map are a list")
    return [item.start_mark.line + 1 for item in fields.value]


def told(problems, lines):
    """Problems in words, each with the line of the field that it names, as far as it names one."""
    return [_placed(problem, lines) for problem in problems]


def _placed(problem, lines):
    name = problem.split(":")[0].split(" ")[0]
    return f"line {lines[name][-1]}: {problem}" if name in lines else problem
