import datetime as dt
from zoneinfo import ZoneInfo

from odoo import api, models

from ...core.bank_api import BankApi, Wanted, pulled_numbers
from ...core.proof import window
from ...core.statement import account_number
from .fin_consent_connection import EXPIRED
from .fin_flow_channel import AGREEING, LOOK_BACK

NOT_SHARED = "account_not_shared"


class FinRun(models.Model):
    """A run that asks a bank's interface: for which days, how often, and what its answer proves."""

    _inherit = "fin.run"

    def _connector(self):
        connector = super()._connector()
        if isinstance(connector, BankApi):
            connector.wanted = self._wanted(connector)
        return connector

    def _asks_bank_api(self):
        if not self.version_id or self.direction != "inbound":
            return False
        found = self.env["fin.connector"]._classes().get(self._channel()["connector"])
        return bool(found) and issubclass(found[1], BankApi)

    def _bank_day_of(self, moment):
        """The day of the flow's time zone in which a moment of the database lies."""
        return moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(self._document()["tz"])).date()

    def _wanted(self, connector):
        """The accounts that were not pulled in this run yet, each with its days."""
        told = self._document().get("bank_channel") or {}
        today = connector.now().astimezone(ZoneInfo(self._document()["tz"])).date()
        begin = dt.date.fromisoformat(told["begin"]) if told.get("begin") else None
        look_back, reach = told.get("look_back", LOOK_BACK), int(connector.history_days)
        days, done = self.env["fin.bank.day"], pulled_numbers(self.payload_ids.mapped("cursor"))
        return tuple(
            Wanted(number, *self._window_of(days._known(self.flow_id, number), today, look_back, begin, reach))
            for number in self._account_numbers()
            if number not in done
        )

    def _window_of(self, known, today, look_back, begin, reach):
        if not known and begin:
            look_back = (today - begin).days
        return window(known, today, look_back, begin, reach)

    def _account_numbers(self):
        numbers = {account_number(journal.get("account")) for journal in self._document()["journals"]}
        return sorted(numbers - {None})

    # What it proves

    def _after_finish(self):
        super()._after_finish()
        if self._asks_bank_api() and not self.is_draft:
            self._judge_days()
            self._tell_not_shared()

    def _judge_days(self):
        told = self._document().get("bank_channel") or {}
        self.env.flush_all()
        for payload in self.payload_ids.sorted("id"):
            self.env["fin.bank.day"]._judge(
                self,
                payload,
                self._bank_day_of(payload.received_at),
                told.get("agreeing", AGREEING),
                told.get("proof") != "pulls",
            )
        self.flow_id._watch_days()

    def _tell_not_shared(self):
        """Accounts that the flow books and the consent does not cover are told: nothing would ever come."""
        if self.parent_id:
            return
        missing = set(self._account_numbers()) - pulled_numbers(self.payload_ids.mapped("cursor"))
        causes = {
            self.env._(
                "The bank does not tell account …%s: the consent does not cover it. Ask for a consent again.",
                number[-4:],
            ): {"account": number[-4:]}
            for number in sorted(missing)
        }
        self.env["fin.exception"]._watched(self.flow_id, NOT_SHARED, causes)

    # What keeps it waiting

    def _pause_before(self, error):
        """Where the bank counts other pulls than ours, its day is over for that account."""
        if error.code == "quota_used" and not error.retry_after:
            quota = self.env["fin.bank.quota"]
            return quota._seconds_left(quota._now(ZoneInfo(self._document()["tz"])))
        return super()._pause_before(error)

    def _postpone(self, error, until=None):
        if error.code == "quota_used" and error.facts.get("sent"):
            self.env["fin.bank.quota"]._exhaust(self.connection)
        return super()._postpone(error, until)


class FinException(models.Model):
    _inherit = "fin.exception"

    @api.model
    def _raise_error(self, run, error):
        """A consent that has ended is one matter of the flow, however many runs find out."""
        if error.code != EXPIRED:
            return super()._raise_error(run, error)
        consents = self.env["fin.consent"].search(
            [("connection_id.code", "=", run.connection), ("state", "=", "valid")]
        )
        consents._transition("expire", reason=error.text)
        return self._raise(run, EXPIRED, run.flow_id._how_to_renew(), family="configuration", blocking=False)
