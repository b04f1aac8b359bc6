from odoo import api, models
from odoo.exceptions import UserError

from ...core.canonical import digest
from ..writer import as_writer
from .fin_exception import OPEN


class FinException(models.Model):
    """What the engine opens and closes by itself: with a run, and with an emergency version."""

    _inherit = "fin.exception"

    def _need_decider(self):
        self.check_access("read")
        self.env["fin.approval"]._need_group(self._decider())

    def _decider(self):
        """What concerns the log is an auditor's to decide on; all else an operator's."""
        return "group_auditor" if self.code.startswith("audit_") else "group_operator"

    @api.model
    def _reopen_for(self, run):
        """What was closed by hand and still stands in front of items is open again: somebody has to own it."""
        closed = [("run_ids", "in", run.ids), ("state", "=", "resolved"), ("is_blocking", "=", True)]
        for exception in self.search(closed).filtered(lambda e: e._concerned(run) and not e._is_open_elsewhere()):
            exception._transition("reopen", reason="its items still wait")
            as_writer(exception).write({"closed_at": False})
            exception._tell_owner()

    def _is_open_elsewhere(self):
        cause = [("flow_id", "=", self.flow_id.id), ("fingerprint", "=", self.fingerprint), ("state", "in", OPEN)]
        return bool(self.search_count(cause, limit=1))

    @api.model
    def _close_for_run(self, run):
        """Close what stood against this run's facts, now that all of them have their effect and the totals tie."""
        for exception in self.search([("run_ids", "in", run.ids), ("state", "in", OPEN)]):
            if exception._is_over():
                exception._close("resolve", "every item has its outcome and the totals tie")

    def _is_over(self):
        undone = self.env["fin.run"].search_count(
            [("id", "in", self.run_ids.ids), ("state", "not in", ("done", "cancelled"))]
        )
        waiting = self.item_ids.filtered(lambda item: item.outcome in ("open", "rejected"))
        return not undone and not waiting and not self.payload_ids

    @api.model
    def _open_for_version(self, version):
        """An emergency version is an open exception until a second person has reviewed it."""
        return self._new(
            version.flow_id,
            "emergency_version",
            f"{version.display_name} runs without a second person's yes until {version.emergency_until}",
            "configuration",
            False,
            digest(version._subject_key()),
            {},
        )

    @api.model
    def _close_for_version(self, version, reason):
        found = self.search([("fingerprint", "=", digest(version._subject_key())), ("state", "in", OPEN)])
        for exception in found:
            exception._close("resolve", reason)

    def _guard_resolve(self):
        """What an emergency version left open is closed by the second person's word on it, not by hand."""
        versions = self.flow_id.version_ids.filtered(lambda v: digest(v._subject_key()) == self.fingerprint)
        if versions and not versions.approval_ids.filtered("decided_at"):
            raise UserError(self.env._("A second person has to review this version first."))
