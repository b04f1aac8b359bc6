"""Mapping what is missing: from a case to an approved change, and from there on by itself."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.coverage import Movement
from ...core.field_map import RawRow
from ..crosswalk.fin_run_crosswalk import LOOKUP_GAPS
from ..exception.fin_exception import OPEN
from ..writer import as_writer
from .fin_exception_case import VIEWER


class FinException(models.Model):
    _inherit = "fin.exception"

    crosswalk_id = fields.Many2one("fin.crosswalk", compute="_compute_crosswalk", groups=VIEWER)
    change_id = fields.Many2one(
        "fin.change", "Change asked for", readonly=True, ondelete="restrict", groups=VIEWER, index="btree_not_null"
    )

    def _compute_crosswalk(self):
        for case in self:
            case.crosswalk_id = case._crosswalk_concerned() if case.state in OPEN else False

    def _crosswalk_concerned(self):
        """The crosswalk that does not map something, where that is the cause."""
        code = self._fact("crosswalk") or self._crosswalk_of_map()
        return self.env["fin.crosswalk"].search([("code", "=", code)], limit=1) if code else self.env["fin.crosswalk"]

    def _crosswalk_of_map(self):
        """What the field map looks the member up in."""
        if self._fact("rule") not in LOOKUP_GAPS and self._fact("step") != "crosswalk":
            return None
        told = self.flow_id._document().get("field_map", {}) if self.flow_id.live_version_id else {}
        steps = [
            step for line in told.get("fields", ()) if line["to"] == self._fact("member") for step in line["steps"]
        ]
        return next((step["crosswalk"] for step in steps if step["do"] == "crosswalk"), None)

    def action_map_codes(self):
        """The codes without a place, with proposals; they take effect by an approved change, and then it goes on."""
        self.ensure_one()
        self._need_open()
        crosswalk = self._crosswalk_concerned()
        crosswalk.check_access("write")
        proof = crosswalk._prove(self._movements(crosswalk)) if crosswalk else None
        if not proof:
            raise UserError(self.env._("No crosswalk is behind this."))
        wizard = self.env["fin.crosswalk.coverage"]._of(crosswalk, proof)
        # sudo: the dialog is this person's own
        wizard.sudo().exception_id = self
        return crosswalk._wizard("fin.crosswalk.coverage", self.env._("Map what is missing"), wizard)

    def _movements(self, crosswalk):
        """What moves on codes of this case: of its held runs, and of its rejected rows."""
        found = []
        for run in self._runs_held_for_it():
            pinned = {one.head["code"]: one for one in run._crosswalks().values()}
            if crosswalk.code in pinned:
                found += run._movements(crosswalk.kind, pinned[crosswalk.code])
        return found + self._movements_of_rows()

    def _runs_held_for_it(self):
        """Those with items behind this cause, and those that have not even collected any because of it."""
        empty = self.run_ids.filtered(lambda run: run.state == "held" and not run._has_items())
        return self._held_runs() | empty

    def _movements_of_rows(self):
        columns = (self._fact("source") or "").split(" + ")
        rows = self.env["fin.item"].sudo().browse(self.env["fin.item"]._to_replay(self))  # sudo: codes only
        told = [json.loads(item.content)["row"] for item in rows if item.contract == RawRow.contract]
        codes = {row.get(column) for row in told for column in columns} - {None, ""}
        today = fields.Date.context_today(self)
        return [Movement(str(code), today, sum(code in row.values() for row in told), {}) for code in sorted(codes)]

    # From the change on

    def _wait_for(self, change):
        """The case goes on when this change is live, whoever approves it and whenever."""
        self._need_open()
        as_writer(self).write({"change_id": change.id})
        self._audit("map", change=change.name)

    @api.model
    def _go_on_mapped(self, flow):
        """What was asked for at the desk is live: what is held goes on, and what was rejected can be replayed."""
        live = [("flow_id", "=", flow.id), ("state", "in", OPEN)]
        for case in self.search([*live, ("change_id.version_ids", "in", flow.live_version_id.ids)]):
            for run in case._runs_to_retry().filtered(lambda run: run.state == "held"):
                run._release()
            if self.env["fin.item"]._to_replay(case):
                case._tell_mapped()

    def _tell_mapped(self):
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("%s: the codes are mapped now, replay the items", self.name),
            user_id=self.user_id.id,
        )

    def _next_words(self):
        return (self.state in OPEN and self._words_of_mapping()) or super()._next_words()

    def _words_of_mapping(self):
        change = self.change_id
        if change.state in ("proposed", "review", "approved"):
            return self.env._(
                "%s waits for a second person's yes and its date; once it is in force, what is held goes on by itself.",
                change.name,
            )
        if self.crosswalk_id and change.state != "applied":
            return self.env._(
                "Map what is missing. A second person agrees to the change; then what is held goes on by itself, and "
                "the case closes itself."
            )
        return None


class FinFlow(models.Model):
    _inherit = "fin.flow"

    def _obey(self):
        super()._obey()
        self.env["fin.exception"]._go_on_mapped(self)
