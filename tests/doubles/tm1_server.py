#!/usr/bin/env python3
"""A small TM1 with one cube and one process, for tests.

    tm1_server.py [--port 0]

It knows files beside the model, `Prefer: respond-async`, error logs with the records that were left out, and any MDX
query: its answer has the keys on rows and the measures on columns. The process reads the file when it runs, and nothing
locks it. What bites: a process that left rows out ends with HasMinorErrors and status 200; a cube keeps no zeros; a
session is a cookie, and each call without one begins another (`sessions` of /control/bank). Faults of its own: aborted
(half of the rows are there), rolled_back, forget_async. `query` of /control/bank ({"hierarchy", "columns", "rows"}) is
what a query finds in another cube.
"""

import csv
import io

from bank_double import serve
from table_double import AMOUNTS, Answer, TableHandler, state, table

API = r"/api/v1"
MEASURES = ("Currency", "Balance")


class Tm1Handler(TableHandler):
    keeps_zeros = False
    routes = (
        ("GET", f"{API}/ActiveSession", "session"),
        ("GET", rf"{API}/Contents\('Blobs'\)/Contents\('([^']+)'\)", "document"),
        ("POST", rf"{API}/Contents\('Blobs'\)/Contents", "new_document"),
        ("PUT", rf"{API}/Contents\('Blobs'\)/Contents\('([^']+)'\)/Content", "content"),
        ("GET", rf"{API}/Processes\('([^']+)'\)", "process"),
        ("POST", rf"{API}/Processes\('([^']+)'\)/tm1\.ExecuteWithReturn", "execute"),
        ("GET", rf"{API}/_async\('([^']+)'\)", "end"),
        ("GET", rf"{API}/ErrorLogFiles\('([^']+)'\)/Content", "error_log"),
        ("POST", f"{API}/ExecuteMDX", "execute_mdx"),
    )

    def _route(self, method):
        if self.url.path.startswith("/api/"):
            self.basic()
            if "TM1SessionId=" not in self.headers.get("Cookie", ""):
                self.bank["sessions"] += 1
        return super()._route(method)

    def session(self):
        cookie = f"TM1SessionId=session-{self.bank['sessions']}; Path=/api/; HttpOnly"
        raise Answer(200, {"ID": self.bank["sessions"]}, Set_Cookie=cookie)

    def document(self, name):
        if name not in self.bank["files"]:
            raise Answer(404, {"error": {"message": f"'{name}' can not be found in collection"}})
        return {"Name": name}

    def new_document(self):
        told = self.json()
        if told.get("@odata.type") != "#ibm.tm1.api.v1.Document" or told["Name"] in self.bank["files"]:
            raise Answer(400, {"error": {"message": "no new document"}})
        self.bank["files"][told["Name"]] = ""
        raise Answer(201, told)

    def content(self, name):
        self.document(name)
        self.bank["files"][name] = self.body.decode("utf-8")
        raise Answer(204, b"")

    def process(self, name):
        if name != "Load Actuals":
            raise Answer(404, {"error": {"message": f"no process {name}"}})
        return {"Name": name}

    def execute(self, name):
        self.process(name)
        if "respond-async" not in self.headers.get("Prefer", ""):
            raise Answer(400, {"error": {"message": "this double runs processes in the background only"}})
        told = {one["Name"]: one["Value"] for one in self.json().get("Parameters", [])}
        job = self.start(file=told.get("pFile", "odoo-actuals.csv"))
        raise Answer(202, {}, Location=f"/api/v1/_async('{job}')")

    def end(self, name):
        if self.takes("forget_async"):
            raise Answer(404, {"error": {"message": "no such operation"}})
        job = self.ended(name)
        if job is None:
            raise Answer(202, {})
        return job["result"]

    def load(self, job):
        rows = table(self.bank["files"][job["file"]].encode())
        if self.takes("rolled_back"):
            return self.result("RollbackCalled", "The process was rolled back\n")
        if self.takes("aborted"):
            self.kept(rows[: len(rows) // 2])
            return self.result("Aborted", "Error: Data procedure line (12): the process was aborted\n")
        named, out = self.kept(rows)
        if named:
            return self.result("HasMinorErrors", "".join(map(self.line, range(1, len(named) + 1), named)))
        if out:
            return self.result("CompletedWithMessages", "some records were skipped\n")
        return self.result("CompletedSuccessfully")

    def line(self, number, row):
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="").writerow(row.values())
        why = f'Invalid key: Dimension Name: "Account", Element Name (Key): "{row.get("Account", row["Key"])}"'
        return f"{text.getvalue()},Data Source line ({number})  Error: Data procedure line (12): {why}\n"

    def result(self, status, log=None):
        if log is None:
            return {"ProcessExecuteStatusCode": status, "ErrorLogFile": None}
        name = f"TM1ProcessError_{len(self.bank['logs'])}_Load Actuals.log"
        self.bank["logs"][name] = log
        return {"ProcessExecuteStatusCode": status, "ErrorLogFile": {"Filename": name}}

    def error_log(self, name):
        if name not in self.bank["logs"]:
            raise Answer(404, {"error": {"message": "no such log"}})
        raise Answer(200, self.bank["logs"][name].encode(), Content_Type="text/plain")

    def execute_mdx(self):
        if not self.json().get("MDX", "").startswith("SELECT"):
            raise Answer(400, {"error": {"message": "syntax error"}})
        if self.bank["query"]:
            return self.asked(**self.bank["query"])
        rows = list(self.bank["cells"].values())
        # Of members it gives an attribute, of figures what they are and their currency.
        measures = [name for name in ("Currency", *AMOUNTS) if name in self.names(MEASURES)]
        measures = ["Name"] if "State" in self.names(()) else measures
        cells = [float(row[name]) if name in AMOUNTS else row[name] for row in rows for name in measures]
        return self.cellset([("Measure", measures), ("Key", [row["Key"] for row in rows])], cells)

    def asked(self, hierarchy, columns, rows):
        """What the test says that the cube holds: rows of values by member."""
        axes = [("Column", columns), (hierarchy, list(rows))]
        return self.cellset(axes, [value for values in rows.values() for value in values])

    def cellset(self, axes, cells):
        told = [
            {"Hierarchies": [{"Name": name}], "Tuples": [{"Members": [{"Name": one}]} for one in members]}
            for name, members in axes
        ]
        return {"Axes": told, "Cells": [{"Ordinal": place, "Value": value} for place, value in enumerate(cells)]}


if __name__ == "__main__":
    serve(Tm1Handler, state(files={}, logs={}, sessions=0, query={}), __doc__)
