"""Who may say yes to payments: nobody who prepared or sends them, and only who is known to have been let into it."""

from odoo import api, fields, models

APPROVER = "connector_bank.group_payment_approver"


class FinApproval(models.Model):
    _inherit = "fin.approval"

    purpose = fields.Selection(selection_add=[("payment", "Payments")], ondelete={"payment": "cascade"})

    def _subject(self):
        return self._payment_batch() if self.subject_model == "fin.payment.batch" else super()._subject()

    def _payment_batch(self):
        return self.env["fin.payment.batch"].search([("name", "=", self.subject_key)], limit=1)

    def _is_payment(self):
        return self.purpose == "payment"

    def _holds_group(self):
        return super()._holds_group() and (not self._is_payment() or self.env.user.has_group(APPROVER))

    def _delegation(self):
        """Nobody says yes to payments for somebody else."""
        return self.env["fin.delegation"] if self._is_payment() else super()._delegation()

    def _why_not(self):
        return super()._why_not() or (self._why_not_payment() if self._is_payment() else None)

    def _why_not_payment(self):
        grants, batch = self.env["fin.grant"], self._payment_batch().sudo()  # sudo: whose hands are in it, on behalf
        if grants._unexplained_payer(self.env.user, "approver"):
            return "unexplained"
        if self._is_here(batch.released_by):
            return "sender"
        return "dependent" if grants._is_dependent(self.env.user, batch.editor_ids) else None

    def _is_editor(self):
        if not self._is_payment():
            return super()._is_editor()
        batch = self._payment_batch().sudo()  # sudo: who edited it is asked on behalf of whoever approves
        return self._is_here(batch.editor_ids | batch.prepared_by)

    def _refusal(self, why):
        if why == "sender":
            return self.env._("Who has sent payments does not approve them.")
        return super()._refusal(why)


class FinGrant(models.Model):
    """Whoever lets somebody into the circle of those who approve or send payments is noted, too."""

    _inherit = "fin.grant"

    kind = fields.Selection(
        selection_add=[
            ("pay_approver", "Let approve payments"),
            ("pay_approver_lost", "Approves no payments any more"),
            ("pay_sender", "Let send payments"),
            ("pay_sender_lost", "Sends no payments any more"),
        ],
        ondelete=dict.fromkeys(
            ("pay_approver", "pay_approver_lost", "pay_sender", "pay_sender_lost"), lambda records: None
        ),
    )

    @api.model
    def _payers(self, role):
        group = self.env.ref(f"connector_bank.group_payment_{role}", raise_if_not_found=False)
        # sudo: whoever edits a group need not see all users
        users = self.env["res.users"].sudo()
        return users.search([("all_group_ids", "in", group.ids)]) if group else users

    @api.model
    def _approvers(self):
        """With who pays at this moment, so that what an edit has done to them can be told afterwards."""
        payers = {role: self._payers(role).ids for role in ("approver", "sender")}
        return super()._approvers().with_context(fin_payers=payers)

    @api.model
    def _note_approvers(self, before):
        super()._note_approvers(before)
        for role, ids in before.env.context.get("fin_payers", {}).items():
            known, now = self.env["res.users"].sudo().browse(ids), self._payers(role)  # sudo: as above
            self._note(now - known, f"pay_{role}")
            self._note((known - now).exists(), f"pay_{role}_lost")

    @api.model
    def _kinds_of_power(self):
        return (*super()._kinds_of_power(), "pay_approver", "pay_sender")

    @api.model
    def _unexplained_payer(self, user, role):
        """Whether no row explains that this user approves or sends payments."""
        kinds = (f"pay_{role}", f"pay_{role}_lost")
        # sudo: asked on behalf of whoever acts
        last = self.sudo().search([("user_ref", "=", user.id), ("kind", "in", kinds)], order="id desc", limit=1)
        return last.kind != kinds[0]


class FinEvidenceBuilder(models.AbstractModel):
    """Who prepares, approves and sends payments, in the matrix of duties."""

    _inherit = "fin.evidence.builder"

    def _groups(self):
        return super()._groups() | {
            "prepare": self.env.ref("connector_bank.group_payment_preparer"),
            "release": self.env.ref("connector_bank.group_payment_sender"),
        }

    def _codes(self):
        named = {"propose": "prepare", "edit": "prepare", "submit": "prepare", "release": "release"}
        return super()._codes() | {f"fin.payment.batch.{verb}": role for verb, role in named.items()}

    def _own_groups(self):
        names = [f"group_payment_{role}" for role in ("preparer", "approver", "sender")]
        own = [("model", "=", "res.groups"), ("module", "=", "connector_bank"), ("name", "in", names)]
        return super()._own_groups() + self.env["ir.model.data"].search(own).mapped("res_id")
