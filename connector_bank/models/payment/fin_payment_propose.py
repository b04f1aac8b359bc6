"""A proposal: what is due, what of it can be paid, and why the rest is left out."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.finance_integration_governance.models.writer import as_writer

from .fin_payment_batch import OF_KIND

# What of our documents is paid by us, and what is collected from others; notes below zero are taken into account.
DOCUMENTS = {
    "credit": ("in_invoice", "in_receipt", "in_refund", "out_refund"),
    "debit": ("out_invoice", "out_receipt", "out_refund"),
}


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    @api.model
    def _propose(
        self, journal, until, execute_on, kind="credit", scheme="sepa", discount=True, grouped=True, partners=None
    ):
        """A draft of everything that is due until a day, with what is left out and why."""
        self._need_preparer()
        journal.check_access("read")
        self._guard_scheme(journal, kind, scheme)
        batch = as_writer(self).create(
            {
                # sudo: sequences are the system's
                "name": self.env["ir.sequence"].sudo().next_by_code("fin.payment.batch"),
                "journal_id": journal.id,
                "company_id": journal.company_id.id,
                "currency_id": (journal.currency_id or journal.company_id.currency_id).id,
                "kind": kind,
                "scheme": scheme,
                "execute_on": execute_on,
            }
        )
        batch = batch.with_env(self.env)
        batch._note_editor()
        batch._audit("propose", until=until, scheme=scheme, kind=kind)
        batch._collect_due(until, discount, grouped, partners)
        batch._note_check("propose")
        return batch

    def _guard_scheme(self, journal, kind, scheme):
        if scheme not in OF_KIND[kind]:
            raise UserError(self.env._("This scheme is not for this kind of payment."))
        allowed = journal.company_id._fin_policy()["payment"]["schemes"].get(journal.code, ["sepa", "core"])
        if scheme not in allowed:
            raise UserError(
                self.env._(
                    "%(journal)s may pay by these schemes only: %(schemes)s.", journal=journal.name, schemes=allowed
                )
            )

    def _collect_due(self, until, discount, grouped, partners):
        items = self._due_items(until, discount, partners)
        free, out = self._sift(items)
        groups, more = self._group(free, discount, grouped)
        self._leave_out([*out, *more])
        self._make_lines(groups, discount)._leave_out_odd()

    def _due_items(self, until, discount, partners):
        """Open items that are due until the day, or whose discount ends by then."""
        due = Domain("date_maturity", "<=", until) | Domain("date_maturity", "=", False)
        if discount:
            due |= Domain([("discount_date", ">=", self.execute_on), ("discount_date", "<=", until)])
        wanted = Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("account_type", "in", ("liability_payable", "asset_receivable")),
                ("move_id.move_type", "in", DOCUMENTS[self.kind]),
                ("amount_residual_currency", "!=", 0),
            ]
        )
        if partners:
            wanted &= Domain("partner_id", "child_of", partners.commercial_partner_id.ids)
        return self.env["account.move.line"].search(wanted & due, order="partner_id, date_maturity, id")

    def _sift(self, items):
        """(items that may be paid, [(item, code, words)] of the others)."""
        blocks = self.env["fin.payment.block"]._against(self.company_id, items)
        # sudo: that it is in another batch counts, whoever may see that
        planned = (
            # sudo: as above
            self.env["fin.payment.part"].sudo().search([("move_line_id", "in", items.ids), ("is_planned", "=", True)])
        )
        elsewhere = {part.move_line_id: part.line_id.batch_id.name for part in planned}
        out = {item: self._why_left_out(item, blocks.get(item), elsewhere.get(item)) for item in items}
        free = items.filtered(lambda item: not out[item])
        return free, [(item, *why) for item, why in out.items() if why]

    def _why_left_out(self, item, block, other):
        if not item.partner_id:
            return "missing_data", self.env._("No partner on it.")
        if item.move_id.payment_state == "blocked":
            return "blocked_bill", self.env._("The bill is blocked for payment.")
        if block:
            return self._why_blocked(block)
        if other:
            return "in_batch", self.env._("It is in %s already.", other)
        if item.currency_id != self.currency_id:
            return "currency", self.env._(
                "It is in %(theirs)s, and the account pays in %(ours)s.",
                theirs=item.currency_id.name,
                ours=self.currency_id.name,
            )
        return None

    def _why_blocked(self, block):
        told = {"reason": block.reason, "person": block.set_by.name, "day": fields.Date.to_string(block.create_date)}
        if block.kind == "dispute":
            return "dispute", self.env._("In dispute since %(day)s (%(person)s): %(reason)s", **told)
        if block.move_id:
            return "blocked_bill", self.env._("The bill is blocked since %(day)s (%(person)s): %(reason)s", **told)
        return "blocked_partner", self.env._("The partner is blocked since %(day)s (%(person)s): %(reason)s", **told)

    def _group(self, items, discount, grouped):
        """([(items of one payment)], [(item, code, words)] of what nets to nothing)."""
        groups, out = defaultdict(lambda: self.env["account.move.line"]), []
        for item in items:
            account = self._account_of(item)
            own = item.id if not grouped else None
            groups[item.partner_id.commercial_partner_id, item.account_id, account, own] |= item
        self._give_notes_a_payment(groups)
        for key, found in list(groups.items()):
            if self.currency_id.compare_amounts(sum(self._open(item) for item in found), 0) <= 0:
                words = self.env._("Credit notes are as large as what is due, or larger.")
                out += [(item, "credit_notes", words) for item in groups.pop(key)]
        return groups, out

    def _give_notes_a_payment(self, groups):
        """A note below zero goes into the largest payment of its partner that it fits into."""
        for key in [key for key, found in groups.items() if all(self._open(item) < 0 for item in found)]:
            others = [other for other in groups if other != key and other[:2] == key[:2]]
            largest = max(others, key=lambda other: sum(map(self._open, groups[other])), default=None)
            if largest and sum(map(self._open, groups[largest] | groups[key])) > 0:
                groups[largest] |= groups.pop(key)

    def _open(self, item):
        """What of the item is open, above zero where it is to be paid."""
        return item.amount_residual_currency * (-1 if self.kind == "credit" else 1)

    def _account_of(self, item):
        """Where its document says it goes, else the partner's first account."""
        if self.kind == "debit":
            mandate = self.env["fin.mandate"]._of(item.partner_id, self.company_id, self.scheme, self.execute_on)
            return mandate.partner_bank_id
        own = item.move_id.partner_bank_id
        is_theirs = own.partner_id.commercial_partner_id == item.partner_id.commercial_partner_id
        usable = item.partner_id.commercial_partner_id.bank_ids.filtered(
            lambda account: account.active and account.company_id in (self.company_id.browse(), self.company_id)
        )
        return own if own.active and is_theirs else usable[:1]

    def _leave_out(self, rows, line=None):
        as_writer(self.env["fin.payment.left.out"]).create(
            [
                {
                    "batch_id": self.id,
                    "line_id": line.id if line else False,
                    "partner_id": item.partner_id.id,
                    "move_line_id": item.id,
                    "document": item.move_id.ref or item.move_id.name,
                    "due_on": item.date_maturity,
                    "amount": self._open(item),
                    "currency_id": item.currency_id.id,
                    "code": code,
                    "words": words,
                }
                for item, code, words in rows
            ]
        )
