from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...core.canonical import told
from ...core.field_map import named_crosswalks
from ...core.map_rules import problems
from ...core.rows import RowSource
from ...core.transforms import TRANSFORMS
from .fin_records import RECORDS

TAKE = "take"


class FinFieldMap(models.Model):
    """How the columns of a source become the fields of a canonical object: the working copy of one flow.

    It takes effect as part of a version of the flow. Lines of one field are its steps, in their order.
    """

    _name = "fin.field.map"
    _description = "Field Map"
    _inherit = ["fin.working.part", "mail.thread"]
    _rec_name = "flow_id"

    flow_id = fields.Many2one("fin.flow", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="flow_id.company_id", store=True)
    contract_id = fields.Many2one(
        "fin.contract", required=True, domain="[('is_here', '=', True)]", tracking=True, string="Makes"
    )
    entity_id = fields.Many2one(related="contract_id.entity_id")
    line_ids = fields.One2many("fin.field.map.line", "map_id", string="Fields", copy=True)
    columns = fields.Char(compute="_compute_columns", string="Columns of the Source")
    problem = fields.Text(compute="_compute_problem", string="What is wrong")
    digest = fields.Char(compute="_compute_problem", size=64)
    last_trial_id = fields.Many2one("fin.field.map.trial", compute="_compute_last_trial", string="Tried")

    _flow_uniq = models.Constraint("UNIQUE(flow_id)", "A flow has one field map.")

    @api.depends("flow_id.connection_id.settings")
    def _compute_columns(self):
        for one in self:
            one.columns = ", ".join(one.flow_id._source_columns())

    @api.depends(
        "contract_id",
        "line_ids.step",
        "line_ids.target_id",
        "line_ids.source",
        "line_ids.sequence",
        "flow_id.crosswalk_ids.code",
    )
    def _compute_problem(self):
        for one in self:
            one.problem = "\n".join(one._problems())
            one.digest = told(one._document())[1]

    def _compute_last_trial(self):
        for one in self:
            one.last_trial_id = self.env["fin.field.map.trial"]._of(one.flow_id, one.digest)

    def _working_copies(self):
        return [self.flow_id]

    def _problems(self):
        cls = self.env["fin.contract"]._class(self.contract_id.name)
        if not cls:
            return [self.env._("%s is not installed", self.contract_id.name)]
        document = self._document()
        strangers = named_crosswalks(document) - set(self.flow_id.crosswalk_ids.mapped("code"))
        told_strangers = [self.env._("the flow does not use the crosswalk %s", code) for code in sorted(strangers)]
        return problems(document, cls, self.flow_id._source_columns()) + told_strangers

    def _document(self):
        """The map as a version keeps it."""
        made = {}
        for line in self.line_ids.sorted(lambda line: (line.sequence, line._origin.id or 0)):
            one = made.setdefault(line.target_id.name or "", {"to": line.target_id.name or "", "from": [], "steps": []})
            one["from"] += line._columns()
            one["steps"] += line._step()
        return {"contract": self.contract_id.name, "fields": [_spare(one) for one in made.values()]}

    def action_try(self):
        """Show what the map makes of the first rows of a payload; nothing is kept but that it was tried."""
        self.ensure_one()
        self.flow_id._need("group_operator")
        payload = self.env["fin.payload"].search([("flow_id", "=", self.flow_id.id)], order="id desc", limit=1)
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.field.map.try",
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Try the map"),
            "context": {"default_map_id": self.id, "default_payload_id": payload.id},
        }


def _spare(one):
    return {name: value for name, value in one.items() if value}


