"""Whom a company buys from and sells to."""

import typing
from dataclasses import dataclass

from ..contract import Canonical, Code
from ..dictionary import means
from ..masking import Email, FieldClass, PersonName, Street
from .keys import Country, Part, key

VatNumber = typing.Annotated[Part, FieldClass("vat")]
Postcode = typing.Annotated[Code, FieldClass("address")]
BankAccount = typing.Annotated[Part, FieldClass("iban")]


@dataclass(frozen=True, kw_only=True)
class Partner(Canonical):
    """A customer, a supplier, or both: one party is one object, whatever roles it has."""

    contract = "master.partner/1.0"

    number: Part = means("Its number in the sending system.", sap="PARTNER", odoo="res.partner.ref")
    name: PersonName = means("The name under which it trades.", sap="NAME1", saft="Name", iso="Nm")
    is_customer: bool = means("Whether it may be sold to.", False, sap="KUNNR", saft="CustomerID")
    is_supplier: bool = means("Whether it may be bought from.", False, sap="LIFNR", saft="SupplierID")
    vat: VatNumber | None = means("Its VAT or tax number.", None, sap="STCEG", saft="TaxRegistrationNumber")
    street: Street | None = means("Street and house number.", None, sap="STRAS", saft="StreetName", iso="StrtNm")
    postcode: Postcode | None = means("The postal code.", None, sap="PSTLZ", saft="PostalCode", iso="PstCd")
    city: Street | None = means("The town.", None, sap="ORT01", saft="City", iso="TwnNm")
    country: Country | None = means("The country, by ISO 3166.", None, sap="LAND1", saft="Country", iso="Ctry")
    email: Email | None = means("Where it is written to.", None, sap="SMTP_ADDR", saft="Email")
    bank_account: BankAccount | None = means("IBAN or account number.", None, sap="IBAN", iso="CdtrAcct/Id/IBAN")
    receivable: Part | None = means("The account that its debts stand on.", None, sap="AKONT", saft="AccountID")
    payable: Part | None = means("The account that our debts stand on.", None, sap="AKONT", saft="AccountID")
    is_blocked: bool = means("Whether nothing may be posted to it any more.", False, sap="SPERR")

    key = property(lambda self: key(self.number))
