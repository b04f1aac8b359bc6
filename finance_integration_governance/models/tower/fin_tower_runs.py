from odoo import models

from ...core.stages import STAGES
from ..exception.fin_exception import OPEN
from ..screen import in_words
from .fin_tower_question import Answer, Row

REAL = ("is_draft", "=", False)


class FinTowerRuns(models.AbstractModel):
    _name = "fin.tower.question.runs"
    _inherit = "fin.tower.question"
    _description = "Question: runs"

    def _nothing(self, text):
        """That there is none is good only where anything has run."""
        if self.env["fin.run"].search_count([REAL], limit=1):
            return Answer("good", text)
        return Answer("unknown", self.env._("Nothing has run yet."))


class FinTowerHeld(models.AbstractModel):
    _name = "fin.tower.held"
    _inherit = "fin.tower.question.runs"
    _description = "Question: held"
    _sequence = 60

    def _title(self):
        return self.env._("What is held, and why?")

    def _answer(self):
        domain = [("state", "=", "held"), REAL]
        held = self.env["fin.run"].search(domain)
        if not held:
            return self._nothing(self.env._("Nothing: 0 runs are held."))
        rows = self._causes(held)
        flows = held.flow_id
        return Answer(
            "bad" if any(row.state == "bad" for row in rows) else "attention",
            self.env._("%(count)s runs of %(flows)s flows wait for a person.", count=len(held), flows=len(flows)),
            len(held),
            domain,
            rows,
        )

    def _causes(self, held):
        """A row for each cause in front of them, with its open exceptions; what is held without one, last."""
        exceptions = self.env["fin.exception"].search([("run_ids", "in", held.ids), ("state", "in", OPEN)])
        rows = [
            Row(
                "bad" if any(one.is_overdue for one in same) else "attention",
                in_words(code),
                ", ".join(sorted(set(same.flow_id.mapped("name")))),
                len(same),
                [("id", "in", same.ids)],
                "fin.exception",
            )
            for code, same in exceptions.grouped("code").items()
        ]
        rest = held - exceptions.run_ids
        if rest:
            waits = self.env._("Ready to be released, or waiting for an approval")
            rows.append(Row("attention", waits, "", len(rest), [("id", "in", rest.ids)]))
        return sorted(rows, key=lambda row: -row.count)


class FinTowerFailed(models.AbstractModel):
    _name = "fin.tower.failed"
    _inherit = "fin.tower.question.runs"
    _description = "Question: failed"
    _sequence = 70

    def _title(self):
        return self.env._("What has failed and was not made good?")

    def _answer(self):
        runs = self.env["fin.run"]
        failed = runs.search([("state", "=", "failed"), REAL])
        good = [("flow_id", "in", failed.flow_id.ids), ("state", "=", "done"), REAL]
        newest = dict(runs._read_group(good, ["flow_id"], ["id:max"])) if failed else {}
        failed = failed.filtered(lambda run: run.id > newest.get(run.flow_id, 0))
        if failed:
            text = self.env._(
                "%(count)s runs of %(flows)s flows, and none since was done.",
                count=len(failed),
                flows=len(failed.flow_id),
            )
            return Answer("bad", text, len(failed), [("id", "in", failed.ids)], self._by_flow(failed))
        return self._nothing(self.env._("Nothing: 0 runs have failed without a good one since."))

    def _by_flow(self, failed):
        stages = dict(self.env["fin.run"]._fields["stage"]._description_selection(self.env))
        return [
            Row(
                "bad",
                flow.name,
                ", ".join(stages[stage] for stage in STAGES if stage in runs.mapped("stage")),
                len(runs),
                [("id", "in", runs.ids)],
            )
            for flow, runs in failed.grouped("flow_id").items()
        ]
