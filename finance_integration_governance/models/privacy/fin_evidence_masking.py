"""Evidence packs hold what who asked for them may see: where contents are masked for them, stand-ins leave."""

import json

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...core.canonical import canonical
from ...core.masking import StandIns, shown_words
from ...core.reperform import NOT_WORKED_OUT
from ..evidence.fin_evidence_builder import Scope
from ..installation import installation
from .fin_masking import AMOUNT

_STAND_INS = "fin_stand_ins"  # in the context of the builder, which no client calls


class FinEvidencePack(models.Model):
    _inherit = "fin.evidence.pack"

    hidden = fields.Char(
        "Masked in it", readonly=True, help="The field classes that stand in it as tokens, for who asked for it."
    )

    def _why_not(self, flows):
        """Without amounts nothing can be shown to tie, so there is no evidence for whom they are hidden from."""
        why = super()._why_not(flows)
        return why or ("amounts" if any(AMOUNT in flow._hidden() for flow in flows) else None)

    def _refusal(self, why):
        if why == "amounts":
            return self.env._("Evidence holds amounts, which the company's policy shows to others than you.")
        return super()._refusal(why)

    def _hidden_from(self, user, runs):
        """The classes that are masked for this user in what these runs received."""
        return frozenset().union(*(flow._hidden(runs.version_id) for flow in self.flow_ids.with_user(user)))

    def _is_clear_to_me(self):
        """Whether the pack shows this user nothing that screens mask for them."""
        hidden = self._hidden_from(self.env.user, self.env["fin.run"])
        return not self.built_at or hidden <= {*(self.hidden or "").split(", ")}

    def _stream(self):
        if not self.env.su and not self._is_clear_to_me():
            self._refused("masked", self.flow_ids)
            raise AccessError(self.env._("This pack shows what is masked for you: ask for one of your own."))
        return super()._stream()

    def _compute_is_mine(self):
        super()._compute_is_mine()
        for pack in self.filtered("is_mine"):
            pack.is_mine = pack._is_clear_to_me()


class FinEvidenceBuilder(models.AbstractModel):
    _inherit = "fin.evidence.builder"

    @api.model
    def _archive(self, record):
        hidden = record._hidden_from(record.asked_by, Scope(record).runs)
        stand_ins = StandIns(hidden, installation("token_key"))
        told = super(FinEvidenceBuilder, self.with_context(**{_STAND_INS: stand_ins}))._archive(record)
        return {**told, "hidden": ", ".join(sorted(hidden)) or False}

    def _stand_ins(self):
        return self.env.context.get(_STAND_INS) or StandIns(())

    def _about(self, record):
        """The manifest says what is masked in the pack, how, how often and by which rule."""
        stand_ins = self._stand_ins()
        told = {"not_worked_out": NOT_WORKED_OUT} if stand_ins.hidden else {}
        return {**super()._about(record), "masking": {**stand_ins.proof(), **told}}

    def _told_items(self, scope, order):
        stand_ins, contracts = self._stand_ins(), self.env["fin.contract"]
        for row in super()._told_items(scope, order):
            if stand_ins.hidden:
                cls = contracts._class(row["contract"])
                for name in filter(row.get, ("content", "mapped_values")):
                    row[name] = canonical(stand_ins.of(cls, json.loads(row[name])))
                row["reason"] = shown_words(row["reason"], stand_ins.hidden)
            yield row

    def _rejected(self, scope):
        hidden = self._stand_ins().hidden
        for row in super()._rejected(scope):
            yield {
                **row,
                "reason": shown_words(row["reason"], hidden),
                "decision": shown_words(row["decision"], hidden),
            }

    def _exception(self, exception):
        told, hidden = super()._exception(exception), self._stand_ins().hidden
        known = exception._hidden_values(hidden) if hidden else ()
        return {**told, **{name: shown_words(told[name], hidden, known) for name in ("text", "reason")}}

    def _is_there(self, scope, payload):
        told = super()._is_there(scope, payload)
        return "masked for who asked" if told == "included" and self._stand_ins().hidden else told

    def _add_payloads(self, scope, pack, notes):
        """In bytes nobody knows where somebody is named, so none leave where something is masked."""
        if scope.record.has_payloads and self._stand_ins().hidden:
            return notes.append("files are left out, and contents hold stand-ins; digests are those of the originals")
        return super()._add_payloads(scope, pack, notes)
