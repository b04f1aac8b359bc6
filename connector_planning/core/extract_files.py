"""Dimensions, rates and balances in files with control files: for systems that fetch what has changed."""

from itertools import groupby

from .dataset_files import UNSAFE, TellingFiles
from .member import Member
from .rate import Rate
from .trial_balance import OpeningBalance, TrialBalance


class ExtractFiles(TellingFiles):
    """One payload is what a run tells of one kind and company: all of it the first time, then what has changed."""

    code = "planning.extract_files"
    label = "Dimensions, rates and balances in files with control files"
    carries = (Member, Rate, TrialBalance, OpeningBalance)

    def _parts(self, objects):
        # The core has no Odoo, and the rows come in their order, one at a time.
        for place, rows in groupby(objects, key=_place):  # pylint: disable=bad-builtin-groupby
            yield "_".join(UNSAFE.sub("-", part) for part in place if part), rows


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
