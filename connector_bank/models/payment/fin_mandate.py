import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# What a mandate may be called: SEPA's set, which every bank takes.
REFERENCE = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9/?:().,'+ -]{0,34}[A-Za-z0-9?:().,'+-]")
MONTHS = 36  # after which a mandate that nobody used has lapsed, by the rulebooks


class FinMandate(models.Model):
    """The debtor's signature by which their account may be debited."""

    _name = "fin.mandate"
    _description = "Direct Debit Mandate"
    _inherit = ["mail.thread"]
    _order = "company_id, reference"
    _rec_name = "reference"
    _check_company_auto = True

    reference = fields.Char(required=True, tracking=True, size=35, copy=False, string="Mandate")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="restrict", index=True
    )
    partner_id = fields.Many2one("res.partner", required=True, ondelete="restrict", index=True, tracking=True)
    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        required=True,
        ondelete="restrict",
        string="Account debited",
        tracking=True,
        domain="[('partner_id', '=', partner_id)]",
    )
    scheme = fields.Selection([("core", "Core"), ("b2b", "B2B")], required=True, default="core", tracking=True)
    is_one_off = fields.Boolean(string="For one collection only", tracking=True)
    signed_on = fields.Date(required=True, tracking=True)
    is_final = fields.Boolean(string="Next is the last", tracking=True)
    last_used_on = fields.Date(readonly=True, copy=False)
    active = fields.Boolean(default=True, tracking=True)
    reference_before = fields.Char(tracking=True, size=35, help="Where it changed since the last collection.")
    account_before = fields.Char(tracking=True, help="The account debited until the last collection.")

    _reference_uniq = models.UniqueIndex("(company_id, reference)", "There is a mandate of this name already.")

    @api.constrains("reference", "signed_on", "partner_id", "partner_bank_id")
    def _check_usable(self):
        for mandate in self:
            if not REFERENCE.fullmatch(mandate.reference or ""):
                raise ValidationError(self.env._("A mandate is named by letters, digits and / - ? : ( ) . , ' + only."))
            if mandate.signed_on > fields.Date.context_today(mandate):
                raise ValidationError(self.env._("A mandate is signed before it is used."))
            if mandate.partner_bank_id.partner_id.commercial_partner_id != mandate.partner_id.commercial_partner_id:
                raise ValidationError(self.env._("A mandate is for an account of who signed it."))

    def _is_usable(self, on):
        """Whether it may be collected by on that day: not ended, and not unused for three years."""
        since = self.last_used_on or self.signed_on
        return self.active and fields.Date.add(since, months=MONTHS) >= on

    def _next_sequence(self):
        """What the next collection by it is, as schemes name it."""
        if self.is_one_off:
            return "OOFF"
        if self.is_final:
            return "FNAL"
        return "RCUR" if self.last_used_on else "FRST"

    @api.model
    def _of(self, partner, company, scheme, on):
        """The one mandate by which this partner's account is debited that day; the newest where there are some."""
        # sudo: whoever proposes collections need not read every mandate
        found = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("scheme", "=", scheme),
                ("partner_id", "child_of", partner.commercial_partner_id.id),
            ],
            order="signed_on desc, id desc",
        )
        return found.filtered(lambda mandate: mandate._is_usable(on))[:1]
