"""What people do at the desk: try again, replay, correct, skip, split."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.canonical import canonical, digest
from ...core.uid import uuid7
from ..exception.fin_exception import OPEN
from ..screen import act_window, in_words
from ..writer import as_writer


class FinException(models.Model):
    _inherit = "fin.exception"

    split_of_id = fields.Many2one("fin.exception", readonly=True, ondelete="restrict", string="Split from")
    can_retry = fields.Boolean(compute="_compute_can_retry")
    can_replay = fields.Boolean(compute="_compute_can_retry")

    def _need_open(self):
        for case in self:
            case._need_decider()
            if case.state not in OPEN:
                raise UserError(self.env._("%s is closed.", case.name))

    # Try again

    def _compute_can_retry(self):
        for case in self.sudo():  # sudo: that something waits or was rejected is no content
            is_open = case.state in OPEN
            case.can_retry = is_open and bool(case._runs_to_retry())
            case.can_replay = is_open and bool(case.env["fin.item"]._to_replay(case))

    def _runs_to_retry(self):
        """Runs that wait for nothing but somebody's word, or for the next try."""
        runs = self.run_ids | self._held_runs() if self.code else self.run_ids
        return runs.filtered(lambda run: run.state in ("held", "failed") or (run.state == "queued" and run.not_before))

    def action_retry(self):
        """Let what waits go on now, whoever it waits for; what was rejected is replayed, with a reason."""
        self._need_open()
        runs = self.env["fin.run"].union(*(case._runs_to_retry() for case in self))
        for run in runs:
            run._retry()
        for case in self:
            case._audit("retry", runs=case._runs_of(runs))
        if self.env["fin.item"]._to_replay(self):
            return self.action_replay()
        if not runs:
            raise UserError(self.env._("Nothing waits here: look at the items."))
        return self._said(self.env._("%s runs go on.", len(runs)))

    def _runs_of(self, runs):
        return (self.run_ids & runs).mapped("name")

    def _said(self, text):
        params = {"type": "success", "message": text, "next": {"type": "ir.actions.client", "tag": "soft_reload"}}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    # The dialog for items

    def action_open_items(self):
        """All of the case's items, to filter and to choose from."""
        name = self.env._("Items of %s", ", ".join(self.mapped("name")))
        opened = act_window(self.env, "fin_item_action", [("exception_id", "in", self.ids)], name=name)
        listed = self.env.ref("finance_integration_governance.fin_item_view_list_case")
        context = {"search_default_to_settle": 1} if self.filtered(lambda case: case.state in OPEN) else {}
        return {**opened, "views": [(listed.id, "list"), (False, "form")], "path": False, "context": context}

    def action_replay(self):
        return self._dialog("replay")

    def action_skip(self):
        return self._dialog("skip")

    def action_split(self):
        return self._dialog("split")

    def _dialog(self, kind, item_ids=()):
        self._need_open()
        return self.env["fin.remedy.ask"]._open_for(self, kind, item_ids)

    # Skipping

    def _skip(self, reason, code, ids=None):
        """These facts are not booked, all of the cases' where no ids are given: one act, one reason."""
        self._need_open()
        items, runs = self.env["fin.item"], self.env["fin.run"].union(*(case._held_runs() for case in self))
        held = [one for run in runs for case in self for one in case._concerned(run)]
        held = sorted({*held} & {*ids} if ids is not None else {*held})
        rejected = items._to_replay(self, ids)
        cases = {"exception_ids": [fields.Command.set(self.ids)], "reason_id": code.id}
        remedies = self.env["fin.remedy"]
        if held or rejected:
            remedies = remedies._ask("skip", self.flow_id, sorted({*held, *rejected}), reason, **cases)
        for run in runs:
            items._set_outcome(run, "skipped", held, reason=code.code)
        if ids is None:
            self._close_skipped(reason)
        for run in runs | (self.payload_ids.run_id | self.payload_ids.run_id.child_ids if ids is None else runs):
            if run.state == "held":
                run._release()
        self._settle_if_over()
        return remedies

    def _close_skipped(self, reason):
        for case in self.filtered(lambda one: one.state in OPEN):
            case._close("resolve", reason)

    # Splitting

    def _split(self, reason, ids, person=None):
        """These items become a case of their own, with an owner of its own; the cause stays what it is."""
        self.ensure_one()
        self._need_open()
        self._need_able(person or self.env.user)
        chosen = self.env["fin.item"]._unsettled(self, ids)
        if not chosen:
            raise UserError(self.env._("Choose items of this case that still need something."))
        split = self._new_split(person or self.env.user)
        self.env.cr.execute(SQL("UPDATE fin_item SET exception_id = %s WHERE id = ANY(%s)", split.id, chosen))
        self.env["fin.item"].invalidate_model(["exception_id"])
        self._audit("split", to=split.name, count=len(chosen), reason=reason)
        split._audit("raise", code=self.code, split_of=self.name, count=len(chosen))
        (self | split)._weigh()
        return split

    def _new_split(self, person):
        kept = ("flow_id", "company_id", "run_ids")
        told = self.sudo()  # sudo: the words of the cause go along unread
        numbers = self.env["ir.sequence"].sudo()  # sudo: sequences are the system's
        split = as_writer(self).create(
            {
                "name": numbers.next_by_code("fin.exception"),
                "fingerprint": digest(canonical([self.fingerprint, uuid7()])),
                "split_of_id": self.id,
                "user_id": person.id,
                **{name: told[name] for name in ("code", "text", "facts", "family", "is_blocking", "is_gap", "due_at")},
                **{name: told._fields[name].convert_to_write(told[name], told) for name in kept},
            }
        )
        split._tell_owner()
        return split.with_env(self.env)


class FinRun(models.Model):
    _inherit = "fin.run"

    def _retry(self):
        """Go on now: released, begun again, or not waiting any longer."""
        if self.state == "held":
            return self._release()
        if self.state == "failed":
            return self.action_requeue()
        as_writer(self).write({"not_before": False})
        return self.env["fin.engine"]._wake(self.lane)


class FinItem(models.Model):
    """The same from the list of a case's items."""

    _inherit = "fin.item"

    breach_words = fields.Char(compute="_compute_breach_words", string="Error")

    @api.depends("exception_id", "reason")
    def _compute_breach_words(self):
        for item in self:
            item.breach_words = item._said_of_breach() or item.exception_id.shown_text or item.reason

    def _said_of_breach(self):
        """The field, what is wrong with it, and the shape of what stood there."""
        if not self.breach_field:
            return None
        rule = self.exception_id._fact("rule")
        field = in_words(self.breach_field)
        told = f"{field} {self.exception_id._wrong(rule)}" if rule else field
        return f"{told}: {self.breach_value}" if self.breach_value else told

    def _desk(self, kind):
        cases = self.exception_id
        if len(cases.flow_id) != 1:
            raise UserError(self.env._("Choose items of one flow."))
        return cases._dialog(kind, self.ids)

    def action_desk_replay(self):
        return self._desk("replay")

    def action_desk_skip(self):
        return self._desk("skip")

    def action_desk_split(self):
        return self._desk("split")

    def action_desk_correct(self):
        self.ensure_one()
        return self._desk("correct")
