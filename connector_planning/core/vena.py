"""Figures to Vena: a file into an import template's job, followed to its end, and intersections read back."""

import hashlib
from functools import cached_property
from urllib.parse import parse_qsl, quote, urlsplit

from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.connector import Loaded, Setting
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload, printable
from odoo.addons.finance_integration_governance.core.http_wire import Limits

from .answers import mapping, text
from .carried import CARRIED
from .logins import FixedLogin
from .member import Member
from .tables import LARGEST, FileLoad, content_of, table_settings

WAITING = ("EDITING", "NOT_STARTED", "SUBMITTED", "RUNNING", "WAITING", "QUEUED")
NOTHING = ("CANCELLED", "EXPIRED")
PAGE = 20_000
_LIMITS = Limits(max_bytes=LARGEST)


class VenaActuals(FileLoad):
    """Starts a job of an import template with a file, follows it, and reads the intersections of a model back.

    A job counts where it is completed without a warning, and the totals of the model tie. Vena names no rows, so a job
    with warnings waits for a person; a job that ends in an error may have made some of its steps.
    """

    code = "vena.actuals"
    label = "Vena: figures"
    # What a model reads back are its cells: a member that nothing stands on is in none of them.
    carries = tuple(cls for cls in CARRIED if cls is not Member)
    settings = table_settings(
        Setting("base_url", "Address", default="https://us1.vena.io", help="Of your hub: us1, us2, us3, ca3, eu1 ..."),
        Setting("user", "API user"),
        Setting("api_key", "API key", secret=True),
        Setting("template", "Import template", help="Its id; its load has to replace figures, not to add them"),
        Setting("model", "Model to read back", help="Its id"),
    )

    @cached_property
    def _http(self):
        base = f"{self.base_url.rstrip('/')}/api/public/v1"
        return self.http(base, authorization=FixedLogin("Basic", self.user, self.api_key), limits=_LIMITS)

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
        """Column names, then the rows of every page; each page has the names in front."""
        path, query, seen, header = f"/models/{quote(self.model, safe='')}/intersections", {"pageSize": PAGE}, [], None
        while query:
            told, query = self._page(path, query)
            seen.append(query)
            if query and query in seen[:-1]:
                raise MalformedPayload("the pages of the model do not go on")
            names = [str(name) for name in told["names"]]
            if header is None:
                header = names
                yield header
            if names != header:
                raise MalformedPayload("a page of the model has other columns than the one before")
            yield from told["rows"]

    def _page(self, path, query):
        """(names and rows of a page, query of the next one or None)."""
        told = mapping(self._http.get(path, query=query))
        about, found = told.get("metadata"), told.get("data")
        names = about.get("headers") if isinstance(about, dict) else None
        if not isinstance(names, list) or not isinstance(found, list) or not all(isinstance(r, list) for r in found):
            raise MalformedPayload("the answer has no rows with names")
        rows = [["" if cell is None else str(cell) for cell in row] for row in found[1:]]
        following = about.get("nextPage")
        # Where we call is not the answer's to say: only what it asks there is taken.
        return {"names": names, "rows": rows}, dict(parse_qsl(urlsplit(str(following)).query)) if following else None

    def probe(self):
        self._http.get(f"/models/{quote(self.model, safe='')}/intersections", query={"pageSize": 1})
        return f"{self._http.endpoint.host} answered, accepts the key and lets it read the model."


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
