import json

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import digest
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.reading import stored
from odoo.addons.finance_integration_governance.models.writer import as_writer

from ...core.payment import Payment
from ...core.payment_status import of_batch

WAITING = ("queued", "held", "failed")
BY_RUN = "fin_by_run"
_TO = {"accepted": "accept", "partly": "part", "settled": "settle", "rejected": "reject"}


class FinPaymentBatch(models.Model):
    """A released batch and its run: the same one where it is released again, unless somebody cancelled that."""

    _inherit = "fin.payment.batch"

    # Released

    def _guard_release(self):
        getattr(super(), "_guard_release", lambda: None)()
        flow = self.flow_id.sudo()  # sudo: who sends need not see the flow
        if flow.state != "active" or not flow.live_version_id:
            raise UserError(self.env._("%s has no active payment flow: nothing would leave.", self.journal_id.name))

    def _after_release(self):
        getattr(super(), "_after_release", lambda: None)()
        self._start_run()

    def _start_run(self):
        """Queue the batch's run, or let the one go on that brought it to the bank's door before."""
        run = self.run_id.sudo()  # sudo: who sends need not be an operator of runs
        if run.state == "cancelled" and not run._may_have_left():
            as_writer(self).write({"run_id": False})
            run = run.browse()
        if run.state == "held":
            return run._release()
        if run.state == "failed":
            return run._again_by_release()
        if not run:
            flow = self.flow_id.sudo()  # sudo: as above
            run = self.env["fin.run"]._queue(flow, "hand", concurrency_key=self.name)
        return self.env["fin.engine"]._wake(run.lane)

    @api.model
    def _take(self, run):
        """The released batch that this run is for, now tied to it; one that nobody has taken where it is for none."""
        mine = [("name", "=", run.concurrency_key)]
        waiting = [("flow_id", "=", run.flow_id.id), ("state", "=", "released"), ("run_id", "=", False)]
        batch = self.search([*mine, *waiting]) or self._oldest(run, waiting)
        if batch:
            batch.lock_for_update(allow_referencing=True)
            batch._guard_approved()
            as_writer(batch).write({"run_id": run.id})
            as_writer(run).write({"concurrency_key": batch.name})
        return batch

    def _oldest(self, run, waiting):
        """A run that somebody or the schedule has started takes the oldest one; each of the others has its own."""
        if self.search_count([("name", "=", run.concurrency_key)], limit=1):
            return self.browse()
        queued = run.search([("flow_id", "=", run.flow_id.id), ("state", "in", ("queued", "running"))])
        return self.search([*waiting, ("name", "not in", queued.mapped("concurrency_key"))], order="id", limit=1)

    # What it says

    def _told_payments(self):
        """The approved document as canonical payments, in their order."""
        return [stored(Payment, told) for told in self._content()["payments"]]

    def _content(self):
        """The approved document; ConfigurationError where it is not the one that people said yes to."""
        text = self.document_id.text or ""
        if not self.digest or digest(text) != self.digest:
            raise ConfigurationError(f"the document of {self.name} is not the approved one", code="payment_document")
        return json.loads(text)

    def _guard_approved(self):
        why = self._why_not_approved()
        if why:
            raise ConfigurationError(f"{self.name}: {why}", code="payment_not_approved", batch=self.name)

    def _why_not_approved(self):
        """Why the sealed log does not let this batch leave, in words; empty where it does."""
        needed = self._needed_yes()
        if not self.env["fin.approval"]._is_sealed("payment", self._name, self.name, self.digest or "", needed):
            return f"the sealed log does not hold the {needed} approvals of its content"
        return self._who_had_two_parts()

    def _who_had_two_parts(self):
        """Preparers, approvers and sender are different persons, whatever logins they used."""
        # sudo: the engine checks on behalf of everybody
        granted = self.env["fin.approval"].sudo()._granted("payment", self._name, self.name, self.digest)
        prepared = (self.prepared_by | self.editor_ids).partner_id
        parts = (prepared, granted.person_id.partner_id, self.released_by.partner_id)
        if not all(parts):
            return "nobody is known to have prepared, approved or released it"
        twice = (parts[0] & parts[1]) | (parts[0] & parts[2]) | (parts[1] & parts[2])
        return f"one person had two parts in it: {', '.join(twice.mapped('name'))}" if twice else ""

    # Taken back

    def _guard_take_back(self):
        getattr(super(), "_guard_take_back", lambda: None)()
        run = self.run_id.sudo()  # sudo: as above
        is_by_run = self.env.context.get(BY_RUN)  # whoever sends it says nothing but what the next question asks
        if run._may_have_left() or (run.state == "running" and not is_by_run):
            raise UserError(self.env._("%s is on its way: it cannot be taken back.", self.name))

    def _after_take_back(self):
        getattr(super(), "_after_take_back", lambda: None)()
        self._forget_run()

    def _guard_withdraw(self):
        getattr(super(), "_guard_withdraw", lambda: None)()
        self._guard_never_tried()

    def _guard_never_tried(self):
        """What was given to the bank once leaves as it was or not at all: its ids are not used for anything else.

        A try of which nothing left, by proof of its error, is none: the batch may be withdrawn and edited.
        """
        if self._runs().attempt_ids.filtered(lambda attempt: not attempt.is_unsent):
            raise UserError(
                self.env._("%s was given to the bank once: release it again, or cancel it and pay anew.", self.name)
            )

    def _runs(self):
        mine = [("flow_id", "=", self.flow_id.id), ("concurrency_key", "=", self.name)]
        # sudo: as above
        runs = self.run_id.sudo() | self.env["fin.run"].sudo().search(mine)
        return runs | runs.child_ids

    def _after_withdraw(self):
        """The run that tried it in vain holds what it was: the next release has a run of its own."""
        self._forget_run()
        return super()._after_withdraw()

    def _after_cancel(self):
        self._forget_run()
        return super()._after_cancel()

    def _forget_run(self):
        """The run that waits for it has nothing to do any more, unless the bank may have seen something of it."""
        runs = self._runs().filtered(lambda run: all(attempt.is_unsent for attempt in run.attempt_ids))
        if self.run_id.sudo() in runs:  # sudo: as above
            as_writer(self).write({"run_id": False})
        for run in runs.filtered(lambda run: run.state in WAITING):
            run._transition("cancel", reason=f"{self.name} was taken back")

    # Given away

    def _was_sent(self, lines, run, payload):
        """These payments have left, in this payload."""
        lines.filtered(lambda line: line.state == "ready")._transition("send")
        lines._happened("sent", run_id=run, payload_id=payload, text=payload.name)
        verb = {"released": "send", "unknown": "find"}.get(self.state)
        if verb:
            self._transition(verb, run=run.name)
        self._follow_lines()

    def _lose(self, attempt):
        self._transition("lose", attempt=attempt.number)
        text = self.env._("No answer came: nobody knows whether %s has arrived.", attempt.payload_id.name)
        self._happened("in_doubt", text=text, run_id=attempt.run_id, payload_id=attempt.payload_id)

    def _follow_lines(self):
        """The batch's own state, out of those of its payments; one that came back may make a settled batch a part."""
        for batch in self:
            verb = _TO.get(of_batch(batch._states_of_lines()))
            if verb and batch._lifecycle.target(verb, batch.state):
                batch._transition(verb)

    def _states_of_lines(self):
        self.env.flush_all()
        rows = self.env.execute_query(SQL("SELECT DISTINCT state FROM fin_payment_line WHERE batch_id = %s", self.id))
        return [state for (state,) in rows]
