"""Bank statements camt.053."""

from .camt_file import CamtFile
from .statement import BankEntry, BankStatement, ProvisionalEntry


class Camt053(CamtFile):
    """Statements with their booked entries; what is pending in them is kept beside."""

    code = "bank.camt053"
    label = "Bank statements camt.053"
    carries = (BankStatement, BankEntry, ProvisionalEntry)
    message, elements = "camt.053", ("BkToCstmrStmt", "Stmt")
