from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.errors import ConfigurationError
from ..triggers import refuse_rewriting

NOT_PRODUCTION = ("test", "sandbox")


class FinRun(models.Model):
    """A draft, tried by its author alone where nothing is real: marked for ever, and no evidence of a live flow."""

    _inherit = "fin.run"

    is_draft = fields.Boolean(
        "Draft Run", readonly=True, index=True, help="Tried by its author before anybody approved it; proves nothing."
    )

    def init(self):
        super().init()
        refuse_rewriting(self.env.cr, self._table, ["is_draft"])

    @api.model
    def _queue(self, flow, trigger, slot=None, **vals):
        """What is held of a draft is a draft."""
        parent = self.browse(vals.get("parent_id") or [])
        if parent.is_draft:
            vals = {"is_draft": True, "version_id": parent.version_id.id, **vals}
        return super()._queue(flow, trigger, slot=slot, **vals)

    def _to_obey(self, flow, vals):
        if not vals.get("is_draft"):
            return super()._to_obey(flow, vals)
        return self.env["fin.version"].browse(vals["version_id"])._read_document()

    def _repin(self):
        """A draft obeys what it was begun with, whatever is live."""
        if not self.is_draft:
            super()._repin()

    def _guard_version(self):
        if not self.is_draft:
            return super()._guard_version()
        why = self.version_id._why_no_draft(self._first().requested_by)
        if why:
            raise ConfigurationError(why, code="draft")
        return None

    def _first(self):
        """The run that this is a held part of, or itself."""
        return self.parent_id._first() if self.parent_id else self

    def _pause_flow(self):
        """How a draft went says nothing about the flow."""
        if not self.is_draft:
            super()._pause_flow()


class FinVersion(models.Model):
    """A proposal that its author tries."""

    _inherit = "fin.version"

    can_try = fields.Boolean(compute="_compute_can_try")

    @api.depends_context("uid")
    def _compute_can_try(self):
        for version in self:
            version.can_try = bool(version.flow_id) and not version._why_no_draft(self.env.user)

    def _why_no_draft(self, person):
        """Why this may not be tried by that person alone, or None."""
        if self.state not in ("proposed", "review"):
            return "only what is proposed and not decided is tried as a draft"
        if person != self.proposed_by:
            return "a draft is tried by its author alone"
        if self._read_document().connection["environment"] not in NOT_PRODUCTION:
            return "a draft uses a test connection only"
        if self.env["fin.database"]._environment() not in NOT_PRODUCTION:
            return "this database is released as production or not at all: nothing is tried here"
        # A proposal that SQL wrote has no author.
        holds = self.env["fin.audit.seal"]._holds("fin.version.propose", self._name, self._subject_key(), self.digest)
        return None if holds and self.document_id._is_intact() else "the sealed log does not know this proposal"

    def action_try(self):
        """Run the proposal once, as its author, in a database where nothing is real."""
        self.ensure_one()
        self.flow_id._need("group_operator")
        self.env["fin.audit.seal"]._seal()
        why = self._why_no_draft(self.env.user)
        if why:
            raise UserError(why[0].upper() + why[1:] + ".")
        self.flow_id._check_quota()
        run = self.env["fin.run"]._queue(
            self.flow_id,
            "hand",
            is_draft=True,
            version_id=self.id,
            version_digest=self.digest,
            concurrency_key=f"draft-{self.number}",
        )
        self.env["fin.engine"]._wake(run.lane)
        return run._open()
