import json
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import told

from ..core.actual import FIGURES


def _differences(ours, theirs):
    """(key, None, field, ours, theirs) of each figure that differs; a cell that one side lacks is zero there."""
    for key in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(key, {}), theirs.get(key, {})
        for name in FIGURES:
            mine, other = here.get(name, "0"), there.get(name, "0")
            if Decimal(mine) != Decimal(other):
                yield key, None, name, mine, other


class FinObjectActual(models.AbstractModel):
    """Where the ledger and the other side differ now."""

    _inherit = "fin.object.actual"

    def _drift(self, run):
        """Cells of the ledger beside those that the target holds now; where it is not asked, that it got last."""
        held, grain, companies = run._held_outside(), self._grain(run), self._companies(run)
        for company in companies:
            ours = dict(self._cells(run, self._ledger(run, company, is_whole=False)))
            if held is None:
                known = self.env.execute_query(SQL("SELECT key, told FROM (%s) known", self._known(run, company)))
                theirs = dict(known)
            else:
                mine = (one for one in held if one.company == company.fin_code and grain.is_told(one.period))
                theirs = {one.key: json.loads(told(one)[0]) for one in mine}
            yield from _differences(ours, theirs)

    def _cells(self, run, ledger):
        """(key, content) of the ledger's cells."""
        spelling = self._spelling(run)
        return self.env.execute_query(
            SQL("SELECT %s, (%s)::json FROM (%s) cell", spelling.key, spelling.content, ledger)
        )
