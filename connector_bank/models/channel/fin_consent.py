import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import digest
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.lifecycle import Lifecycle
from odoo.addons.finance_integration_governance.core.references import resolve
from odoo.addons.finance_integration_governance.models.writer import as_writer

REMINDED = (30, 14, 7, 1)  # days before the end at which whoever is responsible is told
_VERBS = {"valid": "accept", "refused": "refuse", "expired": "expire", "revoked": "revoke"}


class FinConsent(models.Model):
    """What an account's holder has allowed the bank to tell us, and until when.

    What the bank knows it by stands in the encrypted store, as any other secret.
    """

    _name = "fin.consent"
    _description = "Consent at a Bank"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _lifecycle = Lifecycle(
        {
            "asked": "Waits for the Holder",
            "valid": "Valid",
            "expired": "Expired",
            "revoked": "Revoked",
            "refused": "Refused",
            "replaced": "Replaced",
        },
        accept="asked > valid",
        refuse="asked > refused",
        expire="asked, valid > expired",
        revoke="asked, valid > revoked",
        replace="asked, valid > replaced",
    )

    name = fields.Char(required=True, readonly=True)
    connection_id = fields.Many2one("fin.connection", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, tracking=True)
    reference = fields.Char(readonly=True, groups=fields.NO_ACCESS, help="Where the bank's identifier is stored.")
    fingerprint = fields.Char(readonly=True, size=64, help="Of the bank's identifier, to tell it from others.")
    mark = fields.Char(readonly=True, groups=fields.NO_ACCESS, help="What whoever comes back from the bank brings.")
    link = fields.Char("Page of the Bank", readonly=True, groups="finance_integration_governance.group_administrator")
    accounts = fields.Char(readonly=True, help="The last digits of the accounts that it covers.")
    valid_until = fields.Date(readonly=True)
    days_left = fields.Integer(compute="_compute_days_left")
    frequency = fields.Integer("Pulls a Day", readonly=True, help="Without the holder, for each account.")
    told = fields.Char("The Bank's Word", readonly=True)
    asked_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    asked_at = fields.Datetime(readonly=True)
    looked_at = fields.Datetime("Looked after", readonly=True)
    reminded = fields.Integer(readonly=True, help="Days before its end at which somebody was told last.")

    _one_valid = models.UniqueIndex("(connection_id) WHERE state = 'valid'")

    @api.depends("valid_until", "state")
    def _compute_days_left(self):
        today = fields.Date.context_today(self)
        for consent in self:
            until = consent.valid_until if consent.state == "valid" else None
            consent.days_left = (until - today).days if until else 0

    @api.depends("name", "connection_id.name", "accounts")
    def _compute_display_name(self):
        for consent in self:
            consent.display_name = f"{consent.connection_id.name}: {consent.accounts}"

    def _subject_key(self):
        return self.name

    # Asking

    @api.model
    def _ask(self, connection, connector, psu):
        """Ask the bank for a consent to the accounts that the connection's flows book."""
        if not self.env["fin.database"]._is_released():
            # At the bank it would end the consent of the database that this one was copied from.
            raise UserError(self.env._("This database is a copy, or was never released: it asks no bank for anything."))
        numbers = connection._consent_numbers()
        if not numbers:
            raise UserError(self.env._("No flow of this connection has a bank journal with an account number."))
        mark = secrets.token_urlsafe(32)
        until = fields.Date.add(fields.Date.context_today(self), days=int(connector.consent_days))
        back = f"{connection.get_base_url()}/finance_integration/consent"
        asked = connector.ask(numbers, until, back, mark, psu=psu)
        return self._asked(connection, asked, mark, until, numbers)

    def _asked(self, connection, asked, mark, until, numbers):
        self.search([("connection_id", "=", connection.id), ("state", "=", "asked")])._transition("replace")
        count = self.search_count([("connection_id", "=", connection.id)]) + 1
        consent = as_writer(self).create(
            {
                "name": f"{connection.code}/{count}",
                "connection_id": connection.id,
                "company_id": connection.company_id.id,
                "mark": mark,
                "link": asked.link,
                "accounts": ", ".join(f"…{number[-4:]}" for number in numbers),
                "valid_until": until,
                "asked_by": self.env.uid,
                "asked_at": fields.Datetime.now(),
            }
        )
        consent._store(asked.reference)
        consent._audit("ask", accounts=len(numbers), until=until.isoformat())
        return consent.with_env(self.env)

    def _store(self, reference):
        """Keep what the bank knows the consent by, and only a digest of it here."""
        consent = as_writer(self)
        name = f"consent.{self.connection_id.code}.{self.id}"
        stored = self.env["fin.secret"].sudo()  # sudo: nobody types it in; it comes from the bank
        secret = stored.search([("name", "=", name)], limit=1)
        secret = secret or stored.create({"name": name, "company_id": self.company_id.id})
        as_writer(secret)._encrypt(reference)
        consent.write({"reference": f"stored:{name}", "fingerprint": digest(reference)})

    # How it stands

    def _resolved(self):
        # sudo: where it is stored is nobody's to see; the connector is given what is stored there
        return resolve(self.sudo().reference, self.connection_id._resolvers(self.company_id))

    @api.model
    def _in_force(self, code):
        """What the bank knows the valid consent of a connection by, or None."""
        # sudo: asked by the engine, for whichever company
        consent = self.sudo().search([("connection_id.code", "=", code), ("state", "=", "valid")], limit=1)
        return consent._resolved() if consent else None

    def _look(self, connector, code=None):
        """Ask the bank how it stands and follow it."""
        self.ensure_one()
        told = connector.standing(self._resolved(), code)
        if told.reference:
            self._store(told.reference)
        values = {"told": told.told[:64], "looked_at": fields.Datetime.now()}
        values |= {"valid_until": told.valid_until} if told.valid_until else {}
        values |= {"frequency": told.frequency} if told.frequency else {}
        if told.accounts:
            values["accounts"] = ", ".join(f"…{number[-4:]}" for number in told.accounts)
        as_writer(self).write(values)
        verb = _VERBS.get(told.state)
        if verb and self._lifecycle.target(verb, self.state):
            self._follow(verb, told.told)

    def _follow(self, verb, reason):
        if verb == "accept":
            # The bank has ended the one before with this one.
            others = [("connection_id", "=", self.connection_id.id), ("id", "!=", self.id), ("state", "=", "valid")]
            self.search(others)._transition("replace", reason=reason)
            self.env.flush_all()
        self._transition(verb, reason=reason)

    def _after_accept(self):
        as_writer(self).write({"link": False, "mark": False, "reminded": 0})
        self.connection_id._consent_came()

    def _after_expire(self):
        self.connection_id._consent_went()

    def _after_revoke(self):
        self.connection_id._consent_went()

    def _after_replace(self):
        # sudo: reminders of the one before are done with, whoever renewed it
        self.sudo().activity_ids.action_feedback(feedback=self.env._("A new consent has taken its place."))

    # Buttons

    def action_go(self):
        """To the page of the bank, where the holder says yes."""
        self.ensure_one()
        self.connection_id._need_consenter()
        return {"type": "ir.actions.act_url", "url": self.link, "target": "self"}

    def action_renew(self):
        """Ask for another one; this one holds until the holder has said yes to it."""
        self.ensure_one()
        return self.connection_id.action_ask_consent()

    def action_look(self):
        self.ensure_one()
        self.connection_id._need_consenter()
        self.connection_id._with_connector("consent", self._look)

    def action_revoke(self):
        """Tell the bank that it is not used any more."""
        self.ensure_one()
        self.connection_id._need_consenter()
        self.connection_id._with_connector("consent", lambda connector: connector.end(self._resolved()))
        self._transition("revoke", reason=self.env._("Ended by %s.", self.env.user.name))

    # Time

    def _watch(self):
        """Expire what is over, and remind of what soon will be."""
        today = fields.Date.context_today(self)
        for consent in self.filtered(lambda consent: consent.state == "valid" and consent.valid_until):
            left = (consent.valid_until - today).days
            if left < 0:
                consent._transition("expire", reason=self.env._("Its last day is over."))
            else:
                consent._remind(left)

    def _remind(self, left):
        """Once at each of the steps, however often somebody looks; a step that was slept over is told late."""
        due = min((days for days in self._steps() if left <= days), default=0)
        if not due or self.reminded and self.reminded <= due:
            return
        as_writer(self).write({"reminded": due})
        text = self.env._(
            "The consent of %(connection)s ends in %(days)s days, on %(day)s. Renew it before: afterwards the bank "
            "tells nothing more. Open the consent, choose Renew, and say yes on the page of the bank.",
            connection=self.connection_id.name,
            days=left,
            day=self.valid_until,
        )
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.valid_until,
            summary=self.env._("Renew the consent of %s", self.connection_id.name),
            note=text,
            user_id=(self.connection_id._consent_owner() or self.asked_by).id,
        )
        self._audit("remind", days=left)

    def _steps(self):
        """Days before the end at which somebody is reminded; the company's policy may say others."""
        return REMINDED

    @api.model
    def _by_mark(self, mark):
        """The consent that somebody comes back for from the bank; compared in constant time."""
        # sudo: the mark is nobody's to see
        waiting = self.sudo().search([("state", "=", "asked"), ("mark", "!=", False)])
        found = waiting.filtered(lambda consent: secrets.compare_digest(consent.mark.encode(), mark.encode()))
        if not found:
            raise ConfigurationError("nobody waits for this consent", code="unknown_consent")
        return found.with_env(self.env)

    @api.model
    def _frequency_of(self, code):
        rows = self.env.execute_query(
            SQL(
                """SELECT frequency FROM fin_consent c JOIN fin_connection n ON n.id = c.connection_id
                WHERE n.code = %s AND c.state = 'valid' AND c.frequency > 0""",
                code,
            )
        )
        return rows[0][0] if rows else None
