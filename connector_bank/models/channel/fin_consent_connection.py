from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.finance_integration_governance.core.errors import IntegrationError

from ...core.bank_api import BankApi
from ...core.psd2 import FREQUENCY
from ...core.statement import account_number

EXPIRED = "consent_expired"


class FinConnection(models.Model):
    """A bank's interface tells nothing without the consent of whoever holds the accounts."""

    _inherit = "fin.connection"

    consent_ids = fields.One2many("fin.consent", "connection_id")
    consent_id = fields.Many2one("fin.consent", "Consent in Force", compute="_compute_consent_id")
    bank_quota_ids = fields.One2many("fin.bank.quota", compute="_compute_bank_quota_ids", string="Pulls")
    needs_consent = fields.Boolean(compute="_compute_needs_consent")

    @api.depends("connector_id")
    def _compute_needs_consent(self):
        for connection in self:
            code = connection.connector_id.code
            connection.needs_consent = bool(code) and is_bank_api(self.env, code)

    def _compute_bank_quota_ids(self):
        for connection in self:
            mine = [("code", "=", connection.code), ("company_id", "=", connection.company_id.id)]
            connection.bank_quota_ids = self.env["fin.bank.quota"].search(mine, limit=40)

    @api.depends("consent_ids.state")
    def _compute_consent_id(self):
        """The one that holds, or else the newest."""
        for connection in self:
            valid = connection.consent_ids.filtered(lambda consent: consent.state == "valid")
            connection.consent_id = (valid or connection.consent_ids.sorted("id", reverse=True))[:1]

    def _equip(self, connector, document, company):
        super()._equip(connector, document, company)
        if isinstance(connector, BankApi):
            code, quota = document["code"], self.env["fin.bank.quota"]
            connector.consent = self.env["fin.consent"]._in_force(code)
            allowed = self.env["fin.consent"]._frequency_of(code) or FREQUENCY
            zone = self._zone_of(code)
            connector.take = lambda number: quota._take(code, company, number, allowed, zone)

    @api.model
    def _zone_of(self, code):
        """The time zone in which a bank's day is counted: that of the flows."""
        # sudo: asked by the engine, for whichever company
        flow = self.env["fin.flow"].sudo().search([("connection_id.code", "=", code)], limit=1)
        return ZoneInfo(flow.tz or "UTC")

    def _consent_numbers(self):
        """The accounts that its flows book."""
        journals = self.flow_ids.filtered(lambda flow: flow.state != "retired").journal_ids
        numbers = {account_number(journal.bank_account_id.acc_number) for journal in journals}
        return sorted(numbers - {None})

    def _consent_owner(self):
        flow = self.flow_ids.filtered(lambda flow: flow.state in ("active", "paused"))[:1] or self.flow_ids[:1]
        return flow._people("technical")[:1] or flow._notify()

    def _need_consenter(self):
        self.env["fin.approval"]._need_group("group_administrator")
        self.check_access("read")

    def _with_connector(self, why, act):
        """Do something with the connector; what it asked of the bank is logged, whatever came of it."""
        connector = self._build(self._document(), self.company_id)
        try:
            return act(connector)
        except IntegrationError as error:
            raise UserError(self.env._("The bank did not answer as it should: %s", error.text)) from error
        finally:
            self._log_calls(why, connector)

    def action_ask_consent(self):
        """Ask the bank for a consent, and show where its holder says yes."""
        self.ensure_one()
        self._need_consenter()
        # A person is there, so the bank is told where from; a run never tells that.
        psu = request.httprequest.remote_addr if request else None
        consent = self._with_connector("consent", lambda one: self.env["fin.consent"]._ask(self, one, psu))
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.consent",
            "res_id": consent.id,
            "view_mode": "form",
            "name": self.env._("Consent of %s", self.name),
        }

    def _consent_came(self):
        """What stood still goes on: the days that were missed are pulled at once."""
        flows = self._flows_in_use()
        for flow in flows:
            reason = self.env._("The consent was renewed.")
            self.env["fin.exception"]._close_for_flow(flow, EXPIRED, reason)
            if flow.live_version_id:
                self.env["fin.slot"]._event(flow, flow._document(), "consent", fields.Datetime.now())

    def _consent_went(self):
        for flow in self._flows_in_use():
            flow._tell_consent_missing()

    def _flows_in_use(self):
        # sudo: whoever renews a consent need not see every flow that it serves
        return self.sudo().flow_ids.filtered(lambda flow: flow.state in ("active", "paused"))


def is_bank_api(env, code):
    found = env["fin.connector"]._classes().get(code)
    return bool(found) and issubclass(found[1], BankApi)
