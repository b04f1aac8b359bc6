from odoo import fields, models

from .fin_tower_question import Answer, Row


class FinTowerClose(models.AbstractModel):
    _name = "fin.tower.close"
    _inherit = "fin.tower.question"
    _description = "Question: close"
    _sequence = 35
    _model = "fin.checkpoint"
    _groups = ("group_viewer",)

    def _title(self):
        return self.env._("How far is the close?")

    def _answer(self):
        ended = [("date_to", "<", fields.Date.context_today(self))]
        unsigned = [*ended, ("state", "!=", "signed")]
        waiting = self.env["fin.checkpoint"].search(unsigned)
        if not waiting:
            return self._nothing_open(ended)
        late = waiting.filtered(lambda one: one.due_at <= fields.Datetime.now())
        text = self.env._(
            "%(open)s checkpoints of %(periods)s months are not signed, %(late)s of them are late.",
            open=len(waiting),
            periods=len(waiting.period_id),
            late=len(late),
        )
        rows = [self._row(period, unsigned) for period in waiting.period_id.sorted("name", reverse=True)]
        return Answer("bad" if late else "attention", text, len(waiting), unsigned, rows)

    def _nothing_open(self, ended):
        signed = self.env["fin.checkpoint"].search_count(ended)
        if not signed:
            return Answer("unknown", self.env._("No month with a close calendar has ended yet."))
        return Answer("good", self.env._("All %s checkpoints are signed.", signed), signed, ended)

    def _row(self, period, unsigned):
        mine = [*unsigned, ("period_id", "=", period.id)]
        text = self.env._(
            "%(signed)s of %(all)s signed, %(late)s late",
            signed=period.signed_count,
            all=period.checkpoint_count,
            late=period.late_count,
        )
        count = self.env["fin.checkpoint"].search_count(mine)
        return Row("bad" if period.late_count else "attention", period.display_name, text, count, mine)
