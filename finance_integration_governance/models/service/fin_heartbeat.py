import contextlib

from odoo import api, fields, models
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure

SILENT = 5  # minutes without a sign of life; a busy lane gives one at every slice
OFTEN = 30  # seconds in which one sign of life is enough, however often the part is woken


class FinHeartbeat(models.Model):
    """When each part of the engine was last seen. Those that live look after the others, and so does every screen."""

    _name = "fin.heartbeat"
    _description = "Sign of Life"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _rec_name = "part"

    part = fields.Char(required=True, readonly=True)
    at = fields.Datetime(required=True, readonly=True)

    _part_uniq = models.Constraint("UNIQUE(part)", "Each part has one sign of life.")

    @api.model
    def _beat(self, part, now=None):
        """Whether this sign of life was kept: the last one was some time ago."""
        now = now or fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """INSERT INTO fin_heartbeat AS h (part, at) VALUES (%s, %s)
                ON CONFLICT (part) DO UPDATE SET at = EXCLUDED.at WHERE h.at <= %s RETURNING id""",
                part,
                now,
                fields.Datetime.subtract(now, seconds=OFTEN),
            ),
            log_exceptions=False,  # two workers of one lane may begin at the same moment
        )
        self.invalidate_model()
        return bool(self.env.cr.rowcount)

    @api.model
    def _look_after(self, part):
        """A sign of life and, now and then, a look at the others: events may wake a lane a hundred times a second."""
        if self._beat(part):
            self._watch()
            self.env["ir.cron"]._fin_watch()

    @api.model
    def _silent(self, now=None):
        """Parts that lived once and were not seen for minutes, with when they were."""
        since = fields.Datetime.subtract(now or fields.Datetime.now(), minutes=SILENT)
        return self.search([("at", "<", since)], order="part")

    @api.model
    def _watch(self, now=None):
        """One exception for each part that is silent; it closes when the part lives again."""
        causes = {
            self.env._(
                "The engine's part %(part)s has given no sign of life since %(at)s UTC: see that the server runs and "
                "that its scheduled action is active.",
                part=heart.part,
                at=f"{heart.at:%Y-%m-%d %H:%M}",
            ): {"part": heart.part}
            for heart in self._silent(now)
        }
        self.env["fin.exception"]._watched_apart(self.env.ref("base.main_company"), "engine_silent", causes)


class FinEngine(models.AbstractModel):
    _inherit = "fin.engine"

    @api.model
    def _cron_advance(self, lane):
        """After the work, which somebody waits for, and in a transaction of its own, whatever became of the slice."""
        try:
            return super()._cron_advance(lane)
        finally:
            # What another worker looks at is looked at.
            with contextlib.suppress(SerializationFailure), self.env.registry.cursor() as cr:
                self.env(cr=cr, su=True)["fin.heartbeat"]._look_after(lane)


class FinAuditWatch(models.AbstractModel):
    _inherit = "fin.audit.watch"

    @api.model
    def _cron_seal(self):
        self.env["fin.heartbeat"]._look_after("seal")
        return super()._cron_seal()
