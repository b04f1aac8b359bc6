import time

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.http import request

from ...core.lifecycle import Lifecycle
from ..triggers import refuse_rewriting
from ..writer import as_writer, is_program

PROOF_SECONDS = 11 * 60  # Odoo asks again after ten minutes; the call itself takes its time
MODULE = "finance_integration_governance"
PURPOSES = [
    ("version", "Version"),
    ("run", "Run"),
    ("waiver", "Waiver"),
    ("release", "Release of a database"),
    ("uninstall", "Uninstallation"),
    ("delegation", "Deputy of an approver"),
    ("merge", "Merge of contacts"),
]


class FinApproval(models.Model):
    """One yes that is needed, and who gave it. It binds to a digest: other content needs another yes.

    One table for every purpose. An approval is an act in the web client; there is none over API keys.
    """

    _name = "fin.approval"
    _description = "Approval"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "id desc"
    _lifecycle = Lifecycle(
        {"requested": "Requested", "approved": "Approved", "rejected": "Rejected", "expired": "Expired"},
        approve="requested > approved",
        reject="requested > rejected",
        expire="requested > expired",
    )

    name = fields.Char(required=True, readonly=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False)
    purpose = fields.Selection(PURPOSES, required=True, readonly=True)
    subject_model = fields.Char(required=True, readonly=True)
    subject_key = fields.Char(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True, size=64)
    flow_id = fields.Many2one("fin.flow", readonly=True, ondelete="restrict", index=True)
    version_id = fields.Many2one("fin.version", readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    requested_by = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    person_id = fields.Many2one("res.users", readonly=True, ondelete="restrict", string="Decided by")
    decided_at = fields.Datetime(readonly=True)
    valid_until = fields.Datetime(readonly=True)

    _subject_idx = models.Index("(subject_model, subject_key, purpose)")

    def init(self):
        columns = ["state", "person_id", "decided_at", "digest", "subject_key", "purpose", "requested_by"]
        refuse_rewriting(self.env.cr, self._table, columns, "OLD.state <> 'requested'")

    @api.model
    def _request(self, purpose, model, key, digest, flow, version=None, company=None):
        """Ask for one yes to this content; returns the open request."""
        approval = as_writer(self).create(
            {
                "name": self.env["ir.sequence"].sudo().next_by_code("fin.approval"),  # sudo: sequences are the system's
                "purpose": purpose,
                "subject_model": model,
                "subject_key": key,
                "digest": digest,
                "flow_id": flow.id if flow else False,
                "version_id": version.id if version else False,
                "company_id": (flow.company_id if flow else company or self.env.company).id,
                "requested_by": self.env.uid,
            }
        )
        approval = approval.with_env(self.env)
        approval._audit("request", **approval._told())
        return approval

    def _decide(self, verb):
        """Approve or reject as the person in front of the screen."""
        if not self:
            raise UserError(self.env._("Nothing waits here for an approval."))
        self._guard_person()
        as_writer(self).write({"person_id": self.env.uid, "decided_at": fields.Datetime.now()})
        self._transition(verb, **self._told())

    def _told(self):
        return {"purpose": self.purpose, "subject": [self.subject_model, self.subject_key], "digest": self.digest}

    def _guard_person(self):
        """Another person than the one who asked, holding the approver group, in a session of the web client."""
        self.check_access("read")
        why = self._why_not() or self._why_not_here()
        if why:
            self._refused(why)
            raise AccessError(self._refusal(why))

    def _why_not_here(self):
        """A scheduled action, a server action or an API key is nobody before a screen, in whosever name it runs."""
        if is_program(self):
            return None
        if not request or request.session.uid != self.env.uid:
            return "no_session"
        # Code that somebody presses a button for has not asked them for their password.
        proven_at = request.session.get("identity-check-last", 0)
        return None if proven_at > time.time() - PROOF_SECONDS else "no_session"

    def _why_not(self):
        """Why this person is no second person for it, or None."""
        if not self._is_approver() or self._is_service():
            return "no_approver"
        if self._holds_group() and self.env["fin.grant"]._unexplained(self.env.user):
            return "unexplained"
        if self._is_own_request() or self._is_author():
            return "own_request"
        if self._is_editor():
            return "own_edit"
        if self._has_spoken():
            return "spoken"
        if self.env["fin.grant"]._is_dependent(self.env.user, self.requested_by | self.version_id.proposed_by):
            return "dependent"
        return None

    def _refusal(self, why):
        return {
            "no_approver": self.env._("You need the right approver for this."),
            "unexplained": self.env._("The log does not say who made you an approver: let it be granted anew."),
            "own_request": self.env._("Nobody approves what they asked for."),
            "own_edit": self.env._("Nobody approves what they have edited."),
            "spoken": self.env._("You have said yes to this already: another person is needed, too."),
            "dependent": self.env._(
                "Who asks for this has created your user, made you an approver or set your password within 30 days:"
                " another approver decides."
            ),
            "no_session": self.env._("An approval is given by a person in the web client, not over an API or by code."),
        }[why]

    def _is_approver(self):
        return self._holds_group()

    def _holds_group(self):
        return self.env.user.has_group(f"{MODULE}.group_approver")

    def _is_service(self):
        """Whatever groups somebody gave it, a service user is no person."""
        # sudo: it may be the service user of a company that this user does not see
        return bool(self.env["res.company"].sudo().search_count([("fin_service_user_id", "=", self.env.uid)]))

    def _is_own_request(self):
        """The same user, or another login of the same person."""
        return self.env.su or self._is_here(self.requested_by)

    def _is_author(self):
        return self._is_here(self.version_id.proposed_by)

    def _is_here(self, users):
        """Whether the person in front of the screen is one of these, by this or another login."""
        return self.env.user.partner_id in users.partner_id

    def _is_editor(self):
        """Whether the person has a hand in what is proposed, by this or another login."""
        editors = self.env["fin.edit"]._editors(self.version_id) if self.version_id else self.env["res.users"]
        return self._is_here(editors)

    def _has_spoken(self):
        """Whether the person, by this or another login, is one of those who said yes to this already."""
        # sudo: whoever decides may know who has
        given = self.sudo()._granted(self.purpose, self.subject_model, self.subject_key, self.digest)
        return self._is_here(given.person_id)

    def _refused(self, why):
        """A refused attempt is evidence too, and must outlive the refusal's rollback."""
        told = {"why": why, **self._told()}
        self.env["fin.audit.event"]._append_apart("fin.approval.refused", self._name, self.name, self.company_id, told)

    def _need_group(self, group):
        if not self.env.user.has_group(f"{MODULE}.{group}"):
            raise AccessError(self.env._("You need the right %s for this.", group.removeprefix("group_")))

    def _need_any(self, *groups):
        if not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(self.env._("You need the right of an administrator for this."))

    def _subject_key(self):
        return self.name

    @api.model
    def _granted(self, purpose, model, key, digest):
        """The approvals that say yes to exactly this content."""
        return self.search_fetch(
            [
                ("purpose", "=", purpose),
                ("subject_model", "=", model),
                ("subject_key", "=", key),
                ("digest", "=", digest),
                ("state", "=", "approved"),
            ],
            ["name", "digest", "requested_by", "person_id"],
        )

    @api.model
    def _is_sealed(self, purpose, model, key, digest, needed=1):
        """Whether that many people have said yes in the sealed log, each another one than who asked."""
        # sudo: the engine checks on behalf of everybody
        granted = self.sudo()._granted(purpose, model, key, digest)
        (granted.person_id | granted.requested_by).fetch(["partner_id"])
        return len({approval.person_id.partner_id for approval in granted if approval._is_in_the_log()}) >= needed

    def _is_in_the_log(self):
        """Whether the sealed log tells of this yes as the row does: who asked, who gave it, to which content."""
        return (
            self.person_id.partner_id != self.requested_by.partner_id
            and self._is_told("fin.approval.request", self.requested_by)
            and self._is_told("fin.approval.approve", self.person_id)
        )

    def _is_told(self, code, person):
        return any(
            told["actor"].rpartition("#")[2] == str(person.id) and self.digest in told["facts"].values()
            for told in self.env["fin.audit.seal"]._sealed(code, self._name, self.name)
        )
