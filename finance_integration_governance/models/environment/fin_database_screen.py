from odoo import api, models


class FinDatabase(models.AbstractModel):
    """How the release of this database stands, for banners and settings."""

    _inherit = "fin.database"

    @api.model
    def _release_states(self):
        return [
            ("released", "Released"),
            ("sealing", "Approved, takes effect within a minute"),
            ("requested", "Waits for an approver"),
            ("blocked", "Not released"),
        ]

    @api.model
    def _release_state(self):
        if self._is_released():
            return "released"
        if self._granted_release():
            return "sealing"
        return "requested" if self._open_release() else "blocked"

    @api.model
    def _granted_release(self):
        """A yes that the log has not sealed yet."""
        return self._release_in("approved")

    @api.model
    def _open_release(self):
        """The open request to release exactly this database."""
        return self._release_in("requested")

    def _release_in(self, state):
        # sudo: everybody may know how the request stands
        return self.env["fin.approval"].sudo().search([*self._release_domain(), ("state", "=", state)], limit=1)

    @api.model
    def action_request_release(self):
        """Ask once; a second click does not ask again."""
        self.env["fin.approval"]._need_group("group_administrator")
        if self._release_state() == "blocked":
            self._request_release()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
