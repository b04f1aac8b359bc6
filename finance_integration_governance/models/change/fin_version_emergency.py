import datetime as dt

from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError

from ..writer import as_writer

EMERGENCY_HOURS = 72


class FinVersion(models.Model):
    """A version at once, for at most 72 hours, and what the engine asks before it obeys any version."""

    _inherit = "fin.version"

    @check_identity
    def action_apply_emergency(self):
        """Run at once for at most 72 hours; an open exception stands until a second person has reviewed it."""
        self.ensure_one()
        self._subject()._need("group_administrator")
        if self.policy_id:
            raise UserError(self.env._("What holds for the whole company waits for its second person."))
        if self._subject().version_ids.filtered("emergency_until"):
            raise UserError(self.env._("A second person reviews the last emergency version first."))
        if self.state == "proposed":
            self._submit()
        self._supersede_live()
        self._transition("apply_emergency", digest=self.digest)
        until = fields.Datetime.now() + dt.timedelta(hours=EMERGENCY_HOURS)
        as_writer(self).write({"applied_at": fields.Datetime.now(), "emergency_until": until})
        self.env["fin.exception"]._open_for_version(self)
        return self._activate()

    def _confirm_emergency(self, verb):
        as_writer(self).write({"emergency_until": False})
        self._transition(verb, digest=self.digest)
        self.env["fin.exception"]._close_for_version(self, "a second person has approved the version")

    @api.model
    def _expire(self, now):
        """Emergency versions that nobody reviewed in time end; their flows stand still until one is approved."""
        over = self.search([("state", "=", "live"), ("emergency_until", "!=", False), ("emergency_until", "<=", now)])
        over._transition("expire", reason="nobody reviewed it in time")

    # What the engine asks before it starts a run

    def _is_approved(self, now=None):
        """Whether the sealed log holds the yes of enough other people to exactly this document, and its date has come.

        Rows alone prove nothing: somebody with SQL can write rows. The event must stand in the chain, unchanged.
        """
        self.ensure_one()
        if not self.document_id._is_intact():
            return False
        if self.emergency_until:
            since = dt.datetime.now(dt.UTC) - dt.timedelta(hours=EMERGENCY_HOURS)
            holds = self.env["fin.audit.seal"]._holds
            return holds("fin.version.apply_emergency", self._name, self._subject_key(), self.digest, since)
        asked = self._asked()
        if asked is None or (asked.get("effective") or "") > (now or fields.Datetime.now()).isoformat():
            return False
        sealed = self.env["fin.approval"]._is_sealed
        return sealed("version", self._name, self._subject_key(), self.digest, asked.get("needed", 1))

    def _asked(self):
        """What the sealed log says was asked for with this version: how many people, from when; None where nothing."""
        told = self.env["fin.audit.seal"]._sealed("fin.version.submit", self._name, self._subject_key())
        return next((one["facts"] for one in told if one["facts"].get("digest") == self.digest), None)
