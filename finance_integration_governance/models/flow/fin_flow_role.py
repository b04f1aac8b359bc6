from odoo import api, fields, models

ROLES = [
    ("owner", "Owner"),
    ("deputy", "Deputy"),
    ("technical", "Technical Owner"),
    ("steward", "Steward"),
]


class FinFlowRole(models.Model):
    """Who answers for a flow, from when to when. Part of the working copy; versions keep what was approved."""

    _name = "fin.flow.role"
    _inherit = ["fin.working.part"]
    _description = "Flow Role"
    _order = "rank, date_from, id"

    flow_id = fields.Many2one("fin.flow", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="flow_id.company_id", store=True)
    role = fields.Selection(ROLES, required=True)
    rank = fields.Integer(compute="_compute_rank", store=True, help="Who answers first stands first.")
    user_id = fields.Many2one("res.users", required=True, ondelete="restrict")
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")

    @api.depends("role")
    def _compute_rank(self):
        ranks = {role: place for place, (role, _label) in enumerate(ROLES)}
        for row in self:
            row.rank = ranks.get(row.role, len(ROLES))

    def _working_copies(self):
        return [self.flow_id]

    def _document(self):
        return [
            {
                "role": row.role,
                "login": row.user_id.login,
                "from": row.date_from and row.date_from.isoformat() or None,
                "to": row.date_to and row.date_to.isoformat() or None,
            }
            for row in self.sorted(lambda r: (r.role, r.user_id.login, str(r.date_from)))
        ]
