"""What support does not see: whatever a bank, another system or a person wrote may hold names and amounts.

Support sees that something happened, when, in which stage, with which code, and how often.
"""

from odoo import fields, models

VIEWER = "finance_integration_governance.group_viewer"


class FinTalk(models.AbstractModel):
    """Messages on a record repeat what its texts say, so they are for those who may read the texts."""

    _name = "fin.talk"
    _description = "Messages for Viewers"

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        if message_operation == "read" and not self.env.user.has_group(VIEWER):
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)


class FinException(models.Model):
    _name = "fin.exception"
    _inherit = ["fin.exception", "fin.talk"]

    text = fields.Text(groups=VIEWER)
    reason = fields.Text(groups=VIEWER)
    facts_table = fields.Html(groups=VIEWER)
    shown_item_ids = fields.Many2many(groups=VIEWER)


class FinRun(models.Model):
    _name = "fin.run"
    _inherit = ["fin.run", "fin.talk"]

    shown_item_ids = fields.Many2many(groups=VIEWER)


class FinFlow(models.Model):
    _name = "fin.flow"
    _inherit = ["fin.flow", "fin.talk"]


class FinAttempt(models.Model):
    _inherit = "fin.attempt"

    reference = fields.Char(groups=VIEWER)
