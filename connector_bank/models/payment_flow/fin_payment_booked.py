"""What the bank books: a line of a statement, or a notification before it, says that money has moved or come back."""

import json
from decimal import Decimal
from types import SimpleNamespace

from odoo import api, models
from odoo.addons.base.models.res_bank import sanitize_account_number
from odoo.tools import SQL

from ...core.payment import batch_of
from ...core.statement import BankStatement, ProvisionalEntry

_LINE = "account.bank.statement.line"
_BOOKED = ("BOOK", None)


class FinObjectBankStatement(models.AbstractModel):
    _inherit = "fin.object.bank_statement"

    def _deliver(self, run, items):
        """Booked lines are told to the payments that they are the end of, in the same transaction."""
        bound = super()._deliver(run, items)
        lines = {item_id: record for item_id, record in bound if record._name == _LINE}
        entries = [item for item in items if item.contract != BankStatement.contract]
        run.env["fin.payment.line"]._told_by_entries(run, entries, lines)
        return bound


class FinItem(models.Model):
    _inherit = "fin.item"

    @api.model
    def _set_aside(self, run):
        """What is booked before its statement comes, such as a debit note, is told to payments all the same."""
        ids = self._open_of(run, (ProvisionalEntry.contract,))
        super()._set_aside(run)
        if ids:
            self.env["fin.payment.line"]._told_by_entries(run, self._provisional(ids), {})

    def _provisional(self, ids):
        rows = self.env.execute_query(SQL("SELECT id, content, amount::text FROM fin_item WHERE id = ANY(%s)", ids))
        return [
            SimpleNamespace(id=item_id, content=json.loads(content), amount=Decimal(amount or 0))
            for item_id, content, amount in rows
        ]


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    @api.model
    def _told_by_entries(self, run, entries, statement_lines):
        """Tell payments that they are booked, or that their money is back; what names none of ours says nothing."""
        mine = [("company_id", "in", run._as_service().companies.ids)]
        if not entries or not self.search_count([*mine, ("state", "not in", ("planned", "dropped"))], limit=1):
            return
        known = self._named_by(entries, mine)
        for entry in entries:
            told = entry.content
            if told.get("status") not in _BOOKED:
                continue
            line = known.get(told.get("end_to_end")) or known.get(told.get("uetr")) or self.browse()
            if line and line._is_from(told):
                line._booked_by(run, entry, statement_lines.get(entry.id))
            elif not line and told.get("batch"):
                self._batch_booked_by(run, entry, statement_lines.get(entry.id), mine)

    def _named_by(self, entries, mine):
        """End-to-end id or UETR -> payment."""
        named = {entry.content.get(name) for entry in entries for name in ("end_to_end", "uetr")} - {None}
        found = self.search([*mine, "|", ("end_to_end_id", "in", list(named)), ("uetr", "in", list(named))])
        return {name: line for line in found for name in (line.end_to_end_id, line.uetr)}

    def _is_from(self, told):
        """Whether the entry is of the account that the payment is paid from."""
        account = self.batch_id.journal_id.bank_account_id.sanitized_acc_number
        return bool(account) and account == sanitize_account_number(told.get("account"))

    def _booked_by(self, run, entry, statement_line):
        """One entry is the end of this payment: booked where money goes its way, else it came back."""
        way = -1 if self.batch_id.kind == "credit" else 1
        is_back = entry.amount * way < 0
        told = entry.content
        facts = {"reason": told.get("return_reason"), "text": told.get("additional") if is_back else None}
        facts |= {"run_id": run, "item_id": entry.id, "statement_line_id": statement_line}
        # Charges may be taken off what comes back.
        amount = None if is_back else abs(entry.amount)
        status, code = ("RTRN", "returned") if is_back else ("BOOK", "booked")
        self._told(status, code, amount, **facts)

    @api.model
    def _batch_booked_by(self, run, entry, statement_line, mine):
        """One entry for a whole group of payments: each is booked, where it adds up to them."""
        name = entry.content["batch"]
        lines = self.env["fin.payment.batch"]._lines_booked_as(name, mine)
        if not lines or not lines[:1]._is_from(entry.content):
            return
        batch = lines.batch_id
        total = sum((line._exact(line.amount) for line in lines), Decimal())
        way = -1 if batch.kind == "credit" else 1
        if entry.amount * way == total:
            lines._told("BOOK", "booked", run_id=run, item_id=entry.id, statement_line_id=statement_line)
            return
        text = self.env._("The bank has booked another amount for %s than its payments add up to.", name)
        flow = batch.flow_id.sudo()  # sudo: the owner of the flow is told, whoever brought the word
        self.env["fin.exception"]._raise_for_flow(flow, "payment_batch_amount", text, family="data", batch=name)


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    @api.model
    def _lines_booked_as(self, name, domain):
        """The payments that the bank books as one entry of this name: those of a batch, or of a group in a file."""
        batch = self.search([("name", "in", [name, batch_of(name)]), *domain], limit=1)
        lines = batch._lines_of_file(name.rpartition("-")[0], name) if batch and batch_of(name) else batch.line_ids
        return lines.filtered(lambda line: line.state not in ("planned", "dropped", "rejected"))
