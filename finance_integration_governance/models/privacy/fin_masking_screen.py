"""Where else something that was received is shown: amounts, exceptions, files, previews. The same masks everywhere."""

import json

from odoo import api, fields, models
from odoo.tools import formatLang

from ...core.canonical import canonical
from ...core.contract import Finding
from ...core.masking import StandIns, hidden_values, shown_words
from ..run.fin_run_screen import SHOWN
from ..screen import table_of
from .fin_masking import AMOUNT, MODULE

VIEWER = f"{MODULE}.group_viewer"


class FinItem(models.Model):
    _inherit = "fin.item"

    shown_amount = fields.Char("Amount, as shown", compute="_compute_shown_amount")

    @api.depends("currency")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_shown_amount(self):
        for item in self:
            told = item.sudo()  # sudo: what this user may not read is masked before it is shown
            amount = formatLang(self.env, told.amount, digits=2) if told.currency else False
            item.shown_amount = "…" if amount and AMOUNT in item._hidden() else amount

    def _compute_breach(self):
        # sudo: the field and the shape of a value tell nobody's name
        return super(FinItem, self.sudo())._compute_breach()


class FinPayload(models.Model):
    _name = "fin.payload"
    _inherit = ["fin.payload", "fin.amounts"]
    _amounts = frozenset({"totals"})

    def _hidden(self):
        """The field classes that this user sees masked in this file, of which nobody knows where they stand in it."""
        run = self.sudo().run_id  # sudo: everybody obeys policy and versions, whoever may read them
        return run.company_id.with_env(self.env)._fin_hidden() | run.flow_id.with_env(self.env)._hidden(run.version_id)


class FinException(models.Model):
    """What connectors say of a cause may hold an account or an amount; the stored words are for the engine."""

    _inherit = "fin.exception"

    text = fields.Text(groups=fields.NO_ACCESS)
    facts = fields.Text(groups=fields.NO_ACCESS)
    shown_text = fields.Text("What happened", compute="_compute_shown_text", groups=VIEWER)

    def _hidden(self):
        told = self.sudo()  # sudo: as above
        return told.company_id.with_env(self.env)._fin_hidden() | told.flow_id.with_env(self.env)._hidden()

    @api.depends("text")
    @api.depends_context("uid")
    def _compute_shown_text(self):
        for exception in self:
            exception.shown_text = exception._in_plain_words(exception._shown_words("text"))

    @api.depends_context("uid")
    def _compute_facts_table(self):
        for exception in self:
            facts = exception._shown_words("facts")
            exception.facts_table = exception._plain_facts(facts) or table_of(self.env, facts)

    def _shown_words(self, name):
        """Stored words without what the items concerned say of somebody."""
        told, hidden = self.sudo()[name], self._hidden()  # sudo: what this user may not read is masked
        return shown_words(told, hidden, self._hidden_values(hidden)) if hidden else told

    def _hidden_values(self, hidden):
        found = set()
        # sudo: as above
        for item in self.env["fin.item"].sudo().search([("exception_id", "=", self.id)], limit=SHOWN):
            cls = self.env["fin.contract"]._class(item.contract)
            found |= hidden_values(cls, json.loads(item.content), hidden) if cls else set()
        return found


class FinVersion(models.Model):
    """An impact preview shows no amount to whom amounts are hidden, and no words that hold one."""

    _inherit = "fin.version"

    @api.depends_context("uid")
    def _compute_preview(self):
        return super()._compute_preview()

    def _preview_told(self):
        told, hidden = super()._preview_told(), self.flow_id._hidden(self)
        if not told or not hidden:
            return told
        notes = {name: shown_words(told[name], hidden) for name, _words in self._preview_notes() if told.get(name)}
        if AMOUNT in hidden:
            sums = {"before": "…", "after": "…"}
            notes["totals"] = [{**one, **sums} for one in told["totals"]]
        return told | notes


class FinConnection(models.Model):
    """What waits at a source is shown with the masks of the company and of the flows that read there."""

    _inherit = "fin.connection"

    def _hidden(self):
        flows = self.sudo().flow_ids.with_env(self.env)  # sudo: flows of companies not seen here bind, too
        return self.company_id._fin_hidden().union(*(flow._hidden() for flow in flows))

    def _sample_words(self, told):
        hidden = self._hidden()
        if not hidden:
            return super()._sample_words(told)
        if isinstance(told, Finding):
            return f"! {shown_words(told.text, hidden)}"
        return canonical(StandIns(hidden).of(type(told), json.loads(canonical(told))))
