import dataclasses

from odoo import fields, models
from odoo.tools import SQL

from ...core.errors import ConfigurationError
from ...core.totals import ControlTotals
from ..writer import as_writer
from .gates import FIXED


class FinRun(models.Model):
    """What gates ask of a run, and what their answers do to it."""

    _inherit = "fin.run"

    def _pass_gates(self):
        """Ask the gates. Yields where one does not say proceed: an error would take with it why the run was stopped."""
        answers = self._ask()
        if any(answer.verdict != "proceed" for answer in answers):
            yield
        for answer in answers:
            if answer.verdict == "stop":
                raise ConfigurationError(answer.reason, code="gate_stopped", gate=answer.gate)

    def _ask(self):
        """Ask every gate in order and keep each answer; what is held leaves this run. Ends with the first `stop`."""
        told, kept, answers = self._open_digest(), [], []
        for gate in self._gates():
            answer = dataclasses.replace(gate.ask(self), gate=type(gate).__name__)
            kept.append(self._answered(gate, answer, told))
            answers.append(answer)
            if answer.verdict == "hold":
                # What waits is told with its answer, so the answers are there before.
                self._keep_answers(kept)
                kept = []
                self._hold_items(answer)
                told = self._open_digest()
            if self.state != "running" or answer.verdict == "stop":
                break
        self._keep_answers(kept)
        return answers

    def _gates(self):
        """The gates of this run in their order; addons add theirs by extending this method."""
        return FIXED

    def _keep_answer(self, gate, answer):
        self._keep_answers([self._answered(gate, answer, self._open_digest())])

    def _keep_answers(self, answers):
        as_writer(self.env["fin.gate.answer"]).create(answers)

    def _answered(self, gate, answer, told):
        """The answer as it is kept, about items with this digest."""
        return {
            "run_id": self.id,
            "company_id": self.company_id.id,
            "gate": type(gate).__name__,
            "question": gate.question,
            "answer": answer.verdict,
            "reason": answer.reason,
            "count": len(answer.ids),
            "digest": told,
            "at": fields.Datetime.now(),
        }

    def _open_digest(self):
        """One digest over the ordered digests of what would be delivered now, with its mapped values."""
        [(told,)] = self.env.execute_query(
            SQL(
                """SELECT encode(sha256(convert_to(
                    COALESCE(string_agg(digest || COALESCE(mapped_values, ''), '' ORDER BY id), ''), 'UTF8')), 'hex')
                FROM fin_item WHERE run_id = %s AND outcome = 'open'""",
                self.id,
            )
        )
        return told

    def _hold_items(self, answer):
        """All is held, or all or nothing: the run waits. Else a part waits in a run of its own, the rest goes on."""
        rest = set(self._open_ids()) - set(answer.ids)
        if not rest or self._document().get("all_or_nothing"):
            self._transition("hold", reason=answer.reason)
            return self._wait(answer)
        return self._split(answer)

    def _split(self, answer):
        """What the answer names waits in a run of its own."""
        child = self._held_child()
        moved = self.env["fin.item"]._move_held(self, child, list(answer.ids))
        self.env["fin.exception"]._follow(child)
        child._transition("start")
        child._transition("hold", reason=answer.reason)
        self._audit("split", child=child.name, count=moved)
        return child._wait(answer)

    def _wait(self, answer):
        """This run holds what the answer says; each kind of waiting adds its part."""

    def _held_child(self):
        mine = {"direction": self.direction, "lane": self.lane, "company_id": self.company_id.id}
        child = self.env["fin.run"]._queue(
            self.flow_id,
            "release",
            parent_id=self.id,
            concurrency_key=f"held-by-{self.name}",
            **mine,
            **self._parameters(),
        )
        child._pin_like(self)
        child._reached("gate")
        return child

    def _pin_like(self, run):
        as_writer(self).write(
            {
                "concurrency_key": self.name,
                "version_id": run.version_id.id,
                "version_digest": run.version_digest,
                "started_at": run.started_at,
            }
        )

    def _open_ids(self):
        rows = self.env.execute_query(
            SQL("SELECT id FROM fin_item WHERE run_id = %s AND outcome = 'open' ORDER BY id", self.id)
        )
        return tuple(item_id for (item_id,) in rows)

    def _has_items(self):
        return bool(self.env.execute_query(SQL("SELECT 1 FROM fin_item WHERE run_id = %s LIMIT 1", self.id)))

    def _undecided_payloads(self):
        """Payloads that nobody could read or has decided on; once split off, the held part waits for them."""
        if self.child_ids:
            return self.env["fin.payload"]
        refused = [("run_id", "=", (self.parent_id or self).id), ("reading", "=", "refused")]
        return self.env["fin.payload"].search([*refused, ("exception_id.state", "in", ("open", "in_progress"))])

    def _locked_days(self):
        """(company, day) -> which lock forbids it, for open items by accounting date, as the service user.

        The company is the one that the mapped values name, else the run's.
        """
        locked_on = self._object()._locked
        companies = {company.fin_code: company for company in self._as_service().companies}
        return {
            (code, day): reason
            for code, day in self._open_places()
            if (reason := locked_on(companies.get(code, self.company_id), day))
        }

    def _open_places(self):
        return self.env.execute_query(
            SQL(
                """SELECT DISTINCT mapped_values::json->>'company', "on" FROM fin_item
                WHERE run_id = %s AND outcome = 'open' AND "on" IS NOT NULL""",
                self.id,
            )
        )

    def _open_ids_at(self, places):
        """Open items of these (company code or None, day) pairs."""
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id FROM fin_item i JOIN unnest(%s::text[], %s::date[]) AS p(company, day)
                    ON i."on" = p.day AND i.mapped_values::json->>'company' IS NOT DISTINCT FROM p.company
                WHERE i.run_id = %s AND i.outcome = 'open'""",
                [company for company, _day in places],
                [day for _company, day in places],
                self.id,
            )
        )
        return [item_id for (item_id,) in rows]

    def _stored_totals(self, payload):
        parts = self.env["fin.item"]._totals_by_outcome(self, payload)
        return sum(parts.values(), ControlTotals())

    # What a reader noticed

    def _report(self, payload, findings, broken):
        """Findings and breaches of a chunk become exceptions, one per cause, with the rows they concern."""
        for finding in findings:
            self._report_finding(payload, finding)
        for (breach, waits), rows in broken.items():
            self._report_breach(payload, breach, rows, waits)
        if self.env["fin.exception"]._too_many(self):
            raise ConfigurationError("too many different causes in one stage", code="too_many_causes")

    def _report_finding(self, payload, finding):
        if not finding.blocking:
            return self._audit("notice", code=finding.code, payload=payload.uid, **finding.facts)
        exceptions, items = self.env["fin.exception"], self.env["fin.item"]
        exception = exceptions._raise(self, finding.code, finding.text, document=finding.document or payload.digest)
        if finding.document is None:
            return payload._was_noticed(exception)
        return items._attach(exception, self._ids_of(payload, finding.document))

    def _ids_of(self, payload, key):
        rows = self.env.execute_query(
            SQL("SELECT id FROM fin_item WHERE run_id = %s AND payload_id = %s AND key = %s", self.id, payload.id, key)
        )
        return [item_id for (item_id,) in rows]

    def _report_breach(self, payload, breach, rows, waits):
        """Rows that may go on without the value wait behind the exception; the others are rejected."""
        told = {name: value for name, value in dataclasses.asdict(breach).items() if value}
        told |= {"waits": "yes"} if waits else {}
        how = f"{breach.step}: {breach.rule}" if breach.step else breach.rule
        first = self._lines(payload, rows[:1])[0] or rows[0]
        text = f"{breach.member} breaks the contract ({how}) in row {first} and {len(rows) - 1} more of {payload.name}"
        exception = self.env["fin.exception"]._raise(
            self, "contract_violation", text, blocking=waits, count=len(rows), **told
        )
        self.env.cr.execute(
            SQL(
                "UPDATE fin_item SET exception_id = %s WHERE run_id = %s AND payload_id = %s AND row = ANY(%s)",
                exception.id,
                self.id,
                payload.id,
                rows,
            )
        )
