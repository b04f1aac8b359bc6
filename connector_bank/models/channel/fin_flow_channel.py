import datetime as dt
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .fin_bank_day import UNPROVEN
from .fin_consent_connection import EXPIRED, is_bank_api

LOOK_BACK, AGREEING = 7, 2


class FinFlow(models.Model):
    """How a flow asks a bank's interface; approved with the version, as whatever weakens a control."""

    _inherit = "fin.flow"

    is_bank_api = fields.Boolean(related="connection_id.needs_consent")
    bank_look_back = fields.Integer(
        "Days to Look Back", default=LOOK_BACK, help="Each pull asks for these days once more: banks book late."
    )
    bank_agreeing = fields.Integer(
        "Pulls that Prove a Day", default=AGREEING, help="On so many days, where the bank tells no balances."
    )
    bank_proof = fields.Selection(
        [("balances", "Its balances, else pulls that agree"), ("pulls", "Pulls that agree")],
        "What Proves a Day",
        default="balances",
        required=True,
    )
    bank_begin_on = fields.Date("Entries since", help="Before this day nothing is asked for.")
    bank_day_ids = fields.One2many("fin.bank.day", "flow_id", readonly=True)
    bank_open_days = fields.Integer("Open Days", compute="_compute_bank_proven")
    bank_proven_until = fields.Date("Proven up to", compute="_compute_bank_proven")

    @api.constrains("bank_look_back", "bank_agreeing")
    def _check_bank_channel(self):
        if any(flow.bank_look_back < 1 or flow.bank_agreeing < 1 for flow in self):
            raise ValidationError(self.env._("At least one day is looked back on, and one pull proves a day."))

    def _compute_bank_proven(self):
        days = self.env["fin.bank.day"]
        # The day that is not over is no open one: nobody can know it yet.
        over = [("flow_id", "in", self.ids), ("state", "=", "open"), ("on", "<", fields.Date.context_today(self))]
        counts = dict(days._read_group(over, ["flow_id"], ["__count"]))
        for flow in self:
            until = days._proven_until(flow).values() if flow.is_bank_api else []
            flow.bank_proven_until = min(until) if until and all(until) else False
            flow.bank_open_days = counts.get(flow, 0)

    def _compose(self):
        """Only what differs from what is usual, so that a flow without a choice keeps its digest."""
        told = {
            "look_back": self.bank_look_back if self.bank_look_back != LOOK_BACK else None,
            "agreeing": self.bank_agreeing if self.bank_agreeing != AGREEING else None,
            "proof": self.bank_proof if self.bank_proof != "balances" else None,
            "begin": self.bank_begin_on.isoformat() if self.bank_begin_on else None,
        }
        told = {name: value for name, value in told.items() if value}
        return super()._compose() | ({"bank_channel": told} if told and self.is_bank_api else {})

    def _take_bank_channel(self, told, _documents):
        """How a flow asks its bank, as a bundle brings it."""
        self.write(
            {
                "bank_look_back": told.get("look_back", LOOK_BACK),
                "bank_agreeing": told.get("agreeing", AGREEING),
                "bank_proof": told.get("proof", "balances"),
                "bank_begin_on": told.get("begin"),
            }
        )

    # Without a consent

    def _lacks_consent(self):
        """Whether a run of the live version would be told nothing."""
        if not self.live_version_id:
            return False
        told = self._document().connection
        if not is_bank_api(self.env, told["connector"]):
            return False  # asked of every flow that becomes due, so it costs the others no query
        # sudo: whoever starts a flow need not see the consent
        consents = self.env["fin.consent"].sudo()
        valid = [("connection_id.code", "=", told["code"]), ("state", "=", "valid")]
        return not consents.search_count(valid, limit=1)

    def _how_to_renew(self):
        return self.env._(
            "The bank tells %(flow)s nothing any more, because there is no valid consent. Open the connection "
            "%(connection)s, choose Ask for Consent, and have the holder of the accounts say yes on the page of the "
            "bank. What was missed is pulled by itself afterwards.",
            flow=self.name,
            connection=self.connection_id.name,
        )

    def _tell_consent_missing(self):
        return self.env["fin.exception"]._raise_for_flow(self, EXPIRED, self._how_to_renew())

    def _request_run(self, trigger, **vals):
        if self._lacks_consent():
            raise UserError(self._how_to_renew())
        return super()._request_run(trigger, **vals)

    def _watch(self):
        super()._watch()
        self.connection_id.consent_ids._watch()
        for flow in self.filtered("is_bank_api"):
            if flow._has_asked_consent() and flow._lacks_consent():
                flow._tell_consent_missing()
            flow._watch_days()

    def _has_asked_consent(self):
        return bool(self.connection_id.consent_ids)

    def _watch_days(self):
        causes = {}
        for account, days in self.env["fin.bank.day"]._overdue(self, self._bank_today()).items():
            text = self.env._(
                "%(count)s days of account …%(account)s are not proven complete, the first of them %(day)s: the "
                "entries do not lead to the bank's balances, or change with each pull. They are asked for with each "
                "pull; ask the bank, or bring a statement of these days by the other channel.",
                count=len(days),
                account=account[-4:],
                day=min(days.mapped("on")),
            )
            causes[text] = {"account": account[-4:]}
        return self.env["fin.exception"]._watched(self, UNPROVEN, causes, family="data")

    def _bank_today(self):
        return dt.datetime.now(ZoneInfo(self.tz or "UTC")).date()

    def action_open_bank_days(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("connector_bank.fin_bank_day_action")
        return {**action, "domain": [("flow_id", "=", self.id)]}
