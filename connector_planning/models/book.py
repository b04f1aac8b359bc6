"""A company's ledger as one run sees it: its trial balance by period, and whether the run's cells are that."""

from collections import defaultdict
from decimal import Decimal

from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest, nfc
from odoo.addons.finance_integration_governance.core.close import period_of
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.models.writer import as_writer

from .book_measures import Measures

# What a mark is made of: whatever of a journal item may end in a cell, and what stands for nothing there.
_IDS = ("account_id", "currency_id", "partner_id", "journal_id", "tax_line_id")
_NUMBERS = ("debit", "credit", "amount_currency", "quantity")


def _mark(table, named=()):
    """SQL: 64 bits of all journal items together, whatever their order. `named`: hashes of their members' names.

    Each hash seeds the next. One of a whole row does the same and takes half as long again, a million times.
    """
    column = {name: SQL.identifier(table, name) for name in ("id", "date", "analytic_distribution", *_IDS, *_NUMBERS)}
    told = SQL("hashint4extended(%s - DATE '2000-01-01', hashint4extended(%s, 0))", column["date"], column["id"])
    for name in _IDS:
        told = SQL("hashint4extended(COALESCE(%s, 0), %s)", column[name], told)
    for name in _NUMBERS:
        told = SQL("hash_numeric_extended(COALESCE(%s, 0), %s)", column[name], told)
    for one in named:
        told = SQL("hashint8extended(COALESCE(%s, 0), %s)", one, told)
    return SQL("bit_xor(jsonb_hash_extended(COALESCE(%s, '{}'), %s))", column["analytic_distribution"], told)


def entries(business, run, company, first, after):
    """Journal entry -> (name, what of it is told): the posted entries of a period, to be compared at another time."""
    lines = business.env["account.move.line"].with_company(company)
    query = lines._search(business._domain(run, company, [(first, after)]))
    rows = business.env.execute_query(
        SQL(
            """SELECT %(move)s, min(%(name)s), (%(mark)s)::text
            FROM %(tables)s WHERE %(where)s GROUP BY 1""",
            move=SQL.identifier(lines._table, "move_id"),
            name=SQL.identifier(lines._table, "move_name"),
            mark=_mark(lines._table),
            tables=query.from_clause,
            where=query.where_clause,
        )
    )
    return {str(move): [name or "", mark] for move, name, mark in rows}


