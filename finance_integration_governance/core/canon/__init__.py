"""Canonical objects that more than one business domain speaks of.

What one domain alone knows stands in its addon: bank statements and entries in `connector_bank`, actuals in
`connector_planning`. N connectors and M objects meet here and nowhere else.
"""

from .accounting import Account, JournalEntry, JournalLine, TaxCode
from .budget import BudgetLine, BudgetVersion
from .organisation import Company, CostCenter, Ledger, Project, ReportingPeriod
from .partner import Partner
from .payment import Payment

CONTRACTS = [
    Account,
    BudgetLine,
    BudgetVersion,
    Company,
    CostCenter,
    JournalEntry,
    Ledger,
    Partner,
    Payment,
    Project,
    ReportingPeriod,
    TaxCode,
]

__all__ = ["CONTRACTS", "JournalLine", *(cls.__name__ for cls in CONTRACTS)]
