from decimal import Decimal

from odoo import models
from odoo.tools import SQL


class FinCheckpoint(models.Model):
    """Whether the bank is reconciled: no line is left over, and the ledger holds what the last statement says."""

    _inherit = "fin.checkpoint"

    def _figures_bank(self):
        kinds = ("bank", "credit")
        journals = self.env["account.journal"].search(
            [("company_id", "=", self.company_id.id), ("type", "in", kinds)], order="code"
        )
        left, lines = self._left_over(journals), self._last_statements(journals)
        return {
            "journals": {
                journal.code: {"left over": left.get(journal.id, 0), **lines.get(journal.id, {})}
                for journal in journals
            }
        }

    def _left_over(self, journals):
        """journal -> number of lines until the period's end that are not reconciled."""
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT s.journal_id, count(*) FROM account_bank_statement_line s
                    JOIN account_move m ON m.id = s.move_id
                    WHERE s.journal_id = ANY(%s) AND s.is_reconciled IS NOT TRUE AND m.state <> 'cancel'
                        AND m.date <= %s GROUP BY s.journal_id""",
                    journals.ids,
                    self.period_id.date_to,
                )
            )
        )

    def _last_statements(self, journals):
        """journal -> its last statement until the period's end, and what the ledger holds on that day."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (s.journal_id) s.journal_id, s.name, s.date, trim_scale(s.balance_end_real)::text,
                    (SELECT trim_scale(COALESCE(sum(CASE WHEN j.currency_id IS NULL OR j.currency_id = c.currency_id
                            THEN l.balance ELSE l.amount_currency END), 0))::text
                        FROM account_move_line l WHERE l.account_id = j.default_account_id AND l.company_id = c.id
                            AND l.parent_state = 'posted' AND l.date <= s.date)
                FROM account_bank_statement s JOIN account_journal j ON j.id = s.journal_id
                JOIN res_company c ON c.id = j.company_id
                WHERE s.journal_id = ANY(%s) AND s.date <= %s ORDER BY s.journal_id, s.date DESC, s.id DESC""",
                journals.ids,
                self.period_id.date_to,
            )
        )
        return {
            journal: {"statement": name, "on": str(day), "bank": bank or "0", "ledger": ledger or "0"}
            for journal, name, day, bank, ledger in rows
        }

    def _judge_bank(self, figures):
        left = sum(one["left over"] for one in figures["journals"].values())
        if left:
            return False, self.env._("%s statement lines are not reconciled", left)
        off = [
            code
            for code, one in figures["journals"].items()
            if "bank" in one and not self._within(Decimal(one["bank"]) - Decimal(one["ledger"]))
        ]
        if off:
            return False, self.env._("the ledger is not what the last statement says: %s", ", ".join(off))
        return True, self.env._("%s journals are reconciled", len(figures["journals"]))
