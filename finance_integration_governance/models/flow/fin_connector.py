from functools import cache
from importlib import import_module
from importlib.util import find_spec

from odoo import api, fields, models

from ...core.connector import Connector, Source
from ...core.errors import ConfigurationError


@cache
def _declared(addon):
    """The addon's list `CONNECTORS`, empty where it has none; code does not change while it runs."""
    name = f"odoo.addons.{addon}.core"
    return getattr(import_module(name), "CONNECTORS", []) if find_spec(name) else []


class FinConnector(models.Model):
    """The catalogue, computed from the code: one row per connector class of the installed addons."""

    _name = "fin.connector"
    _description = "Connector"
    _order = "name"

    name = fields.Char(required=True, readonly=True)
    code = fields.Char(required=True, readonly=True)
    addon = fields.Char(required=True, readonly=True)
    direction = fields.Selection([("inbound", "Into Odoo"), ("outbound", "Out of Odoo")], required=True, readonly=True)
    carries = fields.Char(readonly=True, help="The canonical objects that it gives or takes.")
    description = fields.Text(readonly=True)
    settings_definition = fields.PropertiesDefinition()

    _code_uniq = models.Constraint("UNIQUE(code)", "Two connectors have the same code.")

    @api.model
    def _classes(self):
        """code -> (addon, class) over all installed addons."""
        found = {}
        for addon in self.env.registry._init_modules:
            for cls in _declared(addon):
                if cls.code in found:
                    raise ConfigurationError(f"two connectors are called {cls.code}")
                found[cls.code] = (addon, cls)
        return found

    @api.model
    def _class(self, code):
        try:
            return self._classes()[code][1]
        except KeyError:
            raise ConfigurationError(f"the connector {code} is not installed", connector=code) from None

    def _register_hook(self):
        super()._register_hook()
        if self.env.registry.updated_modules or not self.sudo().search_count([]):  # sudo: at loading, no user acts
            self._refresh()

    @api.model
    def _refresh(self):
        """Bring the catalogue in line with the code."""
        declared = self._classes()
        known = {row.code: row for row in self.search([])}
        for code, (addon, cls) in declared.items():
            vals = self._vals(addon, cls)
            if code in known:
                known[code].write(vals)
            else:
                self.create({"code": code, **vals})

    def _vals(self, addon, cls):
        return {
            "name": cls.label,
            "addon": addon,
            "direction": "inbound" if issubclass(cls, Source) else "outbound",
            "carries": ", ".join(sorted(carried.contract for carried in cls.carries)),
            "description": (cls.__doc__ or Connector.__doc__).strip(),
            "settings_definition": [self._property(setting) for setting in cls.settings],
        }

    def _property(self, setting):
        kinds = {"integer": "integer", "boolean": "boolean", "choice": "selection"}
        described = {"name": setting.name, "string": setting.label, "type": kinds.get(setting.kind, "char")}
        if setting.kind == "choice":
            described["selection"] = [[choice, choice] for choice in setting.choices]
        if setting.default is not None:
            described["default"] = setting.default
        return described

    @api.model
    def _withdraw(self, addon):
        """The addon goes: its flows pause, and say why."""
        rows = self.search([("addon", "=", addon)])
        flows = self.env["fin.flow"].search([("connection_id.connector_id", "in", rows.ids), ("state", "=", "active")])
        flows._transition("pause", reason=f"{addon} is being uninstalled")
