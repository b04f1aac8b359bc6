from odoo import api, fields, models

from odoo.addons.finance_integration_governance.core.lifecycle import Lifecycle
from odoo.addons.finance_integration_governance.models.triggers import refuse_rewriting

SEQUENCES = [("FRST", "First"), ("RCUR", "Recurrent"), ("FNAL", "Final"), ("OOFF", "One-off")]


class FinPaymentLine(models.Model):
    """One instruction to the bank: so much to this account, for these open items."""

    _name = "fin.payment.line"
    _description = "Payment Instruction"
    _inherit = ["fin.payment.draft", "fin.lifecycle.mixin"]
    _order = "batch_id desc, sequence, id"
    _rec_name = "end_to_end_id"
    _by_preparers = frozenset({"partner_bank_id", "text", "reason"})
    _parts = frozenset({"part_ids"})
    _lifecycle = Lifecycle(
        {
            "planned": "Planned",
            "ready": "Ready",
            "sent": "Sent",
            "accepted": "Accepted",
            "settled": "Settled",
            "rejected": "Rejected",
            "returned": "Returned",
            "dropped": "Dropped",
        },
        prepare="planned > ready",
        unprepare="ready > planned",
        drop="planned > dropped",
        take_in="dropped > planned",
        send="ready > sent",
        miss="sent > ready",
        accept="ready, sent > accepted",
        settle="ready, sent, accepted > settled",
        reject="ready, sent, accepted > rejected",
        bring_back="sent, accepted, settled, rejected > returned",
    )

    batch_id = fields.Many2one("fin.payment.batch", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="batch_id.company_id", store=True, precompute=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True)
    sequence = fields.Integer(required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", required=True, readonly=True, ondelete="restrict", index=True)
    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Account",
        ondelete="restrict",
        index=True,
        domain="[('partner_id', 'child_of', commercial_id)]",
    )
    commercial_id = fields.Many2one(related="partner_id.commercial_partner_id", string="Company of the partner")
    currency_id = fields.Many2one(related="batch_id.currency_id", store=True, precompute=True)
    amount = fields.Monetary(compute="_compute_amount", store=True)
    discount = fields.Monetary(compute="_compute_amount", store=True, string="Discount taken")
    part_ids = fields.One2many("fin.payment.part", "line_id", string="Open items")
    move_line_ids = fields.Many2many("account.move.line", compute="_compute_move_line_ids", string="Items paid")
    documents = fields.Char(compute="_compute_move_line_ids")
    payment_id = fields.Many2one("account.payment", readonly=True, copy=False, ondelete="restrict", index=True)
    end_to_end_id = fields.Char(required=True, readonly=True, copy=False, size=35, string="End-to-end id")
    uetr = fields.Char(required=True, readonly=True, copy=False, size=36, string="UETR")
    reference = fields.Char(readonly=True, string="Structured reference")
    text = fields.Char(string="Remittance")
    mandate_id = fields.Many2one("fin.mandate", readonly=True, ondelete="restrict")
    sequence_type = fields.Selection(SEQUENCES, readonly=True, string="Sequence of the mandate")
    findings = fields.Text(readonly=True, copy=False, string="What is unusual")
    needs_reason = fields.Boolean(readonly=True, copy=False)
    reason = fields.Char(string="Why nevertheless", help="Kept: why a payment leaves although something is unusual.")

    _end_to_end_uniq = models.UniqueIndex("(end_to_end_id)", "There is a payment of this end-to-end id already.")
    _uetr_uniq = models.UniqueIndex("(uetr)", "There is a payment of this UETR already.")
    _payment_uniq = models.UniqueIndex("(payment_id) WHERE payment_id IS NOT NULL")

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["batch_id", "partner_id", "end_to_end_id", "uetr"])

    @api.depends("part_ids.amount", "part_ids.discount")
    def _compute_amount(self):
        for line in self:
            line.amount = sum(line.part_ids.mapped("amount"))
            line.discount = sum(line.part_ids.mapped("discount"))

    @api.depends("part_ids.move_line_id")
    def _compute_move_line_ids(self):
        for line in self:
            line.move_line_ids = line.part_ids.move_line_id
            line.documents = "; ".join(line.part_ids.mapped("document")) or False

    def _batch(self):
        return self.batch_id
