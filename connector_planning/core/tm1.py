"""Figures and dimensions to IBM Planning Analytics (TM1): a file, a process, its error log, an MDX query read back."""

import csv
import re
from urllib.parse import quote

from odoo.addons.finance_integration_governance.core.connector import Loaded, Setting
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    MalformedPayload,
    printable,
)

from .answers import mapping, text
from .columns import key_in
from .tables import FileLoad, content_of, table_settings
from .tm1_system import SERVER, Tm1System, cells_of

SUCCESS = "CompletedSuccessfully"
NOTHING = ("RollbackCalled",)  # what says that nothing was kept; of any other end nobody knows how much was
MINOR = ("HasMinorErrors", "CompletedWithMessages")  # rows were left out, the others are there
# The record as the file has it, then where it stood, then what was wrong with it.
_LINE = re.compile(r"(?P<record>.*?),?\s*Data Source line \([0-9]+\)\s*Error:\s*(?P<why>.*)")


class Tm1Actuals(Tm1System, FileLoad):
    """Puts a file beside the model, runs the process that reads it, and asks an MDX query for the cells.

    A load counts where the process has completed successfully, its error log names each row that it left out, and the
    totals of the query tie. The query has members of the figures on rows, and the measures on columns.
    """

    code = "tm1.actuals"
    label = "IBM Planning Analytics: figures and dimensions"
    settings = table_settings(
        *SERVER,
        Setting("process", "Process", help="It reads the file and replaces the figures"),
        Setting("parameter", "Parameter with the file's name", required=False),
        Setting("file", "File", default="odoo-actuals.csv"),
        Setting("folder", "Folder of files", kind="choice", default="Blobs", choices=("Blobs", "Files")),
        Setting("mdx", "MDX query to read back", help="Members on rows, measures on columns"),
    )

    @property
    def _content(self):
        return f"/Contents('{self.folder}')/Contents"

    def place(self):
        return f"tm1/{self._http.endpoint.authority}{self._http.endpoint.path}/{self.file}".lower()

    # Load

    def load(self, payloads):
        """The file is replaced, then the process starts; it runs on while nobody waits."""
        content = content_of(payloads)
        there = f"{self._content}({_name(self.file)})"
        if self._call("GET", there, expect=(404,)).status == 404:
            document = {"@odata.type": "#ibm.tm1.api.v1.Document", "ID": self.file, "Name": self.file}
            self._call("POST", self._content, json=document)
        kind = {"Content-Type": "application/octet-stream"}
        self._call("PUT", f"{there}/Content", body=content, headers=kind)
        return self._started()

    def _started(self):
        told = {"Parameters": [{"Name": self.parameter, "Value": self.file}]} if self.parameter else {}
        path = f"/Processes({_name(self.process)})/tm1.ExecuteWithReturn"
        prefer = {"Prefer": "respond-async"}
        answer = self._call("POST", path, query={"$expand": "*"}, json=told, headers=prefer)
        found = re.search(r"_async\('([^']+)'\)", answer.headers.get("location", ""))
        if answer.status != 202 or not found:
            raise MalformedPayload("the process was started, and the answer does not say where to ask for its end")
        return found[1]

    def poll(self, reference):
        answer = self._call("GET", f"/_async({_name(reference)})", expect=(404,))
        if answer.status == 202:
            return Loaded("pending", "the process is running")
        if answer.status == 404:
            # The server forgets: whether the figures are there has to be looked at.
            return Loaded("partly", "TM1 does not know any more how the process has ended")
        told = mapping(answer)
        return self._ended(text(told, "ProcessExecuteStatusCode"), told.get("ErrorLogFile"))

    def _ended(self, status, log):
        dump = self._log(log) if log else ""
        errors, is_clear = _errors(dump)
        rejects = self._named(errors)
        told = {"text": status, "rejects": rejects, "ignored": len(errors), "dump": dump}
        if status in NOTHING:
            return Loaded("refused", **told)
        # A log without rows says that something else was wrong; a status of errors without a log says nothing at all.
        is_explained = is_clear and bool(rejects) and len(rejects) == len(errors)
        if (status == SUCCESS and not log) or (status in (SUCCESS, *MINOR) and is_explained):
            return Loaded("accepted", **told)
        return Loaded("partly", **told)

    def _log(self, log):
        name = log.get("Filename") if isinstance(log, dict) else log
        if not isinstance(name, str):
            raise MalformedPayload("the answer names no error log")
        answer = self._call("GET", f"/ErrorLogFiles({_name(name)})/Content", expect=(404,))
        return answer.body.decode("utf-8-sig", "replace") if answer.status == 200 else ""

    def _named(self, errors):
        """Key -> reason of the rows whose key stands in their record."""
        found = ((key_in(self.columns, next(csv.reader([record]), [])), why) for record, why in errors.items())
        return {key: printable(why, 200) for key, why in found if key}

    # Read back

    def _held(self, figures):
        return cells_of(self._queried(self.mdx))

    def probe(self):
        answer = self._call("GET", f"/Processes({_name(self.process)})", query={"$select": "Name"}, expect=(404,))
        if answer.status == 404:
            raise ConfigurationError(f"there is no process {self.process}, or this user does not see it")
        return f"{self._http.endpoint.host} answered, and has the process {text(mapping(answer), 'Name')}."


def _name(name):
    """A name in an OData address: quotes in it are doubled."""
    return "'" + quote(name.replace("'", "''"), safe="") + "'"


def _errors(dump):
    """(record -> reason of each row that the error log speaks of, whether it speaks of nothing else)."""
    lines = [_LINE.match(line) for line in dump.splitlines() if line.strip()]
    return {line["record"]: line["why"] for line in lines if line}, all(lines)
