"""Mutation run: one operator, number or branch changed at a time, in the files that decide; a test has to fail.

The files and their tests stand in tests/mutated.toml, one table each:

    [[mutated]]
    group = "totals"
    file = "finance_integration_governance/core/totals.py"
    tests = ["finance_integration_governance/core/tests/test_totals.py"]
    equivalent = [["count = 1 -> count = 2", "nobody can see it, because ..."]]

Each mutant meets those of the tests that reach its lines, in a fork (mutant_fork.py). What changes nothing that can be
seen is listed as equivalent with its reason, and left out of the figures. FIG_MUTANTS_SHARE=0.2 takes a fifth of the
mutants, always the same ones.
"""

import ast
import hashlib
import os
import re
import sys
import time
import tomllib
from collections import Counter
from contextlib import nullcontext
from itertools import count
from pathlib import Path

from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from mutant_fork import Loaded, Plain, chosen, database, in_fork

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tests" / "mutated.toml"
WANTED = 0.95
SHARE = float(os.environ.get("FIG_MUTANTS_SHARE") or 1)
# They change what only readers see, need arguments, ask for identity where equality is meant, which differs by what
# Python keeps twice, or make bits of what are no bits: that breaks at once, and would flatter the figure.
LEFT_OUT = re.compile(
    r"RemoveDecorator|Variable|NoOp|Comparison\w+_Is$|Comparison\w+_Is_(?!IsNot)|Comparison\w+_IsNot_(?!Is$)|_IsNot$"
    r"|Binary\w+_(BitXor|LShift|RShift|Pow|Mod|FloorDiv|BitOr)$|Binary\w+(?<!BitOr)_BitAnd$|BitOr_(Add|Mul|Div)$"
)


def main(wanted):
    began, figures = time.monotonic(), {}
    chosen_tables = [table for table in tables() if not wanted or {table["file"], table["group"]} & {*wanted}]
    with database() if any(map(is_loaded, chosen_tables)) else nullcontext():
        for table in sorted(chosen_tables, key=is_loaded):
            code, told = in_fork(judged, table)
            if code or told is None:
                sys.exit(f"{table['file']} could not be judged")
            say(table["file"], told)
            figures[table["group"]] = figures.get(table["group"], Counter()) + Counter(told)
    for group, told in figures.items():
        say(group.upper(), told)
    say("ALL", sum(figures.values(), Counter()))
    print(f"{time.monotonic() - began:.0f} s; wanted {WANTED:.0%} of each group{sampled()}")
    return any(share(told) < WANTED for told in figures.values())


def tables():
    return tomllib.loads(TABLE.read_text())["mutated"]


def is_loaded(table):
    """Whether its tests need Odoo."""
    return any("/core/tests/" not in test for test in table["tests"])


def sampled():
    return "" if SHARE >= 1 else f"; a sample of {SHARE:.0%}"


def say(name, told):
    print(
        f"{name}: {share(told):.1%} of {told['killed'] + told['survived']} killed, {told['survived']} survived, "
        f"{told['equivalent']} equivalent, {told['untried']} of declarations untried",
        flush=True,
    )


def share(told):
    return told["killed"] / max(told["killed"] + told["survived"], 1)


def judged(table):
    """How many mutants of the file were killed, survived, are equivalent, or lie where nothing can be put in place."""
    file, figures = table["file"], dict.fromkeys(("killed", "survived", "equivalent", "untried"), 0)
    source, known = (ROOT / file).read_text(), {change for change, _why in table.get("equivalent", ())}
    judge = Loaded() if is_loaded(table) else Plain()
    told = judge.watch([file], table["tests"])
    if not told or "failed" in told:
        sys.exit(f"{table['tests']} fail without a mutant\n{told and told['failed']}")
    jobs = []
    for name, text in mutants(source):
        what, line = changed(source, text), line_of(source, text)
        if what in known:
            figures["equivalent"] += 1
        else:
            jobs.append((f"{file}:{line}: {name}: {what}", (file, text, *tests_of(told["tests"], file, source, line))))
    for (what, _job), result in zip(jobs, judge.judge([job for _what, job in jobs]), strict=True):
        figures[result] += 1
        if result == "survived":
            print(f"  survived: {what}", flush=True)
    return figures


def tests_of(told, file, source, line):
    """(tests that reach the statement of this line, seconds that they may take)."""
    tests, seconds = chosen(told, file, span(source, line))
    if tests or any(inside(node, line) for node in functions(source)):
        return tests, seconds
    return chosen(told, file, range(len(source)))  # what runs while a module is loaded is reached by all of them


def mutants(source):
    """(operator, text) of every mutant that differs in what runs."""
    before = stripped(source)
    for name in operator_names():
        if LEFT_OUT.search(name):
            continue
        for occurrence in count():
            text = mutate_code(source, get_operator(name)(), occurrence)
            if text is None:
                break
            if is_taken(f"{name} {occurrence}") and stripped(text) not in (before, None):
                yield name.removeprefix("core/"), text


def is_taken(name):
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) < SHARE * 2**32


def stripped(text):
    """The code without annotations, to see whether a mutant changes what runs; None where it is no code."""
    try:
        tree = ast.parse(text)
    except SyntaxError:  # ** of a dictionary, taken for a power
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(tree)


def line_of(source, text):
    """The number of the first line that differs."""
    pairs = zip(source.splitlines(), text.splitlines(), strict=False)
    return next((number for number, (a, b) in enumerate(pairs, 1) if a != b), 0)


def changed(source, text):
    """The line that differs, as it was and as it is."""
    number = line_of(source, text)
    return f"{source.splitlines()[number - 1].strip()} -> {text.splitlines()[number - 1].strip()}"


def span(source, line):
    """The lines of the innermost statement that holds this one, without the statements inside of it."""
    around = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt) and inside(node, line)]
    if not around:
        return range(line, line + 1)
    node = min(around, key=lambda one: (one.end_lineno - one.lineno, -one.lineno))
    if isinstance(node, ast.FunctionDef):
        return range(node.body[0].lineno, node.end_lineno + 1)
    body = getattr(node, "body", None)
    return range(node.lineno, (body[0].lineno if body else node.end_lineno + 1))


def functions(source):
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]


def inside(node, line):
    return node.lineno <= line <= node.end_lineno


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
