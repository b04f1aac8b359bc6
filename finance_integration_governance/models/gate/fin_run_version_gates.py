"""The gates that a version adds to the fixed ones, read from the run's pinned document and never from a flow."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo import fields, models
from odoo.tools import SQL

from ...core.errors import AuthorityConflict
from ..run.gates import PROCEED, Answer
from ..schedule.fin_slot import aware


@dataclass(frozen=True)
class Fresh:
    days: int
    question = "Is what it brings young enough?"

    def ask(self, run):
        newest = run._newest_day()
        age = run._working_days_since(newest) if newest else 0
        if age <= self.days or run._has_yes("Fresh"):
            return PROCEED
        reason = f"the newest item is of {newest}, {age} working days ago; approved are {self.days}"
        return Answer("hold", reason, run._open_ids(), waits="yes")


@dataclass(frozen=True)
class Flows:
    flows: tuple
    hours: int
    question = "Are the data that it stands on young enough?"

    def ask(self, run):
        """A flow that never delivered is older than any."""
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=self.hours)
        for code in self.flows:
            last = run._last_good(code)
            if not last or last < since:
                told = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "at all"
                reason = f"{code} has not delivered within {self.hours} hours, {told}"
                return Answer("hold", reason, run._open_ids(), waits="data", key=code)
        return PROCEED


@dataclass(frozen=True)
class AmountLimit:
    limits: dict
    question = "Is every amount within the approved limit?"

    def ask(self, run):
        """All of a run whose sum is too high waits; else the items alone that are."""
        for currency, total in sorted(run._gross().items()):
            limit = self.limits.get(currency)
            if limit is None:
                return self._answer(run, f"no limit of {currency} is approved", run._open_ids(), 1)
            if "run" in limit and total > Decimal(limit["run"]):
                reason = f"together it is more than {limit['run']} {currency}"
                return self._answer(run, reason, run._open_ids(), limit["approvals"])
        ids = run._above({name: Decimal(limit["item"]) for name, limit in self.limits.items() if "item" in limit})
        if not ids:
            return PROCEED
        told = ", ".join(f"{limit['item']} {name}" for name, limit in sorted(self.limits.items()) if "item" in limit)
        needed = max(limit["approvals"] for limit in self.limits.values())
        return self._answer(run, f"{len(ids)} items are above {told} each", ids, needed)

    def _answer(self, run, reason, ids, needed):
        if run._has_yes("AmountLimit", needed):
            return PROCEED
        return Answer("hold", reason, tuple(ids), waits="yes", needed=needed)


class SecondPerson:
    question = "Has a second person seen what it would deliver?"

    def ask(self, run):
        """Whoever said yes to its amounts has seen the same."""
        ids = run._open_ids()
        if not ids or run._has_yes("SecondPerson") or run._has_yes("AmountLimit"):
            return PROCEED
        return Answer("hold", f"a second person has not yet seen its {len(ids)} items", ids, waits="yes")


class Authority:
    question = "Do the authority rules let this flow write what is left?"

    def ask(self, run):
        """Asked first, so that what is held for a rule is told as that and not as any open exception."""
        ids = run._against_authority()
        return Answer("hold", "a rule names another system of record", ids) if ids else PROCEED


_OWN = {
    "fresh": lambda told: Fresh(told["days"]),
    "flows": lambda told: Flows(tuple(told["flows"]), told["hours"]),
    "amount": lambda told: AmountLimit(told["limits"]),
    "second_person": lambda told: SecondPerson(),
}


class FinRun(models.Model):
    _inherit = "fin.run"

    def _gates(self):
        document = self._document()
        authority = (Authority(),) if self.direction == "inbound" and document.get("authority") else ()
        known = self._own_gates()
        return (*authority, *super()._gates(), *(known[told["gate"]](told) for told in document.get("gates", ())))

    def _own_gates(self):
        """name -> what makes the gate of a version's words; a name that nobody knows stops the run."""
        return dict(_OWN)

    # What they ask of the run

    def _newest_day(self):
        [[day]] = self._of_open(SQL('max("on")'))
        return day

    def _working_days_since(self, day):
        """How many working days have passed since, today included, in the zone of the version."""
        return self._working_days(day, aware(fields.Datetime.now()).astimezone(ZoneInfo(self._document()["tz"])).date())

    def _working_days(self, first, last):
        """Working days after the first day up to the last, by the calendar of the version."""
        calendar = self.flow_id._calendar_of(self._document())
        return sum(calendar.is_working(first + dt.timedelta(days=n)) for n in range(1, (last - first).days + 1))

    def _last_good(self, code):
        """When the flow delivered last."""
        good = [("flow_id.code", "=", code), ("state", "=", "done"), ("is_draft", "=", False)]
        # sudo: the flow that is waited for may be another owner's
        return self.sudo().search([*good, ("parent_id", "=", False)], order="id desc", limit=1).finished_at

    def _gross(self):
        """currency -> sum of the open amounts without their sign, so that two of them do not cancel."""
        rows = self._of_open(SQL("currency, sum(abs(amount))::text"), SQL("AND amount IS NOT NULL GROUP BY currency"))
        return {currency: Decimal(total) for currency, total in rows}

    def _above(self, limits):
        """Open items whose amount alone is above the limit of its currency."""
        names, amounts = list(limits), list(limits.values())
        over = SQL(
            """AND EXISTS (SELECT 1 FROM unnest(%s::text[], %s::numeric[]) AS l(currency, amount)
                WHERE l.currency = fin_item.currency AND abs(fin_item.amount) > l.amount) ORDER BY id""",
            names,
            amounts,
        )
        return tuple(item_id for (item_id,) in self._of_open(SQL("id"), over)) if names else ()

    def _against_authority(self):
        """Open items behind an undecided conflict with a rule."""
        blocked = self.env["fin.item"]._blocked(self)
        conflict = SQL("AND exception_id IN (SELECT id FROM fin_exception WHERE code = %s)", AuthorityConflict.code)
        return tuple(item_id for (item_id,) in self._of_open(SQL("id"), SQL("AND id = ANY(%s) %s", blocked, conflict)))

    def _of_open(self, what, more=None):
        self.env["fin.item"].flush_model()
        where = SQL("run_id = %s AND outcome = 'open' %s", self.id, more or SQL())
        return self.env.execute_query(SQL("SELECT %s FROM fin_item WHERE %s", what, where))
