from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ...core.close import BY_HAND

# The text over which a line of the ledger is digested; its first eight bytes are added up modulo 2^64.
_LINE = SQL("concat_ws('|', l.id, l.account_id, l.partner_id, l.date, l.balance, l.amount_currency, l.currency_id)")
_HASH = SQL(
    "to_hex((mod(COALESCE(sum(('x' || left(md5(%s), 15))::bit(60)::bigint::numeric), 0), 2 ^ 60::numeric))::bigint)",
    _LINE,
)


class FinCheckpoint(models.Model):
    """What the books say, in one statement for each kind of checkpoint, and whether it is what it has to be."""

    _inherit = "fin.checkpoint"

    def _figures(self):
        """The figures of its kind, as plain text, so that a signature can bind to them."""
        self.env.flush_all()
        return getattr(self, f"_figures_{self.check}", self._figures_hand)()

    def _judge(self, figures):
        """(whether it is as it has to be, what was found in words without amounts)."""
        if self.check in BY_HAND:
            told = self.env._("%(lines)s journal items; its owner says what they looked at", lines=figures["lines"])
            return bool(self.statement), told
        return getattr(self, f"_judge_{self.check}")(figures)

    def _within(self, amount):
        return abs(Decimal(amount)) <= Decimal(self._says().get("tolerance", "0"))

    def _accounts(self, more=()):
        """Accounts whose code begins as the definition says, and these; None where it names none."""
        prefixes = self._says().get("accounts", [])
        accounts = self.env["account.account"].with_company(self.company_id)
        found = accounts.browse(more)
        for prefix in prefixes:
            mine = [("code", "=like", f"{prefix}%"), ("company_ids", "parent_of", self.company_id.ids)]
            found |= accounts.with_context(active_test=False).search(mine)
        return found if prefixes or more else None

    def _lines(self, is_whole=False, accounts=None):
        """The WHERE of posted journal items of the period, or of all until its end, on these accounts."""
        where = SQL(
            "l.company_id = %s AND l.parent_state = 'posted' AND l.account_id IS NOT NULL AND l.date <= %s",
            self.company_id.id,
            self.period_id.date_to,
        )
        since = SQL() if is_whole else SQL("AND l.date >= %s", self.period_id.date_from)
        on = SQL() if accounts is None else SQL("AND l.account_id = ANY(%s)", accounts.ids)
        return SQL("%s %s %s", where, since, on)

    # By hand: what was there when it was signed

    def _figures_hand(self):
        """The period's journal items under one hash, so that whatever moves among them afterwards shows."""
        rows = self.env.execute_query(
            SQL(
                """SELECT count(*), trim_scale(COALESCE(sum(l.debit), 0))::text,
                    trim_scale(COALESCE(sum(l.credit), 0))::text, %s
                FROM account_move_line l WHERE %s""",
                _HASH,
                self._lines(accounts=self._accounts()),
            )
        )
        return dict(zip(("lines", "debit", "credit", "hash"), rows[0], strict=True))

    def _figures_tax(self):
        """Tax of the period by tax, beside the hash of its lines."""
        rows = self.env.execute_query(
            SQL(
                """SELECT l.tax_line_id, count(*), trim_scale(sum(l.balance))::text, %s FROM account_move_line l
                WHERE %s AND l.tax_line_id IS NOT NULL GROUP BY l.tax_line_id ORDER BY l.tax_line_id""",
                _HASH,
                self._lines(),
            )
        )
        names = {tax.id: tax.name for tax in self.env["account.tax"].browse(row[0] for row in rows)}
        taxes = {f"{names[tax]} #{tax}": {"amount": amount, "hash": told} for tax, _n, amount, told in rows}
        return {"lines": sum(row[1] for row in rows), "taxes": taxes}

    # Drafts

    def _figures_drafts(self):
        rows = self.env.execute_query(
            SQL(
                """SELECT j.code, count(*) FROM account_move m JOIN account_journal j ON j.id = m.journal_id
                WHERE m.company_id = %s AND m.state = 'draft' AND m.date <= %s GROUP BY j.code ORDER BY j.code""",
                self.company_id.id,
                self.period_id.date_to,
            )
        )
        return {"drafts": dict(rows)}

    def _judge_drafts(self, figures):
        count = sum(figures["drafts"].values())
        if not count:
            return True, self.env._("no entry is a draft")
        return False, self.env._("%(count)s entries are drafts", count=count)

    # Suspense

    def _figures_suspense(self):
        accounts = self._suspense_accounts()
        rows = self.env.execute_query(
            SQL(
                """SELECT l.account_id, trim_scale(sum(l.balance))::text FROM account_move_line l
                WHERE %s GROUP BY l.account_id""",
                self._lines(is_whole=True, accounts=accounts or self.env["account.account"]),
            )
        )
        balances = dict(rows)
        codes = {account.code or f"#{account.id}": balances.get(account.id, "0") for account in accounts or ()}
        return {"balances": codes}

    def _suspense_accounts(self):
        """Those of the company and its journals, and those that the definition names."""
        company = self.company_id
        journals = self.env["account.journal"].search([("company_id", "=", company.id)])
        return self._accounts([*company.account_journal_suspense_account_id.ids, *journals.suspense_account_id.ids])

    def _judge_suspense(self, figures):
        if not figures["balances"]:
            return False, self.env._("no suspense account is known: name the beginnings of their codes")
        off = [code for code, balance in figures["balances"].items() if not self._within(balance)]
        if off:
            return False, self.env._("not at zero: %s", ", ".join(sorted(off)))
        return True, self.env._("%s accounts are at zero", len(figures["balances"]))

    # Trial balance

    def _figures_trial_balance(self):
        """The sums until the period's end, the period's own under one hash, and entries that do not balance."""
        [[debit, credit]] = self.env.execute_query(
            SQL(
                """SELECT trim_scale(COALESCE(sum(l.debit), 0))::text, trim_scale(COALESCE(sum(l.credit), 0))::text
                FROM account_move_line l WHERE %s""",
                self._lines(is_whole=True),
            )
        )
        [[entries, lines, uneven, told]] = self.env.execute_query(
            SQL(
                """SELECT count(*), COALESCE(sum(n), 0)::bigint, count(*) FILTER (WHERE off <> 0),
                    to_hex(mod(COALESCE(sum(part), 0), 2 ^ 60::numeric)::bigint)
                FROM (SELECT count(*) AS n, sum(l.balance) AS off,
                        sum(('x' || left(md5(%s), 15))::bit(60)::bigint::numeric) AS part
                    FROM account_move_line l WHERE %s GROUP BY l.move_id) entry""",
                _LINE,
                self._lines(),
            )
        )
        return {"debit": debit, "credit": credit, "entries": entries, "lines": lines, "uneven": uneven, "hash": told}

    def _judge_trial_balance(self, figures):
        if figures["uneven"]:
            return False, self.env._("%s entries do not balance", figures["uneven"])
        if not self._within(Decimal(figures["debit"]) - Decimal(figures["credit"])):
            return False, self.env._("debit and credit differ")
        return True, self.env._("%(entries)s entries, debit equals credit", entries=figures["entries"])
