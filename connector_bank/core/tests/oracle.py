"""What an independent reader found in published and hostile camt.053 files; FIG_SAMPLES names their folder."""

import json
import os
from functools import cache
from pathlib import Path

import pytest
from oracle_facts import facts

_BESIDE = Path(__file__).resolve().parents[4] / "shared" / "samples"
SAMPLES = Path(os.environ.get("FIG_SAMPLES") or _BESIDE)
if not (SAMPLES / "oracle" / "camt.053.json").exists():
    pytest.skip("no sample files: set FIG_SAMPLES to their folder", allow_module_level=True)


@cache
def oracle(name):
    return json.loads((SAMPLES / "oracle" / f"{name}.json").read_text())


PUBLISHED = sorted(oracle("camt.053"))
DERIVED = sorted(
    name for name, told in oracle("derived").items() if told["derived_from"].startswith(("camt.052", "camt.053"))
)
CHANGED = [name for name in DERIVED if not name.startswith("hostile")]
BROKEN = [name for name in DERIVED if name.startswith("hostile")]
ATTACKS = sorted(
    str(path.relative_to(SAMPLES))
    for kind in ("xml-defusedxml", "xml-libxml2", "xxe")
    for path in (SAMPLES / "hostile" / kind).rglob("*")
    if path.is_file()
)

__all__ = ["ATTACKS", "BROKEN", "CHANGED", "DERIVED", "PUBLISHED", "SAMPLES", "facts", "oracle"]
