"""Where a thing is, the index: numbers of the words of every item, in blocks, written behind the runs.

Writing it item by item, or as indexes of the items' own table, would take a good part of the time in which items are
stored. So a cron writes it, a block of items a row, and whoever searches looks through what is not written yet.
"""

import json
import time
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ...core.trace import terms, words

BLOCK = 32  # items in one row of the index
BATCH = 5000
PATIENCE = 5  # seconds for transactions that may still bring items with lower numbers
SLICE = 20


class FinTraceIndex(models.AbstractModel):
    """No right reads it, and its numbers say nothing without the items that they lead to."""

    _name = "fin.trace.index"
    _description = "Index of the Search Box"

    def init(self):
        self.env.cr.execute(
            """CREATE TABLE IF NOT EXISTS fin_trace (id serial PRIMARY KEY, company_id int NOT NULL,
                first_id int NOT NULL, last_id int NOT NULL, item_ids int[] NOT NULL, terms int[] NOT NULL);
            CREATE INDEX IF NOT EXISTS fin_trace_last_idx ON fin_trace (last_id, first_id);
            CREATE INDEX IF NOT EXISTS fin_trace_terms_idx ON fin_trace USING gin (terms) WITH (fastupdate = off)"""
        )

    def _drop(self):
        self.env.cr.execute("DROP TABLE IF EXISTS fin_trace")

    # Writing

    @api.model
    def _cron_write(self):
        """Write what has come, until the time is up; what is left is written a minute later."""
        until, deadline = self._settled(), time.monotonic() + SLICE
        # Whatever was committed meanwhile is seen from here.
        self.env["ir.cron"]._commit_progress(0)
        while until and self._write_until(until) == BATCH and time.monotonic() < deadline:
            self.env["ir.cron"]._commit_progress(BATCH)

    def _settled(self):
        """Up to which number every item is there; 0 where somebody writes for long.

        Items get their numbers before their transaction commits, so a higher one may be seen before a lower one: who
        writes items at this moment is waited for.
        """
        [[last]] = self.env.execute_query(SQL("SELECT last_value FROM fin_item_id_seq"))
        writers, deadline = self._writers(), time.monotonic() + PATIENCE
        while writers & self._writers():
            if time.monotonic() > deadline:
                return 0
            time.sleep(0.05)
        return last

    def _writers(self):
        """The transactions of others that write items; whoever has drawn a number holds this lock until the end.

        A copy of this database has the same number for the table, and its locks stand in the same list.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT virtualtransaction FROM pg_locks WHERE relation = 'fin_item'::regclass
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()"""
            )
        )
        return {transaction for (transaction,) in rows}

    def _write_until(self, last):
        """Index the next items up to this number; returns how many."""
        rows = self._read(SQL("id > %s AND id <= %s ORDER BY id LIMIT %s", self._written_until(), last, BATCH))
        self._insert(rows)
        return len(rows)

    def _written_until(self):
        [[last]] = self.env.execute_query(SQL("SELECT COALESCE(max(last_id), 0) FROM fin_trace"))
        return last

    def _read(self, which):
        return self.env.execute_query(
            SQL("SELECT id, company_id, contract, key, amount::text, content FROM fin_item WHERE %s", which)
        )

    def _insert(self, rows):
        """Blocks of these items, each of one company."""
        by_company, contracts = {}, self._contracts({row[2] for row in rows})
        for row in rows:
            by_company.setdefault(row[1], []).append(row)
        blocks = [
            self._block(company, mine[at : at + BLOCK], contracts)
            for company, mine in by_company.items()
            for at in range(0, len(mine), BLOCK)
        ]
        if blocks:
            # The last number goes last, so that an index that was cut off begins again where it stopped.
            blocks.sort(key=lambda block: block[2])
            self.env.cr.execute_values(
                "INSERT INTO fin_trace (company_id, first_id, last_id, item_ids, terms) VALUES %s", blocks
            )

    def _contracts(self, names):
        """contract -> its class, looked up once for many items."""
        return {name: self.env["fin.contract"]._reader(name) for name in names}

    def _block(self, company, rows, contracts):
        ids = [row[0] for row in rows]
        found = set().union(*(terms(_words(contracts[row[2]], *row[3:])) for row in rows))
        return company, ids[0], ids[-1], ids, sorted(found)

    @api.model
    def _renew(self, ids):
        """Index the blocks of these items anew: what they held is gone."""
        if not ids:
            return
        rows = self.env.execute_query(
            SQL(
                """DELETE FROM fin_trace WHERE last_id >= %s AND first_id <= %s AND item_ids && %s
                RETURNING item_ids""",
                min(ids),
                max(ids),
                list(ids),
            )
        )
        touched = sorted({item_id for (item_ids,) in rows for item_id in item_ids})
        for at in range(0, len(touched), BATCH):
            self._insert(self._read(SQL("id = ANY(%s) ORDER BY id", touched[at : at + BATCH])))


def _words(cls, key, amount, content):
    return words(cls, key, Decimal(amount) if amount is not None else None, json.loads(content))


class FinItem(models.Model):
    _inherit = "fin.item"

    @api.model
    def _drop_content(self, ids, certificate):
        """What is purged is not found by what it said any more."""
        super()._drop_content(ids, certificate)
        self.env["fin.trace.index"]._renew(ids)
