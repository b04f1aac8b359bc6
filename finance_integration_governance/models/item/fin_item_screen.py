from odoo import fields, models

from ..screen import in_words, table_of


class FinItem(models.Model):
    """An item as a person reads it."""

    _inherit = "fin.item"

    content_table = fields.Html(compute="_compute_tables", sanitize=False, string="What arrived")
    mapped_table = fields.Html(compute="_compute_tables", sanitize=False, string="What is booked")
    has_record = fields.Boolean(compute="_compute_has_record")
    shown_reason = fields.Char(compute="_compute_shown_reason", string="Why")
    direction = fields.Selection(related="run_id.direction")

    def _compute_tables(self):
        for item in self:
            item.content_table = table_of(self.env, item.content)
            item.mapped_table = table_of(self.env, item.mapped_values)

    def _compute_shown_reason(self):
        """Codes of causes are for programs."""
        for item in self:
            item.shown_reason = in_words(item.reason) if item.reason else False

    def _compute_has_record(self):
        for item in self:
            item.has_record = any(binding.live and binding.res_model for binding in item.binding_ids)
