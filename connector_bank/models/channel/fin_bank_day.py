import json
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import plain
from odoo.addons.finance_integration_governance.core.lifecycle import Lifecycle
from odoo.addons.finance_integration_governance.models.writer import as_writer

from ...core.proof import Day, Told, judge
from ...core.statement import BankEntry, BankReport
from ...core.values import day as as_day

UNPROVEN = "days_unproven"
PATIENCE = 3  # days for which a day may be open before somebody is told


class FinBankDay(models.Model):
    """One day of an account as a bank's interface has told it, and whether it is proven complete."""

    _name = "fin.bank.day"
    _description = "Day of an Account"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "on desc, account"
    _rec_name = "on"
    _lifecycle = Lifecycle(
        {"open": "Open", "proven": "Proven"},
        prove="open > proven",
        reopen="proven > open",
    )

    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    account = fields.Char(required=True, readonly=True, groups="finance_integration_governance.group_viewer")
    on = fields.Date("Day", required=True, readonly=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, index=True)
    proven_by = fields.Selection([("balances", "The bank's balances"), ("pulls", "Pulls that agree")], readonly=True)
    count = fields.Integer("Entries", readonly=True)
    net = fields.Char("Booked", readonly=True, groups="finance_integration_governance.group_viewer")
    closing = fields.Char("Balance at its End", readonly=True, groups="finance_integration_governance.group_viewer")
    difference = fields.Char(
        "Missing",
        readonly=True,
        groups="finance_integration_governance.group_viewer",
        help="By which the entries told so far miss the bank's balance.",
    )
    digest = fields.Char(readonly=True, size=64)
    agreeing = fields.Integer("Pulls that Agree", readonly=True, help="On so many days after its end.")
    first_pulled_on = fields.Date("First Pull", readonly=True)
    pulled_on = fields.Date("Last Pull", readonly=True)

    _day_uniq = models.UniqueIndex('(flow_id, account, "on")')

    def _subject_key(self):
        return f"{self.flow_id.code}/…{self.account[-4:]}/{self.on}"

    @api.model
    def _known(self, flow, account):
        """on -> Day of what was told of the account."""
        # sudo: read for the engine, whoever's fields hold amounts
        rows = self.sudo().search([("flow_id", "=", flow.id), ("account", "=", account)])
        return {row.on: row._as_day() for row in rows}

    def _as_day(self):
        numbers = {name: Decimal(self[name]) if self[name] else None for name in ("closing", "difference")}
        return Day(
            self.on,
            self.count,
            Decimal(self.net or 0),
            self.digest,
            self.agreeing,
            self.pulled_on or None,
            proven_by=self.proven_by or None,
            **numbers,
        )

    @api.model
    def _judge(self, run, payload, on, needed, by_balances=True):
        """What the run's payload, a pull of the day `on`, says of the days of its account."""
        told = self._told(run, payload, on)
        if not told:
            return
        account, pull = told
        if not by_balances:
            pull = Told(pull.on, pull.first, pull.last, pull.days)
        known = self._known(run.flow_id, account)
        self._keep(run, account, judge(known, pull, needed))

    def _told(self, run, payload, on):
        """(account, `Told`) of a payload, from its items; None where it was refused."""
        rows = self.env.execute_query(
            SQL(
                "SELECT scope, content FROM fin_item WHERE run_id = %s AND payload_id = %s AND contract = %s",
                run.id,
                payload.id,
                BankReport.contract,
            )
        )
        if not rows:
            return None
        account, content = rows[0][0], json.loads(rows[0][1])
        first, last = as_day(content["from_on"]), as_day(content["to_on"])
        ends, now = _ends(content.get("balances") or [], content.get("currency_of_account"), on)
        return account, Told(on, first, last, self._days_of(run, payload), ends, now)

    def _days_of(self, run, payload):
        rows = self.env.execute_query(
            SQL(
                """SELECT "on", count(*), sum(amount)::text,
                    encode(sha256(convert_to(string_agg(key || digest, '' ORDER BY key COLLATE "C"), 'UTF8')), 'hex')
                FROM fin_item WHERE run_id = %s AND payload_id = %s AND contract = %s GROUP BY "on" """,
                run.id,
                payload.id,
                BankEntry.contract,
            )
        )
        return {on: (count, Decimal(net), digest) for on, count, net, digest in rows}

    def _keep(self, run, account, changed):
        there = {row.on: row for row in self.search([("flow_id", "=", run.flow_id.id), ("account", "=", account)])}
        missing = sorted(on for on in changed if on not in there)
        mine = {"flow_id": run.flow_id.id, "company_id": run.company_id.id, "account": account}
        made = as_writer(self).create([{**mine, "on": on, "first_pulled_on": changed[on].pulled_on} for on in missing])
        there |= dict(zip(missing, made.with_env(self.env), strict=True))
        for on, day in changed.items():
            there[on]._follow(day, run)

    def _follow(self, day, run):
        as_writer(self).write(
            {
                "count": day.count,
                "net": plain(day.net),
                "digest": day.digest,
                "agreeing": day.agreeing,
                "pulled_on": day.pulled_on,
                "closing": None if day.closing is None else plain(day.closing),
                "difference": None if day.difference is None else plain(day.difference),
                "proven_by": day.proven_by,
            }
        )
        verb = "prove" if day.proven_by else "reopen"
        if self._lifecycle.target(verb, self.state):
            self._transition(verb, run=run.name, by=day.proven_by, entries=day.count)

    @api.model
    def _proven_until(self, flow):
        """account -> the last day up to which every day is proven, None where the first one is open."""
        rows = self.env.execute_query(
            SQL(
                """SELECT account, CASE WHEN min("on") FILTER (WHERE state = 'open') IS NULL THEN max("on")
                    WHEN min("on") FILTER (WHERE state = 'open') > min("on")
                    THEN (min("on") FILTER (WHERE state = 'open') - 1) END
                FROM fin_bank_day WHERE flow_id = %s GROUP BY account ORDER BY account""",
                flow.id,
            )
        )
        return dict(rows)

    @api.model
    def _overdue(self, flow, today):
        """account -> its days that are open although they were over, and asked for, some days ago."""
        before = fields.Date.subtract(today, days=PATIENCE)
        late = [("on", "<", before), ("first_pulled_on", "<", before)]
        found = self.search([("flow_id", "=", flow.id), ("state", "=", "open"), *late])
        return found.grouped(lambda day: day.sudo().account)  # sudo: to tell accounts apart, not to show them


def _ends(balances, currency, today):
    """(end of day -> booked balance, booked balance of the moment or None), in the account's currency."""
    ends, now = {}, None
    for balance in balances:
        if currency and balance["currency"] != currency:
            continue
        on, amount = as_day(balance.get("on") or ""), Decimal(balance["amount"])
        if balance["code"] == "CLBD" and on:
            ends[on] = amount
        elif balance["code"] == "OPBD" and on:
            ends.setdefault(fields.Date.subtract(on, days=1), amount)
        elif balance["code"] == "ITBD" and on in (None, today):
            now = amount
    return ends, now
