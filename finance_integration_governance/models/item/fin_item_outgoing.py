from itertools import count

from odoo import api, models
from odoo.tools import SQL

from ...core.canonical import plain, told
from ...core.totals import hash_of, signed
from ...core.uid import uuids7
from .intake import _cell


class FinItem(models.Model):
    """What is to leave Odoo and is at hand as canonical objects, as open items of its run."""

    _inherit = "fin.item"

    @api.model
    def _collect(self, run, told_objects, company=None, scope=None):
        """Store canonical objects as open items of the run, in their order; their contract is checked at validate.

        `scope`: where their keys live, where the objects do not say it themselves.
        """
        fixed = f"{run.id}\t\\N\t{(company or run.company_id).id}\t{run._document()['object']}"
        rows = zip(count(self._next_row(run)), uuids7(), told_objects, strict=False)
        error = self._copy((_line(fixed, row, uid, one, scope) for row, uid, one in rows), False)
        if error:
            raise error

    def _next_row(self, run):
        """What a payload is made of stands in rows of its own, also where it was collected company by company."""
        [[row]] = self.env.execute_query(
            SQL("SELECT COALESCE(max(row), 0) + 1 FROM fin_item WHERE run_id = %s", run.id)
        )
        return row


def _line(fixed, row, uid, one, scope):
    """One object as the line that COPY reads."""
    scope = one.scope if scope is None else scope
    text, digest = told(one)
    amount = "\\N" if one.amount is None else plain(one.amount)
    return (
        f"{fixed}\t{uid}\t{row}\t{one.contract}\t{_cell(scope)}\t{_cell(one.key)}\t{_cell(one.alt_key)}\t"
        f"{_cell(one.parent_key)}\t{signed(hash_of(one.key))}\t{digest}\t"
        + text.replace("\\", "\\\\")
        + f"\t{amount}\t{_cell(one.currency)}\t{_cell(one.on and one.on.isoformat())}\topen\t\\N\n"
    )
