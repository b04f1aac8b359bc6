"""Rows that the other side leaves out: as many as the approved version allows, and none where it says nothing."""

import dataclasses
from itertools import islice

from odoo import fields, models
from odoo.tools import SQL

NAMED = 20  # rows that are named in the text; the receipt or the dump has all of them


class FinObject(models.AbstractModel):
    _inherit = "fin.object"

    # Whether the other side decides on each of them by itself, as a bank does on payments: its no is an answer then,
    # and no row that was left out of a load.
    _is_answered_singly = False


class FinFlow(models.Model):
    _inherit = "fin.flow"

    left_out_rows = fields.Integer(
        "Rows that may be left out",
        tracking=True,
        help="How many rows of a run the other side may leave out and name. 0: none; one more, and the run waits.",
    )

    _left_out_positive = models.Constraint("CHECK(left_out_rows >= 0)", "A tolerance is not negative.")

    def _compose(self):
        return super()._compose() | ({"left_out_rows": self.left_out_rows} if self.left_out_rows else {})

    def _take_left_out_rows(self, told, _documents):
        self.left_out_rows = told


class FinRun(models.Model):
    _inherit = "fin.run"

    def _judged(self, told):
        """The other side's answer (`Receipt`, `Loaded`): in part, where it left out more than the version allows."""
        document = self._document()
        if told.state != "accepted" or not told.rejects or self.env[document["object"]]._is_answered_singly:
            return told
        rows, allowed = len(told.rejects) + self._left_out(), document.get("left_out_rows", 0)
        if rows <= allowed:
            return told
        text = f"rows left out: {rows}, and the version allows {allowed}"
        return dataclasses.replace(told, state="partly", text=text)

    def _left_out(self):
        """How many rows of this run were refused before."""
        [[count]] = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM fin_item WHERE run_id = %s AND outcome = 'rejected' AND reason = 'refused_item'",
                self.id,
            )
        )
        return count

    def _rows_in_words(self, rejects):
        """The first of the rows that were left out, each with its reason."""
        told = "; ".join(f"{key} ({why})" for key, why in islice(rejects.items(), NAMED))
        more = f" and {len(rejects) - NAMED} more" if len(rejects) > NAMED else ""
        return f": {told}{more}" if told else ""
