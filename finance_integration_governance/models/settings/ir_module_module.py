from odoo import models
from odoo.exceptions import UserError

from ...core.canonical import canonical, digest

KERNEL = "finance_integration_governance"


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def button_uninstall(self):
        """Evidence does not go with a click: the kernel stays as long as runs or events need it."""
        if KERNEL in self.mapped("name"):
            self._fin_guard_evidence()
        return super().button_uninstall()

    def _fin_guard_evidence(self):
        evidence = self._fin_evidence()
        if not any(evidence.values()):
            return
        granted = self.env["fin.approval"]._is_sealed("uninstall", self._name, KERNEL, digest(canonical(evidence)))
        if not granted:
            raise UserError(
                self.env._(
                    "%(runs)s runs and %(events)s audit events would be lost. Two persons have to confirm that an "
                    "exported and verified evidence pack exists before this can be uninstalled.",
                    **evidence,
                )
            )

    def _fin_evidence(self):
        # sudo: counted on behalf of whoever uninstalls
        env = self.sudo().env
        return {"runs": env["fin.run"].search_count([]), "events": env["fin.audit.event"].search_count([])}
