from array import array
from itertools import islice

from odoo import models
from odoo.tools import SQL

_NAMED = 10  # lines that a text names; the items behind it are all of them
_LINES = "fin.payload.lines"


class FinRun(models.Model):
    """Where in a file an item stands: a row of it may be many items, and who mends it looks for its line."""

    _inherit = "fin.run"

    def _located(self, error, ids):
        """What is wrong with these items, and in which lines of their files, where the connector knows lines.

        The same cause stays the same exception: lines stand in the text and are no facts.
        """
        told = self._named_lines(ids) if self.direction == "inbound" else ()
        return f"{error.text} ({'; '.join(told)})" if told else error.text

    def _named_lines(self, ids):
        """A text for each file: which of its lines these items come from."""
        rows = self.env.execute_query(
            SQL(
                """SELECT payload_id, array_agg(row ORDER BY row) FROM fin_item
                WHERE id = ANY(%s) AND payload_id IS NOT NULL GROUP BY 1 ORDER BY 1""",
                ids,
            )
        )
        found = []
        for payload, numbers in ((self.env["fin.payload"].browse(payload_id), rows) for payload_id, rows in rows):
            lines = sorted({line for line in self._lines(payload, numbers) if line})
            if lines:
                more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
                named = ", ".join(map(str, lines[:_NAMED]))
                found.append(f"{'row' if len(lines) == 1 else 'rows'} {named}{more} of {payload.name}")
        return found

    def _lines(self, payload, rows):
        """The line of the file for each of these rows of its items; None where the connector does not know."""
        known = self.env.cr.precommit.data.setdefault(_LINES, {})
        if payload.id not in known:
            known[payload.id] = array("L"), iter(self._connector().lines(payload._as_payload()))
        lines, told = known[payload.id]
        lines.extend(islice(told, max(0, max(rows) - len(lines))))  # the file is read on, never anew
        return [lines[row - 1] if row <= len(lines) else None for row in rows]
