from decimal import Decimal

from odoo import api, models
from odoo.addons.base.models.res_bank import sanitize_account_number
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import DataError, MappingError
from odoo.addons.finance_integration_governance.core.options import Option
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from ..core.statement import BankStatement
from .posting.bulk import create_lines


class FinObjectBankStatement(models.AbstractModel):
    """Bank statements: each becomes an `account.bank.statement`, each booked row a posted statement line.

    The version says which account belongs to which journal. An account that it does not name is a gap: nothing is
    booked where somebody would have to guess.
    """

    _name = "fin.object.bank_statement"
    _inherit = "fin.object"
    _description = "Bank statements"
    _entity, _kind = "bank_statement", "actual"
    _undoes = True
    _groups = ("account.group_account_user",)
    _access = {
        "account.bank.statement": ("read", "create", "write"),
        "account.bank.statement.line": ("read", "create", "write"),
        "account.move": ("read", "create", "write"),
        "account.move.line": ("read", "create", "write"),
        "account.journal": ("read",),
    }

    @api.model
    def _known_options(self, company):
        how = self.env._("Lines are made many at a time; one by one where another addon needs that.")
        bulk = Option("limits.bulk", self.env._("Lines in bulk"), "flag", how, default=True)
        return [*super()._known_options(company), bulk]

    def _scope(self, run):
        return lambda one: one.account

    def _map(self, run, item):
        """Journal and company by exact account number, and by currency where one account is kept in several."""
        found = self._journals_of(run, item.content["account"])
        currency = item.currency or item.content.get("currency_of_account")
        fitting = [journal for journal in found if currency in (None, journal["currency"])]
        if not fitting:
            names = ", ".join(f"{journal['code']} in {journal['currency']}" for journal in found)
            raise MappingError(f"the journal is {names}, the bank sent {currency}", code="currency_of_journal")
        if len(fitting) > 1:
            raise MappingError("several journals of this flow have the account", code="ambiguous_account")
        return {"journal": fitting[0]["code"], "company": fitting[0]["company"]}

    def _journals_of(self, run, account):
        found = [j for j in run._document()["journals"] if j.get("account") == _as_odoo(account)]
        if not found:
            text = "no journal of this flow has the account that the bank names"
            raise MappingError(text, code="unknown_account", account=account)
        return found

    def _writes(self, run, items):
        """What each line would say, beside the line that is there already, if any; of a statement nothing by field."""
        lines = self.env["account.bank.statement.line"]
        bindings = run.env["fin.binding"]._of_items(run.env["fin.item"].browse(item.id for item in items))
        booked = bindings.filtered(lambda binding: binding.res_model == lines._name)
        there = set(lines.browse(booked.mapped("res_id")).exists().ids)
        ids = {(one.scope, one.key): one.res_id for one in booked if one.res_id in there}
        for item in items:
            is_line = item.contract != BankStatement.contract
            yield item.id, lines.browse(ids.get((item.scope, item.key))), self._told(item) if is_line else {}

    def _told(self, item):
        """The fields of a line that only the bank's words decide."""
        return {
            "date": item.content["booked_on"],
            "amount": float(item.amount),
            "payment_ref": self._words(item.content),
            "partner_name": item.content.get("counterparty") or False,
            "account_number": item.content.get("counterparty_account") or False,
        }

    def _deliver(self, run, items):
        """Statements first, then their lines, posted."""
        journals = self._journals(items)
        self._refuse_locked(items, journals)
        documents = [item for item in items if item.contract == BankStatement.contract]
        entries = [item for item in items if item.contract != BankStatement.contract]
        statements = self._statements(documents, journals)
        bound = list(zip([item.id for item in documents], statements, strict=True))
        known = dict(zip([item.key for item in documents], statements, strict=True))
        vals = self._lines(run, entries, journals, known)
        lines = create_lines(self.env["account.bank.statement.line"], vals, run._document().limit("bulk", True))
        return bound + list(zip([item.id for item in entries], lines, strict=True))

    def _journals(self, items):
        """(company, journal) as mapped -> journal."""
        journals = self.env["account.journal"]
        wanted = {_place(item) for item in items}
        found = journals.search([("code", "in", [code for _c, code in wanted])])
        known = {(journal.company_id.fin_code, journal.code): journal for journal in found}
        if wanted - set(known):
            raise MappingError("the journal of the approved version is gone", code="unknown_journal")
        return known

    def _refuse_locked(self, items, journals):
        """A date may have been locked since the gate; Odoo would book it on another day without a word."""
        for company, day in {(journals[_place(item)].company_id, item.on) for item in items if item.on}:
            if reason := self._locked(company, day):
                raise DataError(f"{day} lies in a locked period: {reason}", code="period_locked")

    def _statements(self, documents, journals):
        statements = self.env["account.bank.statement"].create([self._statement(item) for item in documents])
        # Odoo takes the journal from the lines, so a statement without lines would have none.
        statements.flush_recordset()
        for item, statement in zip(documents, statements, strict=True):
            statement.journal_id = journals[_place(item)]
        return statements

    def _statement(self, item):
        told = item.content
        balances = {"balance_start": told.get("opening"), "balance_end_real": told.get("closing")}
        return {
            "name": told["statement"],
            "reference": told["statement"],
            "date": (told.get("closing") or {}).get("on") or told.get("to_on"),
            # What the bank does not tell is left to Odoo.
            **{name: float(Decimal(balance["amount"])) for name, balance in balances.items() if balance},
        }

    def _lines(self, run, entries, journals, known):
        partners = self._partners(entries)
        vals = [self._line(item, journals[_place(item)], self._parent(run, item, known), partners) for item in entries]
        self._complete(entries, vals)
        return vals

    def _line(self, item, journal, statement, partners):
        told = item.content
        number = _as_odoo(told.get("counterparty_account"))
        return {
            **self._told(item),
            "journal_id": journal.id,
            "statement_id": statement.id,
            "partner_id": self._partner_of(partners.get(number), journal.company_id),
            "transaction_type": told.get("bank_code") or told.get("proprietary_code"),
            "transaction_details": told,
        }

    def _words(self, told):
        """What a person reads first: the remittance, else the best of what the bank gave."""
        names = ("remittance", "structured_reference", "additional", "end_to_end", "bank_reference", "counterparty")
        return next((told[name] for name in names if told.get(name)), "/")

    def _parent(self, run, item, known):
        """The statement that the line belongs to: made with it, or by an earlier delivery."""
        if item.parent_key not in known:
            bound = run.env["fin.binding"]._record(run, item.parent_key, "account.bank.statement")
            known[item.parent_key] = bound.exists()
        if not known[item.parent_key]:
            raise DataError("the statement that the entry belongs to is not booked", code="no_statement_booked")
        return known[item.parent_key]

    def _partners(self, entries):
        """Account number -> the partners that have it, for the counterparties' accounts."""
        numbers = {_as_odoo(item.content.get("counterparty_account")) for item in entries} - {None}
        banks = self.env["res.partner.bank"].search([("sanitized_acc_number", "in", sorted(numbers))])
        return {number: owned.partner_id for number, owned in banks.grouped("sanitized_acc_number").items()}

    def _partner_of(self, partners, company):
        """The one partner, of this company or of all, that has the account; none where there are several."""
        fitting = partners and partners.filtered(lambda partner: partner.company_id in (company.browse(), company))
        return fitting.id if fitting and len(fitting) == 1 else False

    def _totals(self, run):
        """What the posted lines say, with the hash of the keys that the bound items came with."""
        return sum((_part(*row) for row in self._statements_held(run) + self._lines_held(run)), ControlTotals())

    def _statements_held(self, run):
        return self.env.execute_query(
            SQL(
                """SELECT count(*), NULL, NULL, COALESCE(sum(i.key_hash::numeric), 0)::text
                FROM fin_binding b JOIN fin_item i ON i.id = b.item_id WHERE b.run_id = %s AND b.live
                AND b.res_model = 'account.bank.statement' AND b.res_id = ANY(%s)""",
                run.id,
                self._visible(run, "account.bank.statement"),
            )
        )

    def _lines_held(self, run):
        return self.env.execute_query(
            SQL(
                """SELECT count(*), sum(l.amount)::text, c.name, sum(i.key_hash::numeric)::text
                FROM fin_binding b JOIN fin_item i ON i.id = b.item_id
                JOIN account_bank_statement_line l ON l.id = b.res_id JOIN res_currency c ON c.id = l.currency_id
                WHERE b.run_id = %s AND b.live AND b.res_model = 'account.bank.statement.line' AND b.res_id = ANY(%s)
                GROUP BY c.name""",
                run.id,
                self._visible(run, "account.bank.statement.line", ("move_id.state", "=", "posted")),
            )
        )

    def _visible(self, run, model, *conditions):
        """Ids of the run's bound records that the service user sees.

        Asked for by id and beforehand: what was booked a moment ago is unknown to the planner's statistics, and a
        subquery over all records would be gone through once for each of them.
        """
        rows = self.env.execute_query(
            SQL("SELECT res_id FROM fin_binding WHERE run_id = %s AND live AND res_model = %s", run.id, model)
        )
        return list(self.env[model]._search([("id", "in", [res_id for (res_id,) in rows]), *conditions]))


def _part(count, amount, currency, hash_total):
    return ControlTotals(count, {currency: Decimal(amount)} if currency else {}, int(hash_total) % (1 << 64))


def _as_odoo(number):
    """An account number in Odoo's spelling, which leaves out slashes and dashes too; None where there is none."""
    return sanitize_account_number(number) or None


def _place(item):
    """Where a mapped item belongs: (company, journal), both by code."""
    return item.mapped["company"], item.mapped["journal"]
