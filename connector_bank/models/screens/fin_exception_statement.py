"""A case about a statement, with the figures by which a person sees what is wrong with it."""

import json
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.base.models.res_bank import sanitize_account_number
from odoo.tools import SQL, format_amount, format_date

from odoo.addons.finance_integration_governance.models.privacy.fin_amounts import hides_amounts
from odoo.addons.finance_integration_governance.models.screen import table

from ...core.continuity import Place
from ...core.statement import BankStatement
from ..fin_item_bank import OBJECT

SHOWN = 5  # statements of one case


class FinException(models.Model):
    _inherit = "fin.exception"

    statement_table = fields.Html(
        "Statement",
        compute="_compute_statement_table",
        sanitize=False,
        groups="finance_integration_governance.group_viewer",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_statement_table(self):
        contract = [("contract", "=", BankStatement.contract)]
        for case in self:
            mine = [("exception_id", "=", case.id), *contract] if case.flow_id.object == OBJECT else [(0, "=", 1)]
            items = self.env["fin.item"].search(mine, limit=SHOWN)
            rows = [row for item in items for row in item._statement_in_words()]
            case.statement_table = table(self.env, rows) if rows else False

    def _weights(self):
        """A statement that waits has no amount of its own: at risk is what waits behind it."""
        weights = super()._weights()
        for case_id, currency, amount in self._waiting_behind():
            count, before = weights.get(case_id, (0, Decimal()))
            weights[case_id] = (count, before + self.browse(case_id)._worth(Decimal(amount), currency))
        return weights

    def _waiting_behind(self):
        return self.env.execute_query(
            SQL(
                """SELECT d.exception_id, i.currency, sum(abs(i.amount))::text
                FROM fin_item d JOIN fin_item i ON i.run_id = d.run_id AND i.scope = d.scope AND i.parent_key = d.key
                WHERE d.exception_id = ANY(%s) AND d.outcome = 'open' AND d.contract = %s
                    AND i.outcome = 'open' AND i.exception_id IS NULL AND i.amount IS NOT NULL GROUP BY 1, 2""",
                self.ids,
                BankStatement.contract,
            )
        )


class FinItem(models.Model):
    _inherit = "fin.item"

    def _statement_in_words(self):
        """(label, value) of one statement: whose, of when, and how its balances and entries go together."""
        # sudo: the item was found in this person's rights; what is hidden from them is left out below
        content = json.loads(self.sudo().content)
        place = Place.of(self.sudo().key, content)  # sudo: as above
        days = [format_date(self.env, day) for day in dict.fromkeys((place.first, place.last)) if day]
        number = ("bank_account_id.sanitized_acc_number", "=", sanitize_account_number(content["account"]))
        # sudo: which journal keeps the account says no more than the account's number
        journal = self.env["account.journal"].sudo().search([("fin_flow_id", "=", self.flow_id.id), number], limit=1)
        yield self.env._("Statement"), place.number
        yield self.env._("Account"), " ".join(filter(None, [content["account"], journal.name]))
        yield self.env._("Days"), " – ".join(days)
        if not hides_amounts(self):
            yield from self._figures_in_words(place)

    def _figures_in_words(self, place):
        currency = self.env["res.currency"].search([("name", "=", place.currency)], limit=1)

        def money(amount):
            return (
                "–" if amount is None else format_amount(self.env, float(amount), currency) if currency else str(amount)
            )

        before = self._closed_before(place)
        count, credit, debit = self._booked_of_statement()
        if before is not None:
            yield self.env._("The one before closed with"), money(before)
        yield self.env._("Opens with"), money(place.opening)
        yield self.env._("%s booked entries", count), f"{money(credit)} / {money(debit)}"
        yield self.env._("Closes with"), money(place.closing)
        if None not in (place.opening, place.closing):
            difference = place.closing - place.opening - credit - debit
            yield self.env._("Closing balance less opening balance and entries"), money(difference)

    def _closed_before(self, place):
        """The closing balance of the statement of the account that is booked and comes before this one."""
        booked = self.sudo()._booked_statements(self.run_id, self.scope)  # sudo: as above
        earlier = [one for one in booked if one.key != place.key and one.order <= place.order]
        last = max(earlier, key=lambda one: one.order, default=None)
        return last and last.closing

    def _booked_of_statement(self):
        """(count, credits, debits) of the entries that came with it, whatever has become of them."""
        [[count, credit, debit]] = self.env.execute_query(
            SQL(
                """SELECT count(*), COALESCE(sum(amount) FILTER (WHERE amount > 0), 0)::text,
                    COALESCE(sum(amount) FILTER (WHERE amount < 0), 0)::text
                FROM fin_item WHERE payload_id = %s AND scope = %s AND parent_key = %s AND outcome <> 'held'
                    AND contract LIKE 'bank.entry/%%' AND run_id = ANY(%s)""",
                self.payload_id.id,
                self.scope,
                self.sudo().key,  # sudo: as above
                (self.run_id | self.run_id.parent_id | self.run_id.child_ids).ids,
            )
        )
        return count, Decimal(credit), Decimal(debit)
