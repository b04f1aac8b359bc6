from odoo import fields, models


class FinFlowScope(models.Model):
    """One field of a canonical object, and whether it may leave. Part of the working copy; versions keep the yes."""

    _name = "fin.flow.scope"
    _inherit = ["fin.working.part"]
    _description = "Data Scope"
    _order = "entity, sequence, id"

    flow_id = fields.Many2one("fin.flow", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="flow_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    entity = fields.Char(required=True, help="The canonical object, in whatever version.")
    field_name = fields.Char("Field", required=True)
    is_allowed = fields.Boolean("May leave")

    _field_uniq = models.Constraint("UNIQUE(flow_id, entity, field_name)", "This field is on the list already.")

    def _working_copies(self):
        return [self.flow_id]

    def _document(self):
        """Entity -> names of the fields that may leave."""
        allowed = self.filtered("is_allowed")
        return {
            entity: sorted(allowed.filtered(lambda row, entity=entity: row.entity == entity).mapped("field_name"))
            for entity in set(allowed.mapped("entity"))
        }