class FinFieldMapLine(models.Model):
    """One step on the way from columns to a field."""

    _name = "fin.field.map.line"
    _description = "Field Map Line"
    _inherit = ["fin.working.part"]
    _order = "sequence, id"

    map_id = fields.Many2one("fin.field.map", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="map_id.company_id", store=True)
    entity_id = fields.Many2one(related="map_id.entity_id")
    sequence = fields.Integer(default=10)
    target_id = fields.Many2one(
        "fin.entity.field",
        required=True,
        ondelete="restrict",
        string="Field",
        domain="[('entity_id', '=', entity_id), ('is_here', '=', True)]",
    )
    means = fields.Char(related="target_id.means")
    source = fields.Char(string="Columns", help="The column that is read; several, to be joined, with + between them.")
    transform = fields.Selection(
        [(TAKE, "Take as it is"), *((name, one.label) for name, one in TRANSFORMS.items())],
        required=True,
        default=TAKE,
        string="What is done",
    )
    value = fields.Char(help="The value that is set.")
    crosswalk_id = fields.Many2one(
        "fin.crosswalk",
        ondelete="restrict",
        domain="[('id', 'in', crosswalk_ids)]",
        help="One of the flow's.",
    )
    crosswalk_ids = fields.Many2many(related="map_id.flow_id.crosswalk_ids", string="Crosswalks of the Flow")
    crosswalk = fields.Char(related="crosswalk_id.code", string="Crosswalk Code")
    on = fields.Char("By the date of", help="The field whose date decides which lines of the crosswalk hold.")
    record = fields.Selection([(name, one.label) for name, one in RECORDS.items()], string="Kind of record")
    column = fields.Char("Sign column", help="The column that says which side it is; empty: the sign is always turned.")
    negative = fields.Char(help="What stands there where the amount is negative, separated by commas.")
    positive = fields.Char(help="What stands there where the amount is positive, separated by commas.")
    factor = fields.Char(help="For example 0.01 where the source counts cents.")
    by = fields.Char("Between the parts")
    part = fields.Integer(default=1, help="Which part, counted from 1; -1 is the last one.")
    format = fields.Char(help="For example DD.MM.YYYY, YYYYMMDD or MM/DD/YY.")
    decimal = fields.Char("Decimal mark", default=",")
    thousands = fields.Char("Thousands mark")
    cases = fields.Text(help="One pair on each line: value = result.")
    otherwise = fields.Char(help="The result for any other value; empty: such a row is rejected.")
    step = fields.Char(compute="_compute_step")

    _PARAMETERS = {
        "constant": ("value",),
        "default": ("value",),
        "crosswalk": ("crosswalk", "on"),
        "record": ("record",),
        "sign": ("column", "negative", "positive"),
        "scale": ("factor",),
        "join": ("by",),
        "split": ("by", "part"),
        "date": ("format",),
        "number": ("decimal", "thousands"),
        "choice": ("cases", "otherwise"),
    }

    @api.depends("transform", *{name for names in _PARAMETERS.values() for name in names})
    def _compute_step(self):
        for line in self:
            line.step = "; ".join(f"{name}: {line[name]}" for name in line._given())

    @api.constrains("transform", "cases")
    def _check_cases(self):
        for line in self.filtered(lambda line: line.transform == "choice"):
            if any(text.strip() and "=" not in text for text in (line.cases or "").splitlines()):
                raise ValidationError(self.env._("Each line of the cases is a pair such as S = debit."))

    def _working_copies(self):
        return [self.map_id.flow_id]

    def _given(self):
        return [name for name in self._PARAMETERS.get(self.transform, ()) if self[name]]

    def _columns(self):
        return [name.strip() for name in (self.source or "").split("+") if name.strip()]

    def _step(self):
        """The step as a document has it, in a list; nothing where the value is taken as it is."""
        if self.transform == TAKE:
            return []
        return [{"do": self.transform, **{name: self._parameter(name) for name in self._given()}}]

    def _parameter(self, name):
        if name == "cases":
            pairs = (text.partition("=") for text in self.cases.splitlines() if text.strip())
            return {left.strip(): right.strip() for left, _mark, right in pairs}
        if name in ("negative", "positive"):
            return [one.strip() for one in self[name].split(",") if one.strip()]
        return self[name]


class FinFlow(models.Model):
    """A flow whose source gives raw rows has a field map, which is part of its versions."""

    _inherit = "fin.flow"

    field_map_ids = fields.One2many("fin.field.map", "flow_id", string="Map of its Fields")
    takes_field_map = fields.Boolean(compute="_compute_takes_field_map", compute_sudo=True)

    @api.depends("connection_id.connector_id.code")
    def _compute_takes_field_map(self):
        for flow in self:
            flow.takes_field_map = bool(flow.connection_id) and flow._gives_rows()

    def _gives_rows(self):
        return issubclass(self.env["fin.connector"]._class(self.connection_id.connector_id.code), RowSource)

    def _compose(self):
        mapped = self._gives_rows() and self.field_map_ids[:1]
        return {**super()._compose(), **({"field_map": mapped._document()} if mapped else {})}

    def _contracts(self):
        return self.field_map_ids.contract_id.mapped("name") if self._gives_rows() else super()._contracts()

    def _source_columns(self):
        """What the connection declares; empty where it declares nothing."""
        if not self.connection_id or not self._gives_rows():
            return ()
        cls = self.env["fin.connector"]._class(self.connection_id.connector_id.code)
        return cls.declared_columns(self.connection_id._values())

    def action_open_field_map(self):
        """The flow's field map, made where there is none yet."""
        self.ensure_one()
        one = self.field_map_ids[:1]
        if not one and not self._gives_rows():
            raise UserError(self.env._("Its source makes canonical objects itself: there is nothing to map."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.field.map",
            "res_id": one.id,
            "view_mode": "form",
            "name": self.env._("Field map of %s", self.name),
            "context": {"default_flow_id": self.id},
        }
