import datetime as dt

from odoo import api, fields, models
from odoo.tools import SQL

from ..triggers import refuse_changes

MODULE = "finance_integration_governance"
DAYS = 30
KINDS = [
    ("created", "User created"),
    ("approver", "Made approver"),
    ("approver_lost", "No approver any more"),
    ("company", "Let into a company"),
    ("access", "Password, login or mail address set by somebody else"),
    ("found", "Approver when the suite began to look"),
]


class FinGrant(models.Model):
    """Who has power over whom: made them approver, created their user, set their password.

    For 30 days they are no second person for what the other one proposes. An approver whom no row explains was made
    behind the suite, and approves nothing. No foreign keys: users may go, this stays.
    """

    _name = "fin.grant"
    _description = "Grant to a User"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "login"

    at = fields.Datetime(required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    user_ref = fields.Integer(required=True, readonly=True, index=True, export_string_translation=False)
    login = fields.Char(required=True, readonly=True, string="User")
    by_ref = fields.Integer(required=True, readonly=True, export_string_translation=False)
    by_login = fields.Char(required=True, readonly=True, string="By")

    def init(self):
        refuse_changes(self.env.cr, self._table)

    @api.model
    def _note(self, users, kind):
        """The person at work has done this to these users; a row and an event for each."""
        for user in users.sudo():  # sudo: whoever may edit users may do it, and evidence is written either way
            facts = {"kind": kind, "user": f"{user.login}#{user.id}"}
            self.env["fin.audit.event"]._append("res.users.grant", "res.users", user.login, None, facts)
            self._insert(user, kind)

    def _insert(self, user, kind):
        self.env.execute_query(
            SQL(
                """INSERT INTO fin_grant (at, kind, user_ref, login, by_ref, by_login)
                VALUES (%s, %s, %s, %s, %s, %s) RETURNING id""",
                fields.Datetime.now(),
                kind,
                user.id,
                user.login,
                self.env.uid,
                self.env.user.login,
            )
        )

    @api.model
    def _approvers(self):
        """Everybody who holds the group now, by whichever way."""
        group = self.env.ref(f"{MODULE}.group_approver", raise_if_not_found=False)
        if not group:
            return self.env["res.users"]
        # sudo: whoever edits a group need not see all users
        return self.env["res.users"].sudo().search([("all_group_ids", "in", group.ids)])

    @api.model
    def _note_approvers(self, before):
        """What an edit of users or groups has done to the circle of approvers."""
        after = self._approvers()
        self._note(after - before, "approver")
        self._note((before - after).exists(), "approver_lost")
        if after != before:
            self.env.registry.clear_cache()

    @api.model
    def _unexplained(self, users):
        """Those whose being an approver no row explains."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (user_ref) user_ref, kind FROM fin_grant
                WHERE user_ref = ANY(%s) AND kind IN ('approver', 'approver_lost', 'found')
                ORDER BY user_ref, id DESC""",
                users.ids,
            )
        )
        explained = {user_id for user_id, kind in rows if kind != "approver_lost"}
        return users.filtered(lambda user: user.id not in explained)

    @api.model
    def _kinds_of_power(self):
        """What makes somebody dependent on who did it; addons add theirs."""
        return ("created", "approver", "company", "access")

    @api.model
    def _is_dependent(self, user, on):
        """Whether one of those users (or another login of theirs) has had power over this one within 30 days."""
        masters = on.partner_id.with_context(active_test=False).user_ids | on
        since = fields.Datetime.now() - dt.timedelta(days=DAYS)
        created = user.create_uid in masters and user.create_date >= since
        kinds = self._kinds_of_power()
        rows = [("user_ref", "=", user.id), ("by_ref", "in", masters.ids), ("at", ">=", since), ("kind", "in", kinds)]
        # sudo: asked on behalf of whoever approves
        return created or bool(self.sudo().search_count(rows, limit=1))
