"""Figures and dimensions to Anaplan: chunks into an import's file, the import or process run, a view read back."""

import csv
import io
import time
from decimal import Decimal, InvalidOperation
from functools import cached_property
from urllib.parse import quote

from odoo.addons.finance_integration_governance.core.connector import (
    Loaded,
    LoadingDestination,
    Receipt,
    Setting,
)
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    MalformedPayload,
    TransientError,
    printable,
)

from .anaplan_api import moment
from .anaplan_file import KEY, Chunk, Result, rejects_of
from .anaplan_system import MEGABYTE, MODEL, AnaplanSystem
from .answers import mapping, rows, text
from .carried import CARRIED, carried_by

LARGEST = 50  # megabytes of a chunk
MOST_CHUNKS = 1000
CURRENCY = "Currency"
_READING = 20  # seconds that a read of a view may take before it is asked for later
# Clocks differ; a task that began a little before ours was announced may be ours.
_CLOCKS = 300


class AnaplanActuals(AnaplanSystem, LoadingDestination):
    """Uploads figures in chunks to the file of an import, runs the import (or a process), and reads the cells back.

    A load counts where the task was successful, no row was ignored that is not named, and the totals of a view tie. The
    file has the columns of the contract and one called Key; the view has Key, Currency and Balance (of rates Rate; of
    members Key alone, which says that they are there).
    """

    code = "anaplan.actuals"
    label = "Anaplan: figures and dimensions"
    carries = CARRIED
    reads_back = False
    settings = (
        *MODEL,
        Setting("import_action", "Import", help="Name or id"),
        Setting("process", "Process", required=False, help="Name or id, where a process loads it"),
        Setting("view", "View to read back", help="Id of a saved view with Key, Currency and Balance or Rate"),
        Setting("megabytes", "Megabytes per chunk", kind="integer", default=10),
    )

    @cached_property
    def _import(self):
        return self._api.id_of("/imports/", "imports", self.import_action)

    @cached_property
    def _file(self):
        """The file that the import reads is its data source."""
        return quote(text(self._import, "importDataSourceId"), safe="")

    @cached_property
    def _action(self):
        """The path of what loads the file."""
        if self.process:
            return f"/processes/{quote(text(self._api.id_of('/processes', 'processes', self.process), 'id'), safe='')}"
        return f"/imports/{quote(text(self._import, 'id'), safe='')}"

    # Chunks

    def serialize(self, objects):
        """Chunks of whole rows, the first one with the header."""
        chunk, most = Chunk(0), self._chunk_size()
        for one in objects:
            if chunk.size >= most:
                yield chunk.payload()
                chunk = Chunk(chunk.number + 1)
            if chunk.number == MOST_CHUNKS:
                raise ConfigurationError(f"more than {MOST_CHUNKS} chunks: make them larger", setting="megabytes")
            chunk.add(one)
        if chunk.size:
            yield chunk.payload()

    def _chunk_size(self):
        size = int(self.megabytes)
        if not 0 < size <= LARGEST:
            raise ConfigurationError(f"megabytes per chunk: from 1 to {LARGEST}", setting="megabytes")
        # The last row may lie over it.
        return size * MEGABYTE - 64 * 1024

    # Upload and load

    def place(self):
        return f"anaplan/{self.workspace}/{self.model}/{self._file}".lower()

    def begin(self, count):
        told = self._api.post(f"/files/{self._file}", json={"chunkCount": count})
        self._api.found(told, "the file of the import")

    def upload(self, number, payload):
        with payload.open() as stream:
            body = stream.read()
        headers = {"Content-Type": "application/octet-stream"}
        answer = self._api.put(f"/files/{self._file}/chunks/{number}", body=body, headers=headers)
        if answer.status != 204:
            raise TransientError(f"chunk {number} was answered with {answer.status}", status=answer.status, sent=True)
        return Receipt("pending", f"{self._file}/{number}")

    def seal(self):
        self._api.found(self._api.post(f"/files/{self._file}/complete", json={}), "the file of the import")

    def load(self, _payloads=()):
        answer = self._api.post(f"{self._action}/tasks", json={"localeName": "en_US"})
        told = self._api.found(answer, "the import")
        # The specification has it bare, the service in a `task`.
        return text(told.get("task") or told, "taskId")

    def find_load(self, since, known=()):
        """The newest task that began since our announcement: a start whose answer was lost is not made twice.

        ConfigurationError where no task is listed at all: who has no access to tasks is told the same.
        """
        told = self._api.found(self._api.get(f"{self._action}/tasks", query={"sort": "-creationTime"}), "the import")
        one = told.get("task")
        tasks = rows(told, "tasks") or ([one] if isinstance(one, dict) else rows(told, "task"))
        if not tasks:
            why = "no task of the import is listed: none was ever started, or this user has no access to them"
            way_out = "where none was, cancel the run and start another"
            raise ConfigurationError(f"{why}; {way_out}", code="missing_or_no_access")
        begun = [(moment(task["creationTime"]), text(task, "taskId")) for task in tasks if task.get("creationTime")]
        ours = [one for one in begun if (since - one[0]).total_seconds() < _CLOCKS and one[1] not in known]
        return max(ours)[1] if ours else None

    def poll(self, reference):
        path = f"{self._action}/tasks/{quote(reference, safe='')}"
        task = self._api.found(self._api.get(path), "the task").get("task") or {}
        state = text(task, "taskState")
        if state in ("NOT_STARTED", "IN_PROGRESS", "CANCELLING"):
            return Loaded("pending", state)
        result = task.get("result") or {}
        return self._ended(path, state, Result(result))

    def _ended(self, path, state, result):
        """What a task has come to, with its dump: it may be gone by the next call."""
        dump = self._dump(path, result) if result.has_dump or result.ignored else ""
        rejects = rejects_of(dump)
        told = {"text": printable(result.text, 1000), "rejects": rejects, "ignored": result.ignored, "dump": dump}
        if state != "COMPLETE" or not result.is_successful:
            return Loaded("partly" if result.is_begun else "refused", **told)
        return Loaded("accepted" if result.ignored <= len(rejects) else "partly", **told)

    def _dump(self, path, result):
        """The rows that were left out, as they are told: of the import, or of each object of a process."""
        paths = [f"{path}/dumps/{quote(one, safe='')}" for one in result.dumps] if self.process else [f"{path}/dump"]
        return "".join(map(self._dump_of, paths))

    def _dump_of(self, path):
        listed = self._api.get(f"{path}/chunks")
        if listed.status == 404:
            return ""
        ids = [text(chunk, "id") for chunk in rows(mapping(listed), "chunks")]
        parts = [self._api.get(f"{path}/chunks/{quote(one, safe='')}") for one in ids]
        return b"".join(part.body for part in parts if part.status == 200).decode("utf-8-sig")

    # Read back

    def read_back(self, figures):
        amount = carried_by(figures).amount
        return self.as_sent(figures, self._cells([KEY, amount.title(), CURRENCY] if amount else [KEY]))

    def _cells(self, names):
        """(key, amount, currency) of what the view holds now, page by page; both None where only keys are asked for."""
        base = f"/views/{quote(self.view, safe='')}/readRequests"
        told = self._api.found(self._api.post(base, json={"exportType": "TABULAR_MULTI_COLUMN"}), "the view")
        request = f"{base}/{quote(text(told, 'viewReadRequest', 'requestId'), safe='')}"
        header = None
        for page in range(self._pages(request)):
            answer = self._api.get(f"{request}/pages/{page}", headers={"Accept": "text/csv"})
            if answer.status != 200:
                raise TransientError("a page of the view is gone", status=answer.status, sent=True)
            read = csv.reader(io.StringIO(answer.body.decode("utf-8-sig")))
            header = header or _places(names, next(read, []))
            yield from filter(None, (_cell(row, header) for row in read))
        self._api.delete(request)

    def _pages(self, request):
        """How many pages the view has, once it was read."""
        until = time.monotonic() + _READING
        while True:
            told = mapping(self._api.get(request)).get("viewReadRequest") or {}
            if told.get("requestState") == "COMPLETE":
                return int(told.get("availablePages") or 0)
            if time.monotonic() > until:
                raise TransientError("the view is still being read", retry_after=_READING, sent=True)
            time.sleep(0.5)

    def probe(self):
        # Looked up in the list: a file's own address gives its content, or 404 where it has none.
        file = self._api.id_of("/files", "files", text(self._import, "importDataSourceId"))
        told = f"{self._import.get('name')} reads {file.get('name')}"
        return f"Anaplan answered: the model is {self._model_state()}; {told}."


def _places(names, header):
    missing = [name for name in names if name not in header]
    if missing:
        raise ConfigurationError(f"the view to read back has no column {', '.join(missing)}", setting="view")
    return [header.index(name) for name in names]


def _cell(row, places):
    """(key, amount, currency) of a row; None for a row that is filled with nothing."""
    if not row or not row[places[0]]:
        return None
    try:
        key, *told = (row[place] for place in places)
        return (key, Decimal(told[0] or "0"), told[1]) if told else (key, None, None)
    except (InvalidOperation, IndexError):
        raise MalformedPayload("the view holds a row that is no figure") from None
