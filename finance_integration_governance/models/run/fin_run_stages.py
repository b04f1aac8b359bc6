from odoo import models
from odoo.tools import SQL

WITH_ITEMS = ("validate", "deliver", "reconcile")  # where items come, and where they get their outcome
# One digest over the ordered digests of the run's items and what became of each; of none where there is none.
# Ordered by their identifiers, which are given once and grow.
_DIGEST = SQL(
    """encode(sha256(convert_to(string_agg(digest || outcome, '' ORDER BY uid COLLATE "C"), 'UTF8')), 'hex')"""
)


class FinRun(models.Model):
    """What a stage leaves in the audit log: one row, with the run's items under one digest."""

    _inherit = "fin.run"

    def _stage_done(self, stage):
        """Log the stage; however many items there are, it is one event. Returns whether the run has exceptions."""
        payloads, outcomes, items, has_exceptions = self._counted(has_digest=stage in WITH_ITEMS)
        self._audit("stage", stage=stage, payloads=payloads, outcomes=outcomes or {}, items=items)
        return has_exceptions

    def _items_digest(self):
        return self._counted()[2]

    def _counted(self, has_digest=True):
        """How many payloads, items by outcome, their digest where asked for, whether exceptions: in one statement."""
        self.env["fin.exception"].flush_model(["run_ids"])
        digest = SQL("SELECT %s FROM fin_item WHERE run_id = %s", _DIGEST, self.id) if has_digest else SQL("NULL")
        [row] = self.env.execute_query(
            SQL(
                """SELECT (SELECT count(*) FROM fin_payload WHERE run_id = %(run)s),
                    (SELECT json_object_agg(outcome, n) FROM (
                        SELECT outcome, count(*) n FROM fin_item WHERE run_id = %(run)s GROUP BY outcome) AS counted),
                    (%(digest)s),
                    EXISTS (SELECT 1 FROM fin_exception_fin_run_rel WHERE fin_run_id = %(run)s)""",
                run=self.id,
                digest=digest,
            )
        )
        return row
