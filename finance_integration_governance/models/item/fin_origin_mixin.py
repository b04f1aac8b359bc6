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
        found = self._fin_bound(self.ids, True)
        # What was rolled back, and what reversed it, has an origin as well.
        found |= self._fin_bound([record_id for record_id in self.ids if record_id not in found], False)
        for record in self:
            binding = found.get(record.id, self.env["fin.binding"])
            record.fin_item_id, record.fin_run_id = binding.item_id, binding.run_id

    def _fin_bound(self, ids, is_live):
        """id -> its binding, the last one where there are several."""
        mine = [("res_model", "=", self._name), ("res_id", "in", ids), ("live", "=", is_live)]
        return {binding.res_id: binding for binding in self.env["fin.binding"].search(mine)} if ids else {}

    def action_fin_open_run(self):
        """Go to the run that brought this record."""
        self.ensure_one()
        return self.fin_run_id._open()
