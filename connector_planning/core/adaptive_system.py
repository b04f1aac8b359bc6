"""An instance of Workday Adaptive Planning as a connection names it: login, calls and exports of both directions."""

from functools import cached_property

from odoo.addons.finance_integration_governance.core.connector import Connector, Setting
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, DataError, printable
from odoo.addons.finance_integration_governance.core.http_wire import Limits

from .adaptive_xml import call, element, response
from .tables import LARGEST

INSTANCE = (
    Setting("base_url", "API address", default="https://api.adaptiveplanning.com/api/v40"),
    Setting("login", "Login"),
    Setting("password", "Password", secret=True),
    Setting("instance", "Instance code", required=False),
)


class AdaptiveSystem(Connector):
    """A connector with the settings `INSTANCE` and `plan_version`."""

    @cached_property
    def _http(self):
        kind = {"Content-Type": "text/xml; charset=utf-8", "Accept": "application/xml"}
        return self.http(self.base_url, headers=kind, limits=Limits(max_bytes=LARGEST))

    def _call(self, method, content):
        """The answer's bytes. The credentials are in the call, so it is made here and stored nowhere."""
        told = {"login": self.login, "password": self.password, "instanceCode": self.instance, "locale": "en_US"}
        return self._http.post("", body=call(method, told, content)).body

    def _called(self, method, content):
        return response(self._call(method, content))

    def _version(self):
        return element("version", name=self.plan_version, isDefault="false")

    def _exported(self, first, last, dimensions):
        """The answer's bytes with the export from one (year, month) to another, by accounts and levels."""
        asked = element("format", useInternalCodes="true", includeUnmappedItems="false")
        asked += element("filters", element("timeSpan", start="/".join(first[::-1]), end="/".join(last[::-1])))
        if dimensions:
            asked += element("dimensions", "".join(element("dimension", name=name) for name in dimensions))
        local = element("currency", useCorporate="false", useLocal="true")
        asked += element("rules", local, includeZeroRows="false", includeRollupAccounts="false", timeRollups="false")
        return self._call("exportData", self._version() + asked)

    def probe(self):
        told = self._called("exportVersions", "")
        if not told.is_success:
            raise ConfigurationError(f"the login was refused: {printable('; '.join(told.messages), 200)}", status=401)
        return f"{self._http.endpoint.host} answered, and accepts the login."


def output_of(body):
    """The CSV of an export; DataError where it was refused."""
    told = response(body)
    if not told.is_success:
        raise DataError(f"the export was refused: {printable('; '.join(told.messages), 300)}", code="not_read_back")
    return told.output.strip().encode()
