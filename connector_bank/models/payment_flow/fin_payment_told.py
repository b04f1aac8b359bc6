from decimal import Decimal

from odoo import models

from ...core.payment import batch_of, message_id
from ...core.payment_reasons import in_words
from ...core.payment_status import after, contradicts

_VERBS = {"accepted": "accept", "settled": "settle", "rejected": "reject", "returned": "bring_back"}
_FAILED = ("rejected", "returned")
_UNSENT = ("planned", "ready", "dropped")


class FinPaymentLine(models.Model):
    """What a bank says of a payment, and what follows from it: any number of times, in any order."""

    _inherit = "fin.payment.line"

    def _told(self, status, code="status", amount=None, **facts):
        """Keep one word of the bank's on each of these payments and follow it; the events."""
        self.batch_id._found_by(self, status, facts)
        events = self._happened(code, status=status, **facts)
        self._follow_all(status, amount, facts)
        self.batch_id._follow_lines()
        return events

    def _follow_all(self, status, amount, facts):
        """Payments of which nothing but good is told go on together; each of the others by itself."""
        good = self.filtered(lambda line: amount is None and line._is_good(status))
        for state, lines in good.grouped(lambda line: after(line.state, status)).items():
            moved = lines.filtered(lambda line, state=state: line.state != state)
            moved._transition(_VERBS.get(state, ""), status=status)
        for line in self - good:
            line._follow(status, amount, facts)

    def _is_good(self, status):
        before = self.state
        return before not in _UNSENT and not contradicts(before, status) and after(before, status) not in _FAILED

    def _follow(self, status, amount, facts):
        """The state that the word leads to, and what a person has to know of it."""
        before, told = self.state, facts["run_id"]
        if before in _UNSENT:
            return self._open_case("payment_not_sent", status, facts)
        if contradicts(before, status):
            self._open_case("payment_contradiction", status, facts)
        if amount is not None and Decimal(amount) != self._exact(self.amount):
            self._open_case("payment_amount", status, facts)
        state = after(before, status)
        if state == before:
            return None
        self._transition(_VERBS[state], status=status)
        if state in _FAILED:
            self._reopen(told, item_id=facts.get("item_id"))
            self._open_case(f"payment_{state}", status, facts)
        return None

    def _open_case(self, code, status, facts):
        """An exception with the owner of the flow that paid: what it is about, why, and what to do now."""
        why = in_words(facts.get("reason"), facts.get("text"))
        told = {"payment": self.end_to_end_id, "bills": self.documents or "", "status": status, "why": why}
        text = {
            "payment_rejected": self.env._(
                "The bank refuses the payment %(payment)s of %(bills)s (%(status)s): %(why)s The bill is open again: "
                "mend what was wrong, and it comes with the next proposal.",
                **told,
            ),
            "payment_returned": self.env._(
                "The money of the payment %(payment)s of %(bills)s came back (%(status)s): %(why)s The bill is open "
                "again; the two lines of the bank match the payment and its reversal.",
                **told,
            ),
            "payment_contradiction": self.env._(
                "The bank has refused the payment %(payment)s of %(bills)s and says now that it is settled "
                "(%(status)s). Ask the bank before anything is paid again.",
                **told,
            ),
            "payment_not_sent": self.env._(
                "The bank speaks of the payment %(payment)s of %(bills)s (%(status)s), which has not left by our "
                "books. Do not send it again before it is known what the bank has.",
                **told,
            ),
            "payment_amount": self.env._(
                "The bank speaks of the payment %(payment)s of %(bills)s (%(status)s) with another amount.", **told
            ),
        }[code]
        # sudo: the owner of the flow is told, whoever brought the word
        flow = self.batch_id.flow_id.sudo()
        family = "configuration" if code == "payment_not_sent" else "data"
        return self.env["fin.exception"]._raise_for_flow(flow, code, text, family=family, payment=self.end_to_end_id)


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    def _told(self, lines, status, **facts):
        """Keep one word of the bank's on the batch, and follow it on these payments of it; the event."""
        self._found_by(lines, status, facts)
        event = self._happened("status", status=status, **facts)
        lines._follow_all(status, None, facts)
        self._follow_lines()
        return event

    def _found_by(self, lines, status, facts):
        """What the bank speaks of has arrived: a doubt about it is over."""
        for batch in self:
            mine = lines.filtered(lambda line, batch=batch: line.batch_id == batch and line.state == "ready")
            attempt = batch._attempt_with(mine) if mine and batch.state in ("released", "unknown") else None
            if attempt:
                why = batch.env._("The bank has told of it: %s", status)
                attempt.run_id._arrived(attempt, why, item_id=facts.get("item_id"))

    def _attempt_with(self, lines):
        """The try without an answer in which these payments travelled."""
        # sudo: the engine's own
        runs = self.run_id.sudo() | self.run_id.sudo().child_ids
        keys = set(lines.mapped("end_to_end_id"))
        for attempt in runs.attempt_ids.filtered(lambda attempt: attempt.state in ("announced", "unknown")):
            if keys & set(attempt.payload_id._as_outgoing().keys):
                return attempt
        return None

    def _lines_of_file(self, message, group=None):
        """The payments that travelled in the file, and the group of it, of this name; all that left where it is ours
        by another name, such as the batch's.
        """
        left = self.line_ids.filtered(lambda line: line.state not in ("planned", "dropped"))
        # sudo: the engine's own
        payloads = (self.run_id.sudo() | self.run_id.sudo().child_ids).payload_ids
        for payload in payloads:
            keys = payload._as_outgoing().keys
            name = message_id(self.name, keys)
            if name in (message, (group or "").rpartition("-")[0]):
                return self._of_group(
                    left.filtered(lambda line, keys=keys: line.end_to_end_id in set(keys)), name, group
                )
        return left if self.name in (message, group) or batch_of(message) != self.name else left.browse()

    def _of_group(self, lines, name, group):
        """Within a batch, payments differ by nothing but the sequence of their mandates."""
        number = (group or "").removeprefix(f"{name}-")
        if not group or not number.isdigit():
            return lines
        sequences = list(
            dict.fromkeys(line.sequence_type for line in lines.sorted(lambda line: (line.sequence, line.id)))
        )
        if int(number) > len(sequences):
            return lines.browse()
        return lines.filtered(lambda line: line.sequence_type == sequences[int(number) - 1])
