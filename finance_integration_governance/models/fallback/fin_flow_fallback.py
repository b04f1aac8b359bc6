from odoo import fields, models
from odoo.exceptions import UserError

from ...core.connector import Source
from ...core.rows import RowSource


class FinFlow(models.Model):
    """Another way for the same facts, while the first one does not answer: a file that a person brings."""

    _inherit = "fin.flow"

    fallback_connection_id = fields.Many2one(
        "fin.connection",
        "Fallback Channel",
        ondelete="restrict",
        tracking=True,
        check_company=True,
        help="Its connector reads a file that is brought by hand into the same items with the same keys.",
    )
    has_fallback = fields.Boolean(compute="_compute_has_fallback")

    def _compute_has_fallback(self):
        for flow in self.sudo():  # sudo: that there is another way everybody may know
            is_live = flow.state == "active" and flow.live_version_id
            flow.has_fallback = is_live and "fallback" in flow._document().content

    def _compose(self):
        fallback = self.fallback_connection_id
        return super()._compose() | ({"fallback": fallback._document()} if fallback else {})

    def action_bring_file(self):
        """Bring a file by hand, because the first channel does not answer."""
        self.ensure_one()
        self._need("group_operator")
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.fallback.bring",
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Bring a File for %s", self.name),
            "context": {"default_flow_id": self.id},
        }


class FinVersion(models.Model):
    _inherit = "fin.version"

    def _guard_submit(self):
        """Both channels tell the same kind of facts, or keys would not be the same either."""
        super()._guard_submit()
        content = self._read_document().content
        if "fallback" in content:
            self._guard_fallback(content["connection"], content["fallback"])

    def _guard_fallback(self, first, second):
        connectors = self.env["fin.connector"]
        one, other = connectors._class(first["connector"]), connectors._class(second["connector"])
        if not other or not issubclass(other, Source) or issubclass(other, RowSource):
            raise UserError(self.env._("The fallback channel has to read files that need no field map."))
        if {cls.contract for cls in one.carries} != {cls.contract for cls in other.carries}:
            raise UserError(self.env._("The fallback channel has to bring the same kinds of facts as the first one."))
        if first.get("environment") != second.get("environment"):
            raise UserError(self.env._("Both channels have to be of the same environment."))
