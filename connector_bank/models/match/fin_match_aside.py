from odoo import api, models

# Who matches bank lines where they are installed: two screens that do the same are one too many.
OTHERS = ("account_accountant", "account_reconcile_oca")


class FinMatchAside(models.AbstractModel):
    """Whether another addon matches bank lines here; then ours steps aside: no menu, no step of a run."""

    _name = "fin.match.aside"
    _description = "Who matches bank lines"

    @api.model
    def _who(self):
        """The title of the addon that matches, or an empty text."""
        # sudo: which addons are there is no secret
        modules = self.env["ir.module.module"].sudo().search([("name", "in", OTHERS), ("state", "=", "installed")])
        return modules[:1].shortdesc or modules[:1].name or ""


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Not shown where another addon matches."""
        told = super()._load_menus_blacklist()
        if self.env["fin.match.aside"]._who():
            menu = self.env.ref("connector_bank.fin_match_menu", raise_if_not_found=False)
            told += menu.ids if menu else []
        return told
