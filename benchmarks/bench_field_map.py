"""How many rows a second a compiled field map turns into canonical objects, with their digests and without.

    python benchmarks/bench_field_map.py

`map`: rows to objects, nine members by split, crosswalk, number, sign, date, choice and constants. `map_and_digest`:
the same with contract check, canonical text and digest, as the engine does with every item. The floor is the CSV reader
alone (`rows`), from the same bytes.
"""

import csv
import io
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

import core_namespaces  # noqa: E402, F401
from meter import figure  # noqa: E402

from odoo.addons.finance_integration_governance.core.canon import Payment  # noqa: E402
from odoo.addons.finance_integration_governance.core.canonical import told  # noqa: E402
from odoo.addons.finance_integration_governance.core.contract import breaches  # noqa: E402
from odoo.addons.finance_integration_governance.core.field_map import FieldMap  # noqa: E402

ROWS = 100_000


@dataclass(slots=True)
class Line:
    target: str
    number: int = 1


class Accounts:
    digest = "0" * 64

    def __init__(self):
        self.lines = {f"K{n}": (Line(f"4{n:03}"),) for n in range(1000)}

    def match(self, value, _on):
        return self.lines.get(value, ())


MAP = {
    "contract": Payment.contract,
    "fields": [
        {"to": "company", "steps": [{"do": "constant", "value": "ACME"}]},
        {"to": "reference", "from": ["Beleg"]},
        {"to": "account", "from": ["Konto"], "steps": [
            {"do": "split", "by": "/", "part": 1}, {"do": "crosswalk", "crosswalk": "accounts", "on": "due_on"}]},
        {"to": "amount", "from": ["Betrag"], "steps": [
            {"do": "number", "decimal": ",", "thousands": "."},
            {"do": "sign", "column": "S/H", "negative": ["H"], "positive": ["S"]}]},
        {"to": "currency", "from": ["Waehrung"], "steps": [{"do": "default", "value": "EUR"}]},
        {"to": "due_on", "from": ["Datum"], "steps": [{"do": "date", "format": "DD.MM.YYYY"}]},
        {"to": "counterparty", "from": ["Name1", "Name2"], "steps": [{"do": "join", "by": " "}]},
        {"to": "remittance", "from": ["Text"]},
        {"to": "method", "from": ["Art"], "steps": [{"do": "choice", "cases": {"U": "transfer", "L": "debit"}}]},
    ],
}  # fmt: skip


def content():
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["Beleg", "Konto", "Betrag", "S/H", "Waehrung", "Datum", "Name1", "Name2", "Text", "Art"])
    for n in range(ROWS):
        writer.writerow([
            f"B{n}", f"K{n % 1000}/x", f"{n % 9000 + 1000}"[0] + f".{n % 1000:03},50", "SH"[n % 2], "",
            f"{n % 28 + 1:02}.03.2026", "Muster", "AG", f"Rechnung {n}", "UL"[n % 2],
        ])  # fmt: skip
    return out.getvalue()


def rate(work):
    """Rows a second of CPU time, the best of three."""
    best = min(timed(work) for _round in range(3))
    return round(ROWS / best)


def timed(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def main():
    text = content()
    compiled = FieldMap(MAP, Payment, {"accounts": Accounts()})

    def rows():
        return csv.DictReader(io.StringIO(text), delimiter=";")

    parsed = list(rows())
    assert not any(one.trouble for one in compiled.read(parsed))
    figures = {
        "rows": rate(lambda: [None for _row in rows()]),
        "map": rate(lambda: [None for _one in compiled.read(parsed)]),
        "map_and_digest": rate(lambda: [(breaches(one), told(one)) for one in compiled.read(parsed)]),
        "refused_rows": rate(lambda: [None for _one in compiled.read({**row, "Betrag": "?"} for row in parsed)]),
    }
    for name, value in figures.items():
        figure("field_map", name, value, "rows/s", rows=ROWS)


if __name__ == "__main__":
    main()
