"""How effects are taken back: drafts are deleted, what is posted is reversed on a day that is open.

An object that declares `_undoes` gets this for the records that it makes; another kind of record it plans and undoes
itself. What somebody has matched, signed or locked is refused in words.
"""

from decimal import Decimal

from odoo import models
from odoo.fields import Command

from ...core.errors import DataError
from ...core.totals import ControlTotals

LINE, MOVE, STATEMENT = "account.bank.statement.line", "account.move", "account.bank.statement"


class FinObject(models.AbstractModel):
    _inherit = "fin.object"

    # Whether what the object delivers can be taken back.
    _undoes = False

    # Planning

    def _plan_undo(self, run, items):
        """item id -> what would be done ({"undo": delete | reverse | release, "on": day}), or a DataError: why not."""
        effects = run._effects(items, self.env)
        plans = {item.id: self._planned(effects[item.id], item.on) for item in items}
        leaving = [effects[i].id for i, plan in plans.items() if isinstance(plan, dict) and effects[i]._name == LINE]
        statements = {item_id: one for item_id, one in effects.items() if one and one._name == STATEMENT}
        staying = run._staying([one.id for one in statements.values()], leaving) if statements else {}
        return plans | {item_id: _of_statement(staying.get(one.id)) for item_id, one in statements.items()}

    def _planned(self, record, day):
        if not record:
            return DataError("what was booked is gone already", code="undo_gone")
        if record._name == STATEMENT:
            return None  # it goes by what becomes of its lines
        move = record.move_id if record._name == LINE else record
        matched = self._matched(record, move)
        if matched:
            return DataError(f"it is matched with {matched}: undo the matching first", code="undo_matched")
        if move.state == "draft":
            locked = self._locked(move.company_id, move.date)
            if locked:
                return DataError(f"the draft lies in a locked period: {locked}", code="period_locked")
            return {"undo": "delete", "company": move.company_id.fin_code}
        if move.state == "cancel":
            return DataError("the entry was cancelled by hand", code="undo_gone")
        if move.reversal_move_ids.filtered(lambda one: one.state == "posted"):
            return DataError("the entry was reversed by hand already", code="undo_gone")
        return {"undo": "reverse", "on": day.isoformat(), "company": move.company_id.fin_code}

    def _matched(self, record, move):
        """What holds the entry, in words; False where nothing does."""
        if record._name == LINE:
            is_zero = record.currency_id.is_zero(record.amount)
            if not record.is_reconciled or is_zero:
                return False
        partials = move.line_ids.matched_debit_ids.debit_move_id | move.line_ids.matched_credit_ids.credit_move_id
        others = (partials.move_id - move).mapped("name")
        if others:
            return ", ".join(sorted(others)[:3])
        return "an account chosen by hand" if record._name == LINE else False

    # Doing

    def _undo(self, run, items):
        """Take back what these items say; returns (item id, record that reverses it or None) of each."""
        effects, done = run._effects(items, self.env), {}
        for kind, undo in ((LINE, self._undo_lines), (MOVE, self._undo_moves)):
            done |= undo([item for item in items if effects[item.id]._name == kind], effects)
        self._undo_statements([effects[item.id] for item in items if effects[item.id]._name == STATEMENT])
        return [(item.id, done.get(item.id)) for item in items]

    def _undo_moves(self, items, effects):
        to_reverse = [item for item in items if item.mapped["undo"] == "reverse"]
        moves = self.env[MOVE].union(*(effects[item.id] for item in to_reverse))
        defaults = [{"date": item.mapped["on"], "ref": f"Rollback of {effects[item.id].name}"} for item in to_reverse]
        reversals = moves._reverse_moves(defaults, cancel=True) if moves else moves
        reversed_by = {one.reversed_entry_id: one for one in reversals}
        self.env[MOVE].union(*(effects[i.id] for i in items if i.mapped["undo"] == "delete")).unlink()
        return {item.id: reversed_by[effects[item.id]] for item in to_reverse}

    def _undo_lines(self, items, effects):
        to_reverse = [item for item in items if item.mapped["undo"] == "reverse"]
        lines = self.env[LINE]
        values = [self._counter(effects[item.id], item.mapped["on"]) for item in to_reverse]
        counters = lines.create(values) if values else lines
        for item, counter in zip(to_reverse, counters, strict=True):
            effects[item.id]._fin_settle_with(counter)
        lines.union(*(effects[item.id] for item in items if item.mapped["undo"] == "delete")).unlink()
        return dict(zip([item.id for item in to_reverse], counters, strict=True))

    def _counter(self, line, day):
        foreign = {"foreign_currency_id": line.foreign_currency_id.id, "amount_currency": -line.amount_currency}
        return {
            "journal_id": line.journal_id.id,
            "date": day,
            "amount": -line.amount,
            "payment_ref": f"Rollback: {line.payment_ref or line.move_id.name}",
            "partner_id": line.partner_id.id,
            "partner_name": line.partner_name,
            "account_number": line.account_number,
            **(foreign if line.foreign_currency_id else {}),
        }

    def _undo_statements(self, statements):
        """One without lines has nothing more to say; one with reversed lines stays as what was booked."""
        self.env[STATEMENT].union(*statements).filtered(lambda statement: not statement.line_ids).unlink()

    # Reading back

    def _undone(self, run):
        """`ControlTotals` of what is verifiably taken back, as the records say it now."""
        totals = ControlTotals()
        for item, before, after in run._undone_pairs(self.env):
            amount = self._amount_undone(item, before, after)
            if amount is not None or not item.currency:
                amounts = {item.currency: amount} if item.currency else {}
                totals += ControlTotals(1, amounts, item.key_hash % (1 << 64))
        return totals

    def _amount_undone(self, item, before, after):
        """Signed as the rollback's item is; None where the effect still stands."""
        if after:
            return self._amount_of(after) if after._name != LINE or after.move_id.state == "posted" else None
        return None if before else Decimal(item.amount)

    def _amount_of(self, record):
        """What a reversing record says, in the item's currency and with its sign."""
        if record._name == LINE:
            return Decimal(str(record.amount))
        return -Decimal(str(record.reversed_entry_id.amount_total)) if record.state == "posted" else None


def _of_statement(staying):
    """A statement goes when every line of it goes."""
    return DataError(f"{staying} lines of the statement stay", code="undo_partly") if staying else {"undo": "release"}


class AccountBankStatementLine(models.Model):
    _inherit = LINE

    def _fin_settle_with(self, counter):
        """Match a line with the one that takes it back, so that neither waits for anybody.

        Where the day of the line is locked, its entry stays as it is, and both lines are matched by a person.
        """
        account = self.company_id.transfer_account_id
        if not account.reconcile or self.company_id._get_lock_date_violations(
            self.move_id.date, sale=False, purchase=False, tax=False
        ):
            return
        parts = self.env["account.move.line"]
        for line in (self, counter):
            _liquidity, suspense, _other = line._seek_for_lines()
            line.with_context(force_delete=True, skip_readonly_check=True).write(
                {"line_ids": [Command.update(part.id, {"account_id": account.id}) for part in suspense]}
            )
            parts |= suspense
        parts.filtered(lambda part: not part.reconciled).reconcile()
