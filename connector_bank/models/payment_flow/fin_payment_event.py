from odoo import api, fields, models

from odoo.addons.finance_integration_governance.models.item.fin_item import Unchecked
from odoo.addons.finance_integration_governance.models.triggers import refuse_changes
from odoo.addons.finance_integration_governance.models.writer import as_writer

from ...core.payment_reasons import in_words

CODES = [
    ("prepared", "Prepared"),
    ("submitted", "Submitted"),
    ("withdrawn", "Withdrawn"),
    ("approved", "Approved"),
    ("refused", "Refused by the approver"),
    ("released", "Released"),
    ("taken_back", "Release taken back"),
    ("taken", "Taken by a run"),
    ("sent", "Sent"),
    ("in_doubt", "In doubt"),
    ("found", "Found at the bank"),
    ("never_arrived", "Never arrived"),
    ("status", "Told by the bank"),
    ("booked", "Booked by the bank"),
    ("returned", "Money returned"),
    ("reopened", "Bill open again"),
    ("left_out", "Left out"),
    ("cancelled", "Cancelled"),
]
_FACTS = ("status", "reason", "text", "run_id", "payload_id", "item_id", "statement_line_id", "move_id", "person_id")


class FinPaymentEvent(models.Model):
    """One thing that happened to a payment, from the bill to the bank's line; without a line, to the whole batch."""

    _name = "fin.payment.event"
    _description = "Event of a Payment"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id"
    _rec_name = "code"

    batch_id = fields.Many2one("fin.payment.batch", required=True, readonly=True, ondelete="restrict", index=True)
    line_id = fields.Many2one("fin.payment.line", readonly=True, ondelete="restrict", index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    code = fields.Selection(CODES, required=True, readonly=True)
    status = fields.Char(readonly=True, help="What the bank said, as its code.")
    reason = fields.Char(readonly=True, help="Why, as the bank's code.")
    text = fields.Char(readonly=True)
    person_id = fields.Many2one("res.users", readonly=True, ondelete="restrict", string="By")
    # What goes with a rollback of a statement is named here all the same.
    run_id = Unchecked("fin.run", readonly=True)
    payload_id = Unchecked("fin.payload", readonly=True)
    item_id = Unchecked("fin.item", readonly=True, index="btree_not_null")
    statement_line_id = Unchecked("account.bank.statement.line", readonly=True, index="btree_not_null")
    move_id = Unchecked("account.move", readonly=True)
    summary = fields.Char(compute="_compute_summary", string="What happened")

    def init(self):
        refuse_changes(self.env.cr, self._table)

    @api.depends("code", "status", "reason", "text")
    def _compute_summary(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        for event in self:
            event.summary = event._in_words(labels[event.code])

    def _in_words(self, label):
        """A sentence for people: the bank's codes in words, with the code behind."""
        if not self.status:
            return f"{label}: {self.text}" if self.text else label
        codes = ", ".join(filter(None, (self.status, self.reason)))
        why = in_words(self.reason, self.text) if self.reason or self.text else ""
        return f"{label} ({codes}). {why}".rstrip(" .") + "."

    @api.model
    def _keep(self, batch, lines, code, **facts):
        """One event for each of the lines; an empty one stands for the batch as a whole."""
        unknown = set(facts) - set(_FACTS)
        if unknown:
            raise ValueError(f"an event has no {', '.join(sorted(unknown))}")
        told = {name: value.id if isinstance(value, models.BaseModel) else value for name, value in facts.items()}
        told |= {"batch_id": batch.id, "company_id": batch.company_id.id, "code": code}
        return as_writer(self).create([{**told, "line_id": line.id} for line in lines])


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    event_ids = fields.One2many("fin.payment.event", "line_id", readonly=True)
    timeline_ids = fields.Many2many("fin.payment.event", compute="_compute_timeline_ids")

    def _compute_timeline_ids(self):
        """What happened to the payment itself and to its batch as a whole, in order."""
        for line in self:
            mine = ["|", ("line_id", "=", line.id), "&", ("line_id", "=", False), ("batch_id", "=", line.batch_id.id)]
            line.timeline_ids = self.env["fin.payment.event"].search(mine)

    def _happened(self, code, **facts):
        """Note one event on each of these payments; facts: status, reason, text, person_id, run_id and the like."""
        found = self.env["fin.payment.event"]
        for batch, lines in self.grouped("batch_id").items():
            found |= found._keep(batch, lines, code, **facts)
        return found


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    event_ids = fields.One2many("fin.payment.event", "batch_id", readonly=True)

    def _happened(self, code, **facts):
        """Note one event that concerns each of these batches as a whole."""
        found = self.env["fin.payment.event"]
        for batch in self:
            found |= found._keep(batch, [self.env["fin.payment.line"]], code, **facts)
        return found
