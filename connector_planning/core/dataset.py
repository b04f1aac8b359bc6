"""What is published of a closed period: balances and journal items, each row of one edition of one dataset."""

import datetime as dt
import typing
from dataclasses import dataclass
from decimal import Decimal

from odoo.addons.finance_integration_governance.core.contract import Canonical, Currency, Name, Text
from odoo.addons.finance_integration_governance.core.dictionary import means

from .actual import Part, Period
from .cell import last_day

BALANCE_RULE, ENTRY_RULE, MANIFEST_RULE, ASSET_RULE = "5", "6", "11", "12"
PUBLISHED, SUSPENDED = "published", "suspended"
Status = typing.Annotated[str, Text(9, f"{PUBLISHED}|{SUSPENDED}")]


@dataclass(frozen=True, kw_only=True)
class LedgerRow(Canonical):
    """Where a published row belongs. What means something else in one dataset is said again there, in its place."""

    dataset: Part = means("The dataset's name.")
    company: Part = means("The company whose books these are.", sap="RBUKRS")
    period: Period = means("The month, such as 2026-03.", sap="POPER")
    edition: Part = means("Its number and the beginning of the signature's fingerprint, such as 001-a1b2c3d4e5f6.")

    @property
    def on(self):
        return last_day(self.period)


@dataclass(frozen=True, kw_only=True)
class LedgerAccount(LedgerRow):
    """One account of a period, by partner where there is one. `rule`: what its keys begin with."""

    rule = ""

    account: Part = means("The account's number.", sap="RACCT")
    account_name: Name = means("The account's name.", sap="TXT50")
    partner: Part | None = means("The partner's reference, else tax number, else name.", None, sap="KUNNR")
    currency: Currency = means("The company's currency.", sap="RHCUR")
    opening: Decimal = means("What stood there before the period.")

    @property
    def key(self):
        places = (self.dataset, self.company, self.period, self.edition, self.account, self.partner or "")
        return "|".join((self.rule, *places))

    @property
    def amount(self):
        return self.closing


@dataclass(frozen=True, kw_only=True)
class LedgerBalance(LedgerAccount):
    """One account of a period, or one partner of a control account, as it stood when the checkpoint was signed."""

    contract, rule = "ledger.balance/1.0", BALANCE_RULE

    dataset: Part = means("trial_balance or subledger.")
    opening: Decimal = means("What stood there before the period; of the fiscal year, for profit and loss.")
    debit: Decimal = means("The sum of the period's debits.")
    credit: Decimal = means("The sum of the period's credits.")
    closing: Decimal = means("Opening and debits less credits.")


@dataclass(frozen=True, kw_only=True)
class LedgerAsset(LedgerAccount):
    """One account of fixed assets in a period, by partner where there is one, as the ledger shows it.

    What an entry takes off together with depreciation expense is depreciation; what another one adds is an addition,
    what it takes off a disposal. Closing is opening and additions less disposals and depreciation.
    """

    contract, rule = "ledger.asset/1.0", ASSET_RULE

    dataset: Part = means("fixed_assets.")
    partner: Part | None = means("The partner's reference, else tax number, else name.", None, sap="LIFNR")
    additions: Decimal = means("What was added.")
    disposals: Decimal = means("What was taken off.")
    depreciation: Decimal = means("What was depreciated.")
    closing: Decimal = means("Opening and additions, less disposals and depreciation.")


@dataclass(frozen=True, kw_only=True)
class LedgerEntry(LedgerRow):
    """One journal item of a period, as it stood when the checkpoint was signed."""

    contract = "ledger.entry/1.0"

    dataset: Part = means("general_ledger.")
    journal: Part = means("The journal's code.", sap="BLART")
    entry: Part = means("The number of the journal entry.", sap="BELNR")
    line: Part = means("The place of the item in its entry.", sap="BUZEI")
    dated_on: dt.date = means("The accounting date.", sap="BUDAT")
    account: Part = means("The account's number.", sap="HKONT")
    account_name: Name = means("The account's name.", sap="TXT50")
    partner: Part | None = means("The partner's reference, else tax number, else name.", None, sap="KUNNR")
    label: Name | None = means("What the item says.", None, sap="SGTXT")
    currency: Currency = means("The company's currency.", sap="RHCUR")
    debit: Decimal = means("What is debited.")
    credit: Decimal = means("What is credited.")
    balance: Decimal = means("Debit less credit.", sap="HSL")
    transaction_currency: Currency = means("The document's currency.", sap="WAERS")
    transaction_balance: Decimal = means("The same in the document's currency.", sap="WSL")

    @property
    def key(self):
        places = (self.dataset, self.company, self.period, self.edition, self.journal, self.entry, self.line)
        return "|".join((ENTRY_RULE, *places))

    @property
    def amount(self):
        return self.balance


@dataclass(frozen=True, kw_only=True)
class DatasetManifest(LedgerRow):
    """Which edition of a dataset is the last one, and whether the signature that it stands behind still holds."""

    contract = "ledger.manifest/1.0"

    dataset: Part = means("trial_balance, subledger, fixed_assets or general_ledger.")
    edition: Part = means("The last edition that was published.")
    status: Status = means("published, or suspended: the figures have moved since they were signed.")
    reason: Name | None = means("Why it is suspended.", None)
    checkpoint: Part = means("The code of the checkpoint that it stands behind.")
    signature: Part = means("The fingerprint of what was signed last.")

    @staticmethod
    def key_of(dataset, company, period):
        return "|".join((MANIFEST_RULE, dataset, company, period))

    @property
    def key(self):
        return self.key_of(self.dataset, self.company, self.period)
