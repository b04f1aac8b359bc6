from odoo import fields, models


class FinDataClass(models.Model):
    """How confidential data are, and where they may be. Flows keep what it says in their versions."""

    _name = "fin.data.class"
    _description = "Data Class"
    _inherit = ["fin.working.part"]
    _order = "sequence, name"
    _bystanders = frozenset({"name", "description", "sequence"})

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    description = fields.Text(translate=True)
    region_ids = fields.Many2many(
        "res.country.group",
        string="May not leave",
        help="Groups of countries in which a system may be that gets these data. Empty: anywhere.",
    )

    _code_uniq = models.Constraint("UNIQUE(code, company_id)", "There is already a data class with this code.")

    def _working_copies(self):
        # sudo: a class of all companies changes what flows of each of them propose
        return [self.env["fin.flow"].sudo().search([("data_class_id", "in", self.ids)]).with_env(self.env)]

    def _document(self):
        return {"code": self.code, "regions": sorted(set(self.region_ids.country_ids.mapped("code"))) or None}
