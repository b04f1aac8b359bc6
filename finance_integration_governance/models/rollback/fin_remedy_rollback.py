"""Controlled rollback: what a run delivered is taken back, by another run, with a second person's yes."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.canonical import canonical
from ..writer import as_writer


class FinRemedy(models.Model):
    _inherit = "fin.remedy"

    kind = fields.Selection(selection_add=[("rollback", "Roll back")], ondelete={"rollback": "cascade"})
    rolled_run_id = fields.Many2one("fin.run", readonly=True, ondelete="restrict", index=True, string="Run rolled back")

    @api.model
    def _ask_rollback(self, run, reason, ids=None, **vals):
        """Take back what this run delivered, or these items of it; it always takes a second person."""
        run.flow_id._need("group_operator")
        found = self._to_roll_back(run, ids)
        plan = run._dry_rollback(found) if found else {}
        return self._ask(
            "rollback",
            run.flow_id,
            found,
            reason,
            rolled_run_id=run.id,
            version_id=run.version_id.id,
            needs_yes=True,
            difference_id=self.env["fin.document"]._keep("rollback", canonical(plan)).id,
            **vals,
        )

    @api.model
    def _to_roll_back(self, run, ids=None):
        """Delivered items of the run whose effect still holds and which nobody takes back; UserError where none can."""
        if not run._object()._undoes:
            raise UserError(self.env._("What this flow delivers cannot be taken back by the suite."))
        chosen = SQL("AND i.id = ANY(%s)", list(ids)) if ids is not None else SQL()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id FROM fin_item i JOIN fin_binding b ON b.item_id = i.id AND b.live
                WHERE i.run_id = %s AND i.outcome = 'delivered' AND i.remedy_id IS NULL %s ORDER BY i.id""",
                run.id,
                chosen,
            )
        )
        return [item_id for (item_id,) in rows]

    def _told(self):
        # sudo: the log names what was asked, whoever may read it
        run = self.sudo().rolled_run_id
        return super()._told() | ({"run": run.name} if run else {})

    def _begin_rollback(self):
        run = self.env["fin.run"]._queue_rollback(self)
        self.env["fin.engine"]._wake(run.lane)


class FinVersion(models.Model):
    _inherit = "fin.version"

    def _dry_rollback(self, ids):
        """What taking back these items would do, in a transaction that is rolled back; as a mapping."""
        with self._dry_env() as env:
            version = env["fin.version"].browse(self.id)
            run = env["fin.run"]._dry_run(version)
            remedy = as_writer(env["fin.remedy"]).create(
                {
                    "name": "PREVIEW",
                    "kind": "rollback",
                    "company_id": run.company_id.id,
                    "flow_id": run.flow_id.id,
                    "reason": "preview",
                    "requested_by": env.uid,
                }
            )
            as_writer(run).write({"remedy_id": remedy.id, "trigger": "rollback"})
            env.flush_all()
            env.cr.execute(SQL("UPDATE fin_item SET remedy_id = %s WHERE id = ANY(%s)", remedy.id, list(ids)))
            env.invalidate_all()
            return run._dry_rolled_back()
