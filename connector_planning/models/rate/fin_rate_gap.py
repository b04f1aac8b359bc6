"""A publication day that has no rate is a case with an owner, and closes itself when the rate is there."""

import datetime as dt
import re
from typing import NamedTuple
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.models.exception.fin_exception import OPEN
from odoo.addons.finance_integration_governance.models.schedule.fin_slot import aware

from ...core.target_days import TargetDays, days_between, stretches

CODE = "rate_gap"
PUBLISHED_AT = "16:15"
DAYS_BACK = 400  # what is older was looked at when it was young
MOST = 20
THERE = "the day has its rates"


class FinRun(models.Model):
    _inherit = "fin.run"

    def _after_finish(self):
        super()._after_finish()
        if self._brings_rates() and not self.is_draft:
            until = self._published_until()
            since = until - dt.timedelta(days=DAYS_BACK)
            self.env["fin.exception"]._watch_rates(self, self._missing_rates(since, until), since)

    def _missing_rates(self, since, until):
        """`Gap`s: publication days of this span without a rate.

        Of each currency from its first rate on, and of one that was asked for and never came from the first rate of any
        other. What waits in a held part is on its way and no gap.
        """
        calendar, rated, missing = self._publication_days(), self._rated_days(since), {}
        begins = min((min(days) for days in rated.values()), default=until)
        for currency in sorted({*rated, *self._asked_currencies()}):
            days = rated.get(currency, set())
            for day in days_between(calendar, min(days, default=begins), until):
                if day not in days:
                    missing.setdefault(day, []).append(currency)
        return [_gap(missing, *stretch) for stretch in stretches(calendar, missing)]

    def _asked_currencies(self):
        """Those that the version names; the company's own has no rate."""
        home = self._object()._home(self)
        return set(self._document().get("options", {}).get("currencies") or ()) - set(home.currency_id.mapped("name"))

    def _publication_days(self):
        told = self._document().get("options", {}).get("days")
        if told not in (None, "target"):
            raise ConfigurationError(
                "days of publication are those of target, or of the flow's calendar", option="days"
            )
        return TargetDays() if told else self.flow_id._calendar_of(self._document())

    def _published_until(self):
        """The last day whose rates should be there by now, by the version's wall clock."""
        document = self._document()
        now = aware(fields.Datetime.now()).astimezone(ZoneInfo(document["tz"]))
        is_published = f"{now:%H:%M}" >= self._publication_hour()
        return now.date() if is_published else now.date() - dt.timedelta(days=1)

    def _publication_hour(self):
        told = str(self._document().get("options", {}).get("published_at") or PUBLISHED_AT)
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", told):
            raise ConfigurationError("rates are published at a time such as 16:15", option="published_at")
        return told

    def _rated_days(self, since):
        """Currency -> days that have a rate, or whose rate waits; of the currencies that this flow has brought."""
        home, business = self._object()._home(self), self._object()
        self.env["res.currency.rate"].flush_model()
        rows = self._of_rates(
            SQL(
                """WITH brought AS (
                    SELECT DISTINCT i.mapped_values::json->>'currency' AS currency, i."on" AS day, i.outcome
                    FROM fin_item i JOIN fin_run r ON r.id = i.run_id AND r.flow_id = %(flow)s
                    WHERE i.object = %(object)s AND i.mapped_values IS NOT NULL AND i."on" >= %(since)s
                        AND i.outcome IN ('open', 'delivered'))
                SELECT c.name, r.name FROM res_currency_rate r JOIN res_currency c ON c.id = r.currency_id
                WHERE r.company_id IS NOT DISTINCT FROM %(home)s AND r.name >= %(since)s
                    AND c.name IN (SELECT currency FROM brought WHERE outcome = 'delivered')
                UNION SELECT currency, day FROM brought WHERE outcome = 'open'""",
                flow=self.flow_id.id,
                object=business._name,
                since=since,
                home=home.id or None,
            )
        )
        found = {}
        for currency, day in rows:
            found.setdefault(currency, set()).add(day)
        return found


class Gap(NamedTuple):
    first: dt.date
    last: dt.date
    many: int
    currencies: list


def _gap(missing, first, last, many):
    names = {name for day, found in missing.items() if first <= day <= last for name in found}
    return Gap(first, last, many, sorted(names))


class FinException(models.Model):
    _inherit = "fin.exception"

    @api.model
    def _watch_rates(self, run, gaps, since):
        """One case for each stretch of days; a case closes when its day has its rates."""
        for gap in gaps[:MOST]:
            self._gap_of(run, *gap)
        for case in self.search([("flow_id", "=", run.flow_id.id), ("code", "=", CODE), ("state", "in", OPEN)]):
            day = dt.date.fromisoformat(case._fact("day"))
            if day >= since and not any(gap.first <= day <= gap.last for gap in gaps):
                case._close("resolve", THERE)

    def _gap_of(self, run, first, last, many, currencies):
        """The case of this stretch; none is made anew where a person has closed it."""
        facts = {"day": first.isoformat()}
        cause = digest(canonical([CODE, facts]))
        told = [("flow_id", "=", run.flow_id.id), ("fingerprint", "=", cause)]
        known = self.search([*told, "|", ("state", "in", OPEN), ("reason", "!=", THERE)], limit=1)
        span = f"of {first}" if many == 1 else f"from {first} to {last}, {many} publication days"
        text = f"no rate of {', '.join(currencies)} {span}: what depends on it waits or is too old"
        if not known:
            case = self._new(run.flow_id, CODE, text, "data", False, cause, facts)
            case._audit("raise", code=CODE, run=run.name, count=many)
        elif known.state in OPEN and known.text != text:
            known.message_post(body=text)
