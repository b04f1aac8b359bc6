"""The ledger as cells: journal items are added up by ids; what that leaves is named, and added up by names."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.models.crosswalk.fin_run_crosswalk import span_of

from ..core.actual import FIGURES
from .cell_sql import account_names, crosswalk_join, mapped_by

_BY_ACCOUNT = SQL("account.code AS account, account.name AS account_name, NULL AS mapped")


class FinObjectActual(models.AbstractModel):
    """The company's cells as one SELECT, of what the service user may read. Its columns come from the methods below.

    Names are made once for each member, not for each journal item: a ledger has millions of those.
    """

    _inherit = "fin.object.actual"

    def _ledger(self, run, company, is_whole=True, periods=None):
        """SELECT of the company's cells: the contract's members, `ends` (the period's last day) and `mapped`.

        `is_whole`: a code that does not map is an error; else its cells are left out, as nobody was told of them.
        `periods`: stretches as (first day, day after) pairs; all of them where None.
        """
        options, grain = self._options(run), self._grain(run)
        crosswalk = run._crosswalks_of_ledger().get("account")
        rows = self._mapped_rows(run, company, crosswalk, is_whole) if crosswalk else None
        members, beside = self._members(options), self._beside(options)
        return SQL(
            """WITH g AS MATERIALIZED (%(grouped)s), account AS MATERIALIZED (%(accounts)s),
                period AS MATERIALIZED (
                    SELECT first, %(label)s AS name, %(ends)s AS ends FROM (SELECT DISTINCT first FROM g) told
                ) %(members)s
            SELECT %(company)s AS company, %(currency)s AS currency, %(account)s, %(columns)s,
                period.name AS period, period.ends AS ends
            FROM g JOIN account ON account.id = g.account_id JOIN period ON period.first = g.first
            %(crosswalk)s %(joins)s
            GROUP BY %(by)s, period.name, period.ends""",
            grouped=self._grouped(run, company, crosswalk, periods),
            accounts=self._accounts(company),
            label=grain.label(SQL("first")),
            ends=grain.ends(SQL("first")),
            members=SQL().join(
                SQL(", %s AS MATERIALIZED (%s)", SQL.identifier(name), found) for name, found in members.items()
            ),
            company=company.fin_code,
            currency=company.currency_id.name,
            account=_by_target(crosswalk) if crosswalk else _BY_ACCOUNT,
            columns=SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name))
                for name, column in {**self._figures(options), **beside}.items()
            ),
            crosswalk=crosswalk_join(crosswalk, rows, SQL("account.code"), SQL("g.span")) if crosswalk else SQL(),
            joins=self._joins(run, company, options),
            by=SQL(", ").join([SQL("m.target") if crosswalk else SQL("account.code, account.name"), *beside.values()]),
        )

    def _grouped(self, run, company, crosswalk, periods):
        """SELECT of the journal items by account, first day of a period and whatever else cells are told by, as ids."""
        options = self._options(run)
        self._check_rights(options)
        lines = self.env["account.move.line"].with_company(company)
        query = lines._search(self._domain(run, company, periods))
        date = SQL.identifier(lines._table, "date")
        parts = {
            "account_id": SQL.identifier(lines._table, "account_id"),
            "first": self._grain(run).bucket(date),
            **({"span": span_of(crosswalk, date)} if crosswalk else {}),
            **self._places(options, lines._table),
        }
        sums = {name: SQL("sum(%s)", SQL.identifier(lines._table, name)) for name in self._added_up(options)}
        # By definition: one figure less to add up a million times, and one less that could differ.
        sums["balance"] = SQL("%s - %s", sums["debit"], sums["credit"])
        return SQL(
            "SELECT %s FROM %s WHERE %s GROUP BY %s",
            SQL(", ").join(SQL("%s AS %s", part, SQL.identifier(name)) for name, part in {**parts, **sums}.items()),
            query.from_clause,
            query.where_clause,
            SQL(", ").join(SQL(str(number)) for number in range(1, len(parts) + 1)),
        )

    def _accounts(self, company):
        """SELECT of all accounts with code and name, as canonical text spells them."""
        accounts = self.env["account.account"].with_company(company)
        query = accounts._search([], active_test=False, bypass_access=True)
        code, name = account_names(accounts, accounts._table, query)
        number = SQL.identifier(accounts._table, "id")
        return SQL("SELECT %s AS id, %s AS code, %s AS name FROM %s", number, code, name, query.from_clause)

    def _mapped_rows(self, run, company, crosswalk, is_whole):
        """(code, span of days, target, its name, line) of every code with movement."""
        movements = self._ledger_movements(crosswalk, company, self._domain(run, company))
        return [
            (movement.value, span, line.target, line.label or line.target, line.number)
            for span, movement in movements
            if is_whole or len(crosswalk.match(movement.value, movement.on)) == 1
            for line in [crosswalk.line(movement.value, movement.on)]
        ]

    # What cells are told by and what they tell, beside account and period

    def _check_rights(self, options):
        self.env["account.account"].check_access("read")

    def _places(self, options, table):
        """Column of the grouped ledger -> SQL of what journal items are added up by."""
        return {}

    def _added_up(self, options):
        """The columns of the ledger that travel as sums: each costs a tenth of adding up by ids."""
        return FIGURES

    def _members(self, options):
        """Name -> SELECT of the ids of the grouped ledger, and their names."""
        return {}

    def _joins(self, run, company, options):
        """SQL of what the grouped ledger is joined with."""
        return SQL()

    def _beside(self, options):
        """Column -> SQL of the places of a cell."""
        return {}

    def _figures(self, options):
        """Column -> SQL of the figures of a cell."""
        return {name: SQL("trim_scale(sum(%s))", SQL.identifier("g", name)) for name in FIGURES}


def _by_target(crosswalk):
    """Added up by the target's accounts: which line of the crosswalk holds for account and day."""
    return SQL("m.target AS account, left(min(m.label), 140) AS account_name, %s AS mapped", mapped_by(crosswalk))
