from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import AccessError, UserError

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.models.writer import as_writer

PURPOSE = "payment_doubt"
CLAIMS = [("never_arrived", "It never arrived"), ("arrived", "It has arrived")]
_MAY_SAY = ("connector_bank.group_payment_sender", "connector_bank.group_payment_preparer")


class FinApproval(models.Model):
    _inherit = "fin.approval"

    purpose = fields.Selection(selection_add=[(PURPOSE, "A payment batch in doubt")], ondelete={PURPOSE: "cascade"})


class FinPaymentBatch(models.Model):
    """Where the bank cannot be asked, two people decide: one says what became of the batch and how they know, another
    one says yes to that.
    """

    _inherit = "fin.payment.batch"

    doubt_claim = fields.Selection(CLAIMS, readonly=True, copy=False, string="What became of it")
    doubt_reason = fields.Text(readonly=True, copy=False, string="How we know")
    doubt_by = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict", string="Said by")
    can_decide_doubt = fields.Boolean(compute="_compute_can_decide_doubt")

    @api.depends("state", "doubt_claim")
    @api.depends_context("uid")
    def _compute_can_decide_doubt(self):
        for batch in self:
            asked = batch._asked_doubt() if batch.state == "unknown" and batch.doubt_claim else None
            batch.can_decide_doubt = bool(asked) and not asked.with_env(self.env)._why_not()

    def _say_of_doubt(self, claim, reason):
        """One person says what became of a batch in doubt, and how that is known."""
        self.ensure_one()
        self.check_access("read")
        if not any(self.env.user.has_group(group) for group in _MAY_SAY):
            raise AccessError(self.env._("Only who prepares or sends payments may do this."))
        if self.state != "unknown":
            raise UserError(self.env._("%s is not in doubt.", self.name))
        if claim not in dict(CLAIMS) or len((reason or "").strip()) < 5:
            raise UserError(self.env._("Say what became of it and how you know, such as who at the bank said so."))
        as_writer(self._asked_doubt())._transition("expire")
        as_writer(self).write({"doubt_claim": claim, "doubt_reason": reason.strip(), "doubt_by": self.env.uid})
        request = self.env["fin.approval"]._request
        return request(PURPOSE, self._name, self.name, self._doubt_digest(), self.flow_id.sudo())  # sudo: its company

    def _doubt_digest(self):
        """What a yes is given to: the batch, the try in doubt, what is said of it and why."""
        attempt = self._attempt_in_doubt()
        told = [self.name, self.digest, attempt.idempotency_key, attempt.number, self.doubt_claim, self.doubt_reason]
        return digest(canonical(told))

    def _attempt_in_doubt(self):
        # sudo: who decides need not see runs
        attempts = self.run_id.sudo().attempt_ids
        return attempts.filtered(lambda attempt: attempt.state == "unknown")[-1:]

    def _asked_doubt(self):
        asked = [("purpose", "=", PURPOSE), ("subject_model", "=", self._name), ("subject_key", "=", self.name)]
        # sudo: who may see the batch may know what it waits for
        return self.env["fin.approval"].sudo().search([*asked, ("state", "=", "requested")])

    @check_identity
    def action_approve_doubt(self):
        """Say yes to what another person says became of the batch."""
        self.ensure_one()
        return self._decide_doubt("approve")

    @check_identity
    def action_refuse_doubt(self):
        self.ensure_one()
        return self._decide_doubt("reject")

    def _decide_doubt(self, verb):
        self.check_access("read")
        if self.state != "unknown":
            raise UserError(self.env._("%s is not in doubt any more.", self.name))
        asked = self._asked_doubt().filtered(lambda approval: approval.digest == self._doubt_digest())
        asked.with_env(self.env)._decide(verb)
        if verb == "reject":
            as_writer(self).write({"doubt_claim": False, "doubt_reason": False, "doubt_by": False})
            return
        claim, attempt = self.doubt_claim, as_writer(self._attempt_in_doubt())
        people = f"{self.doubt_by.name}, {self.env.user.name}"
        why = self.env._("%(people)s: %(reason)s", people=people, reason=self.doubt_reason)
        as_writer(self).write({"doubt_claim": False})
        end = attempt.run_id._never_arrived if claim == "never_arrived" else attempt.run_id._arrived
        end(attempt, why, person_id=self.env.uid)
        attempt.run_id._end_doubt(why)
