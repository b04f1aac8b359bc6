import json

from odoo import api, models
from odoo.exceptions import UserError

from ...core.canonical import canonical, digest
from ..writer import as_writer
from .fin_exception import OPEN


class FinException(models.Model):
    """What the engine opens and closes by itself: with a run, and with an emergency version."""

    _inherit = "fin.exception"

    @api.model
    def _raise_apart(self, company, code, text, owner=None, family="configuration", **facts):
        """The open exception of this cause that stands outside of every flow, made where there is none yet."""
        fingerprint = self._fingerprint_apart(company, code, facts)
        cause = [("flow_id", "=", False), ("fingerprint", "=", fingerprint), ("state", "in", OPEN)]
        known = self.search(cause, limit=1)
        if known:
            return known
        owner = owner or (company.fin_owner_id + company.fin_steward_id).filtered("active")[:1]
        flow = self.env["fin.flow"]
        exception = self._new(flow, code, text, family, False, fingerprint, facts, company=company, owner=owner)
        exception._audit("raise", code=code)
        return exception

    @api.model
    def _raise_for_flow(self, flow, code, text, family="configuration", **facts):
        """The open exception of this cause in a flow, without a run, made where there is none yet."""
        fingerprint = self._fingerprint_for_flow(code, facts)
        cause = [("flow_id", "=", flow.id), ("fingerprint", "=", fingerprint), ("state", "in", OPEN)]
        known = self.search(cause, limit=1)
        if known:
            return known
        exception = self._new(flow, code, text, family, False, fingerprint, facts)
        exception._audit("raise", code=code, flow=flow.code)
        return exception

    @api.model
    def _close_apart(self, company, code, reason, **facts):
        """Close what stands outside of every flow and has this cause: by its facts, whatever else was told of it."""
        found = self.search([("flow_id", "=", False), ("code", "=", code), ("state", "in", OPEN)])
        told = {name: canonical(value) for name, value in facts.items()}
        for exception in found.filtered(lambda e: e.company_id == company and _tells(e.facts, told)):
            exception._close("resolve", reason)

    def _fingerprint_for_flow(self, code, facts):
        return digest(canonical([code, facts]))

    def _fingerprint_apart(self, company, code, facts):
        return digest(canonical([company.fin_code, code, facts]))

    def _need_decider(self):
        """What concerns the log is an auditor's to decide on; all else an operator's."""
        group = "group_auditor" if self.code.startswith("audit_") else "group_operator"
        self.env["fin.approval"]._need_group(group)
        self.check_access("read")

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


def _tells(facts, told):
    """Whether an exception's facts say all of this."""
    known = json.loads(facts)
    return all(canonical(known.get(name)) == value for name, value in told.items())
