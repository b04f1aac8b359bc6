from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.finance_integration_governance.models.writer import as_writer

from .fin_payment_objections import FORBID, WARN

SHOWN = 20


class FinPaymentBatch(models.Model):
    """Submitted, a batch becomes payments in the books and a document; withdrawn, the bills are open again."""

    _inherit = "fin.payment.batch"

    def action_submit(self):
        self.ensure_one()
        self._submit()

    def action_withdraw(self):
        self.ensure_one()
        self._withdraw()

    def action_cancel(self):
        self.ensure_one()
        self._cancel()

    def _submit(self):
        """Pay the bills in the books, keep what the bank will be told, and ask for the approvals."""
        self._need_preparer()
        self._target("submit")
        self._note_editor()
        # Whoever edits a part waits here, or this does: what is submitted is what was seen.
        self.line_ids.part_ids.lock_for_update()
        self._guard_content()
        lines = self._paid_lines()
        lines._pay()
        lines._transition("prepare")
        as_writer(self).write(
            {
                "prepared_by": self.env.uid,
                "submitted_at": fields.Datetime.now(),
                "flow_id": self.journal_id.sudo().fin_payment_flow_id.id,  # sudo: which flow it is is no secret
            }
        )
        document = self._keep_document()
        as_writer(self).write({"document_id": document.id, "digest": document.digest})
        self._transition("submit", digest=document.digest)
        self._happened("submitted", person_id=self.env.user)
        self._ask_approvals()

    def _guard_content(self):
        """UserError where something in it may not leave, or is unusual and nobody says why it leaves nevertheless."""
        if not self._paid_lines():
            raise UserError(self.env._("There is no payment in this batch."))
        self._look()
        self._guard_forbidden("submit")
        lines = self._paid_lines()
        silent = lines.filtered(lambda line: line.needs_reason and not (line.reason or "").strip())
        if silent:
            told = [f"{line.partner_id.name}: {line.findings}" for line in silent[:SHOWN]]
            raise UserError(self.env._("Say on the payment why it leaves nevertheless:\n%s", "\n".join(told)))
        unusual = [words for _code, words, how in self._find() if how == WARN]
        if unusual and not (self.note or "").strip():
            raise UserError(self.env._("Say in the note why it leaves nevertheless:\n%s", "\n".join(unusual)))

    def _guard_forbidden(self, at):
        """UserError where something speaks against a payment; what they were held against stands in the log."""
        of_batch = [words for _code, words, how in self._find() if how == FORBID]
        judged = self._paid_lines()._judged(of_batch=False)
        of_lines = [
            f"{line.partner_id.name}: {words}"
            for line, found in judged.items()
            for _code, words, how in found
            if how == FORBID
        ]
        self._note_check(at, is_refused=bool(of_batch or of_lines))
        if of_batch or of_lines:
            raise UserError(self.env._("This may not leave:\n%s", "\n".join([*of_batch, *of_lines][:SHOWN])))

    def _look(self):
        """Write down what is unusual about each payment, and about all of them together, as it is now."""
        judged = self._paid_lines()._judged(of_batch=False)
        for line in self._paid_lines():
            line._write_down(judged[line])
        of_batch = "\n".join(words for _code, words, _how in self._find()) or False
        if self.findings != of_batch:
            as_writer(self).findings = of_batch

    def _withdraw(self):
        """Back to a draft: every yes is void, and the bills are open again."""
        self._need_preparer()
        self._note_editor()
        self._transition("withdraw")
        self._happened("withdrawn", person_id=self.env.user)

    def _after_withdraw(self):
        self._undo()

    def _after_refuse(self):
        self._undo()

    def _cancel(self):
        """Nothing of it is paid."""
        self._need_preparer()
        self._note_editor()
        self._transition("cancel")
        self._happened("cancelled", person_id=self.env.user)

    def _after_cancel(self):
        self._undo()
        self.line_ids.filtered(lambda line: line.state == "planned")._transition("drop")

    def _undo(self):
        """Take the payments back out of the books."""
        ready = self.line_ids.filtered(lambda line: line.state == "ready")
        ready._unpay()
        ready._transition("unprepare")
        as_writer(self).write({"document_id": False, "digest": False, "submitted_at": False})
        self._forget_approvals()


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    def _write_down(self, found):
        told = "\n".join(words for _code, words, _how in found) or False
        needs = any(how == WARN for _code, _words, how in found)
        if (self.findings, self.needs_reason) != (told, needs):
            as_writer(self).write({"findings": told, "needs_reason": needs})

    def _after_prepare(self):
        as_writer(self).paid_to = self.partner_bank_id.sanitized_acc_number
        as_writer(self.part_ids).write({"is_planned": False})

    def _after_drop(self):
        as_writer(self.part_ids).write({"is_planned": False})

    def _after_unprepare(self):
        as_writer(self.part_ids).write({"is_planned": True})

    def _after_take_in(self):
        as_writer(self.part_ids).write({"is_planned": True})
        self.env["fin.payment.part"].flush_model()  # so that the index speaks here, and not at the end

    def action_drop(self):
        """Do not pay this: its bills are open for another batch."""
        self.batch_id._edited(["drop"])
        self._transition("drop")

    def action_take_in(self):
        """Pay it nevertheless; where something is unusual about it, somebody has to say why."""
        self.batch_id._edited(["take_in"])
        self._transition("take_in")
