"""Figures to Vena: a file into an import template's job, followed to its end, and intersections read back."""

import hashlib
from urllib.parse import quote

from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.connector import Loaded, Setting
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload, printable

from .answers import mapping, text
from .carried import CARRIED
from .member import Member
from .tables import FileLoad, content_of, table_settings
from .vena_system import HUB, VenaSystem, rows_in

WAITING = ("EDITING", "NOT_STARTED", "SUBMITTED", "RUNNING", "WAITING", "QUEUED")
NOTHING = ("CANCELLED", "EXPIRED")


class VenaActuals(VenaSystem, FileLoad):
    """Starts a job of an import template with a file, follows it, and reads the intersections of a model back.

    A job counts where it is completed without a warning, and the totals of the model tie. Vena names no rows, so a job
    with warnings waits for a person; a job that ends in an error may have made some of its steps.
    """

    code = "vena.actuals"
    label = "Vena: figures"
    # What a model reads back are its cells: a member that nothing stands on is in none of them.
    carries = tuple(cls for cls in CARRIED if cls is not Member)
    settings = table_settings(
        *HUB,
        Setting("template", "Import template", help="Its id; its load has to replace figures, not to add them"),
        Setting("model", "Model to read back", help="Its id"),
    )

    def place(self):
        return f"vena/{self._http.endpoint.authority}/{self.template}".lower()

    def load(self, payloads):
        kind, body = _form(payloads[0].name, content_of(payloads))
        path = f"/etl/templates/{quote(self.template, safe='')}/startWithFile"
        return text(mapping(self._http.post(path, body=body, headers={"Content-Type": kind})), "id")

    def poll(self, reference):
        told = mapping(self._http.get(f"/etl/jobs/{quote(reference, safe='')}"))
        state = text(told, "status")
        if state in WAITING:
            return Loaded("pending", state)
        if state not in ("COMPLETED", "ERROR", *NOTHING):
            raise MalformedPayload(f"a job is {printable(state, 40)}, which is no known state")
        trouble = {name: told[name] for name in ("error", "warnings") if told.get(name)}
        dump = canonical(trouble) if trouble else ""
        ended = "refused" if state in NOTHING else "accepted" if state == "COMPLETED" and not trouble else "partly"
        return Loaded(
            ended, printable(f"{state} {dump}".strip(), 1000), ignored=_count(told.get("warnings")), dump=dump
        )

    def _held(self, figures):
        """Column names, then the rows of every page."""
        return rows_in(self._pages())


def _form(name, content):
    """(content type, body) of the form with the file and what says how to read it."""
    about = {"partName": "file", "fileFormat": "CSV", "fileEncoding": "UTF-8", "fileName": name}
    mark = f"part-{hashlib.sha256(content).hexdigest()[:40]}"
    parts = (
        ('name="metadata"; filename="metadata.json"', "application/json", canonical({"input": about}).encode()),
        (f'name="file"; filename="{name}"', "text/csv; charset=utf-8", content),
    )
    body = b"".join(
        f"--{mark}\r\nContent-Disposition: form-data; {what}\r\nContent-Type: {kind}\r\n\r\n".encode() + part + b"\r\n"
        for what, kind, part in parts
    )
    return f"multipart/form-data; boundary={mark}", body + f"--{mark}--\r\n".encode()


def _count(warnings):
    return len(warnings) if isinstance(warnings, list) else int(bool(warnings))
