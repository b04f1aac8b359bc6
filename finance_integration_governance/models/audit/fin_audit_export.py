from odoo import models

from ...core.canonical import canonical, digest
from .fin_audit_event import NAMED


class Base(models.AbstractModel):
    """Lists of the suite's records that leave through Odoo's export.

    On `base`, so that no model of the suite is forgotten; other models pass by with one comparison of their name.
    """

    _inherit = "base"

    def export_data(self, fields_to_export):
        told = super().export_data(fields_to_export)
        if self._name.startswith("fin."):
            self._fin_log_export(fields_to_export, told["datas"])
        return told

    def _fin_log_export(self, names, rows):
        """Who took what: columns, how many rows, and a digest of them; on record before they are handed out."""
        seen = digest(canonical([[str(cell) for cell in row] for row in rows]))
        facts = {"fields": "; ".join(map(str, names[: NAMED * 20])), "count": len(self), "digest": seen}
        company = self.env.company
        self.env["fin.audit.event"]._append_apart(f"{self._name}.export", self._name, "list", company, facts)
