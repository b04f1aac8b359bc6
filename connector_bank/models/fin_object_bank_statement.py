from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import MappingError
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from ..core.statement import BankStatement, account_number


class FinObjectBankStatement(models.AbstractModel):
    """Bank statements: each becomes an `account.bank.statement`, each booked row a posted statement line.

    The version says which account belongs to which journal. An account that it does not name is a gap: nothing is
    booked where somebody would have to guess.
    """

    _name = "fin.object.bank_statement"
    _inherit = "fin.object"
    _description = "Bank statements"

    def _scope(self, run):
        return lambda one: one.account

    def _map(self, run, item):
        """Journal and company by exact account number; the currency must be the journal's."""
        journal = self._journal_of(run, item.content["account"])
        currency = item.currency or item.content.get("currency_of_account") or journal["currency"]
        if currency != journal["currency"]:
            raise MappingError(
                f"journal {journal['code']} is kept in {journal['currency']}, the bank sent {currency}",
                code="currency_of_journal",
            )
        return {"journal": journal["code"], "company": journal["company"]}

    def _journal_of(self, run, account):
        found = [j for j in run._document()["journals"] if account_number(j.get("account")) == account]
        if not found:
            raise MappingError(
                "no journal of this flow has the account that the bank names", code="unknown_account", account=account
            )
        return found[0]

    def _deliver(self, run, items):
        """Statements first, then their lines, posted."""
        documents = [item for item in items if item.contract == BankStatement.contract]
        entries = [item for item in items if item.contract != BankStatement.contract]
        statements = self.env["account.bank.statement"].create([self._statement(run, item) for item in documents])
        bound = list(zip([item.id for item in documents], statements, strict=True))
        known = dict(zip([item.key for item in documents], statements, strict=True))
        lines = self.env["account.bank.statement.line"].create(self._lines(run, entries, known))
        return bound + list(zip([item.id for item in entries], lines, strict=True))

    def _statement(self, run, item):
        told = item.content
        closing = told.get("closing")
        return {
            "name": told["statement"],
            "reference": told["statement"],
            "date": closing and closing.get("on") or told.get("to_on"),
            "journal_id": self._journal(item).id,
            "balance_start": _amount(told.get("opening")),
            "balance_end_real": _amount(closing),
        }

    def _lines(self, run, entries, known):
        partners = self._partners(entries)
        return [self._line(item, self._parent(run, item, known), partners) for item in entries]

    def _line(self, item, statement, partners):
        told = item.content
        return {
            "journal_id": self._journal(item).id,
            "statement_id": statement.id,
            "date": told["booked_on"],
            "amount": float(item.amount),
            "payment_ref": self._words(told),
            "partner_id": partners.get(account_number(told.get("counterparty_account"))),
            "partner_name": told.get("counterparty"),
            "account_number": told.get("counterparty_account"),
            "transaction_type": told.get("bank_code") or told.get("proprietary_code"),
            "transaction_details": told,
        }

    def _words(self, told):
        """What a person reads first: the remittance, else the best of what the bank gave."""
        names = ("remittance", "structured_reference", "additional", "end_to_end", "bank_reference", "counterparty")
        return next((told[name] for name in names if told.get(name)), "/")

    def _journal(self, item):
        company = self.env["res.company"].search([("fin_code", "=", item.mapped["company"])], limit=1)
        return self.env["account.journal"].search(
            [("code", "=", item.mapped["journal"]), ("company_id", "=", company.id)], limit=1
        )

    def _parent(self, run, item, known):
        """The statement that the line belongs to: made with it, or by an earlier delivery."""
        if item.parent_key not in known:
            known[item.parent_key] = run.env["fin.binding"]._record(run, item.parent_key, "account.bank.statement")
        return known[item.parent_key]

    def _partners(self, entries):
        """Account number -> partner id, for the counterparties' accounts that exactly one partner has."""
        numbers = {account_number(item.content.get("counterparty_account")) for item in entries} - {None}
        banks = self.env["res.partner.bank"].search([("sanitized_acc_number", "in", sorted(numbers))])
        found = banks.grouped("sanitized_acc_number")
        return {number: owned.partner_id.id for number, owned in found.items() if len(owned.partner_id) == 1}

    def _totals(self, run):
        """What the posted lines say, by the keys that the run's delivered items are bound under."""
        totals = ControlTotals()
        for key, amount, currency in self._statements_held(run) + self._lines_held(run):
            totals.add(key, amount and Decimal(amount), currency)
        return totals

    def _statements_held(self, run):
        visible = self.env["account.bank.statement"]._search([])
        return self.env.execute_query(
            SQL(
                """SELECT b.key, NULL, NULL FROM fin_binding b WHERE b.run_id = %s AND b.live
                AND b.res_model = 'account.bank.statement' AND b.res_id IN %s""",
                run.id,
                visible.subselect(),
            )
        )

    def _lines_held(self, run):
        visible = self.env["account.bank.statement.line"]._search([("move_id.state", "=", "posted")])
        return self.env.execute_query(
            SQL(
                """SELECT b.key, l.amount::text, c.name FROM fin_binding b
                JOIN account_bank_statement_line l ON l.id = b.res_id JOIN res_currency c ON c.id = l.currency_id
                WHERE b.run_id = %s AND b.live AND b.res_model = 'account.bank.statement.line' AND l.id IN %s""",
                run.id,
                visible.subselect(),
            )
        )

    def _undo(self, run, items):
        """Take back lines that nobody has matched; the statement goes with its last line."""
        bindings = run.env["fin.binding"].search([("item_id", "in", [item.id for item in items]), ("live", "=", True)])
        lines = self.env["account.bank.statement.line"].browse(
            bindings.filtered(lambda b: b.res_model == "account.bank.statement.line").mapped("res_id")
        )
        lines.filtered(lambda line: not line.is_reconciled).action_undo_reconciliation()
        lines.unlink()
        bindings._end()


def _amount(balance):
    return float(Decimal(balance["amount"])) if balance else 0.0
