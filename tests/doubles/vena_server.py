#!/usr/bin/env python3
"""A small Vena with one import template and one model, for tests.

    vena_server.py [--port 0]

What bites: a job is COMPLETED with warnings and does not say which rows it left out; pages of intersections repeat the
column names as their first row, and the address of the next page is whole and leads elsewhere. Faults of its own:
error_after_half (a job that ends in ERROR after some rows), cancelled, same_page (the pages go in a circle).
"""

import json
from email import message_from_bytes

from bank_double import serve
from table_double import Answer, TableHandler, state, table

TEMPLATE, MODEL = "700000000000000001", "800000000000000001"
NAMES = ("Key", "Company", "Account", "Period", "Currency", "Balance")
API = "/api/public/v1"


class VenaHandler(TableHandler):
    keeps_zeros = False
    routes = (
        ("POST", f"{API}/etl/templates/([^/]+)/startWithFile", "start_with_file"),
        ("GET", f"{API}/etl/jobs/([^/]+)", "job"),
        ("GET", f"{API}/models/([^/]+)/intersections", "intersections"),
    )

    def _route(self, method):
        if self.url.path.startswith("/api/"):
            self.basic()
        return super()._route(method)

    def start_with_file(self, template):
        if template != TEMPLATE:
            raise Answer(404, {"error": "no such template"})
        form = message_from_bytes(b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + self.body)
        parts = {part.get_param("name", header="content-disposition"): part for part in form.get_payload()}
        about = json.loads(parts["metadata"].get_payload(decode=True))["input"]
        if (about["fileFormat"], about["fileEncoding"]) != ("CSV", "UTF-8"):
            raise Answer(422, {"error": "no such format"})
        return {
            "id": self.start(content=parts[about["partName"]].get_payload(decode=True).decode()),
            "status": "RUNNING",
        }

    def job(self, name):
        job = self.ended(name)
        return {"id": name, "status": "RUNNING"} if job is None else {"id": name, **job["result"]}

    def load(self, job):
        rows = table(job["content"].encode())
        if self.takes("cancelled"):
            return {"status": "CANCELLED"}
        if self.takes("error_after_half"):
            self.kept(rows[: len(rows) // 2])
            return {"status": "ERROR", "error": "step 2 failed"}
        _named, out = self.kept(rows)
        return {"status": "COMPLETED", **({"warnings": [f"{out} rows were not loaded"]} if out else {})}

    def intersections(self, model):
        if model != MODEL:
            raise Answer(404, {"error": "no such model"})
        first, size = int(self.query.get("page", 0)), min(int(self.query["pageSize"]), self.bank["page"])
        names = self.names(NAMES)
        rows = [[row[name] for name in names] for row in self.bank["cells"].values()]
        about = {"headers": names}
        if self.takes("same_page"):
            about["nextPage"] = f"https://elsewhere.example{API}?pageSize={size}&page={first}"
        elif first + size < len(rows):
            about["nextPage"] = f"https://elsewhere.example{API}?pageSize={size}&page={first + size}"
        return {"metadata": about, "data": [names, *rows[first : first + size]]}


if __name__ == "__main__":
    serve(VenaHandler, state(), __doc__)
