"""What the simulated planning systems with tables share, on top of the HTTP, faults and log of `bank_double.py`.

    GET  /control/cells      the figures that it holds, as the rows that came
    POST /control/bank       replaces parts of what it remembers, such as {"page": 2}

Faults of all: ignore_row (left out and named, where the system names rows), ignore_silently (left out, and told without
saying which), lose_one_row (left out, and told to be there), drop_after_start (takes it, then hangs up),
drop_connection, never_ends, and those of `bank_double.py`.
"""

import base64
import csv
import io
import uuid

from bank_double import Answer, BankHandler

AMOUNTS = ("Balance", "Amount", "Rate")  # what a figure stands in; members of dimensions have none
USER, SECRET = "planner", "canary-planning-secret"


def state(**more):
    return {"cells": {}, "jobs": {}, "polls": 1, "page": 1000, **more}


class TableHandler(BankHandler):
    """`key_of(row)`: what the row is replaced by; `keeps_zeros` False as in a cube."""

    server_version = "table-double"
    keeps_zeros = True

    def do_PUT(self):
        self._handle("PUT")

    def do_PATCH(self):
        self._handle("PATCH")

    def _route(self, method):
        if (method, self.url.path) == ("GET", "/control/cells"):
            return Answer(200, list(self.bank["cells"].values()))
        return super()._route(method)

    def _say(self, answer):
        if answer.status == 0:
            self.close_connection = True
            return
        super()._say(answer)

    def strike(self):
        super().strike()
        if self.takes("drop_connection"):
            raise Answer(0)

    # Who asks

    def basic(self):
        told = base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {told}":
            raise Answer(401, {"error": "the login is not known"})

    def bearer(self):
        if self.headers.get("Authorization") != f"Bearer {SECRET}":
            raise Answer(401, {"error": "the token is not known"})

    # Loads

    def start(self, **job):
        """A job that ends after some questions."""
        name = str(uuid.uuid4())
        self.bank["jobs"][name] = {"asked": 0, **job}
        if self.takes("drop_after_start"):
            self.bank["jobs"][name]["result"] = self.load(job)
            raise Answer(0)
        return name

    def ended(self, name):
        """The job, loaded when it was asked often enough; None while it runs."""
        job = self.bank["jobs"].get(name)
        if job is None:
            raise Answer(404, {"error": "no such job"})
        job["asked"] += 1
        if "result" not in job:
            if job["asked"] <= self.bank["polls"] or self.takes("never_ends"):
                return None
            job["result"] = self.load(job)
        return job

    def load(self, job):
        """Load what the job brought; returns what is told of it."""
        raise NotImplementedError

    def kept(self, rows):
        """(rows that are left out and named, how many are left out); the others are there now."""
        named, out = (rows[:1], 1) if self.takes("ignore_row") else ([], 0)
        rows = rows[out:]
        if self.takes("ignore_silently"):
            rows, out = rows[1:], out + 1
        for row in rows[1:] if self.takes("lose_one_row") else rows:
            self.keep(row)
        return named, out

    def keep(self, row):
        key, cells = self.key_of(row), self.bank["cells"]
        cells[key] = row
        amount = next((row[name] for name in AMOUNTS if name in row), None)
        if not self.keeps_zeros and amount is not None and not float(amount):
            del cells[key]

    def key_of(self, row):
        return row["Key"]

    def names(self, usual):
        """The columns of what it holds; of nothing the usual ones."""
        return list(next(iter(self.bank["cells"].values()), usual))


def table(content, delimiter=","):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8")), delimiter=delimiter))


def spelled(rows, names, delimiter=","):
    text = io.StringIO()
    writer = csv.DictWriter(text, names, delimiter=delimiter, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
