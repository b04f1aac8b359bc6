from odoo import models
from odoo.exceptions import UserError

from .res_config_settings_policy import PREFIX

PARAMETER = "finance_integration.policy."
KINDS = {"integer": int, "float": float, "char": str, "text": str, "selection": str}


class FinPolicy(models.Model):
    """A policy asked for by way of Odoo's settings or a system parameter."""

    _inherit = "fin.policy"

    def _settings(self):
        """What the settings show: the working copy's values by the names that the settings have for them."""
        settings = self.env["res.config.settings"]._fields
        names = [name for name, field in settings.items() if name.startswith(PREFIX) and field.store is not False]
        known = [name for name in names if name.removeprefix(PREFIX) in self._fields and not settings[name].compute]
        return {name: self._plain(name.removeprefix(PREFIX)) for name in known}

    def _plain(self, name):
        value = self[name]
        return (
            value.ids
            if self._fields[name].type in ("one2many", "many2many")
            else (value.id if isinstance(value, models.BaseModel) else value)
        )

    def _ask(self, asked, reason):
        """Write what differs into the working copy and submit it; returns the change request, empty where none."""
        self.ensure_one()
        self.env["fin.approval"]._need_any("finance_integration_governance.group_administrator", "base.group_system")
        # sudo: whoever may open Odoo's settings may ask; the yes is another person's
        policy, changes = self.sudo(), self.env["fin.change"].sudo()
        differing = {name: value for name, value in asked.items() if policy[name] != value}
        if not differing:
            return changes
        policy.write({name: policy._fields[name].convert_to_write(value, policy) for name, value in differing.items()})
        if policy.live_version_id.digest == policy._written()[1]:
            return changes  # back to what is in force: whatever waited is withdrawn by the edit
        change = changes._propose(policy, reason)
        change.action_submit()
        return change

    def _need_proposer(self):
        """An administrator of the suite, or of Odoo's settings: what they save there is a proposal, too."""
        self.env["fin.approval"]._need_any("finance_integration_governance.group_administrator", "base.group_system")
        self.check_access("read")

    def _ask_by_parameter(self, key, value):
        """A system parameter that means a part of the policy; returns what is in force, as text."""
        name = key.removeprefix(PARAMETER)
        field = self._fields.get(name)
        if not key.startswith(PARAMETER) or f"{PREFIX}{name}" not in self.env["res.config.settings"]._fields:
            raise UserError(self.env._("%s is no setting of the finance integrations.", key))
        self._ask({name: self._typed(field, value)}, self.env._("Written to the system parameter %s", key))
        return f"waits for approval: {value}"

    def _typed(self, field, value):
        if field.type == "boolean":
            return str(value).strip().lower() in ("1", "true", "yes")
        if field.type not in KINDS:
            raise UserError(self.env._("%s is set in the settings, not by a parameter.", field.string))
        try:
            return KINDS[field.type](value)
        except ValueError:
            raise UserError(self.env._("%(value)s is no value of %(name)s.", value=value, name=field.string)) from None
