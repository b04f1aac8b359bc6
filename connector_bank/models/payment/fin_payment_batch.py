from odoo import api, fields, models

from odoo.addons.finance_integration_governance.core.lifecycle import Lifecycle
from odoo.addons.finance_integration_governance.models.triggers import refuse_rewriting

KINDS = [("credit", "Credit transfers"), ("debit", "Direct debits")]
SCHEMES = [
    ("sepa", "SEPA credit transfer"),
    ("instant", "SEPA instant"),
    ("foreign", "Foreign payment"),
    ("core", "SEPA direct debit core"),
    ("b2b", "SEPA direct debit B2B"),
]
OF_KIND = {"credit": ("sepa", "instant", "foreign"), "debit": ("core", "b2b")}


class FinPaymentBatch(models.Model):
    """Payments that leave together from one bank account: one person prepares them, others approve, another sends.

    What leaves is the document that was approved, never what stands in Odoo when it leaves.
    """

    _name = "fin.payment.batch"
    _description = "Payment Batch"
    _inherit = ["fin.payment.draft", "fin.lifecycle.mixin", "mail.thread"]
    _order = "id desc"
    _mail_post_access = "read"
    _check_company_auto = True
    _by_preparers = frozenset({"execute_on", "note"})
    _parts = frozenset({"line_ids", "paid_line_ids"})
    _lifecycle = Lifecycle(
        {
            "draft": "Draft",
            "submitted": "Waits for approval",
            "approved": "Approved",
            "released": "Released",
            "sent": "Sent",
            "unknown": "In doubt",
            "accepted": "Accepted",
            "partly": "Partly",
            "settled": "Settled",
            "rejected": "Rejected",
            "cancelled": "Cancelled",
        },
        submit="draft > submitted",
        withdraw="submitted, approved > draft",
        approve="submitted > approved",
        refuse="submitted > draft",
        release="approved > released",
        take_back="released > approved",
        send="released > sent",
        lose="released > unknown",
        find="unknown > sent",
        miss="unknown > approved",
        accept="sent, unknown, partly > accepted",
        part="sent, unknown, accepted, settled > partly",
        settle="sent, unknown, accepted, partly > settled",
        reject="sent, unknown, accepted, partly, settled > rejected",
        cancel="draft, submitted, approved > cancelled",
    )

    name = fields.Char(required=True, readonly=True, copy=False)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict", index=True)
    journal_id = fields.Many2one(
        "account.journal", required=True, readonly=True, ondelete="restrict", check_company=True, string="Bank"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    scheme = fields.Selection(SCHEMES, required=True, readonly=True)
    execute_on = fields.Date(required=True, string="Execute on", tracking=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    flow_id = fields.Many2one("fin.flow", readonly=True, ondelete="restrict", index=True)
    note = fields.Char(string="Note for the approver", tracking=True)
    findings = fields.Text(readonly=True, copy=False, string="What is unusual")
    line_ids = fields.One2many("fin.payment.line", "batch_id", string="Payments, dropped ones too")
    paid_line_ids = fields.One2many(
        "fin.payment.line", "batch_id", domain=[("state", "!=", "dropped")], string="Payments"
    )
    left_out_ids = fields.One2many("fin.payment.left.out", "batch_id", string="Left out")
    amount = fields.Monetary(compute="_compute_amount", store=True, string="Total")
    count = fields.Integer(compute="_compute_amount", store=True, string="Number of payments")
    document_id = fields.Many2one("fin.document", readonly=True, copy=False, ondelete="restrict")
    digest = fields.Char(readonly=True, copy=False, size=64, help="What every yes is given to.")
    prepared_by = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    submitted_at = fields.Datetime(readonly=True, copy=False)
    released_by = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    released_at = fields.Datetime(readonly=True, copy=False)
    run_id = fields.Many2one("fin.run", readonly=True, copy=False, ondelete="restrict", index="btree_not_null")

    _name_uniq = models.UniqueIndex("(name)")

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["name", "company_id", "journal_id", "currency_id"])

    @api.depends("line_ids.amount", "line_ids.state")
    def _compute_amount(self):
        for batch in self:
            lines = batch._paid_lines()
            batch.amount = sum(lines.mapped("amount"))
            batch.count = len(lines)

    def _batch(self):
        return self

    def _paid_lines(self):
        """What it pays: all but what was dropped."""
        return self.line_ids.filtered(lambda line: line.state != "dropped")
