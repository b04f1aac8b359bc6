"""Pigment as a connection names it: key, exports and settings that both directions have in common."""

from functools import cached_property
from urllib.parse import quote

from odoo.addons.finance_integration_governance.core.connector import Connector, Setting
from odoo.addons.finance_integration_governance.core.csv_rows import DELIMITERS
from odoo.addons.finance_integration_governance.core.http_wire import Limits

from .tables import LARGEST

BLOCKS = ("view", "list", "metric", "table")
ACCOUNT = (
    Setting("base_url", "API address", default="https://pigment.app/api"),
    Setting("token", "API key", secret=True, help="It acts as the person who made it"),
)
BLOCK = (
    Setting("block_kind", "What is exported", kind="choice", default="view", choices=BLOCKS),
    Setting("block", "View or block that is exported", help="Its id; its export has the columns below"),
)
DELIMITER = Setting("delimiter", "Between columns", kind="choice", default="semicolon", choices=("semicolon", "comma"))


class PigmentSystem(Connector):
    """A connector with the settings `ACCOUNT`, `BLOCK` and `DELIMITER`."""

    @cached_property
    def _http(self):
        return self.http(self.base_url, token=self.token, limits=Limits(max_bytes=LARGEST))

    def _exported(self):
        """The block as CSV, with `delimiter` between columns."""
        path = f"/v1/export/{self.block_kind}/{quote(self.block, safe='')}"
        if self.block_kind == "view":
            answer = self._http.get(
                path, query={"fieldDelimiter": DELIMITERS[self.delimiter]}, headers={"Accept": "text/csv"}
            )
        else:
            answer = self._http.post(path, json={}, headers={"Accept": "text/csv"})
        return answer.body

    def probe(self):
        answer = self._http.get("/v1/importConfigurations", query={})
        return f"{self._http.endpoint.host} answered, and accepts the key ({len(answer.body)} bytes of configurations)."
