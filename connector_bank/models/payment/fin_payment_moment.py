"""Guards of the moment: is it too late for the bank, is the money there, is it still what was approved."""

import datetime as dt
import json
from zoneinfo import ZoneInfo

from odoo import fields, models

from odoo.addons.finance_integration_governance.core.canonical import simple
from odoo.addons.finance_integration_governance.core.workdays import Calendar

from .fin_payment_objections import FORBID, WARN

ON_THE_WAY = ("submitted", "approved", "released", "sent", "unknown", "accepted", "partly")


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    def _find(self):
        return [*super()._find(), *self._find_day(), *self._find_cash()]

    # Too late

    def _find_day(self):
        """The bank has to have it before its cut-off: on the day itself, of direct debits the working day before."""
        if self.state in ("sent", "accepted", "partly", "settled", "rejected", "cancelled"):
            return
        now, calendar = self._now(), Calendar.read(self.company_id._fin_policy().get("calendar"))
        if self.scheme != "instant" and not calendar.is_working(self.execute_on):
            yield "no_working_day", self.env._("Banks do not work on %s: choose another day.", self.execute_on), FORBID
        last = self.execute_on
        if self.kind == "debit":
            last = calendar.shifted(last - dt.timedelta(days=1), -1)
        until = self._payment_policy()["cutoffs"].get(self.scheme)
        if last < now.date():
            yield "too_late", self.env._("It had to be with the bank on %s: choose another day.", last), FORBID
        elif until and last == now.date() and now.time() > dt.time.fromisoformat(until):
            yield "cut_off", self.env._("The bank takes it until %s: choose another day.", until), FORBID

    def _now(self):
        """The wall time of the flow that sends it, else of the company."""
        # sudo: a time zone is no secret
        flow = (self.flow_id or self.journal_id.fin_payment_flow_id).sudo()
        zone = flow.tz or self.company_id.sudo().resource_calendar_id.tz or "UTC"  # sudo: as above
        return fields.Datetime.now().replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone))

    # Not enough

    def _find_cash(self):
        how = self._weight("cash")
        if not how or self.kind == "debit" or self.state not in ("draft", "submitted", "approved", "released"):
            return
        balance, proven_on = self._proven_cash()
        if proven_on is None:
            yield "cash_unproven", self.env._("No statement of the bank proves how much is there."), WARN
            return
        others = self._on_their_way(proven_on)
        if self.currency_id.compare_amounts(balance - others, self.amount) < 0:
            told = {"balance": balance, "day": proven_on, "others": others, "mine": self.amount}
            words = self.env._(
                "The bank proved %(balance)s on %(day)s; other batches take %(others)s, this one %(mine)s.",
                **told,
            )
            yield "cash", words, how

    def _proven_cash(self):
        """(balance, the day that proves it), (0, None) where no tied statement does."""
        # sudo: whoever pays from the account may know whether it is enough
        days = self.env["fin.cash.day"].sudo().with_context(allowed_company_ids=self.company_id.ids)
        today = fields.Date.context_today(self)
        row = days.search(
            [("journal_id", "=", self.journal_id.id), ("day", "=", today), ("is_proven", "=", True)], limit=1
        )
        return (row.balance, row.proven_on) if row.proven_on else (0, None)

    def _on_their_way(self, since):
        """What other batches from this account take that the bank has not booked yet."""
        # sudo: as above
        lines = (
            self.env["fin.payment.line"]
            .sudo()  # sudo: as above
            .search(
                [
                    ("batch_id", "!=", self.id),
                    ("batch_id.journal_id", "=", self.journal_id.id),
                    ("batch_id.kind", "=", "credit"),
                    ("batch_id.state", "in", ON_THE_WAY),
                    ("batch_id.execute_on", ">=", since),
                    ("state", "in", ("ready", "sent", "accepted")),
                ]
            )
        )
        return sum(lines.filtered(lambda line: not line.payment_id.is_matched).mapped("amount"))


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    def _find(self):
        """Still what was approved: the payment in the books, and everything that the bank is told."""
        yield from super()._find()
        for batch, lines in self.grouped("batch_id").items():
            if not batch.document_id:
                continue
            # sudo: documents are the suite's own
            content = json.loads(batch.document_id.sudo().text)["payments"]
            approved = {told["end_to_end_id"]: told for told in content}
            for line in lines.filtered(lambda one: one.state in ("ready", "sent")):
                yield from line._find_changes(approved.get(line.end_to_end_id, {}))

    def _find_changes(self, approved):
        payment = self.payment_id
        is_there = payment.state in ("in_process", "paid") and payment.move_id.state == "posted"
        if not is_there or self.currency_id.compare_amounts(payment.amount, self.amount):
            yield self, "payment_changed", self.env._("The payment in the books is not what was submitted."), FORBID
        now = simple(self._payment())
        names = sorted(name for name in {*now, *approved} if now.get(name) != approved.get(name))
        if names:
            words = self.env._("Changed since it was submitted: %s. Withdraw it and submit it anew.", ", ".join(names))
            yield self, "changed", words, FORBID
