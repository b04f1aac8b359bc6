from odoo import api, fields, models
from odoo.exceptions import ValidationError

EVENTS, MINUTES = 1000, 15


class FinPolicy(models.Model):
    """Where the head of the audit chain is kept outside of the database, as the company's policy says."""

    _inherit = "fin.policy"

    anchor_location = fields.Char(
        "Anchor Folder", tracking=True, help="file:// below the allowed folders, or sftp://user@host/folder?hostkey=..."
    )
    anchor_credentials = fields.Char(
        "Anchor Login", tracking=True, help="A reference such as env:NAME or stored:NAME, never the secret itself."
    )
    anchor_mail = fields.Char("Anchor Mail to", tracking=True, help="The auditor who keeps what is mailed.")
    anchor_events = fields.Integer("Anchor after Events", default=EVENTS, required=True, tracking=True)
    anchor_minutes = fields.Integer("Anchor after Minutes", default=MINUTES, required=True, tracking=True)

    _anchor_often_enough = models.Constraint(
        "CHECK(anchor_events BETWEEN 1 AND 100000 AND anchor_minutes BETWEEN 1 AND 1440)",
        "An anchor is written at least once a day and at least every 100,000 events.",
    )

    @api.constrains("anchor_location", "anchor_credentials")
    def _check_anchor(self):
        for policy in self:
            if policy.anchor_location and not policy.anchor_location.startswith(("file://", "sftp://")):
                raise ValidationError(self.env._("An anchor folder begins with file:// or sftp://."))
            kind = (policy.anchor_credentials or "").partition(":")[0]
            if policy.anchor_credentials and kind not in ("env", "file", "conf", "stored", "vault"):
                raise ValidationError(self.env._("A login is given as a reference, such as env:NAME."))

    def _compose(self):
        anchors = {
            "location": self.anchor_location or None,
            "credentials": self.anchor_credentials or None,
            "mail": self.anchor_mail or None,
        }
        if not any(anchors.values()):
            return super()._compose()
        often = {"events": self.anchor_events, "minutes": self.anchor_minutes}
        told = {name: value for name, value in anchors.items() if value}
        return super()._compose() | {"anchors": {**told, **often}}
