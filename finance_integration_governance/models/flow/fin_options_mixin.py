from dataclasses import asdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FinOptionsMixin(models.AbstractModel):
    """Whatever is said to a business object, and how a screen asks for it. A model has `object` and `company_id`."""

    _name = "fin.options.mixin"
    _description = "Options of an Object"

    options = fields.Json(
        compute="_compute_options",
        store=True,
        readonly=False,
        precompute=True,
        help="What this flow says to the object that it moves.",
    )
    option_fields = fields.Json(compute="_compute_option_fields", help="The options that the object knows.")

    @api.depends("object")
    def _compute_options(self):
        """What is usual in the company; where the object becomes another one, what that knows too is kept."""
        for record in self:
            told, known = record.options or {}, {one.name.split(".")[0] for one in record._known_options()}
            kept = {name: value for name, value in told.items() if name in known}
            record.options = kept or record._business()._usual_options(record.company_id)

    @api.depends("object", "company_id")
    @api.depends_context("uid")
    def _compute_option_fields(self):
        """Names of records are offered of the person's own companies, whatever company a client sends."""
        for record in self:
            company = record.company_id.filtered(lambda one: one.id in self.env.user._get_company_ids())
            record.option_fields = [asdict(option) for option in record._business()._known_options(company)]

    @api.constrains("options", "object")
    def _check_options(self):
        for record in self.filtered("options"):
            if not isinstance(record.options, dict):
                raise ValidationError(self.env._("Options are values by their names."))
            record._business()._check_options(record.options, record.company_id)

    def _known_options(self):
        return self._business()._known_options(self.company_id)

    def _business(self):
        return self.env[self.object if self.object in self.env else "fin.object"]
