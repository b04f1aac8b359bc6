from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.dictionary import SYSTEMS, entities

EDITABLE = {"owner_id", "other_names", "note"}


class FinEntity(models.Model):
    """The data dictionary, computed from the code: one row per canonical object and part of one.

    Definitions stand beside the code; people say who answers for an entity and what else it is called.
    """

    _name = "fin.entity"
    _description = "Entity"
    _inherit = ["mail.thread"]
    _order = "name"

    name = fields.Char(required=True, readonly=True, string="Entity")
    means = fields.Text(readonly=True, string="Definition")
    is_here = fields.Boolean(readonly=True, string="Installed")
    owner_id = fields.Many2one(
        "res.users", domain="[('share', '=', False)]", tracking=True, help="Who says what it means, and who may use it."
    )
    note = fields.Text(tracking=True, help="What people should know beside the definition.")
    contract_ids = fields.One2many("fin.contract", "entity_id", string="Contracts")
    field_ids = fields.One2many("fin.entity.field", "entity_id", string="Fields")
    field_count = fields.Integer(compute="_compute_field_count")

    _name_uniq = models.Constraint("UNIQUE(name)", "There is already an entity with this name.")

    def _compute_field_count(self):
        for entity in self:
            entity.field_count = len(entity.field_ids)

    def write(self, vals):
        _refuse_code(self, vals)
        return super().write(vals)

    def _register_hook(self):
        super()._register_hook()
        if self.env.registry.updated_modules or not self.sudo().search_count([]):  # sudo: at loading, no user acts
            self.sudo()._refresh()  # sudo: at loading, no user acts

    @api.model
    def _refresh(self):
        """Bring register and dictionary in line with the code; owners, names and notes of people stay."""
        self.env["fin.contract"]._refresh()
        classes = [cls for _addon, cls in self.env["fin.contract"]._classes().values()]
        told = {entity.name: entity for entity in entities(classes)}
        known = {row.name: row for row in self.search([])}
        for name, entity in told.items():
            row = known.get(name) or self.create({"name": name})
            row.write({"means": entity.means, "is_here": True})
            row.field_ids._align(row, entity.fields)
        self.browse([row.id for name, row in known.items() if name not in told]).write({"is_here": False})
        for contract in self.env["fin.contract"].search([("is_here", "=", True)]):
            contract.entity_id = self.search([("name", "=", contract.name.partition("/")[0])], limit=1)


class FinEntityField(models.Model):
    """One field of an entity: what it means, what it may hold, who answers for it, and how others call it."""

    _name = "fin.entity.field"
    _description = "Field"
    _inherit = ["mail.thread"]
    _order = "entity_id, sequence"

    entity_id = fields.Many2one("fin.entity", required=True, readonly=True, ondelete="cascade", index=True)
    name = fields.Char(required=True, readonly=True, string="Field")
    sequence = fields.Integer(readonly=True)
    kind = fields.Char(readonly=True, string="Holds")
    is_required = fields.Boolean(readonly=True)
    is_here = fields.Boolean(readonly=True, string="Installed")
    means = fields.Char(readonly=True, string="Definition")
    aliases = fields.Char(readonly=True, string="Names outside", help="As the documentation of the systems has it.")
    other_names = fields.Char(tracking=True, help="How the systems here call it, separated by commas.")
    own_owner_id = fields.Many2one(
        "res.users", domain="[('share', '=', False)]", tracking=True, string="Owner of its own"
    )
    owner_id = fields.Many2one(
        "res.users", compute="_compute_owner", inverse="_inverse_owner", help="Where it has none, the entity's."
    )
    note = fields.Text(tracking=True)

    _name_uniq = models.Constraint("UNIQUE(entity_id, name)", "There is already a field with this name.")

    @api.depends("own_owner_id", "entity_id.owner_id")
    def _compute_owner(self):
        for field in self:
            field.owner_id = field.own_owner_id or field.entity_id.owner_id

    def _inverse_owner(self):
        for field in self:
            field.own_owner_id = field.owner_id if field.owner_id != field.entity_id.owner_id else False

    @api.depends("name", "means")
    @api.depends_context("formatted_display_name")
    def _compute_display_name(self):
        """Where it can be shown in two lines, the definition stands below the name."""
        for field in self:
            field.display_name = field.name
            if self.env.context.get("formatted_display_name") and field.means:
                field.display_name = f"{field.name} --{field.means}--"

    @api.model
    def _search_display_name(self, operator, value):
        """By any name that the field has, ours or theirs."""
        names = ("name", "aliases", "other_names", "means")
        if operator not in ("ilike", "like", "=", "=ilike", "=like", "in") or not value:
            return super()._search_display_name(operator, value)
        return fields.Domain.OR([(name, operator, value)] for name in names)

    def write(self, vals):
        _refuse_code(self, {name: value for name, value in vals.items() if name != "own_owner_id"})
        return super().write(vals)

    def _align(self, entity, told):
        known = {row.name: row for row in self}
        for sequence, field in enumerate(told):
            vals = {
                "sequence": sequence,
                "kind": field.kind,
                "is_required": field.is_required,
                "is_here": True,
                "means": field.means,
                "aliases": "; ".join(f"{SYSTEMS.get(system, system)} {name}" for system, name in field.aliases.items()),
            }
            if field.name in known:
                known[field.name].write(vals)
            else:
                self.create({"entity_id": entity.id, "name": field.name, **vals})
        gone = set(known) - {field.name for field in told}
        self.browse([known[name].id for name in gone]).write({"is_here": False})


def _refuse_code(records, vals):
    """UserError where a person would write what the code says."""
    if not records.env.su and not set(vals) <= EDITABLE:
        raise UserError(records.env._("Definitions are written in the code; owners and other names are set here."))


class FinContract(models.Model):
    _inherit = "fin.contract"

    entity_id = fields.Many2one("fin.entity", readonly=True, ondelete="set null", index="btree_not_null")
    means = fields.Text(related="entity_id.means", string="Definition")
