"""A waiver holds until a day. What was not booked by then waits for a person again."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.canonical import canonical, digest
from ..writer import as_writer

DAYS = 7  # where nobody says another day


class FinException(models.Model):
    _inherit = "fin.exception"

    waived_until = fields.Datetime(readonly=True, tracking=True)

    def _request_waiver(self, reason, until=None):
        until = until or fields.Datetime.add(fields.Datetime.now(), days=DAYS)
        if until <= fields.Datetime.now():
            raise UserError(self.env._("A waiver holds until a day that is still to come."))
        if self.is_waivable:
            as_writer(self).write({"waived_until": until})
        super()._request_waiver(reason)

    def _content_digest(self):
        """The day is part of what the second person says yes to."""
        told = super()._content_digest()
        return digest(canonical([told, fields.Datetime.to_string(self.waived_until)])) if self.waived_until else told

    def _is_lapsed(self):
        return bool(self.waived_until) and self.waived_until <= fields.Datetime.now()

    def _is_truly_waived(self):
        return not self._is_lapsed() and super()._is_truly_waived()

    @api.model
    def _reopen_for(self, run):
        super()._reopen_for(run)
        lapsed = self.search([("run_ids", "in", run.ids), ("state", "=", "waived"), ("waived_until", "!=", False)])
        for exception in lapsed.filtered(lambda one: one._is_lapsed() and one._concerned(run)):
            if not exception._is_open_elsewhere():
                exception._transition("lapse", reason="the waiver has lapsed")
                as_writer(exception).write({"closed_at": False, "waived_until": False})
                exception._tell_owner()
