from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL


class FinIntercompany(models.AbstractModel):
    """What companies of one database owe each other, as each of them has booked it."""

    _name = "fin.intercompany"
    _description = "Intercompany Balances"

    @api.model
    def _pairs(self, companies, day, accounts=()):
        """{(company, other, currency): [balance here, balance there]} of pairs with one of these companies.

        The company with the lower id stands first; balances are in the currency of the journal items, on receivable
        and payable accounts and on these.
        """
        pairs = defaultdict(lambda: [Decimal(), Decimal()])
        for here, there, currency, balance in self._booked(companies, day, accounts):
            first, second = sorted((here, there))
            pairs[first, second, currency][here != first] += Decimal(balance)
        return dict(sorted(pairs.items()))

    def _booked(self, companies, day, accounts):
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """SELECT l.company_id, o.id, c.name, trim_scale(sum(l.amount_currency))::text
                FROM account_move_line l JOIN res_partner p ON p.id = l.partner_id
                JOIN res_company o ON o.partner_id = p.commercial_partner_id AND o.id <> l.company_id
                JOIN account_account a ON a.id = l.account_id JOIN res_currency c ON c.id = l.currency_id
                WHERE l.parent_state = 'posted' AND l.date <= %s
                    AND (a.account_type IN ('asset_receivable', 'liability_payable') OR a.id = ANY(%s))
                    AND (l.company_id = ANY(%s) OR o.id = ANY(%s))
                    AND l.partner_id IN (SELECT q.id FROM res_partner q JOIN res_company x
                        ON x.partner_id = q.commercial_partner_id)
                GROUP BY 1, 2, 3""",
                day,
                list(accounts),
                companies.ids,
                companies.ids,
            )
        )


class FinCheckpoint(models.Model):
    _inherit = "fin.checkpoint"

    def _figures_intercompany(self):
        """Of each other company and currency what is booked here and there; together it has to be nothing."""
        accounts = self._accounts() or self.env["account.account"]
        pairs = self.env["fin.intercompany"]._pairs(self.company_id, self.period_id.date_to, accounts.ids)
        told = {}
        for (first, second, currency), (ours, theirs) in pairs.items():
            if first != self.company_id.id:
                first, second, ours, theirs = second, first, theirs, ours
            other = self.env["res.company"].browse(second)
            told[f"{other.fin_code} {currency}"] = {"here": f"{ours:f}", "there": f"{theirs:f}"}
        return {"pairs": told}

    def _judge_intercompany(self, figures):
        pairs = figures["pairs"]
        off = [name for name, one in pairs.items() if not self._within(Decimal(one["here"]) + Decimal(one["there"]))]
        if off:
            return False, self.env._("does not match: %s", ", ".join(off))
        return True, self.env._("%s balances match", len(pairs)) if pairs else self.env._(
            "no balance with a company here"
        )
