from odoo import api, fields, models
from odoo.tools import SQL

from ..writer import as_writer

SILENT = 5  # minutes without a sign of life; a busy lane gives one at every slice


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
        now = now or fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """INSERT INTO fin_heartbeat (part, at) VALUES (%s, %s)
                ON CONFLICT (part) DO UPDATE SET at = EXCLUDED.at""",
                part,
                now,
            )
        )
        self.invalidate_model()

    @api.model
    def _silent(self, now=None):
        """Parts that lived once and were not seen for minutes, with when they were."""
        since = fields.Datetime.subtract(now or fields.Datetime.now(), minutes=SILENT)
        return self.search([("at", "<", since)], order="part")

    @api.model
    def _watch(self, now=None):
        """One exception for each part that is silent; it closes when the part lives again."""
        exceptions, company = self.env["fin.exception"], self.env.ref("base.main_company")
        silent = {heart.part: heart.at for heart in self._silent(now)}
        for part, at in silent.items():
            text = self.env._(
                "The engine's part %(part)s has given no sign of life since %(at)s UTC: see that the server runs and "
                "that its scheduled action is active.",
                part=part,
                at=f"{at:%Y-%m-%d %H:%M}",
            )
            exceptions._raise_apart(company, "engine_silent", text, part=part)
        for heart in self.search([("part", "not in", list(silent))]):
            exceptions._close_apart(company, "engine_silent", self.env._("It lives again."), part=heart.part)


class FinEngine(models.AbstractModel):
    _inherit = "fin.engine"

    def _tick(self):
        super()._tick()
        self._look_after("engine")

    @api.model
    def _cron_advance(self, lane):
        self._look_after(lane)
        return super()._cron_advance(lane)

    def _look_after(self, part):
        """In a transaction of its own: a sign of life, and a look at the others."""
        with self.env.registry.cursor() as cr:
            env = self.env(cr=cr, su=True)
            env["fin.heartbeat"]._beat(part)
            env["fin.heartbeat"]._watch()
            env["ir.cron"]._fin_watch()


class FinAuditWatch(models.AbstractModel):
    _inherit = "fin.audit.watch"

    @api.model
    def _cron_seal(self):
        hearts = as_writer(self.env["fin.heartbeat"])
        hearts._beat("seal")
        hearts._watch()
        self.env["ir.cron"]._fin_watch()
        return super()._cron_seal()
