from odoo import models

from odoo.addons.finance_integration_governance.models.screen import act_window


class FinActualPeriod(models.Model):
    _inherit = "fin.actual.period"

    def action_open_cells(self):
        """The figures of the period, as its run found them."""
        self.ensure_one()
        place = [("run_id", "=", self.run_id.id), ("company_id", "=", self.company_id.id), ("on", "=", self.last_on)]
        name = self.env._("Figures of %s", self.display_name)
        return act_window(self.env, "fin_item_action", place, name, is_of_one_run=True)
