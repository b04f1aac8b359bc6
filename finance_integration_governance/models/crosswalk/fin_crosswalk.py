import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...core.coverage import prove
from ...core.crosswalk import compose, problems, read
from ...core.errors import ConfigurationError
from .fin_crosswalk_line import checked_later

KINDS = [
    ("account", "Account"),
    ("cost_center", "Cost Center"),
    ("project", "Project"),
    ("tax_code", "Tax Code"),
    ("entity", "Entity"),
    ("currency", "Currency"),
    ("partner", "Partner"),
    ("transaction", "Transaction Code"),
]


class FinCrosswalk(models.Model):
    """A dated map of codes between Odoo and one outside system.

    This is the working copy. What runs look up is the document that an approved version of their flow names by digest;
    whoever edits here proposes a change with a new version of every flow that uses it.
    """

    _name = "fin.crosswalk"
    _description = "Crosswalk"
    _inherit = ["fin.working.part", "mail.thread", "mail.activity.mixin"]
    _order = "name"

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(required=True, copy=False, tracking=True, help="How documents and field maps name it.")
    active = fields.Boolean(default=True, tracking=True)
    kind = fields.Selection(KINDS, required=True, default="account", tracking=True, string="Maps")
    direction = fields.Selection(
        [("outbound", "From Odoo to the system"), ("inbound", "From the system into Odoo")],
        required=True,
        default="outbound",
        tracking=True,
    )
    system = fields.Char(required=True, tracking=True, help="The outside system, as people call it.")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, tracking=True)
    line_ids = fields.One2many("fin.crosswalk.line", "crosswalk_id", copy=True)
    line_count = fields.Integer(compute="_compute_line_count")
    digest = fields.Char(compute="_compute_digest", store=True, size=64, help="Over everything that a run looks up.")
    flow_ids = fields.Many2many("fin.flow", "fin_flow_crosswalk_rel", string="Flows that use it", readonly=True)

    _code_uniq = models.Constraint("UNIQUE(code)", "There is already a crosswalk with this code.")

    @api.depends(
        "code", "kind", "direction", "system", "company_id.fin_code",
        "line_ids.kind", "line_ids.source", "line_ids.until", "line_ids.target", "line_ids.label",
        "line_ids.valid_from", "line_ids.valid_to",
    )  # fmt: skip
    def _compute_digest(self):
        for crosswalk in self:
            crosswalk.digest = crosswalk._written()[1]

    def _working_copies(self):
        # sudo: whoever edits a crosswalk changes what its flows propose, whoever may see them
        return [self.sudo().flow_ids.with_env(self.env)]

    def _compute_line_count(self):
        groups = self.env["fin.crosswalk.line"]._read_group(
            [("crosswalk_id", "in", self.ids)], ["crosswalk_id"], ["__count"]
        )
        counts = {crosswalk.id: count for crosswalk, count in groups}
        for crosswalk in self:
            crosswalk.line_count = counts.get(crosswalk.id, 0)

    @api.constrains("code")
    def _check_code(self):
        for crosswalk in self:
            if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{1,63}", crosswalk.code or ""):
                raise ValidationError(self.env._("A crosswalk's code is made of small letters, digits and dashes."))

    @api.constrains("company_id", "kind", "active")
    def _check_flows(self):
        if self.filtered(lambda crosswalk: not crosswalk.active and crosswalk.flow_ids):
            raise ValidationError(self.env._("Flows use this crosswalk: take it from them before you archive it."))
        self.flow_ids._check_crosswalks()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.flow_ids:
            raise UserError(self.env._("Flows use this crosswalk: archive it once they do not."))

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()  # which kinds are watched
        crosswalks = super(FinCrosswalk, checked_later(self)).create(vals_list).with_env(self.env)
        crosswalks._check_lines()
        return crosswalks

    def write(self, vals):
        if {"kind", "active", "direction"} & set(vals):
            self.env.registry.clear_cache()
        result = super(FinCrosswalk, checked_later(self)).write(vals)
        if "line_ids" in vals:
            self._check_lines()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # The document

    def _head(self):
        return {
            "code": self.code,
            "kind": self.kind,
            "direction": self.direction,
            "system": self.system,
            "company": self.company_id.fin_code,
        }

    def _written(self):
        """(text, digest) of the working copy as a document."""
        self.ensure_one()
        return compose(self._head(), self.line_ids._lines())

    def _compiled(self):
        """The working copy, ready to be looked up in; runs never use it."""
        return read(self._written()[0])

    def _pin(self):
        """What a flow's document says of these crosswalks, by code."""
        return {
            crosswalk.code: {"digest": crosswalk.digest, "kind": crosswalk.kind, "direction": crosswalk.direction}
            for crosswalk in self
        }

    def _keep(self):
        """Keep the working copies as documents; what a version pins has to be there."""
        self._check_lines()
        for crosswalk in self:
            self.env["fin.document"]._keep("crosswalk", crosswalk._written()[0])

    @api.model
    def _pinned(self, digest):
        """The compiled crosswalk of a kept document; ConfigurationError where it is gone or was changed."""
        # sudo: the document belongs to no version, so no company sees it; who may run the flow may look codes up
        document = self.env["fin.document"].sudo().search([("digest", "=", digest), ("kind", "=", "crosswalk")])
        found = read(document.text) if document else None
        if not found or found.digest != digest:
            raise ConfigurationError("the crosswalk that the version names is not kept unchanged", code="no_crosswalk")
        return found

    def _prove(self, movements):
        """The coverage proof of the working copy."""
        self.ensure_one()
        return prove(self._compiled(), movements)

    def _check_lines(self):
        """What cannot stand is refused with the lines that it concerns, counted as they are shown."""
        for crosswalk in self:
            lines = crosswalk.line_ids.sorted(lambda line: line._line().order)
            wrong = problems(enumerate(lines._lines(), 1))
            if wrong:
                told = "\n".join(
                    self.env._("Line %(number)s: %(reason)s", number=problem.number, reason=problem.reason)
                    for problem in wrong[:20]
                )
                raise ValidationError(told)
