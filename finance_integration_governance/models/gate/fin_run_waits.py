from odoo import api, fields, models

from ..screen import MODULE
from ..writer import as_writer

WAITS = [
    ("person", "A decision"),
    ("yes", "A second person's yes"),
    ("data", "Younger data of another flow"),
]


class FinRun(models.Model):
    """What a held run waits for: whose turn it is, and how it goes on. What it waited for lets it go on by itself."""

    _inherit = "fin.run"

    waits_for = fields.Selection(WAITS, readonly=True, index="btree_not_null", string="Waits for")
    waits_key = fields.Char(readonly=True, groups=f"{MODULE}.group_viewer", help="Which of them, by its code.")
    waits_gate = fields.Char(readonly=True, groups=f"{MODULE}.group_viewer", string="Question")
    waits_reason = fields.Char(readonly=True, groups=f"{MODULE}.group_viewer", string="Why it waits")

    def _wait(self, answer):
        super()._wait(answer)
        kind = answer.waits or "person"
        told = {"waits_for": kind, "waits_key": answer.key, "waits_reason": answer.reason}
        as_writer(self).write({**told, "waits_gate": answer.gate})
        if answer.waits:
            text = f"{self.name}: {answer.reason}. {self._turns()[kind]}"
            facts = {"waits": self.name, "gate": answer.gate}
            self.env["fin.exception"]._raise(self, f"waits_for_{kind}", text, blocking=False, **facts)

    def _turns(self):
        """Whose turn it is and how it goes on, by what is waited for."""
        return {
            "yes": self.env._(
                "An approver looks at the run and says yes or no there; with the yes it goes on by itself."
            ),
            "data": self.env._(
                "The steward of that flow sees to it; the next good run of it lets this one go on by itself."
            ),
        }

    def _after_release(self):
        """It is asked again, and says anew what it waits for."""
        as_writer(self).write(dict.fromkeys(("waits_for", "waits_key", "waits_gate", "waits_reason"), False))

    def _after_cancel(self):
        super()._after_cancel()
        self._after_release()
        self._end_waiting(self.env._("The run was cancelled: what it held is not delivered."))

    def _after_finish(self):
        super()._after_finish()
        self._let_go("data", self.flow_id.code)

    def _end_waiting(self, reason):
        """What the run waited for is there, or it does not wait any more."""
        codes = [f"waits_for_{kind}" for kind, _label in WAITS]
        waiting = [("run_ids", "in", self.ids), ("code", "in", codes), ("state", "in", ("open", "in_progress"))]
        for exception in self.env["fin.exception"].search(waiting):
            exception._close("resolve", reason)

    @api.model
    def _let_go(self, kind, key):
        """What waited for this is asked again."""
        for run in self.search([("state", "=", "held"), ("waits_for", "=", kind), ("waits_key", "=", key)]):
            run._end_waiting(self.env._("What it waited for is there."))
            run._release()
