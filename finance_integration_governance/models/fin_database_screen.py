from odoo import api, models


class FinDatabase(models.AbstractModel):
    """How the release of this database stands, for banners and settings."""

    _inherit = "fin.database"

    @api.model
    def _release_states(self):
        return [("released", "Released"), ("requested", "Waits for an approver"), ("blocked", "Not released")]

    @api.model
    def _release_state(self):
        if self._is_released():
            return "released"
        return "requested" if self._open_release() else "blocked"

    @api.model
    def _open_release(self):
        """The open request to release exactly this database."""
        # sudo: everybody may know that the request stands
        return (
            self.env["fin.approval"]
            .sudo()
            .search(
                [("purpose", "=", "release"), ("digest", "=", self._fingerprint()), ("state", "=", "requested")],
                limit=1,
            )
        )

    @api.model
    def action_request_release(self):
        """Ask once; a second click does not ask again."""
        self.env["fin.approval"]._need_group("group_administrator")
        if not self._open_release():
            self._request_release()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
