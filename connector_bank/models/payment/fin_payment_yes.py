"""The yes of other persons to exactly what the bank will be told."""

from decimal import Decimal

from odoo import fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError

from odoo.addons.finance_integration_governance.models.writer import as_writer

from .fin_payment_moment import ON_THE_WAY

CHANGED = ("changed", "payment_changed")


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    needed_yes = fields.Integer(readonly=True, copy=False, string="Approvals needed")

    # How many

    def _needed_yes(self):
        """How many others have to agree: as the policy said at submission, or more where it says so now."""
        return max(self.needed_yes, self._band())

    def _band(self):
        weighed = Decimal(str(self._weighed()))
        return max(many for start, many in self._payment_policy()["bands"] if weighed >= Decimal(start))

    def _weighed(self):
        """Its amount in the company's money, with what other batches pay to the same partners that day: who cuts a
        payment in two asks as many people as for the whole.
        """
        # sudo: what others pay counts, whoever may see it
        others = (
            self.env["fin.payment.line"]
            .sudo()  # sudo: as above
            .search(
                [
                    ("batch_id", "!=", self.id),
                    ("company_id", "=", self.company_id.id),
                    ("batch_id.state", "in", (*ON_THE_WAY, "settled")),
                    ("batch_id.execute_on", "=", self.execute_on),
                    ("partner_id", "in", self._paid_lines().partner_id.ids),
                    ("state", "not in", ("dropped", "rejected", "returned")),
                ]
            )
        )
        ours, day = self.company_id.currency_id, self.execute_on
        lines = self._paid_lines() | others.with_env(self.env)
        return sum(line.currency_id._convert(line.amount, ours, self.company_id, day) for line in lines)

    def _ask_approvals(self):
        """Ask the people that the amount's band asks for."""
        as_writer(self).needed_yes = self._band()
        for _each in range(self.needed_yes):
            self.env["fin.approval"]._request(
                "payment", self._name, self.name, self.digest, None, company=self.company_id
            )

    def _forget_approvals(self):
        """What was asked for is void; a yes that was given counts for what it was given to, and for nothing else."""
        as_writer(self._asked_yes())._transition("expire")

    def _asked_yes(self):
        mine = [("purpose", "=", "payment"), ("subject_model", "=", self._name), ("subject_key", "=", self.name)]
        # sudo: who may see the batch may know what it waits for
        return self.env["fin.approval"].sudo().search([*mine, ("state", "=", "requested")], order="id")

    def _given_yes(self):
        """The yes of others to what it is now."""
        # sudo: as above
        return self.env["fin.approval"].sudo()._granted("payment", self._name, self.name, self.digest or "")

    def _has_all_yes(self):
        people = self._given_yes().person_id.partner_id
        return bool(self.digest) and len(people) >= self._needed_yes()

    # The second person

    @check_identity
    def action_approve(self):
        """Say yes to these payments, as another person than who prepared them."""
        self.ensure_one()
        return self._approve()

    def _approve(self):
        waiting = self._asked_yes().filtered(lambda approval: approval.digest == self.digest)[:1]
        self._target("approve")
        void = self._void_if_changed()
        if void:
            return void
        self._guard_forbidden("approve")
        waiting.with_env(self.env)._decide("approve")
        self._happened("approved", person_id=self.env.user)
        if self._has_all_yes():
            self._transition("approve", digest=self.digest)
        return None

    def _guard_approve(self):
        """The state alone proves nothing: so many persons have to have said yes to this."""
        if not self._has_all_yes():
            raise UserError(self.env._("More people have to say yes to %s.", self.name))

    def _refuse(self, reason):
        """Say no: it goes back to whoever prepared it."""
        if not (reason or "").strip():
            raise UserError(self.env._("Say why."))
        self._target("refuse")
        waiting = self._asked_yes()[:1]
        waiting.with_env(self.env)._decide("reject")
        self._happened("refused", person_id=self.env.user, text=reason.strip())
        self._transition("refuse", reason=reason.strip())
        self._tell(self.env._("%(person)s says no: %(why)s", person=self.env.user.name, why=reason.strip()))

    # Changed in between

    def _void_if_changed(self):
        """Where something is not as it was submitted any more, every yes is void: a draft again, and what to show."""
        if self._is_as_submitted() and not self._has_other_payments():
            return None
        judged = self._paid_lines()._judged(of_batch=False)
        names = sorted({words for found in judged.values() for code, words, _how in found if code in CHANGED})
        self._transition("withdraw", reason="changed", changed=names)
        text = self.env._("%s was changed since it was submitted: every yes to it is void.", self.name)
        self._tell("\n".join([text, *names]))
        self._happened("withdrawn", text=text)
        reload = {"type": "ir.actions.client", "tag": "soft_reload"}
        params = {"type": "danger", "sticky": True, "message": text, "next": reload}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    def _has_other_payments(self):
        """Whether a payment in the books is not what was submitted any more."""
        return any(
            line.payment_id.state not in ("in_process", "paid")
            or line.currency_id.compare_amounts(line.payment_id.amount, line.amount)
            for line in self._paid_lines()
        )

    def _tell(self, text):
        # sudo: what happened to it is told to everybody who follows it, whoever did it
        self.sudo().message_post(body=text, partner_ids=self.prepared_by.partner_id.ids)
