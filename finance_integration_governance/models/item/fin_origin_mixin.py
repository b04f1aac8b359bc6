from odoo import api, fields, models


class FinOriginMixin(models.AbstractModel):
    """Where a business record came from: the run and the item behind it, found through its binding."""

    _name = "fin.origin.mixin"
    _description = "Origin"

    fin_item_id = fields.Many2one(
        "fin.item", compute="_compute_fin_origin", compute_sudo=True, string="Integration Item"
    )
    fin_run_id = fields.Many2one("fin.run", compute="_compute_fin_origin", compute_sudo=True, string="Integration Run")

    @api.depends_context("uid")
    def _compute_fin_origin(self):
        bindings = self.env["fin.binding"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("live", "=", True)]
        )
        found = {binding.res_id: binding for binding in bindings}
        for record in self:
            binding = found.get(record.id, self.env["fin.binding"])
            record.fin_item_id, record.fin_run_id = binding.item_id, binding.run_id

    def action_fin_open_run(self):
        """Go to the run that brought this record."""
        self.ensure_one()
        return self.fin_run_id._open()
