import json
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...core.contract import schema
from ...core.contracts import Version, standing


@cache
def _named(addon):
    """The addon's list `CONTRACTS`, empty where it has none; code does not change while it runs."""
    name = f"odoo.addons.{addon}.core"
    return getattr(import_module(name), "CONTRACTS", []) if find_spec(name) else []


class FinContract(models.Model):
    """The register of contracts, computed from the code: one row per version, with the dates that people set.

    Deprecation and sunset take effect as part of the versions of the flows that use the contract.
    """

    _name = "fin.contract"
    _description = "Contract"
    _inherit = ["fin.working.part", "mail.thread"]
    _watched = frozenset({"deprecated_on", "sunset_on"})
    _order = "name"

    name = fields.Char(required=True, readonly=True, string="Contract")
    addon = fields.Char(readonly=True)
    is_here = fields.Boolean(readonly=True, string="Installed", help="The code that is installed makes or takes it.")
    deprecated_on = fields.Date(
        tracking=True, help="From this day on, the owners of the flows that use it are told once."
    )
    sunset_on = fields.Date(tracking=True, help="The last day on which it is used; afterwards its flows stop.")
    replaced_by = fields.Char(tracking=True, help="What takes its place, such as bank.entry/2.0.")
    standing = fields.Selection(
        [("active", "Active"), ("deprecated", "Deprecated"), ("sunset", "Ended")], compute="_compute_standing"
    )
    schema = fields.Text(compute="_compute_schema", string="JSON Schema")
    flow_ids = fields.Many2many("fin.flow", compute="_compute_flows", string="Flows")
    flow_count = fields.Integer(compute="_compute_flows")
    has_changed_flows = fields.Boolean(compute="_compute_flows")

    _name_uniq = models.Constraint("UNIQUE(name)", "There is already a contract with this name and version.")

    @api.depends("deprecated_on", "sunset_on")
    def _compute_standing(self):
        today = fields.Date.context_today(self)
        for contract in self:
            contract.standing = standing(contract._dates(), today)

    def _compute_schema(self):
        for contract in self:
            cls = self._class(contract.name)
            contract.schema = json.dumps(schema(cls), indent=2, ensure_ascii=False) if cls else False

    def _compute_flows(self):
        used = {flow: set(flow._contracts()) for flow in self.env["fin.flow"].search([("state", "!=", "retired")])}
        for contract in self:
            flows = self.env["fin.flow"].union(*(flow for flow, names in used.items() if contract.name in names))
            contract.flow_ids, contract.flow_count = flows, len(flows)
            contract.has_changed_flows = any(
                flow._document_contracts().get(contract.name, {}) != contract._dates() for flow in flows
            )

    @api.constrains("deprecated_on", "sunset_on")
    def _check_dates(self):
        for contract in self.filtered("sunset_on"):
            if not contract.deprecated_on or contract.deprecated_on > contract.sunset_on:
                raise ValidationError(
                    self.env._("A contract is deprecated before its sunset: its owners have to know.")
                )

    @api.constrains("replaced_by")
    def _check_replaced_by(self):
        for contract in self.filtered("replaced_by"):
            try:
                Version.read(contract.replaced_by)
            except ValueError as error:
                raise ValidationError(str(error)) from None

    def write(self, vals):
        if not set(vals) <= {"deprecated_on", "sunset_on", "replaced_by"} and not self.env.su:
            raise UserError(self.env._("Contracts are written in the code; only their dates are set here."))
        return super().write(vals)

    def _working_copies(self):
        # sudo: whoever sets the dates changes what flows propose, also those not seen here
        flows = self.env["fin.flow"].sudo().search([("state", "!=", "retired")])
        mine = set(self.mapped("name"))
        return [flows.filtered(lambda flow: mine & set(flow._contracts())).with_env(self.env)]

    def _dates(self):
        """What a version keeps of the contract."""
        told = {"deprecated_on": self.deprecated_on, "sunset_on": self.sunset_on}
        return {name: day.isoformat() for name, day in told.items() if day}

    @api.model
    def _pin(self, names):
        """contract -> its dates, as a version keeps them."""
        rows = {row.name: row._dates() for row in self.search([("name", "in", list(names))])}
        return {name: rows.get(name, {}) for name in sorted(names)}

    # The code

    @api.model
    def _classes(self):
        """contract -> (addon, class) of everything that the installed addons name or carry."""
        found = {}
        for addon in self.env.registry._init_modules:
            found |= {cls.contract: (addon, cls) for cls in _named(addon)}
        for addon, connector in self.env["fin.connector"]._classes().values():
            found |= {cls.contract: (addon, cls) for cls in connector.carries}
        return found

    @api.model
    def _class(self, name):
        """The dataclass of a contract; None where nothing here makes or takes it."""
        return self._classes().get(name, (None, None))[1]

    @api.model
    def _reader(self, name):
        """The dataclass that reads what was stored under the contract: its own, or that of a later minor version.

        A minor version only adds optional members, so what was stored before it reads the same.
        """
        here = self._classes()
        if name in here:
            return here[name][1]
        major = name.rpartition(".")[0]
        return next((cls for known, (_addon, cls) in sorted(here.items()) if known.rpartition(".")[0] == major), None)

    def _register_hook(self):
        super()._register_hook()
        if self.env.registry.updated_modules or not self.sudo().search_count([]):  # sudo: at loading, no user acts
            self.sudo()._refresh()  # sudo: at loading, no user acts

    @api.model
    def _refresh(self):
        """Bring the register in line with the code; what the code has no more stays, with its dates."""
        here = self._classes()
        known = {row.name: row for row in self.search([])}
        for name, (addon, _cls) in here.items():
            if name in known:
                known[name].write({"addon": addon, "is_here": True})
            else:
                self.create({"name": name, "addon": addon, "is_here": True})
        self.browse([row.id for name, row in known.items() if name not in here]).write({"is_here": False})

    # People

    def action_propose(self):
        """One change request with a new version of every flow that uses the contract: its dates take effect with it."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_administrator")
        return self.env["fin.change"]._ask_why(self.flow_ids, self._reason())

    def _reason(self):
        return self.env._(
            "%(name)s: deprecated on %(deprecated)s, last day %(sunset)s",
            name=self.name,
            deprecated=self.deprecated_on or "–",
            sunset=self.sunset_on or "–",
        )

    def action_open_flows(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("finance_integration_governance.fin_flow_action")
        return {**action, "domain": [("id", "in", self.flow_ids.ids)]}
