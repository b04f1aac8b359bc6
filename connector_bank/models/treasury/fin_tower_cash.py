"""Two questions of the control tower: how much cash there is, and whether every statement is here."""

import datetime as dt

from odoo import fields, models
from odoo.tools import format_amount

from odoo.addons.finance_integration_governance.models.privacy.fin_amounts import hides_amounts
from odoo.addons.finance_integration_governance.models.tower.fin_tower_question import Answer, Row

OLD = 4  # days: a balance of Friday is young enough on the Tuesday after a long weekend
LOOKED_AT = 35


class FinTowerCash(models.AbstractModel):
    """A sum is only as good as its oldest balance, so the two are told together."""

    _name = "fin.tower.cash"
    _inherit = "fin.tower.question"
    _description = "Question: cash"
    _sequence = 15
    _model = "fin.cash.day"
    _groups = ("group_viewer",)
    _is_slow = True

    def _title(self):
        return self.env._("How much cash is there, and how old is the figure?")

    def _answer(self):
        today = [("day", "=", fields.Date.context_today(self))]
        accounts = self.env["fin.cash.day"].search_fetch(today, ["journal_id", "currency_id", "company_id", "age"])
        if not accounts:
            return Answer("unknown", self.env._("There is no bank account."))
        unproven = accounts.filtered(lambda one: not one.is_proven)
        told = accounts - unproven
        rows = [
            self._row(*group, today) for group in told.grouped(lambda one: (one.company_id, one.currency_id)).items()
        ]
        if unproven:
            text = self.env._("%s accounts without a balance that a statement proves", len(unproven))
            rows.append(Row("unknown", self.env._("Not proven"), text, len(unproven), [("id", "in", unproven.ids)]))
        return Answer(
            self._worst(row.state for row in rows), self._in_words(told, accounts), len(accounts), today, rows
        )

    def _in_words(self, told, accounts):
        if not told:
            return self.env._("0 of %s accounts have a balance that a statement proves.", len(accounts))
        return self.env._(
            "%(told)s of %(all)s accounts have a proven balance; the oldest is of %(day)s.",
            told=len(told),
            all=len(accounts),
            day=min(told.mapped("proven_on")),
        )

    def _row(self, place, accounts, today):
        company, currency = place
        mine = [*today, ("company_id", "=", company.id), ("currency_id", "=", currency.id), ("is_proven", "=", True)]
        oldest = max(accounts.mapped("age"))
        text = self.env._("%(count)s accounts, oldest %(days)s days", count=len(accounts), days=oldest)
        if not hides_amounts(self):
            text = f"{format_amount(self.env, sum(accounts.mapped('balance')), currency)}, {text}"
        label = f"{company.name}, {currency.name}" if len(self.env.companies) > 1 else currency.name
        return Row("attention" if oldest > OLD else "good", label, text, len(accounts), mine)


class FinTowerStatements(models.AbstractModel):
    """Expected against received: what is missing among the working days of the last weeks, and what does not go on."""

    _name = "fin.tower.statements"
    _inherit = "fin.tower.question"
    _description = "Question: statements"
    _sequence = 21
    _model = "fin.cash.day"
    _groups = ("group_viewer",)
    _is_slow = True

    def _title(self):
        return self.env._("Is every bank statement here, and does each go on from the one before?")

    def _answer(self):
        since = fields.Date.context_today(self) - dt.timedelta(days=LOOKED_AT)
        looked_at = [("day", ">=", since), ("flow_id", "!=", False)]
        told = ["expected:sum", "received:sum"]
        [[expected, received]] = self.env["fin.cash.day"]._read_group(looked_at, [], told)
        if not expected:
            return Answer("unknown", self.env._("No statement was expected within %s days.", LOOKED_AT))
        wrong = [*looked_at, "|", ("missing", ">", 0), ("state", "=", "break")]
        groups = self.env["fin.cash.day"]._read_group(wrong, ["journal_id"], ["missing:sum", "__count", "day:min"])
        rows = [self._row(*group, wrong) for group in groups]
        missing, count = sum(group[1] for group in groups), sum(group[2] for group in groups)
        text = self.env._(
            "%(missing)s statements of working days are missing and %(breaks)s do not go on; %(received)s came within "
            "%(days)s days.",
            missing=missing,
            breaks=count - missing,
            received=received,
            days=LOOKED_AT,
        )
        return Answer("bad" if count else "good", text, count, wrong if count else looked_at, rows)

    def _row(self, journal, missing, count, first, wrong):
        text = self.env._(
            "%(missing)s missing, %(breaks)s do not go on, the first on %(day)s",
            missing=missing,
            breaks=count - missing,
            day=first,
        )
        return Row("bad", journal.display_name, text, count, [*wrong, ("journal_id", "=", journal.id)])
