from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import AccessError, UserError

from ...core.close import BY_HAND
from ..screen import MODULE
from ..writer import as_writer


class FinCheckpoint(models.Model):
    """Two signatures to the same figures: its owner's, who asks, and another person's, who gives the yes."""

    _inherit = "fin.checkpoint"

    approval_ids = fields.Many2many("fin.approval", compute="_compute_approval_ids", string="Signatures")
    waits_for_second = fields.Boolean(compute="_compute_signing")
    can_sign = fields.Boolean(compute="_compute_signing")
    can_decide = fields.Boolean(compute="_compute_signing")
    why_not = fields.Char(compute="_compute_signing", string="Why not you")
    missing_text = fields.Char(compute="_compute_missing", string="Waits for")
    is_by_hand = fields.Boolean(compute="_compute_is_by_hand")

    @api.depends("check")
    def _compute_is_by_hand(self):
        for checkpoint in self:
            checkpoint.is_by_hand = checkpoint.check in BY_HAND

    def _compute_approval_ids(self):
        for checkpoint in self:
            mine = [("subject_model", "=", self._name), ("subject_key", "=", checkpoint._subject_key())]
            checkpoint.approval_ids = self.env["fin.approval"].search(mine)

    @api.depends("state", "figures")
    @api.depends_context("uid")
    def _compute_signing(self):
        for checkpoint in self:
            waiting = checkpoint._waiting()
            why = checkpoint._why_not(waiting) if waiting else False
            checkpoint.waits_for_second = bool(waiting)
            checkpoint.can_decide = bool(waiting) and not why
            checkpoint.why_not = why
            checkpoint.can_sign = checkpoint.state != "signed" and not waiting and checkpoint._is_signer()

    @api.depends("period_id.checkpoint_ids.state")
    def _compute_missing(self):
        for checkpoint in self:
            checkpoint.missing_text = ", ".join(checkpoint._missing().mapped("name")) or False

    def _is_signer(self):
        """Its owner, or the company's controller where the owner cannot."""
        is_named = self.env.user in self.owner_id | self.company_id.fin_controller_id
        return is_named and self.env.user.has_group(f"{MODULE}.group_operator")

    def _why_not(self, waiting):
        """Why this person is not the second one, in words, or False."""
        why = waiting.with_env(self.env)._why_not()
        if why:
            return waiting._refusal(why)
        if self.second_id and self.env.user != self.second_id:
            return self.env._("The second signature here is %s's.", self.second_id.name)
        return False

    def _asked(self, state="requested"):
        mine = [("purpose", "=", "checkpoint"), ("subject_key", "=", self._subject_key()), ("state", "=", state)]
        # sudo: who may see the checkpoint may know who has signed
        return self.env["fin.approval"].sudo().search([*mine, ("subject_model", "=", self._name)], order="id")

    def _waiting(self):
        """The first signature, as long as the figures are those that were signed."""
        return self._asked().filtered(lambda approval: approval.digest == self._seen())[:1]

    # The first signature

    @check_identity
    def action_sign(self):
        """Sign what is seen here; another person signs after you."""
        self.ensure_one()
        return self._sign()

    def _sign(self):
        self.check_access("read")
        if not self._is_signer():
            raise AccessError(self.env._("%s signs this first, or the company's controller.", self.owner_id.name))
        self._evaluate()
        self._guard_ready()
        self._forget_stale()
        if self._waiting():
            raise UserError(self.env._("It is signed once already: another person signs now."))
        # sudo: documents are the suite's own
        self.env["fin.document"].sudo()._keep("checkpoint", self._seen_text())
        self.env["fin.approval"]._request(
            "checkpoint", self._name, self._subject_key(), self._seen(), None, company=self.company_id
        )
        self._remind_second()

    def _guard_ready(self):
        """It ties, and what it rests on is signed."""
        if self.state == "signed":
            raise UserError(self.env._("It is signed, and its figures have not moved since."))
        if self.state == "open" or not self.sudo()._judge(self.sudo()._figures())[0]:  # sudo: as it was evaluated
            raise UserError(self.env._("It does not tie yet: %s", self.told or ""))
        missing = self._missing()
        if missing:
            raise UserError(self.env._("Signed has to be first: %s", ", ".join(missing.mapped("name"))))

    def _forget_stale(self):
        """What was signed once, and whose figures have moved before the second signature, is asked anew."""
        as_writer(self._asked().filtered(lambda approval: approval.digest != self._seen()))._transition("expire")

    # The second signature

    @check_identity
    def action_approve(self):
        """Sign as the second person: the same figures, and whatever the checkpoint does when it is signed."""
        self.ensure_one()
        return self._approve()

    def _approve(self):
        self._decide("approve")
        as_writer(self).write({"signed_digest": self._seen(), "signed_at": fields.Datetime.now()})
        self._transition("sign", digest=self._seen())

    @check_identity
    def action_refuse(self):
        """Do not sign: its owner looks at it again."""
        self.ensure_one()
        return self._refuse()

    def _refuse(self):
        self._decide("reject")
        # sudo: reminders of whoever it was asked of
        self.sudo().activity_ids.action_feedback(feedback=self.env._("The second person has not signed."))
        self._tell_owner(self.env._("The second person has not signed %s: look at it again.", self.display_name))

    def _decide(self, verb):
        self.check_access("read")
        self._evaluate()
        waiting = self._waiting()
        if not waiting:
            raise UserError(self.env._("Nobody has signed these figures first, or they have moved since."))
        if verb == "approve":
            self._guard_ready()
            if self.second_id and self.env.user != self.second_id:
                raise AccessError(self.env._("The second signature here is %s's.", self.second_id.name))
        waiting.with_env(self.env)._decide(verb)

    def _guard_sign(self):
        """The state alone proves nothing: both signatures to these figures have to be there."""
        granted = self.env["fin.approval"].sudo()  # sudo: as above
        if not granted._granted("checkpoint", self._name, self._subject_key(), self._seen()):
            raise UserError(self.env._("A checkpoint is signed by two people."))

    def _after_sign(self):
        # sudo: reminders of whoever it was asked of
        self.sudo().activity_ids.action_feedback(feedback=self.env._("Signed."))
        as_writer(self).write({"is_told": False})
        self._close_exceptions(self.env._("%s is signed.", self.display_name))
        self.env.registry.clear_cache()

    # What others ask

    def _is_sealed(self):
        """Whether the sealed log holds both signatures to what the figures are now."""
        is_sealed = self.env["fin.approval"]._is_sealed
        return self.state == "signed" and is_sealed("checkpoint", self._name, self._subject_key(), self._seen())

    def action_open_period(self):
        return self.period_id._open()

    def action_state(self, words):
        """What its owner looked at, where no figure proves it; it is part of what is signed."""
        self.ensure_one()
        self.check_access("read")
        if not self._is_signer() or self.state == "signed":
            raise AccessError(self.env._("%s says this, before it is signed.", self.owner_id.name))
        as_writer(self).write({"statement": words})
        self._evaluate()


class FinApproval(models.Model):
    _inherit = "fin.approval"

    purpose = fields.Selection(selection_add=[("checkpoint", "Checkpoint")], ondelete={"checkpoint": "cascade"})

    # What is looked up before it is asked for could be asked for twice at the same moment.
    _first_signature_uniq = models.UniqueIndex(
        "(subject_key, digest) WHERE purpose = 'checkpoint' AND state = 'requested'",
        "It is signed once already: another person signs now.",
    )

    def _subject(self):
        if self.subject_model != "fin.checkpoint":
            return super()._subject()
        company, period, code = self.subject_key.rsplit("/", 2)
        wanted = [("company_id.fin_code", "=", company), ("period_id.name", "=", period), ("code", "=", code)]
        return self.env["fin.checkpoint"].search(wanted, limit=1)
