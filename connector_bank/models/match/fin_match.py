"""What was proposed, matched and undone: rows that are only ever added."""

import hashlib
import json

from odoo import api, fields, models

from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.models.item.fin_item import Unchecked
from odoo.addons.finance_integration_governance.models.triggers import refuse_changes
from odoo.addons.finance_integration_governance.models.writer import as_writer

ACTS = [("proposed", "Proposed"), ("applied", "Applied"), ("undone", "Undone")]
KINDS = [
    ("one", "One document"),
    ("many", "Several documents"),
    ("partial", "A part of a document"),
    ("less", "A document, less a difference"),
    ("more", "A document, and more"),
    ("on_account", "On account"),
    ("account", "An account"),
]


def key_digest(key):
    """A learned key without what it is made of: names and accounts of people stand in no evidence."""
    return hashlib.sha256("\x1f".join(key).encode()).hexdigest()


class FinMatch(models.Model):
    """One act about one bank line: who or which approved rule did it, with what, and why.

    What it points to may go one day (a statement that is rolled back takes its lines along); the row stays.
    """

    _name = "fin.match"
    _description = "Match"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "text"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    journal_id = Unchecked("account.journal", readonly=True)
    line_id = Unchecked("account.bank.statement.line", required=True, readonly=True, string="Bank Line")
    act = fields.Selection(ACTS, required=True, readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    on = fields.Date(readonly=True, string="Day of the Line")
    amount = fields.Float(readonly=True, digits=0)
    currency = fields.Char(readonly=True, size=3)
    user_id = fields.Many2one("res.users", readonly=True, ondelete="restrict", string="Done by")
    run_id = fields.Many2one("fin.run", readonly=True, ondelete="restrict", index="btree_not_null")
    rule = fields.Char(readonly=True, help="The approved rule that a run went by.")
    rule_digest = fields.Char(readonly=True, size=64, help="Of the version of the policy that the rule stands in.")
    score = fields.Integer(readonly=True)
    content = fields.Text(required=True, readonly=True, help="What was matched with what, and why, as canonical text.")
    digest = fields.Char(required=True, readonly=True, size=64)
    line_key = fields.Char(readonly=True, size=64, export_string_translation=False)
    payer_key = fields.Char(readonly=True, size=64, export_string_translation=False)
    partner_id = Unchecked("res.partner", readonly=True)
    account = fields.Char(readonly=True, help="Code of the account that the line was booked to.")
    text = fields.Char(compute="_compute_text", string="What")
    why = fields.Text(compute="_compute_text")

    _line_idx = models.Index("(line_id, id)")
    _line_key_idx = models.Index("(company_id, line_key) WHERE act <> 'proposed'")
    _payer_key_idx = models.Index("(company_id, payer_key) WHERE act <> 'proposed'")

    def init(self):
        refuse_changes(self.env.cr, self._table)

    def _compute_text(self):
        words = self.env["fin.match.words"]
        for match in self:
            told = json.loads(match.content)
            match.text = words._of_parts(told) or dict(KINDS).get(match.kind, "")
            match.why = "\n".join(words._of_reasons(told.get("reasons", [])))

    @api.model
    def _keep(self, rows):
        """Add rows; each has `line`, `act` and `told`, and what else the columns hold."""
        vals_list = []
        for row in rows:
            line, told = row.pop("line"), canonical(row.pop("told"))
            vals_list.append(
                {
                    "company_id": line.company_id.id,
                    "journal_id": line.journal_id.id,
                    "line_id": line.id,
                    "on": line.date,
                    "amount": line.amount,
                    "currency": line.currency_id.name,
                    "content": told,
                    "digest": hashlib.sha256(told.encode()).hexdigest(),
                    **row,
                }
            )
        kept = as_writer(self).create(vals_list)
        for match in kept.filtered(lambda one: one.act != "proposed"):
            match._tell()
        return kept

    def _tell(self):
        """In the sealed log, without names and amounts: that it was done, by which rule version, and its digest."""
        facts = {"digest": self.digest, "kind": self.kind or "", "policy": self.rule_digest or ""}
        run = self.run_id.name or ""
        self.env["fin.audit.event"]._append(
            f"fin.match.{self.act}", self._name, str(self.id), self.company_id, {**facts, "run": run}
        )

    def action_open_line(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.bank.statement.line",
            "res_id": self.line_id.id,
            "views": [(False, "form")],
        }
