"""What the simulated planning system remembers: imports, cells and the requests it received, in SQLite."""

import json
import re
import sqlite3
import threading
from decimal import Decimal, InvalidOperation

FIRST_PERIOD = "2000-01"
FIELDS = ("company", "account", "account_name", "period", "currency", "debit", "credit", "balance")
_COLUMNS = ", ".join(FIELDS)
SCHEMA = f"""
    CREATE TABLE IF NOT EXISTS import (
        reference TEXT PRIMARY KEY, key TEXT UNIQUE NOT NULL, body_digest TEXT NOT NULL, answer TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS cell (
        {", ".join(f"{name} TEXT NOT NULL" for name in FIELDS)}, reference TEXT NOT NULL,
        PRIMARY KEY (company, account, period));
    CREATE TABLE IF NOT EXISTS log (
        id INTEGER PRIMARY KEY, method TEXT, path TEXT, key TEXT, body_digest TEXT, status INTEGER);
"""


class Refused(Exception):
    """An answer other than success: status and a reason."""


class Store:
    """Imports, cells and the log of requests, in SQLite."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.db = sqlite3.connect(path, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.executescript(SCHEMA)

    def forget(self):
        with self.lock, self.db:
            for table in ("import", "cell", "log"):
                self.db.execute(f"DELETE FROM {table}")

    def rows(self, query, *values):
        with self.lock:
            return [dict(row) for row in self.db.execute(query, values)]

    def held(self, reference, after, limit):
        """Cells that the import left behind and no later one has replaced, in the order in which they came."""
        query = f"SELECT rowid AS id, {_COLUMNS} FROM cell WHERE reference = ? AND rowid > ? ORDER BY rowid LIMIT ?"
        return self.rows(query, reference, after, limit)

    def chosen(self, wanted):
        """Cells whose columns have the wanted values."""
        where = " AND ".join(f"{name} = ?" for name in wanted) or "1 = 1"
        query = f"SELECT {_COLUMNS} FROM cell WHERE {where} ORDER BY company, period, account"
        return self.rows(query, *wanted.values())

    def log(self, *entry):
        with self.lock, self.db:
            cursor = self.db.execute("INSERT INTO log (method, path, key, body_digest) VALUES (?, ?, ?, ?)", entry)
            return cursor.lastrowid

    def answered(self, entry, status):
        with self.lock, self.db:
            self.db.execute("UPDATE log SET status = ? WHERE id = ?", (status, entry))

    def load(self, key, digest, cells, faults):
        """Keep the cells under this key, once; returns the answer."""
        with self.lock, self.db:
            known = self.db.execute("SELECT body_digest, answer FROM import WHERE key = ?", (key,)).fetchone()
            if known and known["body_digest"] != digest:
                raise Refused(409, "this key was used with another body")
            return json.loads(known["answer"]) if known else self._load(key, digest, cells, faults)

    def _load(self, key, digest, cells, faults):
        number = self.db.execute("SELECT count(*) FROM import").fetchone()[0] + 1
        rejected = [{"row": row, "reason": reason} for row, cell in enumerate(cells) if (reason := _flaw(cell))]
        if faults.take("reject_row"):
            rejected = [{"row": 0, "reason": "unknown account"}, *[entry for entry in rejected if entry["row"]]]
        refused = {entry["row"] for entry in rejected}
        good = [cell for row, cell in enumerate(cells) if row not in refused]
        answer = {"reference": f"IMP-{number:06d}", "accepted": len(good), "rejected": rejected}
        self._keep(answer["reference"], good, faults)
        self.db.execute(
            "INSERT INTO import VALUES (?, ?, ?, ?)", (answer["reference"], key, digest, json.dumps(answer))
        )
        return answer

    def _keep(self, reference, cells, faults):
        if cells and faults.take("lose_one_row"):
            cells = cells[:-1]
        if cells and faults.take("swapped_sign"):
            cells = [{**cells[0], "balance": str(-Decimal(cells[0]["balance"]))}, *cells[1:]]
        places = ", ".join("?" * (len(FIELDS) + 1))
        values = [[str(cell[name]) for name in FIELDS] + [reference] for cell in cells]
        self.db.executemany(f"INSERT OR REPLACE INTO cell VALUES ({places})", values)


def _flaw(cell):
    """What is wrong with a cell, or None."""
    missing = [name for name in FIELDS if not isinstance(cell.get(name), str)]
    if missing:
        return f"{missing[0]} is missing"
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", cell["period"]):
        return "the period is not YYYY-MM"
    if cell["period"] < FIRST_PERIOD:
        return "the period lies before the first year of the model"
    try:
        debit, credit, balance = (Decimal(cell[name]) for name in ("debit", "credit", "balance"))
    except InvalidOperation:
        return "an amount is not a number"
    return None if debit - credit == balance else "debit less credit is not the balance"
