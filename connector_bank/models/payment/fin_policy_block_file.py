import base64

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import ormcache

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest

from ...core import block_list

KIND = "block_list"


class FinPolicy(models.Model):
    """A block list as a file: kept as a document, and in force with the version of the policy that names its digest."""

    _inherit = "fin.policy"

    payment_block_document_id = fields.Many2one(
        "fin.document", readonly=True, ondelete="restrict", string="Block list as kept", tracking=True
    )
    payment_block_file = fields.Binary(
        "Block list as CSV",
        compute="_compute_payment_block_file",
        inverse="_inverse_payment_block_file",
        help="In UTF-8, with the columns what (account number, name or VAT number) and why.",
    )

    @api.depends("payment_block_document_id")
    def _compute_payment_block_file(self):
        for policy in self:
            # sudo: who may read the policy may read the list that it names
            text = policy.payment_block_document_id.sudo().text
            policy.payment_block_file = base64.b64encode(text.encode()) if text else False

    def _inverse_payment_block_file(self):
        for policy in self:
            file = policy.payment_block_file
            policy.payment_block_document_id = self._kept_block_list(base64.b64decode(file)) if file else False

    @api.model
    def _kept_block_list(self, content):
        try:
            text = block_list.decoded(content)
            block_list.read(text)
        except ValueError as wrong:
            raise ValidationError(self.env._("The block list cannot be read: %s", wrong)) from None
        # sudo: documents are the suite's own
        return self.env["fin.document"].sudo()._keep(KIND, text)

    @api.constrains("payment_block_document_id")
    def _check_payment_block_document(self):
        for document in self.payment_block_document_id.sudo():  # sudo: as above
            if document.kind != KIND:
                raise ValidationError(self.env._("This document is no block list."))

    def _payment_part(self):
        # sudo: as above
        document = self.payment_block_document_id.sudo()
        return super()._payment_part() | ({"block_file": document.digest} if document else {})


class FinPaymentBlock(models.Model):
    _inherit = "fin.payment.block"

    @api.model
    def _lists(self, company):
        """Yields (digest, key -> why) of each list that payments are held against, for the evidence of each check.

        Other lists (sanctions) are added by extending this method.
        """
        part = company._fin_policy()["payment"]
        if part["blocked"]:
            yield digest(canonical(part["blocked"])), self._keyed(part["blocked"])
        if part.get("block_file"):
            yield part["block_file"], self._of_file(part["block_file"])

    @api.model
    def _listed(self, company):
        """Whatever is on a list -> why."""
        return {key: why for _digest, listed in self._lists(company) for key, why in listed.items()}

    @api.model
    def _lists_digests(self, company):
        return [of_list for of_list, _listed in self._lists(company)]

    @api.model
    @ormcache("of_list")
    def _of_file(self, of_list):
        # sudo: what is blocked is blocked for everybody
        document = self.env["fin.document"].sudo().search([("digest", "=", of_list)])
        if not document or not document._is_intact():
            raise UserError(self.env._("The block list %s of the policy is not what was approved.", of_list[:12]))
        return self._keyed(block_list.read(document.text))

    @api.model
    def _keyed(self, rows):
        return {self._key(what): why for what, why in rows}

    @api.model
    def _key(self, text):
        """Names, numbers and accounts as they are compared: without blanks, signs and case."""
        return "".join(sign for sign in (text or "").casefold() if sign.isalnum())


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    def _note_check(self, at, is_refused=False):
        """In the sealed log: its payments were held against just these lists. A refusal outlives its own rollback."""
        facts = {"at": at, "block_lists": self.env["fin.payment.block"]._lists_digests(self.company_id)}
        if not is_refused:
            return self._audit("check", **facts)
        apart = self.env["fin.audit.event"]._append_apart
        return apart("fin.payment.batch.check", self._name, self.name, self.company_id, {**facts, "refused": True})
