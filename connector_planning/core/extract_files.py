"""Dimensions, rates and balances in files with control files: for systems that fetch what has changed."""

import re
from itertools import groupby

from .dataset_files import ControlledFiles
from .member import Member
from .rate import Rate
from .trial_balance import OpeningBalance, TrialBalance

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class ExtractFiles(ControlledFiles):
    """One payload is what a run tells of one kind and company: all of it the first time, then what has changed."""

    code = "planning.extract_files"
    label = "Dimensions, rates and balances in files with control files"
    carries = (Member, Rate, TrialBalance, OpeningBalance)

    def _parts(self, objects):
        # The core has no Odoo, and the rows come in their order, one at a time.
        for place, rows in groupby(objects, key=_place):  # pylint: disable=bad-builtin-groupby
            yield "_".join(_UNSAFE.sub("-", part) for part in place if part), rows

    def _name(self, payload, idempotency_key):
        """A name of its own for each payload: what was told before stays."""
        stem, _point, ending = payload.name.rpartition(".")
        return f"{stem}_{_UNSAFE.sub('-', idempotency_key)}.{ending}"


def _place(one):
    """What stands together in one file: members by dimension and plan, balances by company, rates by their base."""
    match one:
        case Member():
            return one.kind, one.plan, one.company
        case Rate():
            return "rate", one.base
        case TrialBalance():
            return "trial_balance", one.company
        case _:
            return "opening_balance", one.company
