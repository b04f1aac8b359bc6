from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """Whoever is archived owns nothing any more, and the flows that were theirs say so at once."""
        done = super().write(vals)
        if "active" in vals:
            self._fin_watch_flows()
        return done

    def _fin_watch_flows(self):
        # sudo: whoever archives a user need not see the flows that the user owned
        flows = self.env["fin.flow.role"].sudo().search([("user_id", "in", self.ids)]).flow_id
        flows.filtered(lambda flow: flow.state in ("active", "paused"))._watch()
