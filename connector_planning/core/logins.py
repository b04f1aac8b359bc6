"""What stands in `Authorization` for every call of systems that know no tokens."""

import base64

from odoo.addons.finance_integration_governance.core.redaction import register


class FixedLogin:
    """`scheme` and base64 of the parts with colons between them: Basic (RFC 7617), and what is built like it."""

    def __init__(self, scheme, *parts):
        self._header = f"{scheme} {register(base64.b64encode(':'.join(parts).encode()).decode())}"

    def header(self):
        return self._header

    def renew(self):
        """False: what was refused is refused again."""
        return False
