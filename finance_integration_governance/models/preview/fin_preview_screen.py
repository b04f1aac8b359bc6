import json

from odoo import fields, models

from ...core.coverage import SHOWN
from ..screen import table

KINDS = ("elsewhere", "newly_accepted", "newly_refused", "other_reason", "new", "gone")


class FinVersion(models.Model):
    """What an impact preview found, as a person reads it."""

    _inherit = "fin.version"

    preview_words = fields.Text(compute="_compute_preview", string="Impact")
    preview_totals = fields.Html(compute="_compute_preview", sanitize=False, string="Totals that change")
    preview_items = fields.Html(compute="_compute_preview", sanitize=False, string="Items that end otherwise")

    def _compute_preview(self):
        for version in self:
            told = version._preview_told()
            version.preview_words = version._preview_words(told) if told else False
            version.preview_totals = version._preview_totals(told)
            version.preview_items = version._preview_items(told)

    def _preview_told(self):
        # sudo: who may see the version may see its preview
        document = self.sudo().preview_document_id
        return json.loads(document.text) if document else {}

    def _preview_words(self, told):
        kinds = self._preview_kinds()
        parts = [f"{told['counts'][kind]} {kinds[kind]}" for kind in KINDS if told["counts"].get(kind)]
        lines = [", ".join(parts) or self.env._("Every item ends as before.")] if told["is_compared"] else []
        lines += [words % told[name] for name, words in self._preview_notes() if told.get(name)]
        if told.get("compared") is None:
            lines.append(self.env._("There is no version to compare with: everything is new."))
        return "\n".join([*lines, self._preview_given(told)])

    def _preview_notes(self):
        return [
            ("stopped", self.env._("A run would stop: %s")),
            ("uncovered", self.env._("The whole load would be held: %s")),
            ("stopped_live", self.env._("With what is live, a run would stop: %s")),
            ("uncovered_live", self.env._("With what is live, the whole load would be held: %s")),
        ]

    def _preview_given(self, told):
        if told["runs"]:
            return self.env._("What was received in %s, read again.", ", ".join(told["runs"][:SHOWN]))
        return self.env._("The ledger as it stands now.")

    def _preview_kinds(self):
        return {
            "elsewhere": self.env._("map elsewhere"),
            "newly_accepted": self.env._("newly accepted"),
            "newly_refused": self.env._("newly rejected or held"),
            "other_reason": self.env._("refused for another reason"),
            "new": self.env._("new"),
            "gone": self.env._("gone"),
        }

    def _preview_totals(self, told):
        heads = (self.env._("Account"), self.env._("Currency"), self.env._("Before"), self.env._("After"))
        rows = [(one["account"] or "–", one["currency"], one["before"], one["after"]) for one in told.get("totals", ())]
        return table(self.env, rows, heads) if rows else False

    def _preview_items(self, told):
        heads = (self.env._("Item"), self.env._("What"), self.env._("Before"), self.env._("After"))
        kinds = self._preview_kinds()
        rows = [
            (one["key"], kinds[one["kind"]], one.get("before") or "–", one.get("after") or "–")
            for one in told.get("changed", ())
        ]
        return table(self.env, rows, heads) if rows else False

    def action_preview(self):
        """Ask which runs to read again, then show what would differ."""
        self.ensure_one()
        self._may_preview()
        runs = self._runs_to_preview() if self._read_document()["flow"]["direction"] == "inbound" else []
        wizard = self.env["fin.version.preview"].create(
            {"version_id": self.id, "run_ids": [(6, 0, [r.id for r in runs])]}
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.version.preview",
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Impact of %s", self.display_name),
        }


class FinChange(models.Model):
    _inherit = "fin.change"

    def action_preview(self):
        """The impact of every flow's version in this request, over the last period; each keeps its own."""
        self.ensure_one()
        for version in self.version_ids.filtered("flow_id"):
            version._preview()
