#!/usr/bin/env python3
"""A small Workday Adaptive Planning with one version, for tests: one XML document per call.

    adaptive_server.py [--port 0]

What bites: every answer is 200, and `success` says how it went; the only count of rows stands in the text of a message;
an import into a cube erases what it gets as zero; one call at a time. Faults of its own: refused (success is false),
no_count (says nothing of rows).
"""

import threading
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from bank_double import serve
from table_double import SECRET, USER, Answer, TableHandler, spelled, state

ONE_AT_A_TIME = threading.Lock()


class AdaptiveHandler(TableHandler):
    keeps_zeros = False
    routes = (("POST", "/api/v40", "call"),)

    def call(self):
        called = ElementTree.fromstring(self.body)
        given = called.find("credentials").attrib
        self.bank["methods"].append(called.get("method"))
        if not ONE_AT_A_TIME.acquire(blocking=False):
            self.tell(False, "another call is being worked on")
        try:
            if (given.get("login"), given.get("password")) != (USER, SECRET):
                self.tell(False, "Authentication failed")
            if called.get("method") in ("importStandardData", "importCubeData"):
                self.take_in(called)
            if called.get("method") == "exportData":
                self.give(called)
            self.tell(called.get("method") == "exportVersions", "")
        finally:
            ONE_AT_A_TIME.release()

    def tell(self, success, message, output=None):
        told = f'<message key="told" type="info">{escape(message)}</message>' if message else ""
        content = f"<messages>{told}</messages>"
        if output is not None:
            content += f"<output><![CDATA[{output}]]></output>"
        word = "true" if success else "false"
        body = f'<?xml version="1.0" encoding="UTF-8"?><response success="{word}">{content}</response>'
        raise Answer(200, body.encode(), Content_Type="text/xml")

    def take_in(self, called):
        if self.takes("refused"):
            self.tell(False, "the version is locked")
        if called.find("version").get("name") != "Actuals":
            self.tell(False, "no such version")
        names = called.findtext("rowData/header").split("|")
        rows = [dict(zip(names, row.text.split("|"), strict=True)) for row in called.iterfind("rowData/rows/row")]
        cells = [{**row, "Period": name, "Amount": row[name]} for row in rows for name in names if name[:2].isdigit()]
        _named, out = self.kept(cells)
        if self.takes("drop_after_start"):
            raise Answer(0)
        self.tell(True, "" if self.takes("no_count") else f"Rows imported: {len(cells) - out}")

    def key_of(self, row):
        return f"{row['Level']}|{row['Account']}|{row['Period']}"

    def give(self, called):
        if self.takes("refused"):
            self.tell(False, "the version is locked")
        span = called.find("filters/timeSpan").attrib
        first, last = ((name[3:], name[:2]) for name in (span["start"], span["end"]))
        found = {}
        months = sorted({row["Period"] for row in self.bank["cells"].values()}, key=lambda name: (name[3:], name[:2]))
        months = [name for name in months if first <= (name[3:], name[:2]) <= last]
        for row in self.bank["cells"].values():
            place = (row["Account"], row["Level"])
            found.setdefault(place, {"Account Code": place[0], "Level Name": place[1], "Account Name": "An account"})
            found[place][row["Period"]] = f"{row['Amount']}"
        names = ["Account Name", "Account Code", "Level Name", *months]
        self.tell(True, "", spelled(found.values(), names).decode())


if __name__ == "__main__":
    serve(AdaptiveHandler, state(methods=[]), __doc__)
