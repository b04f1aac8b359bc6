"""Who keeps books, and by what they are divided."""

import datetime as dt
from dataclasses import dataclass

from ..contract import Canonical, Currency, Name
from ..dictionary import means
from .keys import Country, Part, key


@dataclass(frozen=True, kw_only=True)
class Company(Canonical):
    """A legal entity that keeps books of its own."""

    contract = "master.company/1.0"

    code: Part = means("The short name by which systems call the company.", sap="BUKRS", odoo="res.company.fin_code")
    name: Name = means("The name under which it is registered.", sap="BUTXT", saft="Company/Name")
    currency: Currency = means("The currency in which its books are kept.", sap="WAERS", saft="DefaultCurrencyCode")
    country: Country | None = means("Where it is registered, by ISO 3166.", None, sap="LAND1", saft="Country")
    vat: Part | None = means("Its VAT or tax number.", None, sap="STCEG", saft="TaxRegistrationNumber")
    parent: Part | None = means("The code of the company that holds it.", None, odoo="res.company.parent_id")

    key = property(lambda self: key(self.code))


@dataclass(frozen=True, kw_only=True)
class Ledger(Canonical):
    """One set of books of a company: the leading one, or one beside it by other accounting rules."""

    contract = "master.ledger/1.0"

    company: Part = means("The company whose books these are.", sap="BUKRS")
    code: Part = means("The ledger's short name.", sap="RLDNR")
    name: Name = means("The ledger's name.")
    currency: Currency = means("The currency in which it is kept.", sap="WAERS")
    is_leading: bool = means("Whether it is the one that statements to authorities are made from.", True)

    key = property(lambda self: key(self.company, self.code))
    scope = property(lambda self: self.company)


@dataclass(frozen=True, kw_only=True)
class CostCenter(Canonical):
    """A place where costs arise and are answered for."""

    contract = "master.cost_center/1.0"

    company: Part = means("The company that it belongs to.", sap="BUKRS")
    code: Part = means("Its number.", sap="KOSTL", saft="AnalysisID", odoo="account.analytic.account.code")
    name: Name = means("The cost center's name.", sap="KTEXT", saft="AnalysisIDDescription")
    parent: Part | None = means("The number of the cost center above it.", None)
    valid_from: dt.date | None = means("The first day on which it takes costs.", None, sap="DATAB")
    valid_to: dt.date | None = means("The last day on which it takes costs.", None, sap="DATBI")

    key = property(lambda self: key(self.company, self.code))
    scope = property(lambda self: self.company)


@dataclass(frozen=True, kw_only=True)
class Project(Canonical):
    """Work with a beginning, an end and a budget, for which costs and revenue are gathered."""

    contract = "master.project/1.0"

    company: Part = means("The company that it belongs to.", sap="BUKRS")
    code: Part = means("The project's number.", sap="POSID", odoo="account.analytic.account.code")
    name: Name = means("The project's name.", sap="POST1")
    customer: Part | None = means("The number of the partner that it is done for.", None, sap="KUNNR")
    starts_on: dt.date | None = means("The first day.", None)
    ends_on: dt.date | None = means("The last day.", None)

    key = property(lambda self: key(self.company, self.code))
    scope = property(lambda self: self.company)


@dataclass(frozen=True, kw_only=True)
class ReportingPeriod(Canonical):
    """A span of days for which figures are closed and reported together."""

    contract = "master.period/1.0"

    company: Part = means("The company whose calendar this is.", sap="BUKRS")
    code: Part = means("The period's name, such as 2026-03.", sap="POPER", saft="Period")
    fiscal_year: int = means("The fiscal year that it belongs to.", sap="GJAHR", saft="PeriodYear")
    starts_on: dt.date = means("The first day.", saft="PeriodStart")
    ends_on: dt.date = means("The last day.", saft="PeriodEnd")
    is_adjustment: bool = means("Whether it takes adjustments of the year's end only.", False)

    key = property(lambda self: key(self.company, self.code))
    scope = property(lambda self: self.company)
    on = property(lambda self: self.ends_on)
