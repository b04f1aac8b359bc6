"""Statements of periods that overlap: the bank's balances prove which of their entries were told before."""

import json
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..core.continuity import Place
from .fin_item_bank import OBJECT


class FinItem(models.Model):
    """An entry without a reference that looks like one of another statement is either that one or its equal.

    Where a bank does not number its statements, and the closing balance before with the entries that nobody knows is
    the closing balance of this one, it is that one. Else a person decides.
    """

    _inherit = "fin.item"

    @api.model
    def _repeated(self, run, aside):
        return self._made_certain(run, super()._repeated(run, aside))

    @api.model
    def _bound(self, run, aside):
        return self._made_certain(run, super()._bound(run, aside))

    def _made_certain(self, run, known):
        doubtful = [item_id for item_id, same, certain in known if same and not certain]
        if not doubtful or run._document()["object"] != OBJECT:
            return known
        by_parent = self._weighty(doubtful)
        told = self._proven(run, sorted(by_parent), [item_id for item_id, _same, _certain in known])
        proven = {item_id for parent in told for item_id in by_parent[parent]}
        return [(item_id, same, certain or item_id in proven) for item_id, same, certain in known]

    def _weighty(self, ids):
        """Statement -> its items of these; not where they add up to nothing, of which no balance tells anything."""
        rows = self.env.execute_query(
            SQL(
                """SELECT parent_key, array_agg(id) FROM fin_item WHERE id = ANY(%s)
                GROUP BY 1 HAVING sum(amount) <> 0""",
                ids,
            )
        )
        return dict(rows)

    def _proven(self, run, parents, known):
        """Those of these statements whose closing balance their unknown entries lead to."""
        sums = dict(
            self.env.execute_query(
                SQL(
                    """SELECT parent_key, sum(amount)::text FROM fin_item
                    WHERE run_id = %s AND outcome = 'open' AND parent_key = ANY(%s) AND NOT id = ANY(%s)
                    GROUP BY 1""",
                    run.id,
                    parents,
                    known,
                )
            )
        )
        by_scope = {}
        for scope, place in self._places(run):
            by_scope.setdefault(scope, []).append(place)
        return {
            place.key
            for scope, places in by_scope.items()
            if any(place.key in parents for place in places)
            for known in [[*self._booked_statements(run, scope), *places]]
            for place in places
            if place.key in parents
            and self._leads_to(place, Decimal(sums.get(place.key, "0")), self._before(place, known))
        }

    def _places(self, run):
        """(account, place) of each new statement of the run."""
        rows = self._new_statements(run)
        return [(scope, Place.of(key, json.loads(content))) for _id, scope, key, content in rows]

    def _before(self, place, known):
        """The one of these statements that was told before this one; None where there is none."""
        earlier = [
            one for one in known if one.key != place.key and one.currency == place.currency and one.order <= place.order
        ]
        return max(earlier, key=lambda one: one.order, default=None)

    def _leads_to(self, place, amount, before):
        if not before or None in (before.closing, place.closing) or place.sequence is not None:
            return False
        return before.closing + amount == place.closing

    def _goes_on(self, run, finding):
        """Whether what looks like a gap is none: the entries that are new lead from one closing balance to the next."""
        is_told_by_balance = finding.code == "statement_gap" and "difference" in finding.facts
        return is_told_by_balance and finding.document in self._proven(run, [finding.document], [])
