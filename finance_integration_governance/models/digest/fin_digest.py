"""The daily mail: what concerns somebody, in the morning of where they are; nothing where there is nothing to tell."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ..schedule.fin_slot import aware
from ..screen import MODULE

LONGEST = 7  # days: nobody is told of more, however long the engine was off
HEADER = "X-Finance-Integrations"


class Concern(NamedTuple):
    """The companies of which somebody is told, the flows, and the companies that they look after as a whole."""

    companies: object
    flows: object
    whole: object


class ResUsers(models.Model):
    _inherit = "res.users"

    fin_digest_at = fields.Datetime(readonly=True, copy=False, groups=fields.NO_ACCESS)


class FinDigest(models.AbstractModel):
    """Each person gets at most one mail a day, about the companies whose policy names them, in their own rights."""

    _name = "fin.digest"
    _description = "Daily Digest"

    @api.model
    def _cron_send(self, now=None):
        now = now or fields.Datetime.now()
        self._watch_unsent()
        for user, concern in self._people().items():
            if self._is_time(user, concern.companies, now):
                since = max(user.fin_digest_at or self._before(now, 1), self._before(now, LONGEST))
                user.fin_digest_at = now
                self._send(user, concern, since, now)

    def _before(self, now, days):
        return fields.Datetime.subtract(now, days=days)

    def _is_time(self, user, companies, now):
        """Past the hour where the person is, on a day on which nobody has looked for them yet."""
        zone = self._zone(user, companies)
        here, looked = aware(now).astimezone(zone), user.fin_digest_at
        hour = min(self._rule(company)["hour"] for company in companies)
        return here.hour >= hour and not (looked and aware(looked).astimezone(zone).date() >= here.date())

    def _zone(self, user, companies):
        return ZoneInfo(user.tz or companies[:1].resource_calendar_id.tz or "UTC")

    def _rule(self, company):
        return company._fin_policy()["digest"]

    # To whom

    def _people(self):
        """user -> `Concern`: who may see something, has an address, and is named by the policy of a company."""
        found = {}
        for company in self.env["res.company"].search([("active", "=", True)]):
            for user, flows, is_whole in self._named(company, self._rule(company)):
                if self._may_be_told(user, company):
                    known = found.get(user) or Concern(company.browse(), flows.browse(), company.browse())
                    whole = known.whole | company if is_whole else known.whole
                    found[user] = Concern(known.companies | company, known.flows | flows, whole)
        return found

    def _may_be_told(self, user, company):
        is_here = user.active and not user.share and user.email and company in user.company_ids
        return bool(is_here) and user.has_group(f"{MODULE}.group_viewer")

    def _named(self, company, rule):
        """(user, their flows, whether they look after the whole company), by each reason for which they are told."""
        used = [("company_id", "=", company.id), ("state", "in", ("active", "paused"))]
        flows = self.env["fin.flow"].search(used)
        if rule["people"]:
            yield from self._answerable(flows)
        if rule["approvers"]:
            for user in self.env.ref(f"{MODULE}.group_approver").all_user_ids:
                yield user, flows.browse(), False
        for user in self._whole(company, rule):
            yield user, flows, True

    def _answerable(self, flows):
        for flow in flows:
            people = (flow._people(role) for role in ("owner", "deputy", "steward", "technical"))
            for user in self.env["res.users"].union(*people):
                yield user, flow, False

    def _whole(self, company, rule):
        named = self.env["res.users"].search([("login", "in", rule.get("also", ()))])
        return named | (company.fin_controller_id if rule["controller"] else named)

    # The mail

    def _send(self, user, concern, since, now):
        mine = self._as(user, concern.companies)
        told = mine._told(concern, since, now)
        is_quiet_told = any(self._rule(company)["quiet"] for company in concern.companies)
        if not any(section["lines"] for section in told["sections"]) and not is_quiet_told:
            return
        company = concern.companies[:1]
        sender = company.fin_mail_sender or company.email_formatted or user.email_formatted
        # sudo: mails are the system's; what stands in this one its reader was asked for
        self.env["mail.mail"].sudo().create(
            {
                "subject": mine._subject(told["sections"]),
                "body_html": mine.env["ir.qweb"]._render(f"{MODULE}.digest_body", told),
                "email_to": user.email_formatted,
                "email_from": sender,
                "headers": repr({HEADER: "digest", "Auto-Submitted": "auto-generated"}),
                "auto_delete": True,
            }
        )

    def _as(self, user, companies):
        """The same in the person's rights, companies, language and time zone."""
        lang = user.lang or self.env.lang or "en_US"
        zone = self._zone(user, companies).key
        # What the engine has read in its own rights is not read by somebody else.
        self.env.flush_all()
        return self.with_user(user).with_context(allowed_company_ids=companies.ids, lang=lang, tz=zone)

    def _subject(self, sections):
        count = sum(line["count"] for section in sections for line in section["lines"])
        if not count:
            return self.env._("Finance integrations: nothing to tell")
        if count == 1:
            return self.env._("Finance integrations: one thing concerns you")
        return self.env._("Finance integrations: %s things concern you", count)

    def _watch_unsent(self):
        """A digest that could not be sent is somebody's, or nobody would know that nobody is told."""
        failed = [("state", "=", "exception"), ("headers", "like", f"'{HEADER}': 'digest'")]
        # sudo: whether mails leave, and not what they say
        mails = self.env["mail.mail"].sudo().search(failed)
        text = self.env._("Daily mails could not be sent: look at the outgoing mail server, and send them again.")
        causes = {text: {}} if mails else {}
        self.env["fin.exception"]._watched_apart(self.env.ref("base.main_company"), "digest_unsent", causes)
