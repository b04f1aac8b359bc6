"""The way of a connection to its system: whom it trusts, what it shows, and through which gateway it goes."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...core.errors import IntegrationError
from ...core.network import Network, certificates
from ...core.references import is_reference, resolve
from ..installation import listed
from ..writer import as_writer

SECRETS = ("client_certificate", "gateway_login")


class FinConnection(models.Model):
    _inherit = "fin.connection"

    authority_certificates = fields.Text(
        "Private Authority",
        tracking=True,
        help="Certificates (PEM) of the authority that has signed the system's. They take the place of all others.",
    )
    client_certificate = fields.Char(
        tracking=True, help="Reference to certificate and private key (PEM) that the system asks us for."
    )
    gateway = fields.Char(tracking=True, help="A gateway of the company's policy that calls go through.")
    gateway_login = fields.Char("Login at the Gateway", tracking=True, help="Reference to user:password.")

    @api.constrains(*SECRETS)
    def _check_network_secrets(self):
        for connection in self:
            for name in SECRETS:
                if connection[name] and not is_reference(connection[name]):
                    label = connection._fields[name].string
                    raise ValidationError(
                        self.env._(
                            "%(label)s takes a reference such as env:NAME or stored:name, never the secret itself.",
                            label=label,
                        )
                    )

    @api.constrains("authority_certificates")
    def _check_authority_certificates(self):
        for connection in self:
            try:
                certificates(Network(authority=connection.authority_certificates or ""))
            except IntegrationError as error:
                raise ValidationError(error.text) from error

    def _document(self):
        way = {
            "authority": self.authority_certificates,
            "certificate": self.client_certificate,
            "gateway": self.gateway,
            "gateway_login": self.gateway_login,
        }
        told = {name: value for name, value in way.items() if value}
        return super()._document() | ({"network": told} if told else {})

    def _equip(self, connector, document, company):
        super()._equip(connector, document, company)
        allowed = company._fin_policy().get("network", {})
        connector.allowed_hosts = (*listed("allowed_hosts"), *allowed.get("hosts", ()))
        connector.network = self._network(document, company, allowed.get("gateways", {}))
        connector.keepers = self._keepers(type(connector), document, company)

    def _network(self, document, company, gateways):
        """The way that the document describes; ConfigurationError for a gateway that the policy does not name."""
        told = document.get("network", {})
        secrets = {name: self._behind(told.get(name), company) for name in ("certificate", "gateway_login")}
        gateway = self._gateway(told["gateway"], gateways) if told.get("gateway") else ""
        before = self._before_call(document, company)
        return Network(authority=told.get("authority", ""), gateway=gateway, before=before, **secrets)

    def _behind(self, reference, company):
        return resolve(reference, self._resolvers(company)) if reference else ""

    def _gateway(self, name, gateways):
        if name not in gateways:
            raise self.env["fin.policy.host"]._unknown_gateway(name)
        return gateways[name]

    def _before_call(self, document, company):
        """What is asked before each call of the connection, or None; it raises TransientError to put the call off."""
        return

    def _keepers(self, cls, document, company):
        """Setting -> who keeps its secret when the other side has changed it: those that stand in the store."""
        told = document.get("settings", {})
        stored = {
            s.name: told[s.name] for s in cls.settings if s.secret and str(told.get(s.name)).startswith("stored:")
        }
        return {name: self._keeper(where.removeprefix("stored:"), company) for name, where in stored.items()}

    def _keeper(self, name, company):
        return lambda value: self.env["fin.secret"]._keep_apart(name, company, value)


class FinSecret(models.Model):
    _inherit = "fin.secret"

    @api.model
    def _keep_apart(self, name, company, value):
        """Store what the other side gave in the place of the secret, in a transaction of its own.

        The old one is used up: it would be lost with it if the run's transaction ended badly.
        """
        with self.env.registry.cursor() as cr:
            # sudo: nobody may write a secret that the engine was given
            secrets = self.with_env(self.env(cr=cr)).sudo()
            secret = secrets.search([("name", "=", name), ("company_id", "in", [False, company.id])], limit=1)
            as_writer(secret)._encrypt(value)
