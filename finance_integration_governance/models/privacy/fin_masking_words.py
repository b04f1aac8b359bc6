"""Words and totals that the engine keeps: who must not see an amount, an account or an address gets them without."""

from odoo import api, fields, models

from ...core.masking import shown_key, shown_words
from ..screen import table_of
from .fin_amounts import hides_amounts
from .fin_masking import AMOUNT
from .fin_masking_screen import VIEWER

KEYS = frozenset({"key", "alt_key", "parent_key"})


class FinShown(models.AbstractModel):
    """Shows stored words of a run without what this user must not see; the words themselves are the engine's."""

    _name = "fin.shown"
    _description = "Words as shown"
    _shown = {}  # field with stored words -> field that shows them

    def _hidden(self):
        """The field classes that this user sees masked here: by the companies' policy, and by the run's version."""
        told = self.sudo()  # sudo: everybody obeys policy and versions, whoever may read them
        run = told if told._name == "fin.run" else told.run_id
        return told.company_id.with_env(self.env)._fin_hidden() | run.flow_id.with_env(self.env)._hidden(run.version_id)

    @api.depends(lambda self: tuple(self._shown))
    @api.depends_context("uid")
    def _compute_words(self):
        for one in self:
            told, hidden = one.sudo(), one._hidden()  # sudo: what this user may not read is masked
            for name, shown in self._shown.items():
                one[shown] = shown_words(told[name], hidden)


class FinRun(models.Model):
    _name = "fin.run"
    _inherit = ["fin.run", "fin.shown"]
    _shown = {"last_error": "shown_error", "waits_reason": "shown_waits_reason"}

    last_error = fields.Text(groups=fields.NO_ACCESS)
    waits_reason = fields.Char(groups=fields.NO_ACCESS)
    shown_error = fields.Text("What went wrong", compute="_compute_words", groups=VIEWER)
    shown_waits_reason = fields.Char("Why it waits, as shown", compute="_compute_words", groups=VIEWER)


class FinGateAnswer(models.Model):
    _name = "fin.gate.answer"
    _inherit = ["fin.gate.answer", "fin.shown"]
    _shown = {"reason": "shown_reason"}

    reason = fields.Char(groups=fields.NO_ACCESS)
    shown_reason = fields.Char("Reason, as shown", compute="_compute_words", groups=VIEWER)


class FinAttempt(models.Model):
    _name = "fin.attempt"
    _inherit = ["fin.attempt", "fin.shown"]
    _shown = {"rejects": "shown_rejects"}

    rejects = fields.Text(groups=fields.NO_ACCESS)
    shown_rejects = fields.Text("Refused items, as shown", compute="_compute_words", groups=VIEWER)


class FinCircuit(models.Model):
    """What a connection said is no run's: the company's policy alone says what is masked in it."""

    _name = "fin.circuit"
    _inherit = ["fin.circuit", "fin.shown"]
    _shown = {"last_error": "shown_error"}

    last_error = fields.Text(groups=fields.NO_ACCESS)
    shown_error = fields.Text("What it said last", compute="_compute_words", groups=VIEWER)

    def _hidden(self):
        return self.sudo().company_id.with_env(self.env)._fin_hidden()  # sudo: everybody obeys the policy


class FinReconciliationLine(models.Model):
    """Counts and checksums are everybody's, sums are not; whether both sides agree may be known."""

    _name = "fin.reconciliation.line"
    _inherit = ["fin.reconciliation.line", "fin.amounts"]
    _amounts = frozenset({"source", "target"})

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_texts(self):
        super()._compute_texts()
        for line in self.filtered(lambda line: line.measure not in ("count", "hash")):
            # sudo: everybody obeys policy and versions
            if AMOUNT in line.sudo().reconciliation_id.run_id.with_env(self.env)._hidden():
                line.source_text, line.target_text = "…", line.target_text and "…"

    def _sides(self):
        return super(FinReconciliationLine, self.sudo())._sides()  # sudo: what this user may not read is masked


class FinPurge(models.Model):
    _name = "fin.purge"
    _inherit = ["fin.purge", "fin.amounts"]
    _amounts = frozenset({"totals"})


class FinAuditEvent(models.Model):
    """The log tells what a run added up to: for whom amounts are hidden, in words only, and not to take away."""

    _name = "fin.audit.event"
    _inherit = ["fin.audit.event", "fin.amounts"]
    _amounts = frozenset({"facts", "content"})

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_facts_table(self):
        hidden = self.env.companies._fin_hidden()
        for event in self:
            facts = event.sudo().facts  # sudo: what this user may not read is masked
            event.facts_table = table_of(self.env, shown_words(facts, hidden & {AMOUNT}))


class FinKeyed(models.AbstractModel):
    """A key may hold an amount, as that of a statement holds its closing balance."""

    _name = "fin.keyed"
    _description = "Keys as shown"
    _inherit = "fin.amounts"
    _amounts = KEYS

    shown_key = fields.Char("Key, as shown", compute="_compute_shown_key")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_shown_key(self):
        hides = hides_amounts(self)
        for one in self:
            key = one.sudo().key  # sudo: what this user may not read is masked
            one.shown_key = shown_key(key) if hides else key

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_display_name(self):
        for one in self:
            one.display_name = one.shown_key


class FinItem(models.Model):
    _name = "fin.item"
    _inherit = ["fin.item", "fin.keyed"]
    _amounts = KEYS | {"amount"}

    shown_parent_key = fields.Char("Document, as shown", compute="_compute_shown_parent_key")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_shown_parent_key(self):
        hides = hides_amounts(self)
        for item in self:
            key = item.sudo().parent_key  # sudo: as above
            item.shown_parent_key = shown_key(key) if hides else key


class FinBinding(models.Model):
    _name = "fin.binding"
    _inherit = ["fin.binding", "fin.keyed"]


class FinConflict(models.Model):
    _name = "fin.conflict"
    _inherit = ["fin.conflict", "fin.keyed"]
