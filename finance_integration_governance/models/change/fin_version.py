from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError
from odoo.tools import ormcache

from ...core.canonical import canonical
from ...core.canonical import digest as digest_of
from ...core.document import FlowDocument, differences
from ...core.lifecycle import Lifecycle
from ..screen import opened
from ..writer import as_writer


class FinVersion(models.Model):
    """One proposed or approved document of a flow, or of a company's policy.

    Versions that were proposed together stand in one change request (`fin.change`) and are decided in one act.
    """

    _name = "fin.version"
    _description = "Version"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "flow_id, policy_id, number desc"
    _lifecycle = Lifecycle(
        {
            "proposed": "Proposed",
            "review": "In Review",
            "approved": "Approved",
            "live": "Live",
            "superseded": "Superseded",
            "rejected": "Rejected",
            "expired": "Expired",
        },
        submit="proposed > review",
        approve="review > approved",
        reject="review > rejected",
        apply="approved > live",
        apply_emergency="proposed, review > live",
        confirm="live > live",
        confirm_late="superseded, expired > superseded",
        supersede="live, approved, proposed, review > superseded",
        expire="live > expired",
    )

    flow_id = fields.Many2one("fin.flow", readonly=True, ondelete="restrict", index=True)
    policy_id = fields.Many2one("fin.policy", readonly=True, ondelete="restrict", index=True)
    change_id = fields.Many2one("fin.change", readonly=True, ondelete="restrict", index=True, string="Change Request")
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True)
    rollback_of_id = fields.Many2one("fin.version", readonly=True, ondelete="restrict", string="Rollback to")
    number = fields.Integer(required=True, readonly=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False)
    document_id = fields.Many2one("fin.document", required=True, readonly=True, ondelete="restrict")
    digest = fields.Char(related="document_id.digest", store=True)
    changes = fields.Text(compute="_compute_changes", string="What changes")
    reason = fields.Text(readonly=True)
    proposed_by = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    applied_at = fields.Datetime(readonly=True)
    emergency_until = fields.Datetime(readonly=True, string="Emergency until")
    approval_ids = fields.One2many("fin.approval", "version_id", string="Approvals")

    _number_uniq = models.Constraint("UNIQUE(flow_id, number)", "This number is taken.")
    _policy_number_uniq = models.Constraint("UNIQUE(policy_id, number)", "This number is taken.")
    _live_uniq = models.UniqueIndex("(flow_id) WHERE state = 'live'", "A flow has one live version.")
    _live_policy_uniq = models.UniqueIndex("(policy_id) WHERE state = 'live'", "A company has one live policy.")
    _one_subject = models.Constraint(
        "CHECK((flow_id IS NULL) <> (policy_id IS NULL))", "A version belongs to a flow or to a company's policy."
    )

    @api.depends("flow_id.company_id", "policy_id.company_id")
    def _compute_company_id(self):
        for version in self:
            version.company_id = version._subject().company_id

    @api.depends("flow_id.name", "policy_id.company_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version._subject().display_name} v{version.number}"

    def _compute_changes(self):
        for version in self:
            before = version._before()
            old = before._read_document().content if before else {}
            version.changes = version._in_words(old, version._read_document().content)

    def _before(self):
        """The version that was live, or last live, before this one."""
        older = self._subject().version_ids.filtered(lambda v: v.number < self.number and v.applied_at)
        return older.sorted("number")[-1:]

    def _in_words(self, old, new):
        def shown(value):
            return "nothing" if value is None else canonical(value)

        return "\n".join(f"{path}: {shown(a)} → {shown(b)}" for path, a, b in differences(old, new)) or "nothing"

    def _subject(self):
        """The working copy that this was written from: a flow, or a company's policy."""
        return self.flow_id or self.policy_id

    def _subject_key(self):
        return f"{self._subject()._subject_key()}/{self.number}"

    def _read_document(self):
        return FlowDocument.read(self._text())

    @ormcache("self.id")
    def _text(self):
        """What it says, remembered, since it never says anything else; guards look at the row (`_is_as_written`)."""
        # sudo: who may see the version may see its document; the engine reads it for every run
        return self.sudo().document_id.text

    def _is_as_written(self, digest):
        """Whether the row of its document still is the text with this digest: asked before anything starts."""
        return digest_of(self.sudo().document_id.text) == digest  # sudo: as above

    @api.model
    def _propose(self, flow):
        """A change request of this flow alone, and its version."""
        return self.env["fin.change"]._propose(flow).version_ids

    def _new(self, subject, change, old=None):
        """A version of the working copy as it stands, or of an old version; open proposals of it give way."""
        text = old.sudo().document_id.text if old else subject._written()[0]  # sudo: it may be read with its version
        subject.version_ids.filtered(lambda v: v.state in ("proposed", "review"))._transition("supersede")
        subject._before_propose()
        kind = subject._name.removeprefix("fin.")
        version = as_writer(self).create(
            {
                f"{kind}_id": subject.id,
                "change_id": change.id,
                "rollback_of_id": old.id if old else False,
                "number": max(subject.version_ids.mapped("number"), default=0) + 1,
                "document_id": self.env["fin.document"]._keep(kind, text).id,
                "reason": change.reason,
                "proposed_by": self.env.uid,
            }
        )
        version = version.with_env(self.env)
        editors = sorted(f"{user.login}#{user.id}" for user in self.env["fin.edit"]._editors(version))
        version._audit("propose", digest=version.digest, change=change.name, editors=editors)
        return version

    def action_submit(self):
        """Ask for a second person's yes, to everything that was proposed together."""
        self.ensure_one()
        for version in self._together():
            version._submit()

    def _together(self):
        """This version, and those of its change request that stand where it stands."""
        return self.change_id.version_ids.filtered(lambda v: v.state == self.state)

    def _submit(self):
        self._subject()._need_proposer()
        needed = max(version._needed() for version in self.change_id.version_ids)
        self._transition("submit", digest=self.digest, needed=needed, effective=self.change_id._effective())
        for _each in range(needed):
            self.env["fin.approval"]._request(
                "version", self._name, self._subject_key(), self.digest, self.flow_id, self, self.company_id
            )

    def _needed(self):
        """How many people have to say yes: what the policy in force wants for the more critical of before and after."""
        counts = self.company_id._fin_policy()["approvals"]
        if self.policy_id:
            return max(counts.values())
        before = self._before()
        return max(counts[version._read_document().criticality] for version in (self, *before))

    def _guard_submit(self):
        vacant = self._vacant()
        if vacant:
            raise UserError(self.env._("The flow has no %s: every flow needs both.", " and no ".join(vacant)))

    def _vacant(self):
        """Owner and deputy, where this document names nobody for today who is still here."""
        if self.policy_id:
            return []
        document, today = self._read_document(), fields.Date.context_today(self)
        named = {role: document.people(role, today) for role in ("owner", "deputy")}
        wanted = [("login", "in", [*named["owner"], *named["deputy"]]), ("share", "=", False), ("active", "=", True)]
        there = set(self.env["res.users"].search_fetch(wanted, ["login"]).mapped("login"))
        return [role for role, logins in named.items() if there.isdisjoint(logins)]

    @check_identity
    def action_approve(self):
        """Say yes, as another person than the one who asked, and make the version live."""
        self.ensure_one()
        return self._approve()

    def _approve(self):
        """One act decides everything that was proposed together."""
        for version in self._waiting():
            version._say_yes()

    def _waiting(self):
        """This version, and those beside it in its change request that wait for a yes."""
        return self | self._together().filtered(lambda v: v._open_approval())

    def _say_yes(self):
        self._open_approval()._decide("approve")
        if self._open_approval():
            return None  # somebody else has to say yes, too
        if self.emergency_until:
            return self._confirm_emergency("confirm" if self.state == "live" else "confirm_late")
        self._transition("approve", digest=self.digest)
        return None if self.change_id._is_early() else self._apply()

    def _guard_approve(self):
        """What was edited since is proposed anew, or somebody would approve what stands nowhere any more."""
        if self.rollback_of_id.digest != self.digest and self._subject()._written()[1] != self.digest:
            raise UserError(
                self.env._("%s was edited since this was proposed: propose it again.", self._subject().display_name)
            )

    def _open_approval(self):
        return self.approval_ids.filtered(lambda a: a.state == "requested" and a.digest == self.digest)[:1]

    @check_identity
    def action_reject(self):
        self.ensure_one()
        return self._reject()

    def _reject(self):
        """One act refuses everything that was proposed together."""
        for version in self._waiting():
            version._say_no()

    def _say_no(self):
        """Say no; an emergency version that is live ends with it."""
        self._open_approval()._decide("reject")
        if not self.emergency_until:
            return self._transition("reject", digest=self.digest)
        if self.state == "live":
            self._transition("expire", digest=self.digest)
        return self.env["fin.exception"]._close_for_version(self, "a second person has rejected the version")

    def _apply(self):
        self._supersede_live()
        older = self._subject().version_ids.filtered(lambda v: v.state == "approved" and v.number < self.number)
        older._transition("supersede", reason="a newer one is live")
        self._transition("apply", digest=self.digest)
        as_writer(self).write({"applied_at": fields.Datetime.now()})
        return self._activate()

    def _supersede_live(self):
        old = self._subject().version_ids.filtered(lambda v: v.state == "live" and v != self)
        old._transition("supersede")
        # One statement for both would meet the unique index half way.
        old.flush_recordset(["state"])

    def _after_reject(self):
        self.approval_ids.filtered(lambda a: a.state == "requested")._transition("expire")

    def _after_supersede(self):
        """Nobody is asked any more about what will not run; an emergency version ran, and is still to be reviewed."""
        if not self.emergency_until:
            self.approval_ids.filtered(lambda a: a.state == "requested")._transition("expire")

    def _activate(self):
        """The subject obeys this version from now on."""
        subject = self._subject()
        subject.invalidate_recordset(["live_version_id", "is_changed"])
        subject._obey()

    @api.model
    def _apply_due(self, now):
        """What was approved for a date becomes live when it has come, in the order in which it was proposed."""
        for version in self.search([("state", "=", "approved")], order="id"):
            if version._is_approved(now):
                version._apply()

    def _open(self):
        return opened(self)
