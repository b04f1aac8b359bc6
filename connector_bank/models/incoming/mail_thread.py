from odoo import api, models
from odoo.exceptions import AccessError

from ...core.incoming_mail import IncomingMail
from .fin_flow_mail import MODEL

KEY = "fin_incoming_mail"


class MailThread(models.AbstractModel):
    """A mail with statements is handed over as it came: Odoo's own reading decodes and rewrites attachments."""

    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        if not any(route[0] == MODEL for route in routes or ()):
            return super()._message_route_process(message, message_dict, routes)
        if not (self.env.su or self.env.user.has_group("base.group_system")):
            # Anybody could call the mail gateway over RPC, with whatever sender they like.
            raise AccessError(self.env._("Mails with statements are brought by the mail server."))
        mail = IncomingMail.of(message)
        message_dict |= {"attachments": [], "body": ""}  # the files become payloads, and stand nowhere else
        return super(MailThread, self.with_context(**{KEY: mail}))._message_route_process(message, message_dict, routes)
