"""Intraday reports camt.052."""

from .camt_file import CamtFile
from .statement import BankReport, ProvisionalEntry


class Camt052(CamtFile):
    """What has happened so far today; nothing of it is final."""

    code = "bank.camt052"
    label = "Intraday reports camt.052"
    carries = (BankReport, ProvisionalEntry)
    message, elements, kind = "camt.052", ("BkToCstmrAcctRpt", "Rpt"), "intraday"
