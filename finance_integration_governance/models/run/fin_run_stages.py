from odoo import models
from odoo.tools import SQL

WITH_ITEMS = ("validate", "deliver", "reconcile")  # where items come, and where they get their outcome


class FinRun(models.Model):
    """What a stage leaves in the audit log: one row, with the run's items under one digest."""

    _inherit = "fin.run"

    def _stage_done(self, stage):
        """Log the stage; however many items there are, it is one event."""
        told = {outcome: total.count for outcome, total in self.env["fin.item"]._totals_by_outcome(self).items()}
        counted = SQL("SELECT count(*) FROM fin_payload WHERE run_id = %s", self.id)
        [[payloads]] = self.env.execute_query(counted)
        items = self._items_digest() if stage in WITH_ITEMS else None
        self._audit("stage", stage=stage, payloads=payloads, outcomes=told, items=items)

    def _items_digest(self):
        """One digest over the ordered digests of the run's items and what became of each; of none where there is none.

        Ordered by their identifiers, which are given once and grow.
        """
        [[told]] = self.env.execute_query(
            SQL(
                """SELECT encode(sha256(convert_to(
                    string_agg(digest || outcome, '' ORDER BY uid COLLATE "C"), 'UTF8')), 'hex')
                FROM fin_item WHERE run_id = %s""",
                self.id,
            )
        )
        return told
