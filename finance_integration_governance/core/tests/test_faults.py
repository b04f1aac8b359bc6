"""Fault points: listed from the code, reached by name, harmless when nothing is armed."""

import subprocess
import sys

import pytest

from odoo.addons.finance_integration_governance.core import faults


class Pipeline:
    @faults.calling("fetch")
    def _one(self, run):
        """First kept, then fetched."""
        yield
        if run:
            yield from self._part(run)

    def _part(self, run):
        yield

    def _two(self, run):
        yield


def test_every_yield_every_stage_and_every_call_is_a_point():
    points = list(faults.points({"in": Pipeline()}, ("one", "two")))
    names = ["in.one.1", "in.one.2", "in.one.end", "in.one.fetch", "in.two.1", "in.two.end"]
    assert sorted(points) == sorted(f"{name}.{side}" for name in names for side in ("before", "after"))


def test_a_generator_says_at_which_yield_it_stands():
    generator = Pipeline()._one(True)
    assert [faults.ordinal(generator, Pipeline._one) for _kept in generator] == [1, 2]


def test_nothing_happens_where_nothing_is_armed(monkeypatch):
    monkeypatch.delenv(faults.ENVIRONMENT, raising=False)
    faults.reach("anything")
    monkeypatch.setenv(faults.ENVIRONMENT, "elsewhere")
    faults.reach("anything")


@pytest.mark.parametrize(("armed", "survived"), [("here", ""), ("here:2", "1"), ("here:9", "123"), ("there", "123")])
def test_a_process_dies_at_its_point_without_a_word(armed, survived, monkeypatch):
    code = "\n".join(
        (
            "import importlib.util as u, sys",
            f"spec = u.spec_from_file_location('faults', {faults.__file__!r}); m = u.module_from_spec(spec)",
            "spec.loader.exec_module(m)",
            "for n in '123': m.reach('here'); print(n, end='', flush=True)",
        )
    )
    monkeypatch.setenv(faults.ENVIRONMENT, armed)
    died = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (died.stdout, died.stderr, died.returncode) == (survived, "", 9 if survived != "123" else 0)
