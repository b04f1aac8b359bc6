"""Actuals out of the ledger: aggregated, spelled, compared and stored in one SQL statement per company."""

import json
from decimal import Decimal

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import told
from odoo.addons.finance_integration_governance.core.totals import ControlTotals
from odoo.addons.finance_integration_governance.models.crosswalk.fin_run_crosswalk import span_of

from ..core.actual import KEY_RULE, Actual

# The canonical text of an Actual as SQL: its members in code-point order; to_json escapes as Python's encoder does.
_CONTENT = SQL(
    """format('{"account":%%s,"account_name":%%s,"balance":"%%s","company":%%s,"credit":"%%s","currency":%%s,"debit":"%%s",'
        || '"period":%%s}', to_json(account), to_json(account_name), balance, to_json(company), credit,
        to_json(currency), debit, to_json(period))"""
)
_FIGURES = ("debit", "credit", "balance")
_KEY = SQL("concat_ws('|', %s, company, account, period)", KEY_RULE)
# UUID version 7: 48 bits of milliseconds in front of a random UUID, and the version's bits.
_UUID7 = SQL(
    """encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid::text"""
)


def _by_account(code, name):
    """The pieces of the ledger that tell the accounts as they are."""
    return {"account": code, "name": name, "mapped": SQL("NULL"), "join": SQL(), "group": SQL("2, 3, 4")}


def _by_target(crosswalk, rows, code, date):
    """The pieces of the ledger that add up by target: which line of the crosswalk holds for account and day."""
    return {
        "account": SQL("m.target"),
        "name": SQL("left(min(m.label), 140)"),
        "mapped": SQL(
            """format('{"crosswalk":{"account":{"crosswalk":%%s,"digest":"%%s","lines":%%s}}}',
            to_json(%s::text), %s::text, to_json((array_agg(DISTINCT m.line ORDER BY m.line))[1:20]))""",
            crosswalk.head["code"],
            crosswalk.digest,
        ),
        "join": SQL(
            """JOIN unnest(%s::text[], %s::int[], %s::text[], %s::text[], %s::int[])
            AS m(source, span, target, label, line) ON m.source = %s AND m.span = %s""",
            *([list(column) for column in zip(*rows, strict=True)] or [[]] * 5),
            code,
            span_of(crosswalk, date),
        ),
        "group": SQL("2, 4"),
    }


def _differences(ours, theirs):
    """(key, None, field, ours, theirs) of each figure that differs; a cell that one side lacks is zero there."""
    for key in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(key, {}), theirs.get(key, {})
        for name in _FIGURES:
            mine, other = here.get(name, "0"), there.get(name, "0")
            if Decimal(mine) != Decimal(other):
                yield key, None, name, mine, other


