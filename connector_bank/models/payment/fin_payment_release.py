"""The release of what others have prepared and approved."""

from odoo import fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import AccessError, UserError

from odoo.addons.finance_integration_governance.models.writer import as_writer

SENDER = "connector_bank.group_payment_sender"


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    @check_identity
    def action_release(self):
        """Let it leave: the sender's act, who neither prepared nor approved it."""
        self.ensure_one()
        return self._release()

    def _release(self):
        self._guard_sender()
        self._target("release")
        void = self._void_if_changed()
        if void:
            return void
        self._guard_forbidden("release")
        as_writer(self).write({"released_by": self.env.uid, "released_at": fields.Datetime.now()})
        self._happened("released", person_id=self.env.user)
        self._transition("release", digest=self.digest)
        return None

    def _guard_release(self):
        """Not by the state, but by who said yes to what it is now."""
        if not self._has_all_yes():
            raise UserError(self.env._("More people have to say yes to %s.", self.name))

    def action_take_back(self):
        """Do not let it leave after all; only until a run has taken it."""
        self.ensure_one()
        self._guard_sender()
        self._transition("take_back")
        self._happened("taken_back", person_id=self.env.user)

    def _guard_sender(self):
        """A person who sends payments, in a session of the web client, with no other hand in this batch."""
        self.check_access("read")
        why = self._why_not_sender() or self.env["fin.approval"]._why_not_here()
        if why:
            told = {"why": why, "digest": self.digest}
            self.env["fin.audit.event"]._append_apart(
                "fin.payment.batch.refused", self._name, self.name, self.company_id, told
            )
            raise AccessError(self._refusal(why))

    def _why_not_sender(self):
        """Why this person does not release it, or None."""
        grants, user, hands = self.env["fin.grant"], self.env.user, self._hands()
        if self.env.su or not user.has_group(SENDER) or self.env["fin.approval"]._is_service():
            return "no_sender"
        if grants._unexplained_payer(user, "sender"):
            return "unexplained"
        if user.partner_id in hands.partner_id:
            return "own_hand"
        return "dependent" if grants._is_dependent(user, hands) else None

    def _hands(self):
        """Who prepared it, edited it, or ever said yes to it."""
        mine = [("purpose", "=", "payment"), ("subject_model", "=", self._name), ("subject_key", "=", self.name)]
        # sudo: who has a hand in it is asked on behalf of whoever sends
        spoken = self.env["fin.approval"].sudo().search([*mine, ("state", "=", "approved")])
        batch = self.sudo()  # sudo: as above
        return batch.editor_ids | batch.prepared_by | spoken.person_id

    def _refusal(self, why):
        return {
            "no_sender": self.env._("Only who sends payments may do this."),
            "unexplained": self.env._("The log does not say who let you send payments: let it be granted anew."),
            "own_hand": self.env._("Who prepared or approved payments does not send them."),
            "dependent": self.env._(
                "Who prepared or approved this has created your user, let you send payments or set your password within"
                " 30 days: somebody else sends it."
            ),
            "no_session": self.env._("A person in the web client releases payments, no API and no code."),
        }[why]
