"""What a planning system was told of a company's periods: when, and on which state of the books."""

import json

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.models.triggers import refuse_rewriting

from .book import Book

_SETTLED = ("delivered", "unchanged", "duplicate")


class FinActualPeriod(models.Model):
    """One period of one company as a run found it. The newest row of a period says how the other side stands."""

    _name = "fin.actual.period"
    _description = "Delivered Period"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "last_on desc, company_id, id desc"
    _rec_name = "last_on"

    run_id = fields.Many2one("fin.run", required=True, readonly=True, ondelete="restrict", index=True)
    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    object = fields.Char(required=True, readonly=True)
    scope = fields.Char(required=True, readonly=True, string="System")
    first_on = fields.Date(required=True, readonly=True, string="From")
    last_on = fields.Date(required=True, readonly=True, string="To")
    mark = fields.Char(readonly=True, help="Digest of the period's journal items, as they were.")
    stamp = fields.Char(readonly=True, help="Digest of all periods of the company, as they were: the frozen actuals.")
    lines = fields.Integer(readonly=True, string="Journal Items")
    debit = fields.Float(readonly=True, digits=0)
    credit = fields.Float(readonly=True, digits=0)
    entries_id = fields.Many2one(
        "fin.document", readonly=True, ondelete="restrict", groups="finance_integration_governance.group_auditor"
    )
    is_final = fields.Boolean(readonly=True, string="Told as Final", help="The books were closed by then.")
    is_newest = fields.Boolean(compute="_compute_state", search="_search_is_newest")
    state = fields.Selection(
        [
            ("delivered", "Delivered"),
            ("pending", "On its way"),
            ("restated", "Restatement waits"),
            ("held", "Held"),
            ("not_tied", "Does not tie"),
        ],
        compute="_compute_state",
    )

    _place_idx = models.Index("(scope, object, company_id, last_on, id DESC)")

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["run_id", "mark", "stamp", "is_final", "debit", "credit"])

    @api.depends("company_id.name", "first_on", "last_on")
    def _compute_display_name(self):
        for period in self:
            period.display_name = f"{period.company_id.name} · {period.first_on} – {period.last_on}"

    @api.depends("run_id.state", "run_id.child_ids.state")
    def _compute_state(self):
        newest = {place["id"] for place in self._newest()}
        waiting = self._waiting()
        for period in self:
            period.is_newest = period.id in newest
            period.state = period._state_of(
                waiting.get((period.run_id.id, period.company_id.id, period.last_on), set())
            )

    def _state_of(self, waiting):
        # sudo: the run may be another company's; how it stands is what this company's readers ask
        run = self.sudo().run_id
        if "restatement" in waiting:
            return "restated"
        if run.reconciliation_state == "not_tied":
            return "not_tied"
        if waiting or run.state in ("held", "failed", "cancelled"):
            return "held"
        return "delivered" if run.state == "done" else "pending"

    def _waiting(self):
        """(run, company, last day) -> codes of what stands in front of items that the run held back or was refused."""
        rows = self.env.execute_query(
            SQL(
                """SELECT COALESCE(r.parent_id, r.id), i.company_id, i."on", array_agg(DISTINCT COALESCE(e.code, ''))
                FROM fin_run r JOIN fin_item i ON i.run_id = r.id LEFT JOIN fin_exception e ON e.id = i.exception_id
                WHERE (r.id = ANY(%(runs)s) OR r.parent_id = ANY(%(runs)s))
                    AND (i.outcome = 'rejected' OR (i.outcome = 'open' AND r.state = 'held')) GROUP BY 1, 2, 3""",
                runs=self.run_id.ids,
            )
        )
        return {(run, company, last): set(codes) for run, company, last, codes in rows}

    def _newest(self):
        if not self:
            return []
        self.env.cr.execute(
            SQL(
                """SELECT DISTINCT ON (scope, object, company_id, last_on) id FROM fin_actual_period
                WHERE company_id = ANY(%s) ORDER BY scope, object, company_id, last_on, id DESC""",
                self.company_id.ids,
            )
        )
        return self.env.cr.dictfetchall()

    def _search_is_newest(self, operator, value):
        newest = SQL(
            """(SELECT DISTINCT ON (scope, object, company_id, last_on) id FROM fin_actual_period
            ORDER BY scope, object, company_id, last_on, id DESC)"""
        )
        wanted = (operator in ("=", "in")) == bool(value if operator in ("=", "!=") else any(value))
        return [("id", "in" if wanted else "not in", newest)]

    # What the objects ask

    @api.model
    def _book(self, business, run, company):
        book = Book(business, run, company)
        # sudo: evidence; the ledger is read with the rights of the object's environment
        book.rows = self.sudo()
        return book

    @api.model
    def _final_until(self, company):
        """The day up to which the company's books are closed, None where they are open."""
        # sudo: a branch obeys the lock dates of the companies above it, whoever may read those
        above = company.sudo().parent_ids
        locks = [*above.mapped("fiscalyear_lock_date"), *above.mapped("hard_lock_date")]
        return max(filter(None, locks), default=None)

    @api.model
    def _told_as_final(self, run, business, company):
        """SELECT of the days (`begins`, `ends`) of periods that were told as final: final they stay.

        Told by a run that is done, and final by then; or behind a gate that opens for signed periods only, where a run
        may have waited for the signature after it had looked at the books.
        """
        return SQL(
            """SELECT DISTINCT p.first_on AS begins, p.last_on AS ends
            FROM fin_actual_period p JOIN fin_run r ON r.id = p.run_id
            WHERE p.scope = %s AND p.object = %s AND p.company_id = %s AND ((p.is_final AND r.state = 'done')
                OR (to_char(p.last_on, 'YYYY-MM') = ANY(%s) AND EXISTS (
                    SELECT 1 FROM fin_binding b JOIN fin_item i ON i.id = b.item_id
                    WHERE b.live AND (b.object, b.scope, b.company_id) = (p.object, p.scope, p.company_id)
                        AND i."on" = p.last_on)))""",
            business._target(run),
            business._name,
            company.id,
            sorted(self._once_signed(run, company)),
        )

    def _final_before(self, run, business, company):
        """First days of the periods that were told as final."""
        told = self._told_as_final(run, business, company)
        return {first for (first,) in self.env.execute_query(SQL("SELECT DISTINCT begins FROM (%s) told", told))}

    def _closed_entries(self, run, company, last):
        """(first day, entries) of the period as it was told as final last, by a run before this one."""
        rows = self.env.execute_query(
            SQL(
                """SELECT p.first_on, d.text FROM fin_actual_period p JOIN fin_run r ON r.id = p.run_id
                JOIN fin_document d ON d.id = p.entries_id
                WHERE p.flow_id = %s AND p.company_id = %s AND p.last_on = %s AND r.state = 'done' AND p.run_id <> %s
                ORDER BY p.id DESC LIMIT 1""",
                run.flow_id.id,
                company.id,
                last,
                run.id,
            )
        )
        return (rows[0][0], json.loads(rows[0][1])) if rows else (None, {})

    def _rows(self, run, business, company):
        """The newest row of each period since another version told any: first and last day, mark, run, if that is done.

        Versions may cut time otherwise, so what one of them looked at is no period of another.
        """
        return self.env.execute_query(
            SQL(
                """WITH told AS (
                    SELECT p.id, p.first_on, p.last_on, p.mark, p.run_id, r.state, r.version_digest
                    FROM fin_actual_period p JOIN fin_run r ON r.id = p.run_id
                    WHERE p.scope = %s AND p.object = %s AND p.company_id = %s AND p.run_id <> %s)
                SELECT DISTINCT ON (last_on) first_on, last_on, mark, run_id, state = 'done' FROM told
                WHERE id > COALESCE((SELECT max(id) FROM told WHERE version_digest <> %s), 0)
                ORDER BY last_on, id DESC""",
                business._target(run),
                business._name,
                company.id,
                run.id,
                run.version_digest,
            )
        )

    def _told(self, run, business, company):
        """First day -> mark of each period that the other side has, whole; None where this version has told nothing."""
        rows = self._rows(run, business, company)
        if not any(is_done for *_row, is_done in rows):
            return None
        unsettled = self._unsettled(sorted({run_id for *_row, run_id, _is_done in rows}), company)
        return {
            first: mark if is_done and (run_id, last) not in unsettled else None
            for first, last, mark, run_id, is_done in rows
            if mark or not is_done or (run_id, last) in unsettled
        }

    def _unsettled(self, runs, company):
        """(run, last day) of periods with an item that did not arrive."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT run_id, "on" FROM fin_item
                WHERE run_id = ANY(%s) AND company_id = %s AND outcome <> ALL(%s)""",
                runs,
                company.id,
                list(_SETTLED),
            )
        )
        return set(map(tuple, rows))
