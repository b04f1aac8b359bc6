"""The contracts of payments are frozen by version, and defined; who is in them is known to the masks."""

from pathlib import Path

from odoo.addons.connector_bank.core import payment
from odoo.addons.connector_bank.core.payment import Payment, PaymentStatus
from odoo.addons.finance_integration_governance.core.masking import classes
from odoo.addons.finance_integration_governance.core.testing.frozen_contracts import FrozenContracts


class TestPaymentContracts(FrozenContracts):
    contracts = (Payment, PaymentStatus)
    folder = Path(payment.__file__).parent / "schemas"

    def test_whoever_is_named_can_be_masked(self):
        known = classes(Payment)
        assert {known[name] for name in ("own_name", "other_name", "own_name_before")} == {"name"}
        assert known["other_account"] == known["other_account_before"] == "iban"
        assert known["other_town"] == known["own_street"] == "address"
        assert known["text"] == classes(PaymentStatus)["reason_text"] == "text"
