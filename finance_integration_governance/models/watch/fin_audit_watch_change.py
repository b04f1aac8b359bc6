from odoo import models
from odoo.tools import SQL

from ..change.fin_grant import MODULE
from .fin_audit_watch import Finding


class FinAuditWatch(models.AbstractModel):
    """What is in force without anybody's yes, and who may say yes without anybody's grant."""

    _inherit = "fin.audit.watch"

    def _look(self, everything=False):
        return [*super()._look(everything), *self._unapproved(), *self._unexplained()]

    def _unapproved(self):
        """What is live has its approvals in the sealed log; what moved since the last seal is looked at next time."""
        for version in self.env["fin.version"].search([("state", "=", "live")]):
            if not version._is_approved() and not self._is_moving(version):
                yield Finding("audit_unapproved", "fin.version", version._subject_key(), version.digest)

    def _is_moving(self, version):
        rows = self.env.execute_query(
            SQL(
                """SELECT 1 FROM fin_audit_event e WHERE e.subject_model = 'fin.version' AND e.subject_key = %s
                AND NOT EXISTS (SELECT 1 FROM fin_audit_seal s WHERE s.event_id = e.id) LIMIT 1""",
                version._subject_key(),
            )
        )
        return bool(rows)

    def _unexplained(self):
        """Whom the tables make an approver, and no grant: read from the rows, because caches may not know yet."""
        rows = self.env.execute_query(
            SQL(
                """WITH RECURSIVE above(gid) AS (
                    SELECT %s UNION SELECT i.gid FROM res_groups_implied_rel i JOIN above a ON a.gid = i.hid)
                SELECT DISTINCT u.id FROM res_groups_users_rel r JOIN above a ON a.gid = r.gid
                JOIN res_users u ON u.id = r.uid WHERE u.active""",
                self.env.ref(f"{MODULE}.group_approver").id,
            )
        )
        approvers = self.env["res.users"].browse([user_id for (user_id,) in rows])
        for user in self.env["fin.grant"]._unexplained(approvers):
            yield Finding("audit_grant", "res.users", user.login)
