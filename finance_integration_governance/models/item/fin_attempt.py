from odoo import api, fields, models

from ...core.canonical import canonical
from ...core.lifecycle import Lifecycle
from ..triggers import refuse_rewriting
from ..writer import as_writer


class FinAttempt(models.Model):
    """One announced try to hand a payload over. It is committed before anything leaves, so nothing leaves unknown."""

    _name = "fin.attempt"
    _description = "Attempt"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "id"
    _rec_name = "idempotency_key"
    _lifecycle = Lifecycle(
        {
            "announced": "Announced",
            "accepted": "Accepted",
            "pending": "Pending",
            "refused": "Refused",
            "unknown": "Unknown",
            "confirmed": "Confirmed",
        },
        accept="announced > accepted",
        wait="announced > pending",
        refuse="announced, unknown, pending > refused",
        lose="announced > unknown",
        confirm="accepted, pending, unknown > confirmed",
    )

    run_id = fields.Many2one("fin.run", required=True, readonly=True, ondelete="restrict", index=True)
    payload_id = fields.Many2one("fin.payload", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    number = fields.Integer(required=True, readonly=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True)
    idempotency_key = fields.Char(required=True, readonly=True)
    reference = fields.Char(readonly=True)
    # Keys and reasons of single items are content: not for support.
    rejects = fields.Text(readonly=True)
    announced_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    answered_at = fields.Datetime(readonly=True)
    is_unsent = fields.Boolean(
        string="Nothing left", readonly=True, help="Proven by the error: the other side was never given any of it."
    )

    _number_uniq = models.UniqueIndex("(payload_id, number)")
    # Of one payload no second attempt as long as the first may have arrived.
    _one_that_counts = models.UniqueIndex("(payload_id) WHERE state <> 'refused'")

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["payload_id", "run_id", "number", "idempotency_key"])

    def _subject_key(self):
        return f"{self.payload_id.uid}/{self.number}"

    @api.model
    def _announce(self, payload):
        """A new attempt for the payload. The key is the payload's own, so the target knows a repetition."""
        self.flush_model(["state"])
        attempt = as_writer(self).create(
            {
                "run_id": payload.run_id.id,
                "payload_id": payload.id,
                "number": len(payload.attempt_ids) + 1,
                "idempotency_key": payload.uid,
            }
        )
        attempt._audit("announce", digest=payload.digest, number=attempt.number)
        return attempt

    def _answered(self, receipt):
        """Keep the other side's receipt."""
        # What was taken in part counts for nothing: where it is let go, it is sent again.
        verb = {"accepted": "accept", "pending": "wait", "refused": "refuse", "partly": "refuse"}[receipt.state]
        as_writer(self).write(
            {
                "reference": receipt.reference,
                "rejects": canonical(receipt.rejects) if receipt.rejects else False,
                "answered_at": fields.Datetime.now(),
            }
        )
        self._transition(verb, reference=receipt.reference, rejected=len(receipt.rejects))

    def _is_settled(self):
        return self.state in ("accepted", "confirmed")
