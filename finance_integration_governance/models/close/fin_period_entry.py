from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.canonical import canonical, digest
from ..item.fin_binding import BY_ROLLBACK
from ..item.fin_item import Unchecked
from ..screen import opened_at
from ..triggers import refuse_rewriting

GONE = "-"
ORIGINS = [
    ("delivered", "Delivered by a flow"),
    ("rollback", "Takes back what a flow delivered"),
    ("native", "Made in Odoo, as the policy says"),
    ("manual", "Manual entry"),
    ("late", "Late posting"),
    ("changed", "Changed since it was seen"),
    ("gone", "Not in the ledger any more"),
    ("reset", "Delivered, and not posted"),
]
# What a posted entry is, in one digest. A bank line is its amount: to reconcile it rewrites the rest of its entry.
_DIGEST = SQL(
    """encode(sha256(convert_to(concat_ws('|', m.journal_id, m.date, CASE WHEN s.id IS NOT NULL THEN s.amount::text
        ELSE string_agg(concat_ws(',', l.account_id, l.partner_id, l.balance, l.amount_currency, l.currency_id), ';'
            ORDER BY l.id) END), 'UTF8')), 'hex')"""
)
# The run behind an entry without an effect that holds: one that was rolled back, or the rollback that reversed it.
_ENDED = SQL(
    """(SELECT max(b.run_id) FROM fin_binding b JOIN fin_run r ON r.id = b.run_id WHERE %s
        AND (b.res_model, b.res_id) IN (('account.move', m.id), ('account.bank.statement.line', s.id)))""",
    BY_ROLLBACK,
)
FROM_RUNS = ("delivered", "rollback")


