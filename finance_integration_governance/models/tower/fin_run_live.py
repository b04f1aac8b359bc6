"""How far a run has come, told over the bus while it works, to those who look at it and may see it."""

import time

from odoo import fields, models

from ...core.stages import STAGES

MODULE = "finance_integration_governance"
MOVED = f"{MODULE}/run"
PREFIX = "fin_run_"  # of the channel that a client asks for
COUNTED = 100_000
REMEMBERED = 1000
_next = {}  # (database, run) -> when this worker tells of it again


class FinRun(models.Model):
    _name = "fin.run"
    _inherit = ["fin.run", "bus.listener.mixin"]

    def _stepped(self, stage=None):
        step = super()._stepped(stage)
        if self._is_time_to_tell():
            self._tell_moved()
        return step

    def _is_time_to_tell(self):
        """At most once a second, without asking the database: a run of a moment says nothing on its way."""
        now, key = time.monotonic(), (self.env.cr.dbname, self.id)
        if len(_next) > REMEMBERED:
            _next.clear()
        if now < _next.setdefault(key, now + 1):
            return False
        _next[key] = now + 1
        return True

    def _tell_moved(self):
        self._bus_send(MOVED, self._told_on_its_way())

    def _told_on_its_way(self):
        """State, stage and counts, and nothing of what is in it. Counting ends where it would take too long."""
        mine, items = [("run_id", "=", self.id)], self.env["fin.item"]
        return {
            "id": self.id,
            "state": self.state,
            "at": STAGES.index(self.stage),
            "items": items.search_count(mine, limit=COUNTED),
            "open": items.search_count([*mine, ("outcome", "=", "open")], limit=COUNTED),
        }

    def _tell_end(self):
        """Somebody may look at what was begun by hand, or has taken a while; events come by the hundred a second."""
        is_short = self.started_at and fields.Datetime.now() <= fields.Datetime.add(self.started_at, seconds=1)
        if self.trigger in ("hand", "resend", "release") or not is_short:
            self._tell_moved()

    def _after_finish(self):
        super()._after_finish()
        self._tell_end()

    def _after_hold(self):
        super()._after_hold()
        self._tell_end()

    def _after_fail(self):
        super()._after_fail()
        self._tell_end()

    def _after_cancel(self):
        super()._after_cancel()
        self._tell_end()


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Whoever asks for a run's channel gets it where they may see the run; nobody else, and no words about why."""
        asked = [one for one in channels if isinstance(one, str) and one.startswith(PREFIX)]
        known = [one for one in channels if one not in asked]
        return super()._build_bus_channel_list([*known, *self._fin_runs(asked)])

    def _fin_runs(self, asked):
        ids = [int(number) for one in asked if (number := one.removeprefix(PREFIX)).isdecimal()]
        runs = self.env["fin.run"]
        if not ids or not self.env.user or self.env.user._is_public() or not runs.has_access("read"):
            return []
        # All companies of the user, as the socket knows nothing of those that were chosen.
        mine = runs.with_context(allowed_company_ids=self.env.user.company_ids.ids)
        return list(mine.search([("id", "in", ids)]).with_env(self.env))
