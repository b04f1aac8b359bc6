"""The lists of mutants speak of the code that is there: what is to be changed stands in its file, once."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GUARDS = tomllib.loads((ROOT / "tests" / "mutants.toml").read_text())["mutant"]
MUTATED = tomllib.loads((ROOT / "tests" / "mutated.toml").read_text())["mutated"]


def test_every_guard_stands_once_in_its_file():
    stale = [mutant["name"] for mutant in GUARDS if _text(mutant["file"]).count(mutant["old"]) != 1]
    assert not stale


def test_no_two_mutants_have_one_name():
    names = [mutant["name"] for mutant in GUARDS]
    assert len(names) == len({*names})


@pytest.mark.parametrize("mutant", GUARDS, ids=lambda mutant: mutant["name"])
def test_the_tests_of_a_guard_are_there(mutant):
    assert mutant["tests"] and all(map(_is_there, mutant["tests"]))


@pytest.mark.parametrize("table", MUTATED, ids=lambda table: table["file"])
def test_a_mutated_file_its_tests_and_its_equivalent_changes_are_there(table):
    assert table["tests"] and all(map(_is_there, table["tests"]))
    lines = {line.strip() for line in _text(table["file"]).splitlines()}
    unknown = [change for change, _why in table.get("equivalent", ()) if change.split(" -> ")[0] not in lines]
    assert not unknown


def test_every_equivalent_change_has_its_reason():
    assert all(len(why) > 10 for table in MUTATED for _change, why in table.get("equivalent", ()))


@pytest.mark.slow
def test_the_control_totals_are_proved():
    """The one group that needs no Odoo; `make mutants` runs all of them."""
    command = [sys.executable, "-W", "ignore", "scripts/mutation.py", "totals"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _text(file):
    path = ROOT / file
    return path.read_text() if path.exists() else ""


def _is_there(test):
    file, *names = test.split("::")
    return bool(_text(file)) and all(name in _text(file) for name in names)


def test_a_test_inside_of_a_file_that_is_asked_for_is_not_asked_for_again(monkeypatch):
    """Asked for both, pytest takes the one test alone: mutants of the file would survive unseen."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import mutants

    assert mutants.without_parts({"a.py", "a.py::one", "b.py::B::two"}) == ["a.py", "b.py::B::two"]
