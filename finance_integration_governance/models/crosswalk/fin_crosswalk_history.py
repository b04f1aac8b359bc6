from odoo import models
from odoo.tools import SQL

from ..screen import act_window


class FinCrosswalk(models.Model):
    """Which versions of flows brought another state of it, with their approvals and the lines that changed."""

    _inherit = "fin.crosswalk"

    def action_open_history(self):
        self.ensure_one()
        self.check_access("read")
        name = self.env._("History of %s", self.name)
        return act_window(self.env, "fin_version_action", [("id", "in", self._versions_that_changed_it())], name=name)

    def _versions_that_changed_it(self):
        """Ids of versions that pin another digest of it than the version of the same flow before them."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM (
                    SELECT v.id, d.text::json #>> %(path)s AS told,
                        lag(d.text::json #>> %(path)s) OVER (PARTITION BY v.flow_id ORDER BY v.number) AS before
                    FROM fin_version v JOIN fin_document d ON d.id = v.document_id
                    WHERE v.flow_id IS NOT NULL AND v.company_id = %(company)s AND v.state <> 'rejected') AS pinned
                WHERE told IS NOT NULL AND told IS DISTINCT FROM before""",
                path=["crosswalks", self.code, "digest"],
                company=self.company_id.id,
            )
        )
        return [version_id for (version_id,) in rows]
