from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.totals import ControlTotals


class FinObjectNothing(models.AbstractModel):
    """Delivers into nothing: what remains is what the engine itself costs. What is bound counts as what it holds."""

    _name = "fin.object.nothing"
    _inherit = ["fin.object"]
    _description = "Nothing"

    def _map(self, run, item):
        return {"as": item.key}

    def _deliver(self, run, items):
        """Tells when it is committed: PostgreSQL sends a notice at the commit of the transaction that gave it."""
        if len(items) == 1:
            self.env.cr.execute("SELECT pg_notify('fin_bench', %s)", [items[0].key])
        return [(item.id, None) for item in items]

    def _totals(self, run):
        # sudo: the bindings are all that there is to read back
        rows = self.env(su=True).execute_query(
            SQL(
                """SELECT currency, count(*), sum(amount)::text,
                    mod(sum(key_hash::numeric), 18446744073709551616)::text
                FROM fin_binding b JOIN fin_item i ON i.id = b.item_id WHERE b.run_id = %s AND b.live GROUP BY 1""",
                run.id,
            )
        )
        parts = [ControlTotals(count, {money: Decimal(total)}, int(hashed)) for money, count, total, hashed in rows]
        return sum(parts, ControlTotals())
