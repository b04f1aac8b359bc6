from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.finance_integration_governance.core.workdays import Calendar

from ..models.payment.fin_payment_batch import KINDS, OF_KIND, SCHEMES


class FinPaymentPropose(models.TransientModel):
    """What to pay: from which account, what is due until when, to be executed on which day."""

    _name = "fin.payment.propose"
    _description = "New Payment Proposal"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        string="Bank account",
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id), ('bank_account_id', '!=', False)]",
    )
    kind = fields.Selection(KINDS, required=True, default="credit")
    scheme = fields.Selection(
        SCHEMES, required=True, compute="_compute_scheme", store=True, readonly=False, precompute=True
    )
    until = fields.Date(
        "Due until", required=True, default=lambda self: fields.Date.add(fields.Date.context_today(self), days=7)
    )
    execute_on = fields.Date("Execute on", required=True, default=lambda self: self._next_day())
    discount = fields.Boolean("Take discounts", default=True, help="Also what is due later, where its discount ends.")
    grouped = fields.Boolean("One payment for each partner", default=True)
    partner_ids = fields.Many2many("res.partner", string="Only these partners")

    @api.model
    def _next_day(self):
        """The next working day after today, so that nobody hurries."""
        calendar = Calendar.read(self.env.company._fin_policy().get("calendar"))
        return calendar.shifted(fields.Date.add(fields.Date.context_today(self), days=1), 1)

    @api.model
    def default_get(self, fields_list):
        """The only account from which payments leave, where there is one."""
        told = super().default_get(fields_list)
        if "journal_id" in fields_list and not told.get("journal_id"):
            banks = [("type", "=", "bank"), ("company_id", "=", self.env.company.id), ("bank_account_id", "!=", False)]
            found = self.env["account.journal"].search(banks)
            ready = found.filtered("fin_payment_flow_id") or found
            if len(ready) == 1:
                told["journal_id"] = ready.id
        return told

    @api.depends("kind")
    def _compute_scheme(self):
        for wizard in self:
            if wizard.scheme not in OF_KIND[wizard.kind]:
                wizard.scheme = OF_KIND[wizard.kind][0]

    def action_propose(self):
        self.ensure_one()
        batch = self.env["fin.payment.batch"]._propose(
            self.journal_id,
            self.until,
            self.execute_on,
            self.kind,
            self.scheme,
            discount=self.discount,
            grouped=self.grouped,
            partners=self.partner_ids,
        )
        if not batch.line_ids and not batch.left_out_ids:
            raise UserError(self.env._("Nothing is due until %s.", self.until))
        return batch._show()


class FinPaymentSay(models.TransientModel):
    """Why: for a no to a batch, a block on a partner or a bill, and its lifting."""

    _name = "fin.payment.say"
    _description = "Reason"

    what = fields.Selection(
        [
            ("refuse", "Refuse a batch"),
            ("block", "Block payments"),
            ("dispute", "In dispute"),
            ("lift", "Lift a block"),
            ("arrived", "The bank has it"),
            ("never_arrived", "It never arrived"),
        ],
        required=True,
    )
    batch_id = fields.Many2one("fin.payment.batch")
    partner_id = fields.Many2one("res.partner")
    move_id = fields.Many2one("account.move")
    block_id = fields.Many2one("fin.payment.block")
    reason = fields.Char(required=True)

    def action_say(self):
        """Do it, with this reason."""
        self.ensure_one()
        if self.what == "refuse":
            self.batch_id._refuse(self.reason)
        elif self.what in ("arrived", "never_arrived"):
            self.batch_id._say_of_doubt(self.what, self.reason)
        elif self.what == "lift":
            self.block_id._lift(self.reason)
        else:
            company = self.move_id.company_id or self.env.company
            blocks = self.env["fin.payment.block"]
            blocks._set(self.partner_id, self.reason, move=self.move_id, kind=self.what, company=company)
        return {"type": "ir.actions.act_window_close"}
