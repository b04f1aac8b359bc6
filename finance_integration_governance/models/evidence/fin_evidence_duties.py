from odoo import api, models
from odoo.tools import SQL

from ...core.duties import ROLES, conflicts, together, told
from .fin_evidence_lists import _yes

MODULE = "finance_integration_governance"
# The group with which somebody may do it.
GROUPS = {
    "propose": f"{MODULE}.group_operator",
    "approve": f"{MODULE}.group_approver",
    "operate": f"{MODULE}.group_operator",
    "administer": f"{MODULE}.group_administrator",
    "audit": f"{MODULE}.group_auditor",
    "grant": "base.group_erp_manager",
    "technical": "base.group_system",
}
# The events that show that somebody did it.
ACTS = {
    "fin.version.propose": "propose",
    "fin.version.submit": "propose",
    "fin.approval.approve": "approve",
    "fin.approval.reject": "approve",
    "fin.run.queue": "operate",
    "fin.run.release": "operate",
    "fin.run.requeue": "operate",
    "fin.run.cancel": "operate",
    "fin.exception.resolve": "operate",
    "fin.version.apply_emergency": "administer",
    "fin.flow.retire": "administer",
    "fin.payload.read": "audit",
    "fin.evidence.pack.ask": "audit",
    "fin.evidence.pack.read": "audit",
}
DUTIES = ("person", "logins", *ROLES, *(f"{role}_acts" for role in ROLES), "conflicts", "conflicts_in_acts")
ACCESS = ("login", "name", "person", "active", "internal", "groups", "roles", "last_login")
GRANTS = ("at", "code", "actor", "subject", "facts", "digest")
BLOCKED = ("at", "code", "actor", "subject_model", "subject", "why", "facts", "digest")


class FinEvidenceBuilder(models.AbstractModel):
    """Who may do what, who did what, and what was refused."""

    _inherit = "fin.evidence.builder"

    @api.model
    def _lists(self, scope):
        company, since, until = scope.record.company_id, scope.since, scope.until
        return [
            *super()._lists(scope),
            ("access", ACCESS, self._access(company), None),
            ("access_changes", GRANTS, self._grants(since, until), None),
            ("duties", DUTIES, self._duties(company, since, until), None),
            ("blocked_attempts", BLOCKED, self._blocked(company, since, until), None),
        ]

    def _groups(self):
        """role -> the group that gives it."""
        return {role: self.env.ref(group) for role, group in GROUPS.items()}

    def _codes(self):
        """code of an event -> the role in which somebody did it; addons add theirs."""
        return ACTS

    def _users(self, company):
        """Everybody who holds one of our groups, may grant rights or change technical settings, in this company."""
        module = self.env["res.groups"].search([("id", "in", self._own_groups())])
        wanted = module | self.env["res.groups"].union(*self._groups().values())
        users = self.env["res.users"].with_context(active_test=False)
        return users.search([("all_group_ids", "in", wanted.ids), ("company_ids", "in", company.ids)], order="login")

    def _own_groups(self):
        data = self.env["ir.model.data"].search([("model", "=", "res.groups"), ("module", "=", MODULE)])
        return data.mapped("res_id")

    def _roles(self, user):
        return {role for role, group in self._groups().items() if group in user.all_group_ids}

    def _access(self, company):
        """Who holds which group now; how it came to that stands in the list of access changes."""
        ours = set(self._own_groups())
        for user in self._users(company):
            held = user.all_group_ids.filtered(lambda group: group.id in ours)
            yield {
                "login": user.login,
                "name": user.name,
                "person": f"#{user.partner_id.id}",
                "active": _yes(user.active),
                "internal": _yes(not user.share),
                "groups": ", ".join(sorted(held.mapped("full_name"))),
                "roles": ", ".join(sorted(self._roles(user))),
                "last_login": str(user.login_date or "") or None,
            }

    def _grants(self, since, until):
        """What the log tells of users and groups in the period."""
        for event in self._told_events(
            SQL("subject_model IN ('res.users', 'res.groups') AND at >= %s AND at < %s", since, until)
        ):
            yield {name: event[name] for name in GRANTS}

    def _blocked(self, company, since, until):
        """What the suite refused in the period, by whom it was tried and why it was refused."""
        for event in self._told_events(
            SQL(
                "code LIKE %s AND at >= %s AND at < %s AND (company_ref = %s OR company_ref IS NULL)",
                "%.refused",
                since,
                until,
                company.id,
            )
        ):
            told = {name: event[name] for name in BLOCKED if name in event}
            yield {**told, "why": event["facts"].get("why")}

    @api.model
    def _duties(self, company, since, until):
        """One row per person, all their logins together: rights, acts in the period, and what does not go together."""
        acts = self._acts(since, until)
        users = self._users(company)
        people = together((user.partner_id, user, self._roles(user)) for user in users if user.active)
        for partner, (logins, roles) in people.items():
            done = {role: sum(acts.get((user.id, role), 0) for user in logins) for role in ROLES}
            yield {
                "person": partner.name,
                "logins": ", ".join(user.login for user in logins),
                **{role: role in roles for role in ROLES},
                **{f"{role}_acts": count for role, count in done.items()},
                "conflicts": told(conflicts(roles)),
                "conflicts_in_acts": told(conflicts({role for role, count in done.items() if count})),
            }

    def _acts(self, since, until):
        """(user id, role) -> how often that was done, as the log tells it."""
        codes = self._codes()
        rows = self.env.execute_query(
            SQL(
                """SELECT actor, code, count(*) FROM fin_audit_event
                WHERE code = ANY(%s) AND at >= %s AND at < %s GROUP BY actor, code""",
                list(codes),
                since,
                until,
            )
        )
        found = {}
        for actor, code, count in rows:
            key = int(actor.rpartition("#")[2]), codes[code]
            found[key] = found.get(key, 0) + count
        return found
