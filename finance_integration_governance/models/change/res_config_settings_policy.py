from odoo import api, fields, models

PREFIX = "fin_policy_"


class ResConfigSettings(models.TransientModel):
    """What a company's policy says, as settings. Saved, it becomes a change request and waits for a second person.

    A field `fin_policy_<name>` shows and asks for the policy's field `<name>`; addons add theirs by that name.
    """

    _inherit = "res.config.settings"

    fin_policy_approvals_normal = fields.Integer("Approvers of a Normal Change")
    fin_policy_approvals_high = fields.Integer("Approvers of a High Change")
    fin_policy_approvals_critical = fields.Integer("Approvers of a Critical Change")
    fin_policy_version_id = fields.Many2one("fin.version", compute="_compute_fin_policy", string="Policy in Force")
    fin_policy_change_id = fields.Many2one("fin.change", compute="_compute_fin_policy", string="Waits for Approval")

    fin_policy_waiting = fields.Char(compute="_compute_fin_policy", string="Change that waits")

    @api.depends("company_id")
    def _compute_fin_policy(self):
        for settings in self:
            # sudo: whoever may open Odoo's settings may know what is in force and what waits
            policy = self.env["fin.policy"].sudo()._of(settings.company_id)
            settings.fin_policy_version_id = policy.live_version_id
            waiting = policy.version_ids.filtered(lambda v: v.state in ("proposed", "review", "approved"))
            change = settings.fin_policy_change_id = waiting[:1].change_id
            settings.fin_policy_waiting = f"{change.name}: {change.reason or ''}".rstrip(": ") if change else False

    @api.model
    def get_values(self):
        # sudo: as above
        return {**super().get_values(), **self.env["fin.policy"].sudo()._of(self.env.company)._settings()}

    def set_values(self):
        super().set_values()
        # sudo: whoever may save Odoo's settings need hold no role of ours
        policy = self.env["fin.policy"].sudo()._of(self.company_id)
        asked = {name.removeprefix(PREFIX): self[name] for name in policy._settings()}
        policy._ask(asked, self.env._("Saved in the settings"))
