"""Balances of the ledger month by month: what stands on accounts, and what they open with."""

from collections import defaultdict
from decimal import Decimal

from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from .book import Book


class RunningBook(Book):
    """A book whose periods stand on each other: what is posted in one changes all that follow."""

    def _marks(self):
        """First day of a month that is told -> digest of its items and of all months before it."""
        own, mark, found = super()._marks(), "", {}
        for month in self.business._months(self.run, self.company):
            mark = digest(canonical([mark, own.get(month.first, "")]))
            if month.is_told:
                found[month.first] = mark
        return found

    def keep(self, firsts):
        """Only the months that are told, whatever was posted before them."""
        super().keep(list(self.marks) if firsts is None else firsts)

    def _must_tie(self, mine):
        """Month by month as any book; and what stands on the accounts is what the ORM says of them."""
        super()._must_tie(mine)
        rows = self.env.execute_query(
            SQL(
                """SELECT "on", content::json->>'account', amount::text FROM fin_item
                WHERE run_id = %s AND company_id = %s AND "on" = (
                    SELECT max("on") FROM fin_item WHERE run_id = %s AND company_id = %s)""",
                self.run.id,
                self.company.id,
                self.run.id,
                self.company.id,
            )
        )
        if rows:
            self.must_stand(rows[0][0], {account: Decimal(amount) for _on, account, amount in rows}, rows[0][0])

    def must_stand(self, last, told, day):
        """ConfigurationError unless these balances are those of the books at the end of the day."""
        there = self.business._stands(self.run, self.company, last, day)
        places = sorted(told.keys() | there.keys())
        currency = self.company.currency_id
        wrong = [
            account
            for account in places
            if currency.compare_amounts(float(told.get(account, 0)), float(there.get(account, 0)))
        ]
        if wrong:
            text = f"the balances are not the trial balance: {wrong[0]} at the end of {day}, {len(wrong)} in all"
            raise ConfigurationError(text, code="not_the_ledger", company=self.company.fin_code)


class OpeningBook(RunningBook):
    """Openings have no debits and credits of their own: each year's are the balances of the day before."""

    def _must_tie(self, mine):
        rows = self.env.execute_query(
            SQL(
                """SELECT "on", content::json->>'account', amount::text FROM fin_item
                WHERE run_id = %s AND company_id = %s""",
                self.run.id,
                self.company.id,
            )
        )
        years = defaultdict(dict)
        for last, account, amount in rows:
            years[last.replace(day=1)][account] = Decimal(amount)
        for first, told in years.items():
            self.must_stand(first, told, first - first.resolution)
