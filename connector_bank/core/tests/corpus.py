"""Statement files of every format, held against what an independent reader found in them (the oracle).

Each file is read right, refused or held for a fact that the oracle records, or silently wrong; of the last there must
be none. One `Format` says for a kind of files which connector reads them, what the oracle knows against a file, and
where a reading differs from it.
"""

import json
import os
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from odoo.addons.connector_bank.core import checks
from odoo.addons.connector_bank.core.statement import BankEntry, BankReport, BankStatement, ProvisionalEntry
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import Finding, breaches
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

_BESIDE = Path(__file__).resolve().parents[4] / "shared" / "samples"
SAMPLES = Path(os.environ.get("FIG_SAMPLES") or _BESIDE)


@cache
def oracle(name):
    return json.loads((SAMPLES / "oracle" / f"{name}.json").read_text())


class Reading:
    """What a connector made of one file."""

    def __init__(self, connector, path):
        self.statements, self.entries, self.findings, self.refused = [], [], [], None
        try:
            for one in connector.parse(Payload(path.name, lambda: path.open("rb"))):
                self._kind(one).append(one)
        except MalformedPayload as error:
            self.refused = error

    def _kind(self, one):
        if isinstance(one, Finding):
            return self.findings
        return self.statements if isinstance(one, BankStatement) else self.entries

    @property
    def blocking(self):
        return sorted({finding.code for finding in self.findings} & checks.BLOCKING)

    @property
    def breaches(self):
        return [found for one in self.statements + self.entries for found in breaches(one)]

    def by_statement(self):
        """(statement, its entries), in the order of the file; a statement that comes twice is there twice."""
        rest = list(self.entries)
        for place, statement in enumerate(self.statements):
            mine = [entry for entry in rest if entry.parent_key == statement.key]
            if any(later.key == statement.key for later in self.statements[place + 1 :]):
                mine = mine[: len(mine) // (1 + sum(s.key == statement.key for s in self.statements[place + 1 :]))]
            taken = set(map(id, mine))
            rest = [entry for entry in rest if id(entry) not in taken]
            yield statement, mine


# What is wrong with a file and the oracle does not say, by looking at the file itself.
_OF_FILES = {
    "two_accounts.txt": "a message begins behind an end-of-file mark, and the oracle missed it",
    "ofxdata-emptyDateTime.ofx": "the statement names no account",
    "citi_example.bai2": "opening 100.00, a credit of 0.01, closing 100.00",
    "x9-continuation-16.txt": "trailers count 4, 6 and 8 records where there are 5, 7 and 9",
    "sample2.txt": "a group with status 3, a correction",
    "sample3.txt": "several records on a line, of which the oracle missed two accounts",
    "sample4-continuations-newline-delimited.txt": "trailers of 8 records where there are 88, and other totals",
    "sample5-issue113.txt": "trailers of 8 records where there are 95, and other totals",
}


@dataclass(frozen=True)
class Format:
    """`facts`: what the oracle knows against a file. `differences`: where a reading is not what the oracle says."""

    kind: str
    connectors: tuple
    facts: object
    differences: object

    def read(self, path):
        """The reading of the first connector that takes the file; people choose it, here it is tried out."""
        readings = [Reading(connector, path) for connector in self.connectors]
        return next((one for one in readings if not one.refused), readings[0])

    def verdict(self, name, told=None):
        """(right, refused, held or wrong; the fact) of one file of the corpus."""
        told = told or oracle(self.kind)[name]
        read = self.read(SAMPLES / name)
        known = ", ".join(sorted({*self.facts(told), _OF_FILES.get(Path(name).name)} - {None}))
        if read.refused:
            return ("refused" if known else "wrong"), f"refused: {read.refused.text} [{known}]"
        if read.breaches:
            return "wrong", f"breaks its contract: {read.breaches[:3]}"
        wrong = list(self.differences(read, told))
        if read.blocking:
            # What is held books nothing; a person sees the difference.
            return ("held" if known or wrong else "wrong"), f"held: {', '.join(read.blocking)} [{known}] {wrong[:2]}"
        return ("wrong", "; ".join(wrong)) if wrong else ("right", "")


def counts(formats):
    """kind -> Counter of verdicts."""
    return {one.kind: Counter(one.verdict(name)[0] for name in oracle(one.kind)) for one in formats}


def sides(entries):
    """Currency -> credits and debits of whole entries, without sign; details of one entry may have both sides."""
    found = {}
    for amount, currency in _whole(entries):
        side = found.setdefault(currency, {"credit": Decimal(), "debit": Decimal()})
        side["debit" if amount < 0 else "credit"] += abs(amount)
    return found


def _whole(entries):
    """(amount, currency) of each entry, with the details of a divided one put together."""
    whole = []
    for entry in entries:
        if entry.detail and entry.detail > 1:
            whole[-1][0] += entry.amount
        else:
            whole.append([entry.amount, entry.currency])
    return whole


__all__ = ["SAMPLES", "BankEntry", "BankReport", "Format", "ProvisionalEntry", "Reading", "counts", "oracle", "sides"]
