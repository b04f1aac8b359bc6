from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError

from ..screen import opened
from ..writer import as_writer

STATES = [
    ("proposed", "Proposed"),
    ("review", "In Review"),
    ("approved", "Approved, waits for its Date"),
    ("applied", "Applied"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
]


class FinChange(models.Model):
    """A change request: versions that were proposed together, decided together, in force together.

    It has no life of its own: its state is what its versions say.
    """

    _name = "fin.change"
    _description = "Change Request"
    _inherit = ["fin.evidence.mixin"]
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    reason = fields.Text(readonly=True)
    requested_by = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict", string="Asked by")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    effective_at = fields.Datetime(readonly=True, string="In force from", help="At once, where nothing stands here.")
    version_ids = fields.One2many("fin.version", "change_id", string="Versions")
    state = fields.Selection(STATES, compute="_compute_state", store=True)

    @api.depends("version_ids.state", "version_ids.applied_at")
    def _compute_state(self):
        for change in self:
            change.state = change._told_by(change.version_ids)

    def _told_by(self, versions):
        states = set(versions.mapped("state"))
        waiting = next((state for state in ("review", "proposed", "approved") if state in states), None)
        if waiting or versions.filtered("applied_at"):
            return waiting or "applied"
        return "rejected" if "rejected" in states else "withdrawn"

    @api.model
    def _propose(self, subjects, reason=None, effective_at=None):
        """A change request with a new version of each working copy that differs from what is live.

        `subjects` are flows, policies, or a list of both.
        """
        changed = self._to_propose(subjects)
        change = self._new(changed[0].company_id, reason, effective_at)
        for subject in changed:
            self.env["fin.version"]._new(subject, change)
        return change

    @api.model
    def _to_propose(self, subjects):
        """The working copies among them, in a list, that differ from what is live; UserError where none does."""
        given = [subjects] if isinstance(subjects, models.BaseModel) else subjects
        each = [subject for records in given for subject in records]
        for subject in each:
            subject._need_proposer()
        changed = [subject for subject in each if subject.live_version_id.digest != subject._written()[1]]
        if not changed:
            raise UserError(self.env._("The working copy is the live version: there is nothing to propose."))
        return changed

    @api.model
    def _ask_why(self, subjects, reason=None):
        """The dialog that asks for a reason and a date before it proposes these."""
        changed = self._to_propose(subjects)
        for subject in changed:
            subject._keep_parts()
        flows = [subject.id for subject in changed if subject._name == "fin.flow"]
        policies = [subject.id for subject in changed if subject._name == "fin.policy"]
        return self._dialog(default_flow_ids=flows, default_policy_ids=policies, default_reason=reason)

    def _dialog(self, **context):
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.change.propose",
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Propose a Change"),
            "context": context,
        }

    def _new(self, company, reason, effective_at):
        change = as_writer(self).create(
            {
                "name": self.env["ir.sequence"].sudo().next_by_code("fin.change"),  # sudo: sequences are the system's
                "reason": reason,
                "effective_at": effective_at,
                "requested_by": self.env.uid,
                "company_id": company.id,
            }
        )
        return change.with_env(self.env)

    def _effective(self):
        """From when it is in force, as the log tells it."""
        return self.effective_at.isoformat() if self.effective_at else None

    def _is_early(self):
        return bool(self.effective_at) and self.effective_at > fields.Datetime.now()

    def action_submit(self):
        self.ensure_one()
        self._in_state("proposed").action_submit()

    @check_identity
    def action_approve(self):
        """Say yes to all of it, as another person than those who made it."""
        self.ensure_one()
        return self._approve()

    def _approve(self):
        return self._in_state("review")._approve()

    @check_identity
    def action_reject(self):
        self.ensure_one()
        return self._reject()

    def _reject(self):
        return self._in_state("review")._reject()

    def _in_state(self, state):
        """One of its versions that stands there: what is done to it is done to all of them."""
        found = self.version_ids.filtered(lambda v: v.state == state)[:1]
        if not found:
            raise UserError(self.env._("%s has nothing to decide here.", self.name))
        return found

    def _open(self):
        return opened(self)
