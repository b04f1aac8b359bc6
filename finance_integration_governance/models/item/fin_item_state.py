from odoo import api, models
from odoo.tools import SQL


class FinItem(models.Model):
    """What comes back, and what comes anew: echoes of what we sent are dropped, a new state replaces the one before."""

    _inherit = "fin.item"

    @api.model
    def _recognise(self, run):
        self._drop_echoes(run)
        if run._object()._tells_states:
            self._give_way(run)
        return super()._recognise(run)

    def _drop_echoes(self, run):
        """Open items that say what this system sent last itself, by contract, key and digest, are skipped.

        A key that was brought in with other content since then is news when it changes back, and no echo. What waits
        for a person is left to the person.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id FROM fin_item i
                WHERE i.run_id = %s AND i.outcome = 'open' AND i.exception_id IS NULL AND EXISTS (
                    SELECT 1 FROM (
                        SELECT * FROM fin_binding x
                        WHERE x.live AND x.res_model IS NULL AND x.key = i.key OFFSET 0) AS b
                    JOIN fin_item s ON s.id = b.item_id AND s.contract = i.contract
                    WHERE b.object = i.object AND b.digest = i.digest AND b.company_id = i.company_id AND NOT EXISTS (
                        SELECT 1 FROM fin_binding n WHERE n.object = i.object AND n.key = i.key
                            AND n.res_model IS NOT NULL AND n.company_id = i.company_id AND n.id > b.id
                            AND n.digest <> i.digest))""",
                run.id,
            )
        )
        if rows:
            self._set_outcome(run, "skipped", [item_id for (item_id,) in rows], reason="echo")
            run._audit("echo", count=len(rows))

    @api.model
    def _recognise_sent(self, run):
        """Out of Odoo: what another run has sent since these items were collected is neither sent over nor again.

        What is sent again on purpose gives way only to what was collected later.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id, b.digest = i.digest FROM fin_item i
                JOIN fin_binding b ON b.live AND (b.object, b.scope, b.key) = (i.object, i.scope, i.key)
                WHERE i.run_id = %s AND i.outcome = 'open' AND b.run_id <> i.run_id
                    AND ((b.digest = i.digest AND NOT %s) OR b.item_id > i.id)""",
                run.id,
                run._resends(SQL.identifier("i", "on")),
            )
        )
        same = [item_id for item_id, is_same in rows if is_same]
        newer = [item_id for item_id, is_same in rows if not is_same]
        self._set_outcome(run, "unchanged", same, reason="known")
        self._set_outcome(run, "superseded", newer, reason="a newer one was sent")

    def _give_way(self, run):
        """A state that is told again later in the same run gives way to the later one."""
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM (
                    SELECT id, row_number() OVER (PARTITION BY object, scope, key ORDER BY id DESC) AS place
                    FROM fin_item WHERE run_id = %s AND outcome = 'open') AS ordered
                WHERE place > 1""",
                run.id,
            )
        )
        if rows:
            self._set_outcome(run, "superseded", [item_id for (item_id,) in rows], reason="told again")

    def _settle(self, run, known):
        """Where states are told, other content is news; the same is what is there already."""
        if not run._object()._tells_states:
            return super()._settle(run, known)
        gone = self._gone([item_id for item_id, _same, _certain in known])
        same = [item_id for item_id, is_same, _certain in known if is_same and item_id not in gone]
        self._set_outcome(run, "unchanged", same, reason="known")
        return self._mark(run, sorted(gone), "bound_record_gone")


class FinBinding(models.Model):
    """An echo is looked for by what was sent."""

    _inherit = "fin.binding"

    _sent_idx = models.Index("(key, object) WHERE live AND res_model IS NULL")

    @api.model
    def _bind(self, run, bound):
        """A new state takes the place of the one before."""
        ids = [item_id for item_id, record in bound if record]
        told_by = self.env["fin.item"].browse(ids[:1]).object
        if told_by in self.env and self.env[told_by]._tells_states:
            self._supersede(ids)
        return super()._bind(run, bound)
