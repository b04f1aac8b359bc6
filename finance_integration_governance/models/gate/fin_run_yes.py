from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError

from ...core.canonical import canonical, digest
from ..screen import MODULE
from ..writer import as_writer


class FinRun(models.Model):
    """A yes to one run: to exactly what it would deliver now, by the version that it obeys."""

    _inherit = "fin.run"

    can_decide = fields.Boolean(compute="_compute_can_decide", groups=f"{MODULE}.group_viewer")
    why_not_decide = fields.Char(compute="_compute_can_decide", groups=f"{MODULE}.group_viewer")
    missing_yes = fields.Integer(compute="_compute_can_decide", groups=f"{MODULE}.group_viewer")

    @api.depends("waits_for", "state")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        for run in self:
            waiting = run._asked_yes() if run.waits_for == "yes" and run.state == "held" else None
            why = waiting and waiting[:1].with_env(self.env)._why_not()
            run.can_decide = bool(waiting) and not why
            run.why_not_decide = waiting._refusal(why) if why else False
            run.missing_yes = len(waiting or ())

    def _yes_digest(self, gate):
        """What a yes is given to: run, version, question, and what is open with its mapped values."""
        return digest(canonical([self.name, self.version_digest, gate, self._open_digest()]))

    def _has_yes(self, gate, needed=1):
        """Whether the sealed log holds the yes of so many other people to exactly this."""
        return self.env["fin.approval"]._is_sealed("run", self._name, self.name, self._yes_digest(gate), needed)

    def _wait(self, answer):
        super()._wait(answer)
        if answer.waits == "yes":
            self._ask_yes(answer.gate, answer.needed)

    def _ask_yes(self, gate, needed):
        """Ask for as many as are missing; whoever started the run has asked for it and does not decide."""
        wanted = self._yes_digest(gate)
        asked = self._asked_yes()
        as_writer(asked.filtered(lambda approval: approval.digest != wanted))._transition("expire")
        there = asked.filtered(lambda approval: approval.digest == wanted)
        given = self.env["fin.approval"]._granted("run", self._name, self.name, wanted)
        asker = self._first().requested_by or self.env.user
        for _each in range(needed - len(there) - len(given)):
            self.env["fin.approval"].with_user(asker)._request("run", self._name, self.name, wanted, self.flow_id)

    def _asked_yes(self):
        asked = [("purpose", "=", "run"), ("subject_model", "=", self._name), ("state", "=", "requested")]
        # sudo: who may see the run may know what it waits for
        return self.env["fin.approval"].sudo().search([*asked, ("subject_key", "=", self.name)], order="id")

    @check_identity
    def action_approve(self):
        """Say yes to what this run would deliver, as another person than the one who started it."""
        self.ensure_one()
        return self._approve()

    def _approve(self):
        waiting = self._waiting_yes()
        waiting.with_env(self.env)._decide("approve")
        if self._asked_yes():
            return  # somebody else has to say yes, too
        self._end_waiting(self.env._("Another person has said yes to it."))
        self._release()

    @check_identity
    def action_refuse(self):
        """Say no: nothing of what it held is delivered."""
        self.ensure_one()
        return self._refuse()

    def _refuse(self):
        self._waiting_yes().with_env(self.env)._decide("reject")
        self._transition("cancel", reason=self.env._("a second person said no"))

    def _waiting_yes(self):
        """The open request to what the run holds now."""
        self.check_access("read")
        if self.state != "held" or self.waits_for != "yes":
            raise UserError(self.env._("%s waits for nobody's yes.", self.name))
        # sudo: the gate is kept from support, who cannot decide anyhow
        wanted = self._yes_digest(self.sudo().waits_gate)
        return self._asked_yes().filtered(lambda approval: approval.digest == wanted)[:1]

    def _after_cancel(self):
        super()._after_cancel()
        as_writer(self._asked_yes())._transition("expire")
