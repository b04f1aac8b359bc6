from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...core.errors import ConfigurationError
from ...core.secretbox import SecretBox
from ..installation import listed
from ..writer import as_writer, refuse_strangers


class FinSecret(models.Model):
    """A secret, encrypted under a key that stands outside the database. Written in the web client, never read there."""

    _name = "fin.secret"
    _description = "Stored Secret"
    _order = "name"

    name = fields.Char(required=True, help="Connections refer to it as stored:<name>.")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    value = fields.Char(compute="_compute_value", inverse="_inverse_value", string="New Value", store=False)
    token = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    is_set = fields.Boolean(compute="_compute_is_set", compute_sudo=True)
    changed_at = fields.Datetime(readonly=True, copy=False)

    _name_uniq = models.Constraint("UNIQUE(name)", "There is already a secret with this name.")

    @api.depends_context("uid")
    def _compute_value(self):
        self.value = False

    def _inverse_value(self):
        for secret in self:
            if secret.value:
                secret._encrypt(secret.value)

    @api.depends("token")
    def _compute_is_set(self):
        for secret in self:
            secret.is_set = bool(secret.token)

    @api.model_create_multi
    def create(self, vals_list):
        if any("token" in vals for vals in vals_list):
            refuse_strangers(self)
        return super().create(vals_list)

    def write(self, vals):
        if "token" in vals:
            refuse_strangers(self)
        return super().write(vals)

    def export_data(self, fields_to_export):
        raise AccessError(self.env._("Stored secrets are not exported."))

    def _encrypt(self, value):
        token = self._box().encrypt(value)
        as_writer(self).write({"token": token, "changed_at": fields.Datetime.now()})
        self.env["fin.audit.event"]._append("fin.secret.set", self._name, self.name, self.company_id)

    @api.model
    def _resolve(self, name, company):
        """The clear value behind stored:<name> for the engine, of this company or of none."""
        # sudo: the token is readable by nobody; only the engine decrypts it, at use
        secret = self.sudo().search([("name", "=", name), ("company_id", "in", [False, company.id])], limit=1)
        if not secret.token:
            raise ConfigurationError(f"no secret is stored under {name}", name=name)
        return self._box().decrypt(secret.token)

    @api.model
    def _rotate(self):
        """Encrypt every secret anew under the first key; returns how many."""
        # sudo: called from the command line by whoever holds odoo.conf
        secrets = self.sudo().search([("token", "!=", False)])
        for secret in secrets:
            as_writer(secret).write({"token": self._box().rotate(secret.token)})
            self.env["fin.audit.event"]._append("fin.secret.rotate", self._name, secret.name, secret.company_id)
        return len(secrets)

    @api.model
    def _box(self):
        keys = listed("secret_key")
        if not keys:
            raise UserError(self.env._("No secret_key stands in the section [finance_integration] of odoo.conf."))
        return SecretBox(keys)
