from odoo import models
from odoo.tools import ormcache


class ResPartner(models.Model):
    """Who turns the mail address of an approver, or sends them a link for a new password, has power over them."""

    _inherit = "res.partner"

    def write(self, vals):
        done = super().write(vals)
        if ("email" in vals or vals.get("signup_type")) and self._fin_approver_partners().intersection(self.ids):
            users = self.sudo().user_ids  # sudo: whoever may write the partner need not see its users
            self.env["fin.grant"]._note(users.filtered(lambda user: user.id != self.env.uid), "access")
        return done

    @ormcache()
    def _fin_approver_partners(self):
        """Kept, so that writing on partners costs no query."""
        return frozenset(self.env["fin.grant"]._approvers().partner_id.ids)
