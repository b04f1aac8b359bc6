from odoo import api, fields, models

from ..run.fin_run_screen import SHOWN
from ..screen import act_window, table_of
from .fin_exception import OPEN


class FinException(models.Model):
    """What the screens of an exception show and open."""

    _inherit = "fin.exception"

    facts_table = fields.Html(compute="_compute_facts_table", sanitize=False, string="Details")
    is_overdue = fields.Boolean(compute="_compute_is_overdue")
    shown_item_ids = fields.Many2many("fin.item", compute="_compute_shown_items", string="First Items concerned")
    waits_for_waiver = fields.Boolean(compute="_compute_waits_for_waiver")

    @api.depends("facts")
    def _compute_facts_table(self):
        for exception in self:
            exception.facts_table = table_of(self.env, exception.facts)

    @api.depends("state", "due_at")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for exception in self:
            exception.is_overdue = exception.state in OPEN and exception.due_at < now

    def _compute_shown_items(self):
        for exception in self:
            items = self.env["fin.item"].search([("exception_id", "=", exception.id)], limit=SHOWN)
            exception.shown_item_ids = items

    def _compute_waits_for_waiver(self):
        asked = self.env["fin.approval"].search(
            [("purpose", "=", "waiver"), ("subject_key", "in", self.mapped("name")), ("state", "=", "requested")]
        )
        keys = set(asked.mapped("subject_key"))
        for exception in self:
            exception.waits_for_waiver = exception.name in keys

    def action_open_items(self):
        return act_window(self.env, "fin_item_action", [("exception_id", "in", self.ids)])
