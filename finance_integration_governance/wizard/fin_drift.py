from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..core.authority import masked
from ..core.authority_entities import ENTITIES
from ..core.masking import shown_key
from ..models.authority_writer import in_words
from ..models.privacy.fin_masking import AMOUNT
from ..models.screen import opened_at

SHOWN = 5000


def _is_text(record, name):
    return record._fields[name].type not in ("float", "monetary", "integer")


class FinDrift(models.TransientModel):
    """Both sides of a flow, compared: what the other system told last, and what Odoo holds now."""

    _name = "fin.drift"
    _description = "Drift Report"

    flow_id = fields.Many2one("fin.flow", required=True, domain=[("state", "!=", "draft")])
    compared_at = fields.Datetime(readonly=True)
    compared_with = fields.Selection(
        [("told", "What was told last"), ("held", "What the other side holds now")],
        readonly=True,
        help="A destination is asked where it can be read back and an operator compares; else what it got last counts.",
    )
    line_ids = fields.One2many("fin.drift.line", "drift_id", readonly=True)
    line_count = fields.Integer(compute="_compute_line_count", string="Differences")

    @api.depends("line_ids")
    def _compute_line_count(self):
        for drift in self:
            drift.line_count = len(drift.line_ids)

    @api.depends("flow_id.name")
    def _compute_display_name(self):
        for drift in self:
            name = drift.flow_id.name
            drift.display_name = self.env._("Drift of %s", name) if name else self.env._("Drift report")

    def action_compare(self):
        """Compare now; the form shows the differences."""
        self.ensure_one()
        self.flow_id._need("group_viewer")
        run = self.env["fin.run"].search([("flow_id", "=", self.flow_id.id), ("state", "=", "done")], limit=1)
        if not run:
            raise UserError(self.env._("%s has no finished run yet: there is nothing to compare.", self.flow_id.name))
        lines = [Command.clear(), *map(Command.create, islice(self._differences(run), SHOWN))]
        # sudo: lines are written by the comparison only
        self.sudo().write(
            {
                "line_ids": lines,
                "compared_at": fields.Datetime.now(),
                "compared_with": "held" if run._reads_back() else "told",
            }
        )

    def _differences(self, run):
        # sudo: the engine's own reading; the user may see the flow, and gets what identifies persons in part only
        run, hides = run.sudo(), AMOUNT in self.flow_id._hidden()
        business = run._object()
        entity = business._entity or ""
        label = ENTITIES[entity].label if entity in ENTITIES else business._description
        for key, record, name, ours, theirs in business._drift(run):
            sides = [masked(entity, name, in_words(record, name, one) if record else one) for one in (ours, theirs)]
            if hides:
                # Who may not see amounts sees that the sides differ, and where.
                key, sides = shown_key(key), sides if record and _is_text(record, name) else ["…", "…"]
            yield {"entity": label, **self._line(key, record, name, *sides)}

    def _line(self, key, record, name, ours, theirs):
        return {
            "key": key,
            "field": record._fields[name].string if record else name,
            "ours": ours,
            "theirs": theirs,
            "res_model": record._name if record else False,
            "res_id": record.id if record else False,
        }

    def _rows(self):
        """Head and rows of the list, as an export carries them."""
        yield ["flow", "compared at", "compared with", "differences"]
        how = dict(self._fields["compared_with"].selection)[self.compared_with]
        yield [self.flow_id.code, fields.Datetime.to_string(self.compared_at), how, self.line_count]
        yield ["key", "entity", "field", "odoo holds", "the other side"]
        for line in self.line_ids:
            yield [line.key, line.entity, line.field, line.ours or "", line.theirs or ""]

    def action_export(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/finance_integration/drift/{self.id}.csv", "target": "download"}


class FinDriftLine(models.TransientModel):
    _name = "fin.drift.line"
    _description = "Difference"

    drift_id = fields.Many2one("fin.drift", required=True, ondelete="cascade")
    key = fields.Char(readonly=True)
    entity = fields.Char(readonly=True)
    field = fields.Char(readonly=True)
    ours = fields.Char("Odoo holds", readonly=True)
    theirs = fields.Char("The other side", readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)

    def action_open_record(self):
        self.ensure_one()
        return opened_at(self.res_model, self.res_id)
