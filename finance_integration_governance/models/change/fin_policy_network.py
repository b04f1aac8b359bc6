"""Which hosts inside may be called, and which gateways there are: part of the company's policy."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...core.addresses import Endpoint
from ...core.errors import ConfigurationError, IntegrationError
from ...core.gateway import Gateway


class FinPolicyHost(models.Model):
    """One host inside that connections may reach, or one gateway. Takes effect with the policy that names it."""

    _name = "fin.policy.host"
    _description = "Allowed Host"
    _inherit = ["fin.working.part"]
    _order = "kind, address"
    _rec_name = "address"

    policy_id = fields.Many2one("fin.policy", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="policy_id.company_id", store=True, precompute=True)
    kind = fields.Selection([("host", "Host inside"), ("gateway", "Gateway")], required=True, default="host")
    name = fields.Char(help="A gateway's name, by which connections choose it.")
    address = fields.Char(required=True, help="A host as name, name:port or address; a gateway as http://host:port.")
    reason = fields.Char(required=True, string="Why")

    _address_uniq = models.UniqueIndex("(policy_id, kind, address)", "This address is listed already.")
    _name_uniq = models.UniqueIndex("(policy_id, name) WHERE kind = 'gateway'", "There is a gateway of this name.")
    _named = models.Constraint("CHECK(kind <> 'gateway' OR name IS NOT NULL)", "A gateway has a name.")

    @api.constrains("kind", "address")
    def _check_address(self):
        for host in self:
            try:
                host._read_address()
            except IntegrationError as error:
                told = self.env._("%(address)s: %(wrong)s", address=host.address, wrong=error.text)
                raise ValidationError(told) from error

    def _read_address(self):
        """ConfigurationError where the address is none; a host stands without scheme and path."""
        if self.kind == "gateway":
            return Gateway(self.address)
        # An address of version 6 stands in brackets in a URL, and without them on the list.
        host = f"[{self.address}]" if self.address.count(":") > 1 else self.address
        read = Endpoint.of(f"https://{host}", [self.address])
        if read.path or self.address != self.address.lower():
            raise ConfigurationError("a host stands in small letters, without https:// and without a path")
        return read

    def _working_copies(self):
        return [self.policy_id]

    @api.model
    def _unknown_gateway(self, name):
        return ConfigurationError(f"the gateway {name} is not in the policy that is in force", code="unknown_gateway")


class FinPolicy(models.Model):
    _inherit = "fin.policy"

    host_ids = fields.One2many("fin.policy.host", "policy_id", string="Hosts and Gateways")

    def _compose(self):
        hosts = sorted(self.host_ids.filtered(lambda h: h.kind == "host").mapped("address"))
        gateways = {h.name: h.address for h in self.host_ids if h.kind == "gateway"}
        reasons = {h.address: h.reason for h in self.host_ids}
        told = {"hosts": hosts, "gateways": gateways, "reasons": reasons}
        return super()._compose() | ({"network": told} if reasons else {})
