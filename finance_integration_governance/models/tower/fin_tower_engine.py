from odoo import models
from odoo.tools import config

from ..exception.fin_exception import OPEN
from .fin_tower_question import Answer, Row

LANES = 3
WATCHED = ("engine_silent", "cron_changed")


class FinTowerEngine(models.AbstractModel):
    _name = "fin.tower.engine"
    _inherit = "fin.tower.question"
    _description = "Question: engine"
    _sequence = 80
    _model = "fin.heartbeat"

    def _title(self):
        return self.env._("Is the engine at work?")

    def _answer(self):
        parts = self.env["fin.heartbeat"].search_count([])
        silent, rows = self.env["fin.heartbeat"]._silent(), self._troubles()
        rows = [Row("bad", one.part, self._moment(one.at), 1, [("id", "=", one.id)]) for one in silent] + rows
        if silent:
            text = self.env._("%(silent)s of %(all)s parts give no sign of life.", silent=len(silent), all=parts)
            return Answer("bad", text, len(silent), [("id", "in", silent.ids)], rows)
        if not parts:
            return Answer("unknown", self.env._("No part has given a sign of life yet."), rows=rows)
        text = self.env._("All %s parts have given a sign of life within the last minutes.", parts)
        return Answer(self._worst(["good", *(row.state for row in rows)]), text, parts, [("id", "!=", False)], rows)

    def _troubles(self):
        """What stands in its way: no release, altered scheduled actions, fewer threads than lanes."""
        rows = []
        # sudo: everybody may know whether this database books and sends
        if not self.env["fin.database"].sudo()._is_released():
            text = self.env._("it was never released, or it is a copy: nothing books and nothing leaves")
            rows.append(Row("bad", self.env._("This database is not released"), text))
        altered = [("code", "in", WATCHED), ("state", "in", OPEN)]
        count = self.env["fin.exception"].search_count(altered)
        if count:
            text = self.env._("as the engine's watch has told")
            rows.append(Row("bad", self.env._("Scheduled actions"), text, count, altered, "fin.exception"))
        threads = config["max_cron_threads"]
        if threads < LANES:
            text = self.env._(
                "%(threads)s for %(lanes)s lanes, which wait for each other (max_cron_threads)",
                threads=threads,
                lanes=LANES,
            )
            rows.append(Row("attention", self.env._("Threads"), text))
        return rows
