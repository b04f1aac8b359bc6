"""Notifications camt.054."""

from .camt_file import CamtFile
from .statement import BankReport, ProvisionalEntry


class Camt054(CamtFile):
    """Debits and credits told one by one, often the details of a batch that the statement books as one entry."""

    code = "bank.camt054"
    label = "Debit and credit notifications camt.054"
    carries = (BankReport, ProvisionalEntry)
    message, elements, kind = "camt.054", ("BkToCstmrDbtCdtNtfctn", "Ntfctn"), "notification"
