"""The export actions of the simulated Anaplan: each task writes the file that has the export's id; nobody locks it.

So the next run of an export, whoever starts it, writes over what somebody reads. Faults beside those of the server:
fail_export (COMPLETE, and not successful), half_written (half of the chunks), chunk_gone, no_content (404), run_again
(somebody runs the export while its chunks are read).
"""

import json
import uuid

from anaplan_words import Answer, HangUp, Refused

EXPORT, LIST = "116000000001", "116000000002"
NAMES = {EXPORT: "Budget - planning.csv", LIST: "Accounts.csv", "116000000003": "Ledger.csv"}


class Exports:
    """`tables`: what each export makes when it runs ({"text": ..., "chunk": bytes each}); `outputs`: what it made."""

    def forget_exports(self):
        self.tables, self.outputs, self.exported = {}, {}, {}

    def exports(self, handler, model):
        self._in(model)
        told = [{"id": one, "name": name, "exportType": "TABULAR_MULTI_COLUMN"} for one, name in NAMES.items()]
        return self._paged(handler, "exports", told)

    def _known(self, model, number):
        self._in(model)
        if number not in NAMES:
            raise Refused(404, "not found")

    def export(self, _handler, model, number):
        self._known(model, number)
        lines = self.tables.get(number, {}).get("text", "").splitlines() or [""]
        told = {"headerNames": lines[0].split(","), "columnCount": lines[0].count(",") + 1, "rowCount": len(lines)}
        told |= {"exportFormat": "text/csv", "encoding": "UTF-8", "delimiter": '"', "separator": ","}
        return self._enveloped("exportMetadata", told)

    def files_of_exports(self):
        return [{"id": one, "name": NAMES[one], "chunkCount": len(chunks)} for one, chunks in self.outputs.items()]

    # Tasks

    def run(self, number):
        task = {"taskId": uuid.uuid4().hex.upper(), "creationTime": int(self.now() * 1000), "polls": 0, "of": number}
        self.exported[task["taskId"]] = task
        return task

    def start_export(self, handler, model, number):
        self._known(model, number)
        if json.loads(handler.body or b"{}").get("localeName") != "en_US":
            raise Refused(400, "localeName is required")
        if self.take("busy_once"):
            raise Refused(409, "the model is busy")
        task = self.run(number)
        if self.take("drop_after_start"):
            raise HangUp
        return self._enveloped("task", {"taskId": task["taskId"]})

    def export_tasks(self, handler, model, number):
        self._in(model)
        found = [self._shown_export(task) for task in self.exported.values() if task["of"] == number]
        return self._paged(handler, "tasks", [] if self.take("no_tasks") else found)

    def _shown_export(self, task):
        told = {"taskId": task["taskId"], "creationTime": task["creationTime"]}
        return told | {"taskState": task.get("state", "IN_PROGRESS" if task["polls"] else "NOT_STARTED")}

    def export_task(self, _handler, model, number, name):
        self._known(model, number)
        task = self.exported.get(name)
        if not task or task["of"] != number:
            raise Refused(404, "not found")
        task["polls"] += 1
        if "state" not in task and task["polls"] > self.given.polls and not self.take("never_ends"):
            self._make(task)
        told = self._shown_export(task) | {"progress": 1.0 if "state" in task else 0.5}
        return self._enveloped("task", told | ({"result": task["result"]} if "result" in task else {}))

    def _make(self, task):
        """Write the file, or fail; whether it was successful is not in the state."""
        failed = self.take("fail_export")
        task["state"] = "CANCELLED" if self.take("cancelled") else "COMPLETE"
        words = [{"localMessageText": "The saved view is gone", "type": "exportFailed", "occurrences": 1}]
        result = {"successful": not failed and task["state"] == "COMPLETE", "objectId": task["of"]}
        task["result"] = result | {"failureDumpAvailable": False} | ({"details": words} if failed else {})
        if result["successful"]:
            told = self.tables.get(task["of"], {"text": ""})
            content, size = told["text"].encode(told.get("encoding", "utf-8")), told.get("chunk", 10_000_000)
            self.outputs[task["of"]] = [content[at : at + size] for at in range(0, len(content), size)]

    # The file

    def export_chunks(self, handler, model, number):
        self._known(model, number)
        chunks = self.outputs.get(number)
        if chunks is None or self.take("no_content"):
            raise Refused(404, "not found")
        if self.take("half_written"):
            chunks = chunks[: len(chunks) // 2]
        told = [{"id": str(place), "name": f"Chunk {place}"} for place in range(len(chunks))]
        return self._paged(handler, "chunks", told)

    def export_chunk(self, _handler, model, number, chunk):
        self._known(model, number)
        if self.take("run_again"):
            self.run(number)
        if self.take("chunk_gone") or int(chunk) >= len(self.outputs.get(number, ())):
            raise Refused(404, "not found")
        return Answer(200, self.outputs[number][int(chunk)], kind="application/octet-stream")