class Book:
    """One company's periods in one run. Everything is read in the snapshot in which the cells are made."""

    def __init__(self, business, run, company):
        self.business, self.run, self.company, self.env = business, run, company, business.env
        self.grain, self.rows = business._grain(run), self.env["fin.actual.period"]
        self.balances = self._trial_balance()
        self.marks = self._marks()
        self.stamp = digest(canonical({first.isoformat(): mark for first, mark in self.marks.items()}))

    def _trial_balance(self):
        """(account id, first day of a period, items, debit, credit, mark): posted items as the service user sees them.

        Read beside the query that makes the cells, so that the one can be held against the other.
        """
        lines = self.env["account.move.line"].with_company(self.company)
        query = lines._search(self.business._domain(self.run, self.company))
        column = {name: SQL.identifier(lines._table, name) for name in ("account_id", "date", "debit", "credit")}
        joins, named = self.business._named(self.run, lines._table)
        rows = self.env.execute_query(
            SQL(
                """SELECT %(account)s, %(first)s, count(*), sum(%(debit)s)::text, sum(%(credit)s)::text, %(mark)s
                FROM %(tables)s %(joins)s WHERE %(where)s GROUP BY 1, 2""",
                account=column["account_id"],
                first=self.grain.bucket(column["date"]),
                debit=column["debit"],
                credit=column["credit"],
                mark=_mark(lines._table, named),
                tables=query.from_clause,
                joins=joins,
                where=query.where_clause,
            )
        )
        return [(*row[:3], Decimal(row[3]), Decimal(row[4]), row[5]) for row in rows]

    def _marks(self):
        """First day of a period -> what its items and the names in its cells look like now, as a digest."""
        names, found = self._names(), defaultdict(list)
        for account, first, count, _debit, _credit, mark in self.balances:
            found[first].append([account, *names[account], count, str(mark)])
        lasts = {first: self._last(first) for first in sorted(found)}
        outside = self.business._references(self.run, self.company, lasts.values())
        return {first: digest(canonical([outside[last], sorted(found[first])])) for first, last in lasts.items()}

    def _names(self):
        """Account id -> its code and name, in one query for all of them."""
        accounts = self.env["account.account"].with_company(self.company)
        accounts = accounts.browse({row[0] for row in self.balances})
        return {account.id: (nfc(account.code or ""), nfc(account.name)) for account in accounts}

    # Which periods have changed

    def to_look_at(self):
        """First days of periods that are not as they were when they were delivered; None: look at all of them."""
        if not self.business._options(self.run).get("delta"):
            return None
        told = self.rows._told(self.run, self.business, self.company)
        if told is None:
            return None
        changed = [first for first, mark in self.marks.items() if told.get(first) != mark]
        changed += [first for first in told if first not in self.marks]
        return sorted(changed)

    # What is kept

    def keep(self, firsts):
        """Hold the run's cells against the trial balance, and write the periods down; raises where they differ."""
        looked_at = None if firsts is None else set(firsts)
        mine = [row for row in self.balances if looked_at is None or row[1] in looked_at]
        self._must_tie(mine)
        if firsts != []:
            periods = None if firsts is None else self.grain.stretches(firsts)
            Measures(self.business, self.run, self.company, periods).must_tie()
        until = self.rows._final_until(self.company)
        was_final = self.rows._final_before(self.run, self.business, self.company)
        self.signed = self.rows._signed_months(self.run, self.company)
        self.final = {first for first in self.marks if self._is_closed(first, until)} | was_final
        firsts = sorted({*(row[1] for row in mine), *(looked_at or ()), *(self.final - was_final)})
        as_writer(self.rows).create([self._vals(first) for first in firsts])
        self.run._audit(
            "stamp",
            company=self.company.fin_code,
            stamp=self.stamp,
            until=until,
            periods=len(self.marks),
            signed=sorted(self.signed) or None,
        )

    def _is_closed(self, first, until):
        """Whether the period is final now: behind the lock date, or each month of it behind its signed checkpoint."""
        last = self._last(first)
        return bool(until and last <= until) or {period_of(first), period_of(last)} <= self.signed

    def _vals(self, first):
        rows = [row for row in self.balances if row[1] == first]
        is_compared = first in self.final or self.rows._gate_code(self.run)
        return {
            "run_id": self.run.id,
            "flow_id": self.run.flow_id.id,
            "company_id": self.company.id,
            "object": self.business._name,
            "scope": self.business._target(self.run),
            "first_on": first,
            "last_on": self._last(first),
            "mark": self.marks.get(first, ""),
            "stamp": self.stamp,
            "lines": sum(row[2] for row in rows),
            "debit": sum(row[3] for row in rows),
            "credit": sum(row[4] for row in rows),
            "is_final": first in self.final,
            "entries_id": self._entries(first).id if is_compared else False,
        }

    def _entries(self, first):
        """The journal entries of a closed period, by digest: what changes later is named by comparing with them."""
        told = entries(self.business, self.run, self.company, first, self.grain.after(first))
        return self.rows.env["fin.document"]._keep("closed_period", canonical(told))

    def _last(self, first):
        return self.grain.after(first) - self.grain.after(first).resolution

    def _must_tie(self, mine):
        """Debit and credit of the cells are those of the trial balance: by period, and by account where it is told."""
        ours = self._by_place(mine)
        theirs = {key: sums for key, sums in self._cells().items() if any(sums) or key in ours}
        wrong = sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
        if wrong:
            last, account = wrong[0]
            text = f"the cells are not the trial balance: {account or 'all accounts'} up to {last}, {len(wrong)} in all"
            raise ConfigurationError(text, code="not_the_ledger", company=self.company.fin_code)

    def _by_place(self, mine):
        sums = defaultdict(lambda: (Decimal(), Decimal()))
        names = defaultdict(lambda: ("", "")) if self._adds_up() else self._names()
        for account, first, _count, debit, credit, _mark in mine:
            place = self._last(first), names[account][0]
            sums[place] = sums[place][0] + debit, sums[place][1] + credit
        return dict(sums)

    def _adds_up(self):
        """Whether accounts of the ledger go together under those of the target."""
        return "account" in self.run._crosswalks_of_ledger()

    def _cells(self):
        account = SQL("''") if self._adds_up() else SQL("told.account")
        rows = self.env.execute_query(
            SQL(
                """SELECT "on", %s, sum(told.debit)::text, sum(told.credit)::text
                FROM fin_item, json_to_record(content::json) AS told (account text, debit numeric, credit numeric)
                WHERE run_id = %s AND company_id = %s GROUP BY 1, 2""",
                account,
                self.run.id,
                self.company.id,
            )
        )
        return {(last, name): (Decimal(debit), Decimal(credit)) for last, name, debit, credit in rows}