class FinPeriodEntry(models.Model):
    """An entry of a period as it was seen in the ledger: delivered by a flow, expected, or asking for a reason.

    One row for each state of an entry, so that what was changed, reset or posted late stands beside what was there.
    """

    _name = "fin.period.entry"
    _description = "Entry of a Period"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id desc"

    period_id = fields.Many2one("fin.period", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    move_id = Unchecked("account.move", required=True, readonly=True, string="Entry")
    name = fields.Char("Number", readonly=True)
    journal = fields.Char(readonly=True)
    date = fields.Date("Accounting Date", readonly=True)
    amount = fields.Float(readonly=True, digits=0, help="Sum of its debits, in the company's currency.")
    digest = fields.Char(required=True, readonly=True, size=64)
    origin = fields.Selection(ORIGINS, required=True, readonly=True, string="What it is")
    run_id = Unchecked("fin.run", readonly=True, string="Delivered by")
    state = fields.Selection(
        [("known", "Explained"), ("open", "Asks for a reason"), ("acknowledged", "Acknowledged")],
        required=True,
        readonly=True,
    )
    is_current = fields.Boolean("How it is now", readonly=True)
    seen_at = fields.Datetime(readonly=True, required=True)
    reason = fields.Text(readonly=True)
    person_id = fields.Many2one("res.users", readonly=True, ondelete="restrict", string="Acknowledged by")
    acknowledged_at = fields.Datetime(readonly=True)

    _current_uniq = models.UniqueIndex("(period_id, move_id) WHERE is_current")
    _open_idx = models.Index("(period_id) WHERE is_current AND state = 'open'")

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["digest", "move_id", "period_id", "origin", "amount", "seen_at"])
        refuse_rewriting(self.env.cr, self._table, ["reason", "person_id"], "OLD.state <> 'open'")

    # Seeing

    @api.model
    def _recount(self, period):
        """Bring the rows of the period up to what the ledger holds; whatever is not explained asks for a reason."""
        self.env.flush_all()
        # sudo: everybody obeys the close calendar, whoever may read it
        native = period.company_id.sudo()._fin_close().get("native", [])
        found = self._ledger_of(period)
        self._insert(period, self._unseen(period, found, native))
        self._insert(period, self._vanished(period, found))
        self._insert(period, self._reset(period))
        self.invalidate_model()

    def _ledger_of(self, period):
        """SELECT of what the ledger holds of the period: move, number, journal, date, amount, digest, run."""
        return SQL(
            """SELECT m.id AS move_id, m.name, j.code AS journal, m.date, sum(l.debit) AS amount, %(digest)s AS digest,
                COALESCE(min(b.run_id), min(c.run_id), %(ended)s) AS run_id
            FROM account_move_line l JOIN account_move m ON m.id = l.move_id
            JOIN account_journal j ON j.id = m.journal_id
            LEFT JOIN account_bank_statement_line s ON s.move_id = m.id
            LEFT JOIN fin_binding b ON b.live AND b.res_model = 'account.move' AND b.res_id = m.id
            LEFT JOIN fin_binding c ON c.live AND c.res_model = 'account.bank.statement.line' AND c.res_id = s.id
            WHERE l.company_id = %(company)s AND l.parent_state = 'posted' AND l.account_id IS NOT NULL
                AND l.date BETWEEN %(first)s AND %(last)s
            GROUP BY m.id, j.code, s.id""",
            digest=_DIGEST,
            ended=_ENDED,
            company=period.company_id.id,
            first=period.date_from,
            last=period.date_to,
        )

    def _unseen(self, period, ledger, native):
        """Entries that are new or other than they were seen last; after the sign-off all of them are late."""
        return SQL(
            """SELECT g.*, CASE WHEN k.id IS NOT NULL THEN 'changed' WHEN %(is_closed)s THEN 'late'
                    WHEN r.trigger = 'rollback' THEN 'rollback' WHEN g.run_id IS NOT NULL THEN 'delivered'
                    WHEN g.journal = ANY(%(native)s) THEN 'native' ELSE 'manual' END AS origin
            FROM (%(ledger)s) g LEFT JOIN fin_period_entry k
                ON k.period_id = %(period)s AND k.move_id = g.move_id AND k.is_current
            LEFT JOIN fin_run r ON r.id = g.run_id
            WHERE k.id IS NULL OR k.digest <> g.digest""",
            is_closed=bool(period.closed_at),
            native=list(native),
            ledger=ledger,
            period=period.id,
        )

    def _vanished(self, period, ledger):
        """Entries that were seen and are not in the ledger of the period any more."""
        return SQL(
            """SELECT k.move_id, k.name, k.journal, k.date, 0 AS amount, %s AS digest, k.run_id, 'gone' AS origin
            FROM fin_period_entry k WHERE k.period_id = %s AND k.is_current AND k.digest <> %s
                AND NOT EXISTS (SELECT 1 FROM (%s) g WHERE g.move_id = k.move_id)""",
            GONE,
            period.id,
            GONE,
            ledger,
        )

    def _reset(self, period):
        """What a flow has delivered into the period and is a draft or cancelled, before anybody saw it posted."""
        return SQL(
            """SELECT m.id, m.name, j.code, m.date, 0, %s, min(COALESCE(b.run_id, c.run_id)), 'reset'
            FROM account_move m JOIN account_journal j ON j.id = m.journal_id
            LEFT JOIN account_bank_statement_line s ON s.move_id = m.id
            LEFT JOIN fin_binding b ON b.live AND b.res_model = 'account.move' AND b.res_id = m.id
            LEFT JOIN fin_binding c ON c.live AND c.res_model = 'account.bank.statement.line' AND c.res_id = s.id
            WHERE m.company_id = %s AND m.state <> 'posted' AND m.date BETWEEN %s AND %s
                AND COALESCE(b.run_id, c.run_id) IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM fin_period_entry k WHERE k.period_id = %s AND k.move_id = m.id AND k.is_current)
            GROUP BY m.id, j.code""",
            GONE,
            period.company_id.id,
            period.date_from,
            period.date_to,
            period.id,
        )

    def _insert(self, period, rows):
        """New rows; the one before of the same entry is not how it is now any more."""
        self.env.cr.execute(
            SQL(
                """CREATE TEMP TABLE fin_seen ON COMMIT DROP AS %s""",
                SQL("SELECT * FROM (%s) AS r(move_id, name, journal, date, amount, digest, run_id, origin)", rows),
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE fin_period_entry k SET is_current = FALSE FROM fin_seen f
                WHERE k.period_id = %s AND k.move_id = f.move_id AND k.is_current""",
                period.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO fin_period_entry (period_id, company_id, move_id, name, journal, date, amount, digest,
                    run_id, origin, state, is_current, seen_at)
                SELECT %s, %s, move_id, name, journal, date, amount, digest, run_id, origin,
                    CASE WHEN origin IN ('delivered', 'rollback', 'native') THEN 'known' ELSE 'open' END, TRUE, %s
                FROM fin_seen ORDER BY move_id""",
                period.id,
                period.company_id.id,
                fields.Datetime.now(),
            )
        )
        self.env.cr.execute("DROP TABLE fin_seen")

    # Saying why

    def _acknowledge(self, reason):
        """A reason for each of these that asks for one, by the person who is here."""
        self.env["fin.approval"]._need_group("group_operator")
        self.check_access("read")
        mine = self.filtered(lambda one: one.state == "open" and one.is_current)
        if not mine:
            raise UserError(self.env._("None of these asks for a reason."))
        for period, part in mine.grouped("period_id").items():
            told = digest(canonical(sorted(part.mapped("digest"))))
            period._audit("acknowledge", reason=reason, entries=len(part), digest=told)
        self.env.cr.execute(
            SQL(
                """UPDATE fin_period_entry SET state = 'acknowledged', reason = %s, person_id = %s, acknowledged_at = %s
                WHERE id = ANY(%s) AND state = 'open'""",
                reason,
                self.env.uid,
                fields.Datetime.now(),
                mine.ids,
            )
        )
        mine.invalidate_recordset()

    def action_acknowledge(self):
        """Ask for the reason that holds for all of these."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.period.acknowledge",
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Why is it there?"),
            "context": {"default_entry_ids": self.ids},
        }

    def action_open_move(self):
        self.ensure_one()
        return opened_at("account.move", self.move_id.id)
