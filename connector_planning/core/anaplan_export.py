"""Budgets and members out of Anaplan: an export action is run, followed to its end, and its file fetched whole.

The file of an export has the export's own id, and nothing locks it: whoever runs the export again writes over it, also
while somebody reads. So our task is followed, has to be the newest of its export before and after the file was read,
and nothing else may run meanwhile; else what was read is thrown away and comes again.
"""

import datetime as dt
import time
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from odoo.addons.finance_integration_governance.core.connector import Setting
from odoo.addons.finance_integration_governance.core.csv_rows import DELIMITERS
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    TransientError,
    printable,
)

from .anaplan_api import BUSY, moment
from .anaplan_file import Result
from .anaplan_system import MODEL, AnaplanSystem
from .answers import text
from .budget_files import LARGEST
from .table_source import TOTALS, BudgetTable, MemberTable, as_payload, csv_settings, csv_table

RUNNING = ("NOT_STARTED", "IN_PROGRESS", "CANCELLING")
_FOLLOWING = 20  # seconds that a task is followed before it is asked for later
_PAUSE = 1
# Clocks differ; a task that began a little before our run was asked for may be one of its own.
_CLOCKS = dt.timedelta(seconds=300)


@dataclass(frozen=True)
class Task:
    """One run of the export. `begun_at`: naive UTC."""

    id: str
    state: str
    begun_at: dt.datetime

    @property
    def is_running(self):
        return self.state in RUNNING


class AnaplanExport(AnaplanSystem):
    """Runs an export and gives its file as it is; with a reader of tables it is a source."""

    @cached_property
    def _export(self):
        return self._api.id_of("/exports", "exports", self.export_action)

    @cached_property
    def _id(self):
        """The id of the export, which is that of its file, too."""
        return quote(text(self._export, "id"), safe="")

    def _fetched(self, window):
        task = self._task(window)
        self._follow(task)
        self._must_be_alone(task)
        content = self._file()
        self._must_be_alone(task)
        return as_payload(f"export-{self._id}.csv", content, "text/csv", cursor=task)

    def _table(self, content):
        return csv_table(content, self.delimiter, self.encoding)

    # Which task

    def _task(self, window):
        """The id of the newest task, if it began since the run was asked for and was not read yet; else of a new one.

        The answer to a start may be lost, and a run may be cut off while it waits: both are found again.
        """
        tasks = self._tasks()
        newest = max(tasks, key=lambda task: task.begun_at, default=None)
        is_recent = newest is not None and newest.id != window.cursor and _is_since(window, newest)
        if [task for task in tasks if task.is_running and (task is not newest or not is_recent)]:
            raise self._not_alone()
        if is_recent and (newest.is_running or _is_good(*self._result(newest.id))):
            return newest.id
        return self._started()

    def _tasks(self):
        path = f"/exports/{self._id}/tasks"
        told = [one for one in self._api.listed(path, "tasks") if one.get("creationTime")]
        return [Task(text(one, "taskId"), text(one, "taskState"), moment(one["creationTime"])) for one in told]

    def _started(self):
        told = self._api.found(self._api.post(f"/exports/{self._id}/tasks", json={"localeName": "en_US"}), "the export")
        return text(told.get("task") or told, "taskId")

    # Its end

    def _follow(self, task):
        """Until the task has ended well; TransientError while it works, DataError where it ended in another way."""
        until = time.monotonic() + _FOLLOWING
        while (told := self._result(task))[0] in RUNNING:
            if time.monotonic() > until:
                words = "the export is still being made"
                raise TransientError(words, code="still_working", retry_after=_FOLLOWING, sent=True)
            time.sleep(_PAUSE)
        if not _is_good(*told):
            words = printable(f"the export has ended as {told[0]}: {told[1].text}", 500)
            raise DataError(words, code="export_failed")

    def _result(self, task):
        """(state, `Result`) of a task."""
        answer = self._api.get(f"/exports/{self._id}/tasks/{quote(task, safe='')}")
        told = self._api.found(answer, "the task of the export").get("task") or {}
        return text(told, "taskState"), Result(told.get("result") or {})

    def _must_be_alone(self, task):
        """TransientError where the export was run again; ConfigurationError where its tasks cannot be seen."""
        tasks = {one.id: one for one in self._tasks()}
        if task not in tasks:
            # Without access the list is empty, and the answer is 200 all the same.
            words = "the tasks of the export cannot be seen: this user may have no access to them"
            raise ConfigurationError(words, code="missing_or_no_access")
        others = [one for one in tasks.values() if one.id != task]
        if any(one.is_running or one.begun_at > tasks[task].begun_at for one in others):
            raise self._not_alone()

    def _not_alone(self):
        words = "the export was run by somebody else meanwhile; its file may be of either"
        return TransientError(words, code="conflict", retry_after=BUSY, sent=True)

    # Its file

    def _file(self):
        """All chunks of the file, in their order. TransientError for part of it."""
        path = f"/files/{self._id}/chunks"
        ids = [text(chunk, "id") for chunk in self._api.listed(path, "chunks")]
        told = [file.get("chunkCount") for file in self._api.listed("/files", "files") if file.get("id") == self._id]
        count = told[0] if told and told[0] else len(ids)
        if set(ids) != {str(number) for number in range(count)}:
            words = f"the file of the export has {len(ids)} of {count} chunks"
            raise TransientError(words, code="not_whole", sent=True)
        content = b""
        for number in range(count):
            content += self._chunk(f"{path}/{number}")
            if len(content) > LARGEST:
                break  # which `as_payload` says in words
        return content

    def _chunk(self, path):
        answer = self._api.get(path, headers={"Accept": "application/octet-stream"})
        if answer.status != 200:
            raise TransientError("a chunk of the export is gone", status=answer.status, code="not_whole", sent=True)
        return answer.body

    def probe(self):
        answer = self._api.get(f"/exports/{self._id}")
        told = self._api.found(answer, "the export").get("exportMetadata") or {}
        kind, between = told.get("exportFormat"), told.get("separator")
        if kind not in (None, "text/csv") or between not in (None, DELIMITERS[self.delimiter]):
            words = f"the export gives {printable(str(kind), 40)} with {printable(repr(between), 20)} between columns"
            raise ConfigurationError(f"{words}; it has to be CSV as the connection says", setting="delimiter")
        names = ", ".join(map(str, told.get("headerNames") or ())) or "not told"
        words = f"{self._export.get('name')} has the columns {printable(names, 500)}"
        return f"Anaplan answered: the model is {self._model_state()}; {words}."


def _is_since(window, task):
    """Whether the task began after the run was asked for."""
    return bool(window.since) and task.begun_at >= window.since.astimezone(dt.UTC).replace(tzinfo=None) - _CLOCKS


def _is_good(state, result):
    return state == "COMPLETE" and result.is_successful and not result.ignored


_SETTINGS = csv_settings(*MODEL, Setting("export_action", "Export", help="Name or id; it makes a CSV file"))


class AnaplanBudgets(AnaplanExport, BudgetTable):
    """Figures of budgets and forecasts out of the file of an export; what Anaplan adds up itself has to stay out."""

    code = "anaplan.budgets"
    label = "Anaplan: budgets"
    settings = (*_SETTINGS, TOTALS)


class AnaplanMembers(AnaplanExport, MemberTable):
    """Members of lists out of the file of an export."""

    code = "anaplan.members"
    label = "Anaplan: members of lists"
    settings = _SETTINGS
