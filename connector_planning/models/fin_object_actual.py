"""Actuals out of the ledger: aggregated, spelled, compared and stored in one SQL statement per company."""

from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from ..core.actual import FIGURES, KEY_RULE, Actual
from .cell_sql import Spelling, hash_of, uuid7
from .grain import Grain

_SPELLING = Spelling(
    Actual.contract,
    KEY_RULE,
    ("company", "account", "period"),
    ("account", "account_name", "company", "currency", "period"),
    FIGURES,
)

_ROOM = "32MB"
# Of an item, in the order of `_told_cells`.
COLUMNS = (
    *("uid", "run_id", "company_id", "row", "contract", "object", "scope", "key", "alt_key", "key_hash"),
    *("digest", "content", "amount", "currency", "on", "mapped_values", "outcome"),
)

# Canonical text of what stands beside a cell, or NULL.
_MAPPED = SQL(
    """NULLIF('{' || substr(COALESCE(',' || substr(d.mapped, 2, length(d.mapped) - 2), '')
        || COALESCE(',"restates":' || to_json(d.restates), ''), 2) || '}', '{}')"""
)


class FinObjectActual(models.AbstractModel):
    """Posted journal items as one figure per account, month and company, in the company's currency.

    What the target got last is known from its bindings: only cells that changed travel, and a cell that is gone from
    the ledger travels once more as zero. Options: `period_from` and `period_until` (YYYY-MM), `only_closed` (up to the
    lock date), `checkpoint` (a period is final once this is signed), `only_signed` (only such periods), `delta` (look
    only at periods whose mark has changed since they were delivered).

    Where the version pins a crosswalk of accounts, figures are added up by the target's accounts, by what the crosswalk
    says on the day of each journal item; nothing is collected before the proof that all of them map.
    """

    _name = "fin.object.actual"
    _inherit = "fin.object"
    _description = "Actuals by Account and Month"
    _entity, _kind = "actual", "actual"
    _undoes = True
    _resends = True
    _groups = ("account.group_account_readonly",)
    _access = {"account.move.line": ("read",), "account.move": ("read",), "account.account": ("read",)}
    _crosswalk_kinds = ("account",)
    _contract_class = Actual
    # What is said of a restatement that no entry of the period is behind.
    _without_cause = "no entry found"

    def _collect(self, run):
        """The items of all companies from one snapshot, so there is one thing to keep."""
        self._take_room()
        for company in self._companies(run):
            book = self._book(run, company)
            firsts = None if run._is_resend() else book.to_look_at()
            if firsts != []:
                self._insert_cells(run, company, None if firsts is None else self._grain(run).stretches(firsts))
            book.keep(firsts)
        yield

    def _take_room(self):
        """Memory for a hundred thousand groups and their order, until the commit: without, they go through files."""
        # Not where an administrator gives more.
        self.env.execute_query(
            SQL(
                """SELECT set_config('work_mem', %(room)s, true)
                WHERE pg_size_bytes(current_setting('work_mem')) < pg_size_bytes(%(room)s)""",
                room=_ROOM,
            )
        )

    def _nothing(self, content):
        return {**content, **dict.fromkeys(FIGURES, "0")}

    def _totals(self, run):
        """What the ledger says now for the cells that were delivered."""
        spelling = self._spelling(run)
        ledgers = [
            SQL(
                "SELECT %s AS key, balance FROM (%s) cell",
                spelling.key,
                self._ledger(run, company, is_whole=False),
            )
            for company in self._companies(run)
        ]
        rows = self.env.execute_query(
            SQL(
                """SELECT i.key, COALESCE(c.balance, 0)::text, i.currency FROM fin_item i
                LEFT JOIN (%(ledger)s) c ON c.key = i.key WHERE i.run_id = %(run)s AND i.outcome = 'delivered'""",
                ledger=SQL(" UNION ALL ").join(ledgers),
                run=run.id,
            )
        )
        # As text, because Odoo reads numeric as float.
        return ControlTotals.of((key, Decimal(balance), currency) for key, balance, currency in rows)

    def _locked(self, company, day):
        """No lock date stands in the way: figures of a closed month are read, not changed."""
        return False

    def _companies(self, run):
        """The companies of the run's version, the owning one first."""
        return self.env.companies

    def _spelling(self, run):
        return _SPELLING

    def _options(self, run):
        return run._document().get("options", {})

    def _grain(self, run):
        """Which periods there are: their names, their bounds, and where the version begins and ends."""
        return Grain("month", self._options(run))

    def _movements(self, run, crosswalk):
        companies = self._companies(run)
        return [
            movement
            for company in companies
            for _span, movement in self._ledger_movements(crosswalk, company, self._domain(run, company))
        ]

    # Which journal items are told, and what the target got

    def _domain(self, run, company, periods=None):
        """Which journal items are told; drafts never are, whatever the version says."""
        domain = [("company_id", "=", company.id), ("parent_state", "=", "posted"), ("account_id", "!=", False)]
        domain += self._grain(run).domain(self._closed_until(run, company))
        if self._only_signed(run):
            domain += self.env["fin.actual.period"]._signed_domain(run, company)
        if periods is not None:
            parts = [["&", ("date", ">=", first), ("date", "<", after)] for first, after in periods]
            domain += ["|"] * (len(parts) - 1) + [term for part in parts for term in part]
        return domain

    def _closed_until(self, run, company):
        """The day up to which the books are closed, where only that is told."""
        if not self._options(run).get("only_closed"):
            return None
        return self.env["fin.actual.period"]._final_until(company)

    def _only_signed(self, run):
        """Whether nothing is told but what lies behind its signed checkpoint."""
        is_asked = bool(self._options(run).get("only_signed"))
        if is_asked and self._grain(run).name == "week":
            raise ConfigurationError("weeks do not end with months, so no checkpoint is signed for them")
        return is_asked

    def _known(self, run, company, periods=None):
        """SELECT of what the target got last of this company: key, digest, the cell, its last day, and its item."""
        bounds = SQL("TRUE")
        if periods is not None:
            pairs = [SQL('(i."on" >= %s AND i."on" < %s)', first, after) for first, after in periods]
            bounds = SQL(" OR ").join(pairs)
        signed = self.env["fin.actual.period"]._signed_known(run, company) if self._only_signed(run) else SQL("TRUE")
        return SQL(
            """SELECT b.key, b.digest, i.content::json AS told, i."on" AS ends,
                i.id AS item
            FROM fin_binding b JOIN fin_item i ON i.id = b.item_id
            WHERE b.live AND b.object = %s AND b.scope = %s AND b.company_id = %s AND %s AND %s AND (%s)""",
            self._name,
            self._target(run),
            company.id,
            self._grain(run).known(self._closed_until(run, company)),
            signed,
            bounds,
        )

    def _target(self, run):
        """The scope of outbound keys is the system that they go to."""
        return run._document().connection["code"]

    def _references(self, run, company, lasts):
        """Last day of a period -> what its cells hang on beside items, their members and the version: nothing."""
        return dict.fromkeys(lasts, "")

    def _named(self, run, table):
        """Joins of the journal items with their members, and a hash of each one's name: none but accounts are told."""
        return SQL(), []

    def _book(self, run, company):
        """The company's periods of this run: their marks, and the check against the trial balance."""
        return self.env["fin.actual.period"]._book(self, run, company)

    def _insert_cells(self, run, company, periods=None):
        """Cells of the ledger, and vanished ones as zero, become items; what the target has is unchanged."""
        columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
        # sudo: evidence; the ledger inside is read with the service user's rights
        self.env.execute_query(SQL("INSERT INTO fin_item (%s) %s", columns, self._told_cells(run, company, periods)))

    def _told_cells(self, run, company, periods=None):
        """SELECT of the run's items, in order: the ledger's cells as they are spelled, and met with what was told last.

        In the mapped values stand the crosswalk's lines, and whether the cell changes what was told as final
        (`restates`: the digest that it had, empty where there was no such cell). OFFSET 0 keeps the planner from
        spelling and digesting a cell in each place where that is used.
        """
        spelling = self._spelling(run)
        return SQL(
            """
            WITH known AS (%(known)s),
            closed AS (
                SELECT DISTINCT generate_series(begins, ends, interval '1 day')::date AS ends FROM (%(closed)s) told
            ),
            ledger AS (SELECT cell.*, %(key)s AS key FROM (%(ledger)s) cell OFFSET 0),
            spelled AS (
                SELECT COALESCE(ledger.key, known.key) AS key, COALESCE(ledger.ends, known.ends) AS ends,
                    CASE WHEN ledger.key IS NULL THEN %(gone)s ELSE %(content)s END AS content,
                    COALESCE(balance, 0) AS balance, COALESCE(currency, known.told->>'currency') AS currency,
                    mapped, known.digest AS was
                FROM ledger FULL JOIN known ON known.key = ledger.key OFFSET 0
            ),
            digested AS (
                SELECT spelled.*, encode(sha256(convert_to(content, 'UTF8')), 'hex') AS digest FROM spelled OFFSET 0
            ),
            compared AS (
                SELECT d.*, COALESCE(d.was = d.digest, FALSE) AS is_known,
                    CASE WHEN c.ends IS NULL OR d.was = d.digest THEN NULL ELSE COALESCE(d.was, '') END AS restates
                FROM digested d LEFT JOIN closed c ON c.ends = d.ends
            )
            SELECT %(uid)s, %(run)s, %(company)s, %(after)s + row_number() OVER in_order, %(contract)s,
                %(object)s, %(scope)s, d.key, d.key, %(hash)s,
                d.digest, d.content, d.balance, d.currency, d.ends, %(mapped)s,
                CASE WHEN d.is_known AND NOT %(again)s THEN 'unchanged' ELSE 'open' END
            FROM compared d
            WINDOW in_order AS (ORDER BY d.ends, d.key COLLATE "C") ORDER BY d.ends, d.key COLLATE "C"
            """,
            ledger=self._ledger(run, company, periods=periods),
            known=self._known(run, company, periods),
            closed=self.env["fin.actual.period"]._told_as_final(run, self, company),
            key=spelling.key,
            content=spelling.content,
            gone=spelling.gone(SQL("known.told")),
            hash=hash_of(SQL("d.key")),
            mapped=_MAPPED,
            uid=uuid7(),
            run=run.id,
            company=company.id,
            after=self._count(run),
            again=run._resends(SQL.identifier("d", "ends")),
            contract=spelling.contract,
            object=self._name,
            scope=self._target(run),
        )

    def _count(self, run):
        [[count]] = self.env.execute_query(SQL("SELECT count(*) FROM fin_item WHERE run_id = %s", run.id))
        return count