class FinObjectActual(models.AbstractModel):
    """Posted journal items as one figure per account, month and company, in the company's currency.

    What the target got last is known from its bindings: only cells that changed travel, and a cell that is gone from
    the ledger travels once more as zero. Option `period_from` (YYYY-MM): the first month that is told.

    Where the version pins a crosswalk of accounts, figures are added up by the target's accounts, by what the crosswalk
    says on the day of each journal item; nothing is collected before the proof that all of them map.
    """

    _name = "fin.object.actual"
    _inherit = "fin.object"
    _description = "Actuals by Account and Month"
    _entity, _kind = "actual", "actual"
    _groups = ("account.group_account_readonly",)
    _access = {"account.move.line": ("read",), "account.move": ("read",), "account.account": ("read",)}
    _crosswalk_kinds = ("account",)

    def _collect(self, run):
        """The items of all companies from one snapshot, so there is one thing to keep."""
        for company in self._companies(run):
            self._insert_cells(run, company)
        yield

    def _totals(self, run):
        """What the ledger says now for the cells that were delivered."""
        ledgers = (self._ledger(run, company, is_whole=False) for company in self._companies(run))
        rows = self.env.execute_query(
            SQL(
                """WITH cell AS (%(ledger)s)
                SELECT i.key, COALESCE(c.balance, 0)::text, i.currency FROM fin_item i
                LEFT JOIN (SELECT %(key)s AS key, balance FROM cell) c ON c.key = i.key
                WHERE i.run_id = %(run)s AND i.outcome = 'delivered'""",
                ledger=SQL(" UNION ALL ").join(ledgers),
                key=_KEY,
                run=run.id,
            )
        )
        # As text, because Odoo reads numeric as float.
        return ControlTotals.of((key, Decimal(balance), currency) for key, balance, currency in rows)

    def _drift(self, run):
        """Cells of the ledger beside those that the target holds now; where it is not asked, that it got last."""
        held, since, companies = run._held_outside(), self._period_from(run), self._companies(run)
        for company in companies:
            ours = dict(self._cells(self._ledger(run, company, is_whole=False)))
            if held is None:
                theirs = {key: told for key, _digest, told in self.env.execute_query(self._known(run, company))}
            else:
                mine = (one for one in held if one.company == company.fin_code and one.period >= since)
                theirs = {one.key: json.loads(told(one)[0]) for one in mine}
            yield from _differences(ours, theirs)

    def _cells(self, ledger):
        """(key, content) of the ledger's cells."""
        return self.env.execute_query(
            SQL(
                "WITH cell AS (%(ledger)s) SELECT %(key)s, (%(content)s)::json FROM cell",
                ledger=ledger,
                key=_KEY,
                content=_CONTENT,
            )
        )

    def _locked(self, company, day):
        """No lock date stands in the way: figures of a closed month are read, not changed."""
        return False

    def _companies(self, run):
        """The companies of the run's version, the owning one first."""
        return self.env.companies

    def _period_from(self, run):
        return run._document().get("options", {}).get("period_from") or "0000-00"

    def _movements(self, run, crosswalk):
        companies = self._companies(run)
        return [
            movement
            for company in companies
            for _span, movement in self._ledger_movements(crosswalk, company, self._domain(run, company))
        ]

    # The ledger in SQL, as the service user may read it

    def _ledger(self, run, company, is_whole=True):
        """SELECT of the company's cells: company, account, name, period, currency, debit, credit, balance, mapped.

        `is_whole`: a code that does not map is an error; else its cells are left out, as nobody was told of them.
        """
        lines = self.env["account.move.line"].with_company(company)
        accounts = self.env["account.account"].with_company(company)
        accounts.check_access("read")
        query = lines._search(self._domain(run, company))
        account = query.join("account_move_line", "account_id", "account_account", "id", "account_id")
        columns = {
            name: lines._field_to_sql(lines._table, name, query) for name in ("date", "debit", "credit", "balance")
        }
        code = SQL("COALESCE(normalize(%s, NFC), '')", accounts._field_to_sql(account, "code", query))
        name = SQL("left(normalize(%s, NFC), 140)", accounts._field_to_sql(account, "name", query))
        crosswalk = run._crosswalks_of_ledger().get("account")
        rows = self._mapped_rows(run, company, crosswalk, is_whole) if crosswalk else None
        places = _by_target(crosswalk, rows, code, columns["date"]) if crosswalk else _by_account(code, name)
        return SQL(
            """SELECT %(company)s AS company, %(account)s AS account, %(name)s AS account_name,
                to_char(%(date)s, 'YYYY-MM') AS period,
                %(currency)s AS currency, trim_scale(sum(%(debit)s)) AS debit, trim_scale(sum(%(credit)s)) AS credit,
                trim_scale(sum(%(balance)s)) AS balance, %(mapped)s AS mapped
            FROM %(tables)s %(join)s WHERE %(where)s GROUP BY %(group)s""",
            company=company.fin_code,
            currency=company.currency_id.name,
            **columns,
            **places,
            tables=query.from_clause,
            where=query.where_clause,
        )

    def _mapped_rows(self, run, company, crosswalk, is_whole):
        """(code, span of days, target, its name, line) of every code with movement."""
        movements = self._ledger_movements(crosswalk, company, self._domain(run, company))
        return [
            (movement.value, span, line.target, line.label or line.target, line.number)
            for span, movement in movements
            if is_whole or len(crosswalk.match(movement.value, movement.on)) == 1
            for line in [crosswalk.line(movement.value, movement.on)]
        ]

    def _domain(self, run, company):
        domain = [("company_id", "=", company.id), ("parent_state", "=", "posted"), ("account_id", "!=", False)]
        since = self._period_from(run)
        return domain if since == "0000-00" else [*domain, ("date", ">=", fields.Date.to_date(f"{since}-01"))]

    def _known(self, run, company):
        """SELECT of what the target got last of this company: key, digest and the cell."""
        return SQL(
            """SELECT b.key, b.digest, i.content::json AS told FROM fin_binding b JOIN fin_item i ON i.id = b.item_id
            WHERE b.live AND b.object = %s AND b.scope = %s AND b.company_id = %s
                AND i.content::json->>'period' >= %s""",
            self._name,
            self._target(run),
            company.id,
            self._period_from(run),
        )

    def _target(self, run):
        """The scope of outbound keys is the system that they go to."""
        return run._document().connection["code"]

    def _insert_cells(self, run, company):
        """Cells of the ledger, and vanished ones as zero, become items; what the target has is unchanged."""
        # sudo: evidence; the ledger inside is read with the service user's rights
        self.env.execute_query(
            SQL(
                """
                WITH ledger AS (%(ledger)s),
                known AS (%(known)s),
                cell AS (
                    SELECT * FROM ledger
                    UNION ALL
                    SELECT told->>'company', told->>'account', told->>'account_name', told->>'period',
                        told->>'currency', 0, 0, 0, NULL
                    FROM known WHERE key NOT IN (SELECT %(key)s FROM ledger)
                ),
                spelled AS (SELECT cell.*, %(key)s AS key, %(content)s AS content FROM cell),
                digested AS (
                    SELECT spelled.*, encode(sha256(convert_to(content, 'UTF8')), 'hex') AS digest FROM spelled
                )
                INSERT INTO fin_item (uid, run_id, company_id, row, contract, object, scope, key, alt_key, key_hash,
                    digest, content, amount, currency, "on", mapped_values, outcome)
                SELECT %(uid)s, %(run)s, %(company)s, %(after)s + row_number() OVER in_order, %(contract)s,
                    %(object)s, %(scope)s, d.key, d.key,
                    ('x' || left(encode(sha256(convert_to(d.key, 'UTF8')), 'hex'), 16))::bit(64)::bigint,
                    d.digest, d.content, d.balance, d.currency,
                    (to_date(d.period, 'YYYY-MM') + interval '1 month - 1 day')::date, d.mapped,
                    CASE WHEN k.digest = d.digest THEN 'unchanged' ELSE 'open' END
                FROM digested d LEFT JOIN known k ON k.key = d.key
                WINDOW in_order AS (ORDER BY d.period, d.key COLLATE "C") ORDER BY d.period, d.key COLLATE "C"
                """,
                ledger=self._ledger(run, company),
                known=self._known(run, company),
                key=_KEY,
                content=_CONTENT,
                uid=_UUID7,
                run=run.id,
                company=company.id,
                after=self._count(run),
                contract=Actual.contract,
                object=self._name,
                scope=self._target(run),
            )
        )

    def _count(self, run):
        [[count]] = self.env.execute_query(SQL("SELECT count(*) FROM fin_item WHERE run_id = %s", run.id))
        return count
