"""One dialog for what somebody does about items of cases, of one or of five hundred."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..core.canonical import plain
from ..core.contract import members
from ..core.errors import IntegrationError
from ..core.field_map import RawRow
from ..models.desk.fin_remedy import CONFIGURATIONS
from ..models.privacy.fin_masking import AMOUNT
from ..models.screen import MODULE, in_words, shown, table

KINDS = [
    ("replay", "Replay"),
    ("correct", "Correct and replay"),
    ("skip", "Skip"),
    ("split", "Make a case of their own"),
    ("assign", "Give to a colleague"),
    ("rollback", "Roll back"),
]


class FinRemedyAsk(models.TransientModel):
    _name = "fin.remedy.ask"
    _description = "Do Something about Items"

    kind = fields.Selection(KINDS, required=True, readonly=True)
    exception_ids = fields.Many2many("fin.exception", readonly=True, string="Cases")
    item_ids = fields.Many2many("fin.item", readonly=True, string="Chosen Items")
    run_id = fields.Many2one("fin.run", readonly=True, help="What is rolled back.")
    item_count = fields.Integer(compute="_compute_count", string="Items")
    words = fields.Text(compute="_compute_count", string="They add up to")
    configuration = fields.Selection(CONFIGURATIONS, default="live", required=True)
    reason_id = fields.Many2one("fin.reason", string="Reason Code")
    reason = fields.Text()
    user_id = fields.Many2one(
        "res.users",
        string="New Owner",
        default=lambda self: self.env.user,
        domain=lambda self: [("all_group_ids", "in", self.env.ref(f"{MODULE}.group_operator").ids)],
    )
    line_ids = fields.One2many("fin.remedy.ask.line", "ask_id", string="What arrived")
    needs_yes = fields.Boolean(compute="_compute_count")
    difference = fields.Html(compute="_compute_difference", sanitize=False, string="What it would post")

    @api.model
    def _open_for(self, exceptions, kind, item_ids=(), run=None):
        if len(exceptions.flow_id) > 1 and kind != "assign":
            raise UserError(self.env._("Choose cases of one flow."))
        asked = {"kind": kind, "exception_ids": [Command.set(exceptions.ids)], "run_id": run.id if run else False}
        if item_ids:
            asked["item_ids"] = [Command.set(list(item_ids))]
        if kind == "correct":
            asked["line_ids"] = [Command.create(line) for line in self._lines(self.env["fin.item"].browse(item_ids))]
        wizard = self.create(asked)
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
            "name": dict(self._fields["kind"]._description_selection(self.env))[kind],
            "context": {"dialog_size": "large"},
        }

    def _lines(self, item):
        """Each member with what arrived; who may not see it cannot correct it either."""
        if not item._to_replay(item.exception_id, item.ids):
            raise UserError(self.env._("Only what was rejected, and nobody does anything about, is corrected."))
        if item._hidden():
            raise UserError(
                self.env._("Parts of this item are masked for you: somebody who sees it whole corrects it.")
            )
        content = json.loads(item.sudo().content)  # sudo: nothing of it is masked for this person
        if item.contract == RawRow.contract:
            return [
                {"name": column, "label": column, "old": _text(value), "new": _text(value)}
                for column, value in content["row"].items()
            ]
        cls = self.env["fin.contract"]._class(item.contract)
        flat = [member.name for member in members(cls) if not member.item]
        flat.sort(key=lambda name: name != item.breach_field)  # what is wrong stands first
        return [
            {"name": name, "label": in_words(name), "old": _text(content.get(name)), "new": _text(content.get(name))}
            for name in flat
        ]

    def _chosen(self):
        return self.item_ids.ids if self.item_ids else None

    def _found(self):
        """The items that it is about, as they are now."""
        items, cases = self.env["fin.item"], self.exception_ids._origin
        cases.check_access("read")
        self.run_id._origin.check_access("read")
        if self.kind == "rollback":
            return self.env["fin.remedy"]._to_roll_back(self.run_id._origin, self._chosen_origin())
        look = items._to_replay if self.kind in ("replay", "correct") else items._unsettled
        return look(cases, self._chosen_origin())

    @api.depends("kind", "exception_ids", "item_ids", "line_ids.new")
    def _compute_count(self):
        for ask in self:
            items, cases, found = self.env["fin.item"], ask.exception_ids._origin, ask._found()
            totals = items._totals_of(found)
            ask.item_count = len(found)
            flows = cases.flow_id or ask.run_id.flow_id
            hides = any(AMOUNT in flow._hidden() for flow in flows)
            sums = (f"{'…' if hides else plain(one)} {currency}" for currency, one in sorted(totals.amounts.items()))
            ask.words = ", ".join(sums) or "–"
            ask.needs_yes = ask.kind in ("correct", "rollback") or (
                ask.kind == "replay" and len(found) > self.env["fin.remedy"]._alone(flows)
            )

    def _chosen_origin(self):
        return self.item_ids._origin.ids if self.item_ids else None

    @api.depends("configuration", "line_ids.new")
    def _compute_difference(self):
        for ask in self:
            if ask.kind == "rollback":
                ask.difference = ask._plan()
            else:
                ask.difference = ask._difference() if ask.kind in ("replay", "correct") else False

    def _plan(self):
        """What would be taken back and how, and what cannot be and why."""
        self.run_id._origin.flow_id._need("group_operator")
        found = self._found()
        return self.env["fin.remedy"]._shown_plan(self.run_id._origin._dry_rollback(found)) if found else False

    def _difference(self):
        """What stands there beside what would stand there, worked out in a dry run."""
        remedies, cases = self.env["fin.remedy"], self.exception_ids._origin
        ids, flow = self.env["fin.item"]._to_replay(cases, self._chosen_origin()), cases.flow_id
        if not ids or (self.kind == "correct" and not self._correction()):
            return False
        flow._need("group_operator")
        remedies._check_replay(flow, ids)
        version = flow.live_version_id if self.configuration == "live" else None
        try:
            told = remedies._difference(flow, ids, version, self._correction() or None)
        except IntegrationError as error:
            return table(self.env, [(self.env._("It would stop"), error.text)])
        return remedies._shown_difference(flow, told)

    def _correction(self):
        return {line.name: line.new or None for line in self.line_ids if (line.new or "") != (line.old or "")}

    def action_do(self):
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_operator")
        if not self.reason and self.kind != "assign":
            raise UserError(self.env._("Say why: it stays in the evidence."))
        return getattr(self, f"_do_{self.kind}")()

    def _do_replay(self):
        correction = self._correction() if self.kind == "correct" else None
        remedy = self.env["fin.remedy"]._ask_replay(
            self.exception_ids, self.reason, self.configuration, self._chosen(), correction, reason_id=self.reason_id.id
        )
        return remedy._open()

    def _do_correct(self):
        if len(self.item_ids) != 1:
            raise UserError(self.env._("Items are corrected one by one: choose one."))
        if not self._correction():
            raise UserError(self.env._("Nothing was changed."))
        return self._do_replay()

    def _do_skip(self):
        if not self.reason_id:
            raise UserError(self.env._("Choose a reason code: what is skipped is counted by it."))
        self.exception_ids._skip(self.reason, self.reason_id, self._chosen())
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _do_rollback(self):
        reason = self.reason_id.id
        return self.env["fin.remedy"]._ask_rollback(self.run_id, self.reason, self._chosen(), reason_id=reason)._open()

    def _do_split(self):
        if not self.item_ids:
            raise UserError(self.env._("Choose the items in the list first."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.exception",
            "res_id": self.exception_ids._split(self.reason, self.item_ids.ids, self.user_id).id,
            "view_mode": "form",
        }

    def _do_assign(self):
        self.exception_ids._give_to(self.user_id, self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}


class FinRemedyAskLine(models.TransientModel):
    _name = "fin.remedy.ask.line"
    _description = "Member to correct"

    ask_id = fields.Many2one("fin.remedy.ask", required=True, ondelete="cascade")
    name = fields.Char(readonly=True)
    label = fields.Char("Field", readonly=True)
    old = fields.Char("As it arrived", readonly=True)
    new = fields.Char("Corrected")


def _text(value):
    return value if value is None or isinstance(value, str) else shown(value)
