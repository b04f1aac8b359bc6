"""What the simulated Anaplan remembers and how it behaves: logins, files, tasks, dumps, cells, reads of views."""

import base64
import csv
import io
import json
import threading
import time
import uuid
from pathlib import Path

from anaplan_exports import Exports
from anaplan_words import Answer, HangUp, Refused

WORKSPACE, MODEL = "W1", "A1B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4"
IMPORT, FILE, PROCESS, CLEANUP, VIEW = "112000000001", "113000000001", "118000000001", "117000000001", "101000000001"
SHOWN = ("Key", "Currency", "Balance", "Rate")  # by the view that is read
OTHERS = ("Accounts", "Entities", "Partners", "Products")
HOURS_48 = 48 * 3600


class Model(Exports):
    """One workspace with one model. Routes get the request's handler and the ids of the address."""

    def __init__(self, given):
        self.given, self.lock, self.skew = given, threading.RLock(), 0
        self.log, self.tokens, self.cells = [], {}, {}
        self.faults = {
            name: int(times) if times else None for name, _c, times in (f.partition(":") for f in given.fault)
        }
        self.file, self.tasks, self.dumps, self.reads = {}, {}, {}, {}
        self.forget_exports()
        self.state = given.state and Path(given.state)
        if self.state and self.state.exists():
            self.cells = json.loads(self.state.read_text())

    def now(self):
        return time.time() + self.skew

    def take(self, name):
        with self.lock:
            left = self.faults.get(name, 0)
            if left:
                self.faults[name] = left - 1
            return left is None or left > 0

    # Control

    def control(self, name, told, server):
        if name == "faults":
            self.faults = dict(told["faults"])
        elif name == "age":
            self.skew += told["hours"] * 3600
        elif name == "upload":  # somebody else writes into the same file
            self.file["chunks"] = {0: told["text"].encode()}
        elif name == "reset":
            self.cells, self.tasks, self.dumps, self.reads, self.file, self.log = {}, {}, {}, {}, {}, []
            self.skew, self.tokens = 0, {}
            self.forget_exports()
        elif name == "export":
            self.tables[told["id"]] = told
        elif name == "run_export":  # by somebody else
            self.run(told["id"])
        shown = {"log": self.log, "cells": list(self.cells.values()), "violations": server.specification.violations}
        return {name: shown.get(name, [self._shown(task) for task in self.tasks.values()])}

    # Logins

    def login(self, path, headers, told):
        kind, _space, given = headers.get("Authorization", "").partition(" ")
        if path == "/token/authenticate":
            good = self._knows(given) if kind == "Basic" else kind == "CACertificate" and self._signed(given, told)
            return self._token(str(uuid.uuid4())) if good else self._no("invalid credentials")
        if kind != "AnaplanAuthToken":
            return Answer(400, {"status": "FAILURE_BAD_REQUEST", "statusMessage": "AnaplanAuthToken expected"})
        if self.tokens.get(given, 0) < self.now():
            return self._no("the token has ended")
        if path == "/token/refresh":
            return self._token(given, 200)
        if path == "/token/logout":
            self.tokens.pop(given)
            return Answer(204)
        return Answer(200, {"status": "SUCCESS", "statusMessage": "Token validated"})

    def _knows(self, given):
        return base64.b64decode(given).decode() == f"{self.given.user}:{self.given.password}"

    def _signed(self, given, told):
        from cryptography import x509
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        pem = base64.b64decode(given)
        with open(self.given.certificate, "rb") as stream:
            known = x509.load_pem_x509_certificate(stream.read())
        shown = x509.load_pem_x509_certificate(pem)
        data, signature = (base64.b64decode(told[name]) for name in ("encodedData", "encodedSignedData"))
        try:
            shown.public_key().verify(signature, data, padding.PKCS1v15(), hashes.SHA512())
        except InvalidSignature:
            return False
        recent = (
            told.get("encodedDataFormat") != "v2" or abs(int.from_bytes(data[:8], "big") / 1000 - time.time()) < 300
        )
        form = told.get("encodedDataFormat", "v1")
        if (self.take("only_v1") and form != "v1") or (self.take("only_v2") and form != "v2"):
            return False
        is_known = shown.fingerprint(hashes.SHA256()) == known.fingerprint(hashes.SHA256())
        return is_known and recent and len(data) >= 100

    def _token(self, value, status=201):
        self.tokens[value] = self.now() + self.given.life
        info = {
            "tokenId": "t-1",
            "tokenValue": value,
            "refreshTokenId": "r-1",
            "expiresAt": int(self.tokens[value] * 1000),
        }
        return Answer(status, {"meta": {"validationUrl": ""}, "status": "SUCCESS", "tokenInfo": info})

    def _no(self, words):
        return Answer(401, {"status": "FAILURE_BAD_CREDENTIAL", "statusMessage": words})

    def admit(self, authorization):
        kind, _space, given = authorization.partition(" ")
        if kind != "AnaplanAuthToken" or self.tokens.get(given, 0) < self.now():
            raise Refused(401, "not authenticated")

    # Metadata

    def _in(self, model):
        if model != MODEL:
            raise Refused(404, "not found")

    def _enveloped(self, name, told):
        told = {name: told} if told not in ([], None) else {}
        return Answer(
            200,
            {"meta": {"schema": f"https://api/objects/{name}"}, "status": {"code": 200, "message": "Success"}} | told,
        )

    def _paged(self, handler, name, members):
        offset, limit = int(handler.query.get("offset", 0)), min(int(handler.query.get("limit", 5000)), self.given.page)
        page = members[offset : offset + limit]
        answer = self._enveloped(name, page)
        paging = {"currentPageSize": len(page), "totalSize": len(members), "offset": offset}
        if offset + limit < len(members):
            paging["next"] = (
                f"https://elsewhere.example{handler.path.partition('?')[0]}?limit={limit}&offset={offset + limit}"
            )
        answer.content["meta"]["paging"] = paging
        return answer

    def status(self, _handler, model):
        self._in(model)
        return Answer(200, {"requestStatus": {"progress": -1.0, "currentStep": "Open", "taskId": None}})

    def imports(self, handler, model):
        self._in(model)
        others = [self._import(f"1120000001{n:02d}", name, f"1130000001{n:02d}") for n, name in enumerate(OTHERS)]
        return self._paged(handler, "imports", [*others, self._import(IMPORT, "Actuals", FILE)])

    def _import(self, number, name, source):
        return {"id": number, "name": name, "importDataSourceId": source, "importType": "MODULE_DATA"}

    def processes(self, handler, model):
        self._in(model)
        return self._paged(handler, "processes", [{"id": PROCESS, "name": "Load actuals"}])

    def files(self, handler, model):
        self._in(model)
        return self._paged(handler, "files", [self._file(), *self.files_of_exports()])

    # Files

    def _file(self):
        return {"id": FILE, "name": "actuals.csv", "chunkCount": len(self.file.get("chunks", {}))}

    def _of_import(self, model, number):
        self._in(model)
        if number != FILE:
            raise Refused(404, "not found")
        if self.file and self.now() - self.file["at"] > HOURS_48:
            self.file = {}

    def begin(self, handler, model, number):
        self._of_import(model, number)
        self.file = {"count": json.loads(handler.body)["chunkCount"], "chunks": {}, "at": self.now()}
        return self._enveloped("file", self._file())

    def chunk(self, handler, model, number, chunk):
        self._of_import(model, number)
        if not self.file or len(handler.body) > 50 * 1024 * 1024:
            raise Refused(413 if self.file else 404, "not found")
        self.file["chunks"][int(chunk)] = handler.body
        self.file["at"] = self.now()
        return Answer(204)

    def complete(self, _handler, model, number):
        self._of_import(model, number)
        if not self.file:
            raise Refused(404, "not found")
        return self._enveloped("file", self._file())

    def content(self, _handler, model, number):
        self._of_import(model, number)
        if not self.file.get("chunks"):
            raise Refused(404, "not found")
        return Answer(200, b"".join(self.file["chunks"].values()), kind="application/octet-stream")

    # Tasks

    def start(self, handler, model, kind, number):
        self._in(model)
        if number not in (IMPORT, PROCESS):
            raise Refused(404, "not found")
        if json.loads(handler.body or b"{}").get("localeName") != "en_US":
            raise Refused(400, "localeName is required")
        if self.take("busy_once"):
            raise Refused(409, "the model is busy")
        task = {"taskId": uuid.uuid4().hex.upper(), "creationTime": int(self.now() * 1000), "polls": 0, "kind": kind}
        self.tasks[task["taskId"]] = task
        if self.take("drop_after_start"):
            raise HangUp
        told = {"taskId": task["taskId"]}
        # The service puts it into a `task`, the specification has it bare.
        return Answer(200, told) if self.given.spec else self._enveloped("task", told)

    def tasks_of(self, handler, model, kind, _number):
        self._in(model)
        found = [self._shown(task) for task in self.tasks.values() if task["kind"] == kind]
        # As the specification calls them, where that is asked for.
        name = "task" if self.given.spec and kind == "imports" else "tasks"
        return self._paged(handler, name, [] if self.take("no_tasks") else found)

    def _shown(self, task):
        state = "COMPLETE" if "result" in task else "IN_PROGRESS"
        return {"taskId": task["taskId"], "taskState": task.get("state", state), "creationTime": task["creationTime"]}

    def task(self, _handler, model, _kind, _number, name):
        self._in(model)
        task = self.tasks.get(name)
        if not task:
            raise Refused(404, "not found")
        task["polls"] += 1
        if self.take("cancelled"):
            task.update(state="CANCELLED", result={"successful": False, "failureDumpAvailable": False})
        with self.lock:
            if "result" not in task and task["polls"] > self.given.polls and not self.take("never_ends"):
                self._load(task)
        told = self._shown(task) | {"progress": 1.0 if "result" in task else 0.5, "currentStep": "Processing"}
        if "result" not in task:
            told["taskState"] = "NOT_STARTED" if task["polls"] == 1 else "IN_PROGRESS"
        return self._enveloped("task", told | ({"result": task["result"]} if "result" in task else {}))

    def _load(self, task):
        """Read the file as it lies there now; nobody has locked it."""
        parts = [self.file["chunks"][number] for number in sorted(self.file.get("chunks", {}))]
        rows = list(csv.DictReader(io.StringIO(b"".join(parts).decode())))
        left_out, named = [], True
        if self.take("fail_import"):
            task["result"] = self._result(IMPORT, 0, 0, False, False, "The file could not be read")
            return
        if self.take("ignore_row"):
            left_out = rows[:1]
        if self.take("ignore_silently"):
            left_out, named = rows[:1], False
        kept = [row for row in rows if row not in left_out]
        for row in kept[:-1] if self.take("lose_one_row") else kept:
            self.cells[row["Key"]] = row
        if self.state:
            self.state.write_text(json.dumps(self.cells))
        self._keep_dump(task["taskId"], left_out if named else [])
        result = self._result(IMPORT, len(kept), len(left_out), True, bool(left_out and named))
        task["result"] = self._of_process(result) if task["kind"] == "processes" else result

    def _of_process(self, first):
        failed = self.take("fail_second_step")
        second = self._result(CLEANUP, 0, 0, not failed, False, "The action failed" if failed else "")
        return {
            "successful": not failed,
            "objectId": PROCESS,
            "failureDumpAvailable": False,
            "nestedResults": [first, second],
        }

    def _result(self, number, kept, ignored, successful, has_dump, words=""):
        counts = {"successRowCount": kept, "failedCount": 0, "ignoredCount": ignored, "totalRowCount": kept + ignored}
        values = [text for name, count in counts.items() for text in (name, str(count))]
        told = words or f"Actuals: {kept} rows successful, {ignored} ignored"
        detail = {"localMessageText": told, "occurrences": 0, "type": "hierarchyRowsProcessed", "values": values}
        return {"successful": successful, "objectId": number, "failureDumpAvailable": has_dump, "details": [detail]}

    def _keep_dump(self, task, rows):
        """A run takes the dump of the run before away."""
        self.dumps = {}
        if rows:
            text = io.StringIO()
            writer = csv.DictWriter(text, ["_Status_", "_Line_1_Error_1_", *rows[0]])
            writer.writeheader()
            writer.writerows({"_Status_": "E", "_Line_1_Error_1_": "Account not in list", **row} for row in rows)
            self.dumps[task] = [text.getvalue().encode(), self.now()]

    def _dump(self, task):
        if task not in self.dumps or self.now() - self.dumps[task][1] > HOURS_48 or self.take("dump_gone"):
            raise Refused(404, "not found")
        self.dumps[task][1] = self.now()
        return self.dumps[task][0]

    def dump_chunks(self, _handler, model, _number, task):
        self._in(model)
        self._dump(task)
        return self._enveloped("chunks", [{"id": "0", "name": "Chunk 0"}, {"id": "1", "name": "Chunk 1"}])

    def dump_chunk(self, _handler, model, _number, task, chunk):
        self._in(model)
        whole = self._dump(task)
        half = len(whole) // 2
        return Answer(200, whole[:half] if chunk == "0" else whole[half:], kind="text/plain")

    def step_dump_chunks(self, handler, model, number, task, _step):
        return self.dump_chunks(handler, model, number, task)

    def step_dump_chunk(self, handler, model, number, task, _step, chunk):
        return self.dump_chunk(handler, model, number, task, chunk)

    # Reads of the view

    def read(self, _handler, model, view):
        self._in(model)
        if view != VIEW:
            raise Refused(404, "not found")
        request = uuid.uuid4().hex.upper()
        # A saved view has some of the columns: of members, which have no figures, their keys alone.
        there = set(next(iter(self.cells.values()), SHOWN))
        names = [name for name in SHOWN if name in there]
        rows = [[cell[name] for name in names] for cell in self.cells.values()]
        self.reads[request] = {"names": names, "rows": rows, "polls": 0}
        return self._enveloped("viewReadRequest", {"requestId": request, "requestState": "IN_PROGRESS"})

    def _read(self, model, request):
        self._in(model)
        if request not in self.reads:
            raise Refused(404, "not found")
        return self.reads[request]

    def read_state(self, _handler, model, _view, request):
        read = self._read(model, request)
        read["polls"] += 1
        state = "COMPLETE" if read["polls"] > 1 else "IN_PROGRESS"
        pages = {"availablePages": -(-len(read["rows"]) // 1000) or 1} if state == "COMPLETE" else {}
        return self._enveloped(
            "viewReadRequest", {"requestId": request, "requestState": state, "successful": True} | pages
        )

    def read_page(self, _handler, model, _view, request, page):
        read = self._read(model, request)
        rows = read["rows"][int(page) * 1000 : int(page) * 1000 + 1000]
        text = io.StringIO()
        csv.writer(text).writerows([read["names"], *rows] if page == "0" else rows)
        return Answer(200, text.getvalue().encode(), kind="text/csv")

    def read_end(self, _handler, model, _view, request):
        self._read(model, request)
        del self.reads[request]
        return Answer(200, {"status": {"code": 200, "message": "Success"}})
