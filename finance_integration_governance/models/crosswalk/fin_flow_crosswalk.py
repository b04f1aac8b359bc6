from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...core.errors import ConfigurationError


class FinFlow(models.Model):
    """Which crosswalks a flow looks codes up in; its versions pin them by digest."""

    _inherit = "fin.flow"

    crosswalk_ids = fields.Many2many(
        "fin.crosswalk", "fin_flow_crosswalk_rel", string="Crosswalks", check_company=True, tracking=True
    )

    @api.constrains("crosswalk_ids", "company_id", "connection_id")
    def _check_crosswalks(self):
        for flow in self:
            crosswalks = flow.with_context(active_test=False).crosswalk_ids
            if crosswalks.filtered(lambda c, flow=flow: c.company_id != flow.company_id):
                raise ValidationError(self.env._("%s uses a crosswalk of another company.", flow.name))
            if len(set(crosswalks.mapped("kind"))) < len(crosswalks):
                raise ValidationError(self.env._("%s has two crosswalks that map the same kind of code.", flow.name))
            if not all(crosswalks.mapped("active")):
                raise ValidationError(self.env._("%s uses a crosswalk that is archived.", flow.name))
            if any(crosswalk.direction != flow.direction for crosswalk in crosswalks):
                raise ValidationError(self.env._("%s uses a crosswalk of the other direction.", flow.name))

    def _compose(self):
        # A flow without crosswalks has the document that it had before there were any.
        return super()._compose() | ({"crosswalks": self.crosswalk_ids._pin()} if self.crosswalk_ids else {})

    def _keep_parts(self):
        super()._keep_parts()
        self.crosswalk_ids._keep()


class FinVersion(models.Model):
    _inherit = "fin.version"

    @api.model_create_multi
    def create(self, vals_list):
        """What a version pins is kept with it."""
        versions = super().create(vals_list)
        for version in versions.filtered("flow_id"):
            version.flow_id.with_env(self.env)._keep_parts()
        return versions

    def _guard_submit(self):
        """Nobody is asked about a crosswalk that is not there to be read."""
        super()._guard_submit()
        try:
            self._crosswalks()
        except ConfigurationError as error:
            raise UserError(error.text) from None

    def _crosswalks(self):
        """code -> compiled crosswalk, as this version pins them."""
        pinned = self._read_document().get("crosswalks", {})
        return {code: self.env["fin.crosswalk"]._pinned(told["digest"]) for code, told in pinned.items()}
