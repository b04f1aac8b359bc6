"""Mutation run: one operator, number or branch changed at a time, in the files that decide; a test has to fail.

The files and their tests stand in tests/mutated.toml, one table each:

    [[mutated]]
    file = "finance_integration_governance/core/totals.py"
    tests = ["finance_integration_governance/core/tests/test_totals.py"]
    equivalent = ["SHORT = 19"]     # lines whose mutants change nothing that can be seen, each with its reason

Plain Python is tested in a copy of the checkout. Models are tested in forks of one Odoo process, which get the changed
functions in place of theirs (tests/mutation_worker.py); what stands outside functions there is not tried.
"""

import ast
import os
import shutil
import subprocess
import sys
import time
import tomllib
from itertools import count
from pathlib import Path

from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parent.parent
RUN = Path(os.environ.get("FIG_RUN") or ROOT / ".run")
WANTED = 0.95
# They change what only type checkers and readers see, or need arguments.
LEFT_OUT = ("core/RemoveDecorator", "core/Variable", "core/NoOp", "core/ReplaceBinaryOperator_BitOr")


def main(wanted):
    sys.path.insert(0, str(ROOT / "tests"))
    tables = tomllib.loads((ROOT / "tests" / "mutated.toml").read_text()).get("mutated", [])
    chosen = [table for table in tables if not wanted or table["file"] in wanted]
    killed = tried = 0
    for table in chosen:
        results = list(judged(table))
        killed, tried = killed + results.count("killed"), tried + len(results)
        print(f"{table['file']}: {results.count('killed')} of {len(results)} killed", flush=True)
    print(f"{killed} of {tried} mutants killed ({killed / max(tried, 1):.1%}; wanted {WANTED:.0%})")
    return killed < WANTED * tried


def judged(table):
    """killed or survived, for each mutant of the file."""
    source = (ROOT / table["file"]).read_text()
    judge = Plain(table) if "/core/" in table["file"] else Forked(table)
    with judge:
        for name, text in mutants(source, table.get("equivalent", ())):
            result = judge(text)
            if result == "survived":
                print(f"  survived: {name}: {changed(source, text)}", flush=True)
            if result:
                yield result


def mutants(source, equivalent):
    """(operator, text) of every mutant that differs in what runs."""
    before = stripped(source)
    for name in operator_names():
        if name.startswith(LEFT_OUT):
            continue
        for occurrence in count():
            text = mutate_code(source, get_operator(name)(), occurrence)
            if text is None:
                break
            if stripped(text) != before and not any(line in changed(source, text) for line in equivalent):
                yield name.removeprefix("core/"), text


def stripped(text):
    """The code without annotations, to see whether a mutant changes what runs."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(tree)


def changed(source, text):
    """The line that differs, as it was and as it is."""
    pairs = zip(source.splitlines(), text.splitlines(), strict=False)
    return next((f"{a.strip()} -> {b.strip()}" for a, b in pairs if a != b), "lines")


class Plain:
    """Tests of core/, without Odoo, in a copy of the checkout."""

    def __init__(self, table):
        self.table, self.copy = table, RUN / "mutant"

    def __enter__(self):
        shutil.rmtree(self.copy, ignore_errors=True)
        left = shutil.ignore_patterns(".git", ".run", "node_modules", "__pycache__")
        shutil.copytree(ROOT, self.copy, ignore=left, symlinks=True)

    def __exit__(self, *_error):
        shutil.rmtree(self.copy, ignore_errors=True)

    def __call__(self, text):
        (self.copy / self.table["file"]).write_text(text)
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "core_namespaces", "-p", "no:odoo"]
        environment = {**os.environ, "PYTHONPATH": str(self.copy / "scripts"), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", *options, *self.table["tests"]]
        try:
            ran = subprocess.run(command, cwd=self.copy, env=environment, capture_output=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return "killed"
        return "killed" if ran.returncode else "survived"


class Forked:
    """Tests of models, each mutant in a fork of an Odoo process that has everything loaded."""

    def __init__(self, table):
        self.table = table

    def __enter__(self):
        from harness import Database, Worker

        self.database = Database("fig_mutation", RUN / "mutation").create().configure()
        os.environ["ODOO_RC"] = str(self.database.config)
        self.worker = Worker(self.database)
        if self((ROOT / self.table["file"]).read_text()) not in ("survived", None):
            sys.exit(f"{self.table['tests']} fail without a mutant")

    def __exit__(self, *_error):
        self.worker.stop()
        self.database.drop()

    def __call__(self, text):
        args = {"file": self.table["file"], "text": text, "tests": self.table["tests"]}
        answer = self.worker.do("mutation_worker:judge", fault="none", **args)
        return answer["result"] if answer["exit"] == 0 else "killed"


if __name__ == "__main__":
    began = time.monotonic()
    code = main(sys.argv[1:])
    print(f"{time.monotonic() - began:.0f} s")
    sys.exit(code)
