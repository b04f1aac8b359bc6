"""The bank's contracts are frozen by version, and defined."""

from pathlib import Path

from odoo.addons.connector_bank.core import statement
from odoo.addons.connector_bank.core.statement import BankEntry, BankReport, BankStatement, ProvisionalEntry
from odoo.addons.finance_integration_governance.core.testing.frozen_contracts import FrozenContracts


class TestBankContracts(FrozenContracts):
    contracts = (BankStatement, BankReport, BankEntry, ProvisionalEntry)
    folder = Path(statement.__file__).parent / "schemas"
