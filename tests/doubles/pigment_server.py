#!/usr/bin/env python3
"""A small Pigment with one import configuration and one view, for tests.

    pigment_server.py [--port 0]

What bites: an import is Completed although rows were skipped, and the report that says so has to be asked for. Exports
have semicolons. Faults of its own: fail_import, no_report.
"""

from bank_double import serve
from table_double import Answer, TableHandler, spelled, state, table

CONFIGURATION, BLOCK = "6f1f0f0e-0000-4000-8000-000000000001", "6f1f0f0e-0000-4000-8000-000000000002"
NAMES = ("Key", "Company", "Account", "Period", "Currency", "Balance")


class PigmentHandler(TableHandler):
    keeps_zeros = False
    routes = (
        ("POST", "/api/v1/import/push/csv", "push"),
        ("GET", "/api/v1/import/([^/]+)/status", "status"),
        ("GET", "/api/v1/export/view/([^/]+)", "view"),
        ("POST", "/api/v1/export/(list|metric|table)/([^/]+)", "block"),
        ("GET", "/api/v1/importConfigurations", "configurations"),
    )

    def _route(self, method):
        if self.url.path.startswith("/api/"):
            self.bearer()
        return super()._route(method)

    def push(self):
        if self.query.get("configurationId") != CONFIGURATION or self.headers["Content-Type"] != "text/csv":
            raise Answer(400, {"error": "no such import configuration"})
        return {"importId": self.start(content=self.body.decode("utf-8"))}

    def status(self, name):
        job = self.ended(name)
        if job is None:
            return {"importStatus": "InProgress"}
        told = dict(job["result"])
        if self.query.get("includedDetailedReport") != "true" or self.takes("no_report"):
            told.pop("detailedReport")
        return told

    def load(self, job):
        rows = table(job["content"].encode(), ";")
        report = {"insertedCount": 0, "updatedCount": 0, "deletedCount": 0, "skippedCount": 0, "skippedData": []}
        if self.takes("fail_import"):
            return {"importStatus": "Failed", "detailedReport": report}
        named, out = self.kept(rows)
        causes = [{"count": 1, "reason": "MissingModality", "sourceColumnName": "Account", "samples": ["700000"]}]
        if named:
            causes = [{"count": 1, "reason": "ParsingError", "sourceColumnName": "Key", "samples": [named[0]["Key"]]}]
        report |= {"insertedCount": len(rows) - out, "skippedCount": out, "skippedData": causes if out else []}
        return {"importStatus": "Completed", "detailedReport": report}

    def view(self, name):
        self._must_be_ours(name)
        self._export(self.query.get("fieldDelimiter", ";"))

    def block(self, _kind, name):
        self._must_be_ours(name)
        self._export(";")

    def _must_be_ours(self, name):
        if name != BLOCK:
            raise Answer(404, {"error": "no such block"})

    def _export(self, delimiter):
        raise Answer(200, spelled(self.bank["cells"].values(), self.names(NAMES), delimiter), Content_Type="text/csv")

    def configurations(self):
        return [{"id": CONFIGURATION}]


if __name__ == "__main__":
    serve(PigmentHandler, state(), __doc__)
