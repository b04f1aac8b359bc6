"""Figures and dimensions to Pigment: a CSV file pushed to an import, its report, and an export read back."""

from urllib.parse import quote

from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.connector import Loaded, Setting
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload, printable

from .answers import mapping, rows, text
from .columns import key_name
from .pigment_system import ACCOUNT, BLOCK, DELIMITER, PigmentSystem
from .tables import FileLoad, content_of, rows_of, table_settings


class PigmentActuals(PigmentSystem, FileLoad):
    """Pushes a file to an import configuration, follows the import, and exports a block to read the figures back.

    An import counts where it is completed, its report names each row that it skipped, and the totals of the export tie.
    A row is named where the report gives its key among the samples of the column that holds it.
    """

    code = "pigment.actuals"
    label = "Pigment: figures and dimensions"
    settings = table_settings(
        *ACCOUNT,
        Setting("configuration", "Import configuration", help="Its id; it has to replace figures, not to add them"),
        *BLOCK,
        more=(DELIMITER,),
    )

    def place(self):
        return f"pigment/{self._http.endpoint.authority}/{self.configuration}".lower()

    def load(self, payloads):
        query, kind = {"configurationId": self.configuration}, {"Content-Type": "text/csv"}
        answer = self._http.post("/v1/import/push/csv", query=query, body=content_of(payloads), headers=kind)
        return text(mapping(answer), "importId")

    def poll(self, reference):
        path = f"/v1/import/{quote(reference, safe='')}/status"
        told = mapping(self._http.get(path, query={"includedDetailedReport": "true"}))
        state = text(told, "importStatus")
        if state == "InProgress":
            return Loaded("pending", state)
        if state not in ("Completed", "Failed"):
            raise MalformedPayload(f"an import is {printable(state, 40)}, which is no known state")
        return self._ended(state, told.get("detailedReport"))

    def _ended(self, state, report):
        """What the report says of rows that were left out; without one nobody knows."""
        if not isinstance(report, dict) or not isinstance(report.get("skippedCount"), int):
            return Loaded("refused" if state == "Failed" else "partly", f"{state}, without a report")
        skipped, causes = report["skippedCount"], rows(report, "skippedData")
        written = any(report.get(name) for name in ("insertedCount", "updatedCount", "deletedCount"))
        told = {"text": _words(state, causes), "rejects": self._named(causes), "ignored": skipped}
        told["dump"] = canonical(causes) if causes else ""
        if state == "Failed":
            return Loaded("partly" if written else "refused", **told)
        return Loaded("accepted" if skipped <= len(told["rejects"]) else "partly", **told)

    def _named(self, causes):
        key, found = key_name(self.columns), {}
        for cause in causes:
            if key and cause.get("sourceColumnName") == key:
                samples = cause.get("samples") or []
                found |= {str(sample): printable(cause.get("reason", "skipped"), 200) for sample in samples}
        return found

    def _held(self, figures):
        return rows_of(self._exported(), self.delimiter)


def _words(state, causes):
    told = [f"{cause.get('count')} {cause.get('reason')} in {cause.get('sourceColumnName')}" for cause in causes]
    return printable("; ".join([state, *told]), 1000)
