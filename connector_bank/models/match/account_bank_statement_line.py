"""Matching a bank line by what Odoo has for it: the suspense item gives way to counterparts, which are reconciled."""

from decimal import Decimal

from odoo import Command, models
from odoo.exceptions import UserError


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def _fin_settle(self, parts, others=(), plan=None):
        """Settle open items with this line, and book the rest where it is said; what is left over stays in suspense.

        `parts`: (journal item, amount in its currency, as its residual's sign is). `others`: values with account_id,
        amount (Decimal, in the journal's currency, as the line's sign is), partner_id, name. `plan`: a list that takes
        what is to be reconciled, where many lines are settled and all of it is reconciled at once.
        """
        self.ensure_one()
        self._fin_refuse_locked()
        _liquidity, suspense, before = self._seek_for_lines()
        if not suspense:
            raise UserError(self.env._("%s is matched already; undo that first.", self.display_name))
        self._fin_refuse_settled(parts)
        currency = suspense.currency_id
        new = [
            self._fin_against(item, amount, suspense if len(parts) == 1 and not others else None)
            for item, amount in parts
        ]
        new += self._fin_beside(currency, others)
        left = {
            "balance": suspense.balance - sum(vals["balance"] for vals in new),
            "amount_currency": suspense.amount_currency - sum(vals.pop("in_line_currency") for vals in new),
        }
        commands = [Command.delete(suspense.id), *map(Command.create, new)]
        company_currency = self.company_id.currency_id
        if not (company_currency.is_zero(left["balance"]) and currency.is_zero(left["amount_currency"])):
            name, partner = suspense.name, suspense.partner_id.id
            commands.append(
                Command.create(
                    {
                        "name": name,
                        "account_id": suspense.account_id.id,
                        "partner_id": partner,
                        "currency_id": currency.id,
                    }
                    | left
                )
            )
        self.with_context(force_delete=True, skip_readonly_check=True).write({"line_ids": commands})
        added = (self._seek_for_lines()[2] - before).sorted("id")
        pairs = [line | item for (item, _amount), line in zip(parts, added, strict=False)]
        if plan is None:
            self.env["account.move.line"]._reconcile_plan(pairs)
        else:
            plan += pairs

    def _fin_against(self, item, amount, whole=None):
        """The counterpart of an open item. `whole`: the suspense item, where this one alone takes its place.

        In the line's own currency at the bank's rate; in another one the item is settled as it stands, and Odoo books
        the difference between the two rates.
        """
        amount = float(amount)
        currency, transaction = item.currency_id, self.foreign_currency_id or self.currency_id
        company_currency = self.company_id.currency_id
        share = item.amount_residual * (amount / item.amount_residual_currency) if item.amount_residual_currency else 0
        balance = company_currency.round(share)
        if currency not in (transaction, self.currency_id) and whole and currency != company_currency:
            told = {"balance": whole.balance, "amount_currency": whole.amount_currency}
            vals = {"balance": whole.balance, "amount_currency": -amount, "currency_id": currency.id}
        else:
            told = self._prepare_counterpart_amounts_using_st_line_rate(currency, -balance, -amount)
            vals = {**told, "currency_id": transaction.id}
        return {
            "name": self.payment_ref,
            "account_id": item.account_id.id,
            "partner_id": item.partner_id.id,
            "in_line_currency": told["amount_currency"],
            **vals,
        }

    def _fin_beside(self, currency, others):
        """What is booked beside open items, in the currency of the line's transaction and in the company's.

        Their running sum is converted, so that the parts of an amount add up to what all of it is in each currency.
        """
        told, amount, before = [], 0, {"balance": 0.0, "amount_currency": 0.0}
        rounding = {"balance": self.company_id.currency_id, "amount_currency": currency}
        for other in others:
            amount += other["amount"]
            until = self._prepare_counterpart_amounts_using_st_line_rate(self.currency_id, 0.0, -float(amount))
            part = {name: rounding[name].round(until[name] - before[name]) for name in until}
            told.append(self._fin_to(currency, part, **other))
            before = until
        return told

    def _fin_to(self, currency, part, account_id, amount, partner_id=False, name=None, **more):
        return {
            "name": name or self.payment_ref,
            "account_id": account_id,
            "partner_id": partner_id or self.partner_id.id,
            "currency_id": currency.id,
            "in_line_currency": part["amount_currency"],
            **part,
            **more,
        }

    def _fin_refuse_settled(self, parts):
        """Somebody may have been faster, or the item is not open by that much."""
        for item, amount in parts:
            open_now = Decimal(str(item.currency_id.round(item.amount_residual_currency)))
            if item.reconciled or item.parent_state != "posted" or item.company_id != self.company_id:
                raise UserError(self.env._("%s is not open any more: look again.", item.display_name))
            if (amount > 0) != (open_now > 0) or abs(amount) > abs(open_now):
                raise UserError(self.env._("Of %(item)s only %(open)s is open.", item=item.display_name, open=open_now))

    def _fin_refuse_locked(self):
        """Odoo would refuse it in other words, or book a difference on another day."""
        company = self.company_id.with_env(self.env)
        violations = company._get_lock_date_violations(self.date, sale=False, purchase=False, tax=False)
        if violations:
            locks = ", ".join(f"{field} {date}" for date, field in violations)
            raise UserError(
                self.env._(
                    "%(line)s of %(day)s lies in a locked period (%(locks)s): it stays as it is until the period is "
                    "opened for you.",
                    line=self.display_name,
                    day=self.date,
                    locks=locks,
                )
            )

    def _fin_unsettle(self):
        """Give the line its suspense item back; what it settled is open again."""
        self.ensure_one()
        self._fin_refuse_locked()
        if not self._seek_for_lines()[2]:
            raise UserError(self.env._("%s is not matched.", self.display_name))
        self.action_undo_reconciliation()
