from odoo import api, fields, models
from odoo.tools import SQL

from ..triggers import refuse_changes


class FinEdit(models.Model):
    """Who has edited a working copy, after which of its versions; the suite writes it, so nobody leaves it out."""

    _name = "fin.edit"
    _description = "Edit of a Working Copy"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id"

    flow_id = fields.Many2one("fin.flow", readonly=True, ondelete="cascade")
    policy_id = fields.Many2one("fin.policy", readonly=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    after_number = fields.Integer(required=True, readonly=True, help="The newest version at that time; 0 for none.")
    at = fields.Datetime(required=True, readonly=True)

    _flow_uniq = models.UniqueIndex("(flow_id, user_id, after_number) WHERE flow_id IS NOT NULL")
    _policy_uniq = models.UniqueIndex("(policy_id, user_id, after_number) WHERE policy_id IS NOT NULL")

    def init(self):
        refuse_changes(self.env.cr, self._table)

    @api.model
    def _note(self, subject):
        """The person at work has edited this working copy; once per version is enough."""
        newest = max(subject.sudo().version_ids.mapped("number"), default=0)  # sudo: numbers only
        self.env.execute_query(
            SQL(
                """INSERT INTO fin_edit (flow_id, policy_id, user_id, after_number, at)
                VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id""",
                subject.id if subject._name == "fin.flow" else None,
                subject.id if subject._name == "fin.policy" else None,
                self.env.uid,
                newest,
                fields.Datetime.now(),
            )
        )

    @api.model
    def _editors(self, version):
        """Everybody whose edits this version brings, compared with what was live before it."""
        subject, before = version._subject(), version._before()
        mine = "flow_id" if subject._name == "fin.flow" else "policy_id"
        # sudo: who edited is asked about on behalf of whoever approves
        rows = self.sudo().search(
            [
                (mine, "=", subject.id),
                ("after_number", ">=", before.number if before else 0),
                ("after_number", "<", version.number),
            ]
        )
        return rows.user_id
