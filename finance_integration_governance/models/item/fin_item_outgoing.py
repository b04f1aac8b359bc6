from itertools import count

from odoo import api, models

from ...core.canonical import plain, told
from ...core.totals import hash_of, signed
from ...core.uid import uuids7
from .intake import _cell


class FinItem(models.Model):
    """What is to leave Odoo and is at hand as canonical objects, as open items of its run."""

    _inherit = "fin.item"

    @api.model
    def _collect(self, run, told_objects, company=None):
        """Store canonical objects as open items of the run, in their order; their contract is checked at validate."""
        fixed = f"{run.id}\t\\N\t{(company or run.company_id).id}\t{run._document()['object']}"
        rows = zip(count(1), uuids7(), told_objects, strict=False)
        error = self._copy((_line(fixed, row, uid, one) for row, uid, one in rows), False)
        if error:
            raise error


def _line(fixed, row, uid, one):
    """One object as the line that COPY reads."""
    text, digest = told(one)
    amount = "\\N" if one.amount is None else plain(one.amount)
    return (
        f"{fixed}\t{uid}\t{row}\t{one.contract}\t{_cell(one.scope)}\t{_cell(one.key)}\t{_cell(one.alt_key)}\t"
        f"{_cell(one.parent_key)}\t{signed(hash_of(one.key))}\t{digest}\t"
        + text.replace("\\", "\\\\")
        + f"\t{amount}\t{_cell(one.currency)}\t{_cell(one.on and one.on.isoformat())}\topen\t\\N\n"
    )
