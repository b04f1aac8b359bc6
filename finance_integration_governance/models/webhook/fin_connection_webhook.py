import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...core.references import is_reference, resolve


class FinConnection(models.Model):
    """The other side may call, signed, when there is something to fetch; a version says which secrets are believed."""

    _inherit = "fin.connection"

    webhook_token = fields.Char(readonly=True, copy=False, groups="finance_integration_governance.group_administrator")
    webhook_url = fields.Char(
        "Address for Signed Calls",
        compute="_compute_webhook_url",
        groups="finance_integration_governance.group_administrator",
    )
    webhook_secrets = fields.Text(
        "Secrets of Signed Calls",
        tracking=True,
        help="References, one in a line: while a secret is being changed, the old and the new one.",
    )
    webhook_ids = fields.One2many("fin.webhook", compute="_compute_webhook_ids", string="Signed Calls")

    _webhook_token_uniq = models.UniqueIndex("(webhook_token) WHERE webhook_token IS NOT NULL")

    @api.depends("webhook_token")
    def _compute_webhook_url(self):
        for connection in self:
            token = connection.webhook_token
            connection.webhook_url = token and f"{connection.get_base_url()}/finance_integration/webhook/{token}"

    def _compute_webhook_ids(self):
        for connection in self:
            connection.webhook_ids = self.env["fin.webhook"].search([("code", "=", connection.code)])

    @api.constrains("webhook_secrets")
    def _check_webhook_secrets(self):
        for connection in self:
            if not all(map(is_reference, connection._webhook_references())):
                raise ValidationError(
                    self.env._(
                        "%(label)s takes a reference such as env:NAME or stored:name, never the secret itself.",
                        label=self._fields["webhook_secrets"].string,
                    )
                )

    def _webhook_references(self):
        return [line.strip() for line in (self.webhook_secrets or "").splitlines() if line.strip()]

    def _document(self):
        references = self._webhook_references()
        return super()._document() | ({"webhook": references} if references else {})

    def action_take_calls(self):
        """Give the connection an address of its own; a second time, another one."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_administrator")
        self.check_access("write")
        self.webhook_token = secrets.token_urlsafe(24)
        self.env["fin.audit.event"]._append("fin.connection.webhook", self._name, self.code, self.company_id)

    @api.model
    def _of_token(self, token):
        # sudo: who calls is nobody here; what they may do is decided by their signature
        return self.sudo().search([("webhook_token", "=", token)], limit=1) if token else self.sudo().browse()

    def _woken(self):
        """The flows in use whose approved version believes signed calls of this connection."""
        in_use = self.flow_ids.filtered(lambda flow: flow.state == "active" and flow.live_version_id)
        return in_use.filtered(lambda flow: self._believed(flow))

    def _believed(self, flow):
        told = flow._document().connection
        return told.get("webhook", []) if told["code"] == self.code else []

    def _webhook_secrets(self, flows):
        """The secrets that the flows' approved versions name."""
        references = sorted({reference for flow in flows for reference in self._believed(flow)})
        return [resolve(reference, self._resolvers(self.company_id)) for reference in references]
