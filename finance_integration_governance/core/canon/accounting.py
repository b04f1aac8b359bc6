"""The chart of accounts, and what is posted to it."""

import datetime as dt
import typing
from dataclasses import dataclass
from decimal import Decimal

from ..contract import Canonical, Code, Currency, Name, Reference
from ..dictionary import means
from ..masking import FieldClass
from .keys import Country, Part, key

Words = typing.Annotated[Reference, FieldClass("text")]


@dataclass(frozen=True, kw_only=True)
class Account(Canonical):
    """A general ledger account in a company's chart."""

    contract = "master.account/1.0"

    company: Part = means("The company in whose chart it stands.", sap="BUKRS")
    number: Part = means("The account's number.", sap="SAKNR", saft="AccountID", odoo="account.account.code")
    name: Name = means("The account's name.", sap="TXT50", saft="AccountDescription", odoo="account.account.name")
    kind: Code | None = means("What it is, as the sending system says.", None, saft="AccountType")
    currency: Currency | None = means("The only currency that it takes, where there is one.", None, sap="WAERS")
    is_blocked: bool = means("Whether nothing may be posted to it any more.", False, sap="XSPEB")

    key = property(lambda self: key(self.company, self.number))
    scope = property(lambda self: self.company)


@dataclass(frozen=True, kw_only=True)
class TaxCode(Canonical):
    """A rule by which tax is calculated and declared."""

    contract = "master.tax_code/1.0"

    company: Part = means("The company that uses it.", sap="BUKRS")
    code: Part = means("The code's short name.", sap="MWSKZ", saft="TaxCode", odoo="account.tax.name")
    name: Name = means("What it is for.", saft="Description")
    rate: Decimal | None = means("Per cent of the base amount.", None, saft="TaxPercentage", odoo="account.tax.amount")
    country: Country | None = means("Whose tax it is, by ISO 3166.", None, sap="LAND1", saft="Country")
    use: Code | None = means("sale, purchase or none.", None, odoo="account.tax.type_tax_use")

    key = property(lambda self: key(self.company, self.code))
    scope = property(lambda self: self.company)


@dataclass(frozen=True, kw_only=True)
class JournalLine:
    """One line of a journal entry; debit and credit have no sign."""

    account: Part = means("The account's number.", sap="RACCT", saft="AccountID")
    debit: Decimal = means("In the company's currency.", saft="DebitAmount")
    credit: Decimal = means("In the company's currency.", saft="CreditAmount")
    text: Words | None = means("What the line says.", None, sap="SGTXT", saft="Description")
    amount: Decimal | None = means("In the line's own currency, debit positive.", None, sap="WRBTR")
    currency: Currency | None = means("The line's own currency.", None, sap="WAERS", saft="CurrencyCode")
    partner: Part | None = means("The customer or supplier.", None, sap="KUNNR, LIFNR", saft="CustomerID, SupplierID")
    cost_center: Part | None = means("The cost center's number.", None, sap="KOSTL", saft="AnalysisID")
    project: Part | None = means("The project's number.", None, sap="PROJK")
    tax_code: Part | None = means("The tax code.", None, sap="MWSKZ", saft="TaxCode")


@dataclass(frozen=True, kw_only=True)
class JournalEntry(Canonical):
    """Lines that are posted together and whose debits equal their credits."""

    contract = "journal.entry/1.0"

    company: Part = means("The company in whose books it is posted.", sap="BUKRS")
    number: Part = means("The entry's number in the sending system.", sap="BELNR", saft="TransactionID")
    posted_on: dt.date = means("The accounting date.", sap="BUDAT", saft="GLPostingDate", odoo="account.move.date")
    currency: Currency = means("The company's currency.", sap="WAERS")
    lines: tuple[JournalLine, ...] = means("What is posted.", (), saft="Line", odoo="account.move.line_ids")
    ledger: Part | None = means("The ledger, where it is not the leading one.", None, sap="RLDNR")
    journal: Part | None = means("The journal or document type.", None, sap="BLART", saft="JournalID")
    dated_on: dt.date | None = means("The document's own date.", None, sap="BLDAT", saft="TransactionDate")
    reference: Reference | None = means("What the document is called outside.", None, sap="XBLNR")
    text: Words | None = means("What the entry says.", None, sap="BKTXT", saft="Description")

    @property
    def key(self):
        """Documents are numbered anew every year in many systems, so the year is part of it."""
        return key(self.company, self.ledger, str(self.posted_on.year), self.number)

    scope = property(lambda self: self.company)
    on = property(lambda self: self.posted_on)

    @property
    def amount(self):
        """The sum of the debits, which is what both sides can be asked for."""
        return sum((line.debit for line in self.lines), Decimal())
