"""What an independent reader found in published and hostile camt.053 files; FIG_SAMPLES names their folder."""

import json
import os
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

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


def facts(told):
    """What the oracle knows against a file; a file may be refused or held for these only."""
    found = set()
    if not told.get("well_formed") or told.get("message") is None or not told.get("stmts"):
        found.add("not a statement")
    for statement in told.get("stmts", []):
        found |= set(_facts_of(statement))
    return found


def _facts_of(statement):
    difference = statement.get("balance_equation_diff")
    if difference is None:
        yield "balance not provable"
    elif Decimal(difference):
        yield "balance equation open"
    if set(statement["status"]) - {"", "BOOK"}:
        yield "not booked"
    if statement.get("mixed_currency_entries"):
        yield "several currencies"
    if len({balance["ccy"] for balance in statement["balances"]} | set(statement["by_currency"])) > 1:
        yield "several currencies"
    if statement.get("unparsable_entries"):
        yield "entries that cannot be read"
    if int(statement.get("summary_nb_entries") or statement["entries"]) != statement["entries"]:
        yield "declared totals unmet"
