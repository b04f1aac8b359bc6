"""The equation of a period: what the ledger held before, and what came into it, is what it holds at the end."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ..privacy.fin_masking import AMOUNT
from ..screen import act_window, table
from ..writer import as_writer
from .fin_period_entry import FROM_RUNS

_NAMES = ("opening", "delivered", "other", "closing")


class FinPeriod(models.Model):
    """Ledger closing = ledger opening + what flows delivered + other entries, each of which somebody has explained."""

    _inherit = "fin.period"

    closed_at = fields.Datetime(readonly=True, help="When its entries were signed first: what comes later is late.")
    entry_ids = fields.One2many("fin.period.entry", "period_id", domain=[("is_current", "=", True)])
    delivered_count = fields.Integer(compute="_compute_entry_counts", string="Delivered by flows")
    known_count = fields.Integer(compute="_compute_entry_counts", string="Made in Odoo, as the policy says")
    acknowledged_count = fields.Integer(compute="_compute_entry_counts", string="Acknowledged")
    open_count = fields.Integer(compute="_compute_entry_counts", string="Ask for a reason")
    after_count = fields.Integer(compute="_compute_cut_off", string="Received after its end")
    bill_count = fields.Integer(compute="_compute_cut_off", string="Bills dated in it, booked later")
    equation_table = fields.Html(compute="_compute_equation_table", sanitize=False, string="Equation")

    @api.depends("entry_ids.state")
    def _compute_entry_counts(self):
        rows = self.env["fin.period.entry"]._read_group(
            [("period_id", "in", self.ids), ("is_current", "=", True)], ["period_id", "state", "origin"], ["__count"]
        )
        for period in self:
            mine = [(state, origin, count) for one, state, origin, count in rows if one == period]
            delivered = sum(count for state, origin, count in mine if state == "known" and origin in FROM_RUNS)
            by_state = {
                name: sum(n for state, _o, n in mine if state == name) for name in ("known", "open", "acknowledged")
            }
            period.delivered_count, period.known_count = delivered, by_state["known"] - delivered
            period.open_count, period.acknowledged_count = by_state["open"], by_state["acknowledged"]

    # The equation

    def _equation(self):
        """{account: {opening, delivered, other, closing}} as Decimal; each of the four is read by itself."""
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT l.account_id,
                    COALESCE(sum(l.balance) FILTER (WHERE l.date < %(first)s), 0)::text,
                    COALESCE(sum(l.balance) FILTER (WHERE l.date >= %(first)s AND k.run_id IS NOT NULL), 0)::text,
                    COALESCE(sum(l.balance) FILTER (WHERE l.date >= %(first)s AND k.id IS NOT NULL
                        AND k.run_id IS NULL), 0)::text,
                    COALESCE(sum(l.balance), 0)::text
                FROM account_move_line l LEFT JOIN fin_period_entry k
                    ON k.period_id = %(period)s AND k.move_id = l.move_id AND k.is_current AND k.digest <> '-'
                WHERE l.company_id = %(company)s AND l.parent_state = 'posted' AND l.account_id IS NOT NULL
                    AND l.date <= %(last)s
                GROUP BY l.account_id""",
                first=self.date_from,
                last=self.date_to,
                period=self.id,
                company=self.company_id.id,
            )
        )
        return {account: dict(zip(_NAMES, map(Decimal, amounts), strict=True)) for account, *amounts in rows}

    def _off(self, equation):
        """Accounts whose four parts do not make the equation."""
        return [
            account
            for account, one in equation.items()
            if one["opening"] + one["delivered"] + one["other"] != one["closing"]
        ]

    @api.depends_context("uid")
    def _compute_equation_table(self):
        heads = (
            self.env._("Account"),
            self.env._("Opening"),
            self.env._("Delivered by flows"),
            self.env._("Other entries"),
            self.env._("Closing"),
        )
        for period in self:
            rows = [] if AMOUNT in period.company_id._fin_hidden() else list(period._equation_rows())
            period.equation_table = table(self.env, rows, heads) if rows else False

    def _equation_rows(self):
        # sudo: the ledger of a company that this user may see
        equation = self.sudo()._equation()
        # sudo: as above
        accounts = self.env["account.account"].sudo().with_company(self.company_id).browse(equation)
        for account in accounts.sorted(lambda one: one.code or ""):
            one = equation[account.id]
            if one["closing"] or one["delivered"] or one["other"]:
                yield f"{account.code} {account.name}", *(f"{one[name]:,.2f}" for name in _NAMES)

    # The cut-off

    def _compute_cut_off(self):
        for period in self:
            period.after_count = self.env["fin.item"].search_count(period._received_after())
            period.bill_count = self.env["account.move"].search_count(period._billed_after())

    def _received_after(self):
        """Items whose accounting date lies in the period and that came after its end."""
        after = fields.Datetime.add(fields.Datetime.to_datetime(self.date_to), days=1)
        came = [("run_id.create_date", ">=", after), ("run_id.parent_id", "=", False)]
        dated = [("on", ">=", self.date_from), ("on", "<=", self.date_to), ("company_id", "=", self.company_id.id)]
        return [*came, *dated]

    def _billed_after(self):
        kinds = ("in_invoice", "in_refund", "out_invoice", "out_refund")
        dated = [("invoice_date", ">=", self.date_from), ("invoice_date", "<=", self.date_to)]
        mine = [("company_id", "=", self.company_id.id), ("move_type", "in", kinds), ("state", "!=", "cancel")]
        return [*mine, *dated, ("date", ">", self.date_to)]

    # Buttons

    def action_recount(self):
        """Bring the list of entries up to what the ledger holds."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_operator")
        self.check_access("read")
        self.env["fin.period.entry"]._recount(self.sudo())  # sudo: the ledger of a company that this user may see

    def action_open_entries(self):
        return self._entries([("is_current", "=", True)])

    def action_open_unexplained(self):
        return self._entries([("is_current", "=", True), ("state", "=", "open")])

    def _entries(self, domain):
        return act_window(self.env, "fin_period_entry_action", [("period_id", "in", self.ids), *domain])

    def action_open_received_after(self):
        return act_window(
            self.env, "fin_item_action", self._received_after(), name=self.env._("Received after its end")
        )

    def action_open_billed_after(self):
        window = {"type": "ir.actions.act_window", "res_model": "account.move", "view_mode": "list,form"}
        return {**window, "name": self.env._("Bills dated in it, booked later"), "domain": self._billed_after()}

    def _audit(self, verb, **facts):
        code, key = f"{self._name}.{verb}", self._subject_key()
        self.env["fin.audit.event"]._append(code, self._name, key, self.company_id, facts)


class FinCheckpoint(models.Model):
    """Every entry of the period is explained, and the four parts make the equation."""

    _inherit = "fin.checkpoint"

    def _figures_entries(self):
        self.env["fin.period.entry"]._recount(self.period_id)
        equation = self.period_id._equation()
        sums = {name: sum((abs(one[name]) for one in equation.values()), Decimal()) for name in _NAMES}
        [[count, unexplained, told]] = self.env.execute_query(
            SQL(
                """SELECT count(*), count(*) FILTER (WHERE state = 'open'),
                    encode(sha256(convert_to(COALESCE(string_agg(digest, '' ORDER BY move_id), ''), 'UTF8')), 'hex')
                FROM fin_period_entry WHERE period_id = %s AND is_current""",
                self.period_id.id,
            )
        )
        sums = {name: f"{total:f}" for name, total in sums.items()}
        off = len(self.period_id._off(equation))
        return {"sums": sums, "entries": count, "unexplained": unexplained, "off": off, "digest": told}

    def _judge_entries(self, figures):
        if figures["off"]:
            return False, self.env._("%s accounts do not add up", figures["off"])
        if figures["unexplained"]:
            return False, self.env._("%s entries ask for a reason", figures["unexplained"])
        return True, self.env._("%s entries, each of them explained", figures["entries"])

    def _open_entries(self):
        return self.period_id.action_open_unexplained()

    def _after_sign(self):
        super()._after_sign()
        if self.check == "entries" and not self.period_id.closed_at:
            as_writer(self.period_id).write({"closed_at": fields.Datetime.now()})


class FinPolicy(models.Model):
    _inherit = "fin.policy"

    native_journal_ids = fields.Many2many(
        "account.journal",
        "fin_policy_native_journal_rel",
        string="Journals that begin in Odoo",
        domain="[('company_id', '=', company_id)]",
        help="Their entries, such as invoices, need no reason of their own. Manual and late entries always do.",
    )

    def _close_told(self):
        close, codes = super()._close_told(), sorted(self.native_journal_ids.mapped("code"))
        return {**close, "native": codes} if close and codes else close

    def action_standard_close(self):
        """Invoices and what Odoo books by itself begin in Odoo."""
        done = super().action_standard_close()
        if not self.native_journal_ids:
            mine = [("company_id", "=", self.company_id.id), ("type", "in", ("sale", "purchase"))]
            self.native_journal_ids = [Command.set(self.env["account.journal"].search(mine).ids)]
        return done


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _working_copies(self):
        # sudo: whoever edits a journal need not see the policy that names it
        policies = self.env["fin.policy"].sudo().search([("native_journal_ids", "in", self.ids)])
        return [*super()._working_copies(), policies.with_env(self.env)]
