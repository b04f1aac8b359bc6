from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...core.errors import TransientError
from ...core.weekly import windows
from ..schedule.fin_slot import aware, stored
from ..writer import as_writer


class FinMaintenance(models.Model):
    """Hours in which a system is not there, announced and approved: work waits, and nothing is late or broken."""

    _name = "fin.maintenance"
    _description = "Maintenance of a System"
    _inherit = ["fin.working.part"]
    _order = "begins_at desc, id"
    _rec_name = "begins_at"

    connection_id = fields.Many2one("fin.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    begins_at = fields.Datetime("From", required=True)
    ends_at = fields.Datetime("To", required=True)
    reason = fields.Char(required=True)

    _in_order = models.Constraint("CHECK(begins_at < ends_at)", "Maintenance ends after it has begun.")

    @api.constrains("begins_at", "ends_at")
    def _check_length(self):
        for one in self:
            if (one.ends_at - one.begins_at).days >= 7:
                raise ValidationError(self.env._("Maintenance that lasts a week is an outage: pause the flow instead."))

    def _working_copies(self):
        return self.connection_id._working_copies()

    def _document(self):
        return [
            {"from": f"{one.begins_at:%Y-%m-%d %H:%M:%S}", "to": f"{one.ends_at:%Y-%m-%d %H:%M:%S}", "why": one.reason}
            for one in self.sorted(lambda m: (m.begins_at, m.ends_at))
        ]


class FinConnection(models.Model):
    _inherit = "fin.connection"

    maintenance_ids = fields.One2many("fin.maintenance", "connection_id")

    def _document(self):
        told = self.maintenance_ids._document()
        return super()._document() | ({"maintenance": told} if told else {})


def _windows(document, since, until):
    """[(from, to)] of the document's connection, as the database keeps moments; those that come again between two."""
    to_datetime, weekly = fields.Datetime.to_datetime, document.connection.get("weekly")
    told = document.connection.get("maintenance", ())
    announced = [(to_datetime(one["from"]), to_datetime(one["to"])) for one in told]
    again = windows(weekly, aware(since), aware(until)) if weekly else []
    return sorted(announced + [(stored(begin), stored(end)) for begin, end in again])


def over_at(document, moment):
    """When the maintenance in which the moment lies is over, or None where there is none."""
    just_now = _windows(document, moment, fields.Datetime.add(moment, seconds=1))
    return max((end for begin, end in just_now if begin <= moment < end), default=None)


def put_off(document, begin, end):
    """A promised end, later by as much maintenance as lies between the beginning and it."""
    told = begin
    for start, stop in _windows(document, begin, fields.Datetime.add(end, days=14)):
        if start < end and stop > told:
            # What lies in two of them is counted once.
            end += stop - max(start, told)
            told = stop
    return end


class FinRun(models.Model):
    _inherit = "fin.run"

    def _connector(self):
        """Nobody calls a system that has said that it is not there; the run waits until it is, and that is no try."""
        now = fields.Datetime.now()
        until = over_at(self._document(), now)
        if until:
            text = f"the system is under maintenance until {until:%Y-%m-%d %H:%M} UTC"
            wait = (until - now).total_seconds()
            raise TransientError(text, code="maintenance", retry_after=wait, sent=False)
        return super()._connector()


class FinSlot(models.Model):
    _inherit = "fin.slot"

    def _values(self, flow, document, moment):
        values = super()._values(flow, document, moment)
        if values.get("promised_at"):
            values["promised_at"] = put_off(document, values["due_at"], values["promised_at"])
        return values


class FinClock(models.Model):
    _inherit = "fin.clock"

    def _tell_stale(self):
        """While the system is not there its data grow no older than anybody knows; asked again when it is back."""
        until = over_at(self.flow_id._document(), self.stale_at)
        if not until:
            return super()._tell_stale()
        return as_writer(self).write({"stale_at": until})
