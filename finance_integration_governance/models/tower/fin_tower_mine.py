from odoo import models

from ..exception.fin_exception import OPEN
from ..screen import in_words
from .fin_tower_question import Answer, Row


class FinTowerMine(models.AbstractModel):
    _name = "fin.tower.mine"
    _inherit = "fin.tower.question"
    _description = "Question: mine"
    _sequence = 5
    _model = "fin.exception"
    _groups = ("group_viewer",)

    def _title(self):
        return self.env._("What waits for me?")

    def _answer(self):
        mine = [("user_id", "=", self.env.uid), ("state", "in", OPEN)]
        exceptions = self.env["fin.exception"].search(mine)
        asked = self.env["fin.approval"].search([("is_for_me", "=", True)])
        overdue = exceptions.filtered("is_overdue")
        rows = self._approvals(asked) + self._exceptions(exceptions - overdue, "attention")
        if overdue:
            rows = self._exceptions(overdue, "bad") + rows
        text = self._said(exceptions, overdue, asked)
        state = "bad" if overdue else "attention" if rows else "good"
        return Answer(state, text, len(exceptions), mine, rows)

    def _said(self, exceptions, overdue, asked):
        if not exceptions and not asked:
            return self.env._("Nothing: 0 exceptions are mine and 0 approvals wait for my yes.")
        return self.env._(
            "%(exceptions)s exceptions of mine, %(overdue)s of them overdue; %(approvals)s approvals wait for my yes.",
            exceptions=len(exceptions),
            overdue=len(overdue),
            approvals=len(asked),
        )

    def _approvals(self, asked):
        purposes = dict(self.env["fin.approval"]._fields["purpose"]._description_selection(self.env))
        return [
            Row(
                "attention",
                self.env._("Approve: %s", purposes[purpose]),
                ", ".join(sorted(set(same.flow_id.mapped("name")))),
                len(same),
                [("id", "in", same.ids)],
                "fin.approval",
            )
            for purpose, same in asked.grouped("purpose").items()
        ]

    def _exceptions(self, exceptions, state):
        late = self.env._("overdue") if state == "bad" else ""
        return [
            Row(
                state,
                flow.name or self.env._("No flow"),
                ", ".join(filter(None, [late, *sorted({in_words(code) for code in same.mapped("code")})])),
                len(same),
                [("id", "in", same.ids)],
            )
            for flow, same in exceptions.grouped("flow_id").items()
        ]
