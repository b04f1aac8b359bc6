import json

from odoo import api, fields, models

from ...core.masking import shown_words
from ..privacy.fin_masking import AMOUNT
from ..screen import act_window, table, table_of


class FinRemedy(models.Model):
    """A remedy as a person reads it."""

    _inherit = "fin.remedy"

    difference = fields.Html(compute="_compute_tables", sanitize=False, string="Difference of Postings")
    correction_table = fields.Html(compute="_compute_tables", sanitize=False, string="Corrected")
    words = fields.Text(compute="_compute_words", string="They add up to")
    is_mine = fields.Boolean(compute="_compute_is_mine")

    @api.depends_context("uid")
    def _compute_tables(self):
        for one in self:
            document = one.sudo().difference_id  # sudo: who may see the remedy may see what it would post, masked
            one.difference = one._shown(json.loads(document.text)) if document else False
            # sudo: whoever sees an item whole sees what it was corrected to
            one.correction_table = False if one.flow_id._hidden() else table_of(self.env, one.sudo().correction)

    def _shown(self, told):
        return self._shown_plan(told) if self.kind == "rollback" else self._shown_difference(self.flow_id, told)

    @api.model
    def _shown_plan(self, told):
        """What a rollback would do: how many effects are deleted or reversed, on which day, and what is refused."""
        words = {
            "delete": self.env._("drafts are deleted"),
            "reverse": self.env._("posted entries are reversed"),
            "compensate": self.env._("the target is given again what it held before"),
            "release": self.env._("statements are free to come again"),
        }
        rows = [(one["count"], words[one["undo"]], one.get("on") or "–") for one in told.get("done", ())]
        rows += [(count, self.env._("refused: %s", text), "–") for text, count in told.get("refused", {}).items()]
        rows += [("–", told["stopped"], "–")] if told.get("stopped") else []
        return table(self.env, rows, tuple(self.env._("Items,What happens,Day").split(","))) if rows else False

    @api.depends("totals")
    @api.depends_context("uid")
    def _compute_words(self):
        for one in self:
            # sudo: sums are masked below for whom amounts are hidden
            amounts = json.loads(one.sudo().totals or "{}").get("amounts", {})
            hidden = AMOUNT in one.flow_id._hidden()
            told = ", ".join(f"{'…' if hidden else amount} {currency}" for currency, amount in sorted(amounts.items()))
            one.words = told or "–"

    @api.depends("requested_by")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for one in self:
            one.is_mine = self.env.user.partner_id == one.requested_by.partner_id

    @api.model
    def _shown_difference(self, flow, told):
        """Counts, sums by account before and after, and the items that end otherwise."""
        hidden = flow._hidden()
        parts = [self._counts(told), *(shown_words(one, hidden) for one in told.get("stopped", ()))]
        heads = tuple(self.env._("Account,Currency,Before,After").split(","))
        sums = [
            (
                one["account"] or "–",
                one["currency"],
                *(("…", "…") if AMOUNT in hidden else (one["before"], one["after"])),
            )
            for one in told.get("totals", ())
        ]
        changed = [(one["key"], one.get("before") or "–", one.get("after") or "–") for one in told.get("changed", ())]
        tables = [table(self.env, [(self.env._("Beside what stands now"), part) for part in parts])]
        tables += [table(self.env, sums, heads)] if sums else []
        tables += [table(self.env, changed, tuple(self.env._("Item,Now,Then").split(",")))] if changed else []
        return _joined(tables)

    def _counts(self, told):
        names = self.env["fin.version"]._preview_kinds()
        counts = [f"{number} {names[kind]}" for kind, number in told.get("counts", {}).items()]
        return ", ".join(counts) or self.env._("Nothing changes: every item would end as it stands now.")

    def action_open_items(self):
        return act_window(self.env, "fin_item_action", [("remedy_id", "in", self.ids)])

    def action_open_runs(self):
        return act_window(self.env, "fin_run_action", [("remedy_id", "in", self.ids)])


def _joined(tables):
    """Markup after Markup stays Markup."""
    first, *rest = tables
    for one in rest:
        first += one
    return first
