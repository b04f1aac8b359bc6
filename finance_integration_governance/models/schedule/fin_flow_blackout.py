from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...core.schedule import times_of

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class FinFlowBlackout(models.Model):
    """Hours in which a flow does not start; what is due then waits for their end."""

    _name = "fin.flow.blackout"
    _description = "Blackout of a Flow"
    _inherit = ["fin.working.part"]
    _order = "weekday, time_from, id"
    _rec_name = "time_from"

    flow_id = fields.Many2one("fin.flow", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="flow_id.company_id", store=True)
    weekday = fields.Selection(WEEKDAYS, help="On which day it begins; empty means every day.")
    time_from = fields.Char("From", required=True, default="22:00")
    time_to = fields.Char("To", required=True, default="06:00", help="At or before From: on the next day.")

    @api.constrains("time_from", "time_to")
    def _check_times(self):
        for blackout in self:
            for text in (blackout.time_from, blackout.time_to):
                try:
                    times_of(text)
                except ValueError as error:
                    raise ValidationError(self.env._("%s is not a time of day such as 06:00.", error)) from None

    def _working_copies(self):
        return [self.flow_id]

    def _document(self):
        return [
            {"from": one.time_from, "to": one.time_to} | ({"weekdays": [int(one.weekday)]} if one.weekday else {})
            for one in self.sorted(lambda b: (b.weekday or "", b.time_from, b.time_to))
        ]
