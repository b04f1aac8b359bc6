"""A server that behaves like Anaplan, and what a connection to it says."""

import os
from unittest.mock import patch

from odoo.addons.finance_integration_governance.core.testing.double import Double

PASSWORD = "canary-anaplan-password"


class AnaplanMixin:
    def start_anaplan(self):
        """`self.double` answers until the test is over."""
        self.enterContext(patch.dict(os.environ, {"FIN_ANAPLAN_PASSWORD": PASSWORD}))
        self.double = Double("anaplan_server.py", "--password", PASSWORD, "--polls", "1")
        self.addCleanup(self.double.stop)

    def anaplan(self, **settings):
        """The settings of a connection to its model."""
        return {
            "base_url": self.double.url,
            "auth_url": self.double.url,
            "login": "password",
            "user": "planner",
            "secret": "conf:anaplan_password",
            "workspace": "W1",
            "model": "A1B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4",
            **settings,
        }

    def anaplan_import(self):
        return self.anaplan(import_action="Actuals", view="101000000001")
