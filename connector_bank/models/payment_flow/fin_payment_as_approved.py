"""The gate that every payment passes: what leaves is what people said yes to, and still may."""

import json

from odoo import api, models

from odoo.addons.finance_integration_governance.core.canonical import told
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.models.run.gates import PROCEED, Answer

from .fin_object_payment import OBJECT

_MADE = ("in_process", "paid")


class PaymentsAsApproved:
    question = "Is every payment as it was approved, and does nothing speak against it?"

    def ask(self, run):
        """What is wrong with the batch holds all of it; what is wrong with a payment holds this payment."""
        batch, ids = run._payment_batch(), run._open_ids()
        if not ids:
            return PROCEED
        why = batch._why_it_waits(run)
        if why:
            run._hold_payments("payment_batch", why, ids)
            return Answer("hold", why, ids)
        batch._note_check(run.name)
        against = run._objections_of(batch, ids)
        for (code, words), found in against.items():
            run._hold_payments(f"payment_{code}", words, found)
        held = tuple(sorted({item_id for found in against.values() for item_id in found}))
        if not held:
            return PROCEED
        # What is in a file already leaves whole or not at all.
        is_filed = bool(run.payload_ids)
        return Answer("hold", f"{len(held)} payments may not leave now", ids if is_filed else held)


class FinRun(models.Model):
    _inherit = "fin.run"

    def _gates(self):
        return (*super()._gates(), PaymentsAsApproved()) if self._is_payment() else super()._gates()

    def _hold_payments(self, code, words, ids):
        name = self._payment_batch().name
        exception = self.env["fin.exception"]._raise(self, code, words, count=len(ids), batch=name)
        self.env["fin.item"]._attach(exception, ids)

    def _objections_of(self, batch, ids):
        """(code, words) -> ids of the open items that it speaks against."""
        lines = self._payment_lines("open", ids=ids)
        guards, by_id = lines._all_objections(), {line.end_to_end_id: line for line in lines}
        before = self._left_before(lines)
        against = {}
        for item in self.env["fin.item"].browse(ids):
            line = by_id.get(item.key)
            found = [("unknown", f"{item.key} is in no batch")] if not line else line._why_not_as_approved(item)
            if item.key in before:
                found = [("sent_before", f"{item.key} has left before, with another run")]
            for one in found or guards[line]:
                against.setdefault(tuple(one), []).append(item.id)
        return against

    def _left_before(self, lines):
        """The end-to-end ids of which another run has a binding: they have left, whatever they said."""
        bound = [("key", "in", lines.mapped("end_to_end_id")), ("object", "=", OBJECT), ("live", "=", True)]
        mine = self._first() | self._first().child_ids
        return set(self.env["fin.binding"].search([*bound, ("run_id", "not in", mine.ids)]).mapped("key"))


class FinBinding(models.Model):
    _inherit = "fin.binding"

    @api.model
    def _supersede(self, ids):
        """A payment has one binding for ever: what gives way to a newer state elsewhere is an error here."""
        is_payment = self.env["fin.item"].browse(list(ids)[:1]).object == OBJECT
        return None if is_payment else super()._supersede(ids)


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    def _why_it_waits(self, run):
        """Why nothing of the batch may leave now, in words; empty where it may."""
        if not self:
            return "no batch belongs to this run"
        if self.state not in ("released", "sent", "accepted", "partly", "settled"):
            return f"{self.name} is {self._lifecycle.labels[self.state]}, not released"
        try:
            content = self._content()
        except ConfigurationError as error:
            return error.text
        accounts = {(one["company"], one["code"]): one for one in run._document().get("payment_journals", ())}
        approved = accounts.get((content["company"], content["journal"]))
        if not approved or any(one["own_account"] != approved["account"] for one in content["payments"]):
            return f"the approved flow does not pay from the account of {self.journal_id.code}"
        return self._why_not_approved() or self._who_spoke_of_it()

    def _who_spoke_of_it(self):
        """A bank that tells of payments which have not left, by our books, has got them."""
        told = [("batch_id", "=", self.id), ("code", "in", ("status", "booked", "returned"))]
        unsent = ["|", ("line_id", "=", False), ("line_id.state", "=", "ready")]
        # sudo: the engine's own
        if self.state == "released" and self.env["fin.payment.event"].sudo().search_count([*told, *unsent], limit=1):
            return f"the bank has spoken of payments of {self.name}: they have arrived before"
        return ""


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    def _why_not_as_approved(self, item):
        """[(code, words)] of what keeps this payment from leaving now: it is another one by now, or a guard objects."""
        if self.state != "ready":
            return [("state", f"{self.end_to_end_id} is {self._lifecycle.labels[self.state]}")]
        payment = self.payment_id
        if payment.state not in _MADE or payment.move_id.state not in (False, "posted"):
            return [("not_posted", f"the payment of {self.end_to_end_id} is not confirmed in the books any more")]
        if told(self._payment())[0] != item.content:
            return [("changed", f"{self.end_to_end_id} is not what was approved any more: {self._what_changed(item)}")]
        return []

    def _what_changed(self, item):
        """The names of the members that differ, never what they say."""
        now, then = json.loads(told(self._payment())[0]), json.loads(item.content)
        return ", ".join(sorted(name for name in {*now, *then} if now.get(name) != then.get(name)))
