from odoo import fields, models
from odoo.addons.base.models.res_bank import sanitize_account_number

from ..models.fin_item_bank import OBJECT


class FinStatementBringFile(models.TransientModel):
    _name = "fin.statement.bring.file"
    _description = "File Brought"

    bring_id = fields.Many2one("fin.statement.bring", required=True, ondelete="cascade", index=True)
    name = fields.Char(readonly=True)
    digest = fields.Char(readonly=True)
    size = fields.Integer(readonly=True)
    flow_id = fields.Many2one("fin.flow", readonly=True, ondelete="cascade")
    is_fallback = fields.Boolean("By the fallback", readonly=True)
    state = fields.Selection(
        [
            ("ready", "Ready"),
            ("known", "Known"),
            ("homeless", "No flow"),
            ("refused", "Refused"),
        ],
        readonly=True,
    )
    text = fields.Char("Why", readonly=True)
    account = fields.Char(readonly=True)
    format_code = fields.Char(readonly=True)
    statement_ids = fields.One2many("fin.statement.bring.statement", "file_id", readonly=True)

    def action_draft(self):
        """Begin a flow for the account of this file: the dialog opens with what the file says."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_operator")
        number = sanitize_account_number(self.account)
        mine = [("type", "=", "bank"), ("bank_account_id.sanitized_acc_number", "=", number)]
        journal = self.env["account.journal"].search([*mine, ("company_id", "in", self.env.companies.ids)], limit=1)
        company = journal.company_id or self.env.company
        kinds = [("connector_id.code", "=", self.format_code), ("company_id", "in", (False, company.id))]
        connection = self.env["fin.connection"].search(kinds, limit=1)
        action = self.env["ir.actions.act_window"]._for_xml_id("finance_integration_governance.fin_flow_new_action")
        told = {
            "name": self.env._("Statements of %s", journal.name or self.account),
            "purpose": self.env._("Books the statements of account %s.", self.account),
            "company_id": company.id,
            "object": OBJECT,
            "journal_ids": journal.ids,
            "connection_id": connection.id,
            "submit": False,
        }
        return {**action, "context": {f"default_{name}": value for name, value in told.items()}}


class FinStatementBringStatement(models.TransientModel):
    _name = "fin.statement.bring.statement"
    _inherit = ["fin.amounts"]
    _description = "Statement Brought"
    _amounts = frozenset({"opening", "closing"})

    bring_id = fields.Many2one("fin.statement.bring", required=True, ondelete="cascade", index=True)
    file_id = fields.Many2one("fin.statement.bring.file", required=True, ondelete="cascade", index=True)
    name = fields.Char("Statement", readonly=True)
    account = fields.Char(readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", readonly=True, ondelete="cascade")
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("To", readonly=True)
    has_balances = fields.Boolean(readonly=True)
    opening = fields.Monetary(readonly=True)
    closing = fields.Monetary(readonly=True)
    entries = fields.Integer(readonly=True)
    fresh = fields.Integer("New", readonly=True)
    known = fields.Integer("Known already", readonly=True)
    held = fields.Integer("Would wait", readonly=True)
    rejected = fields.Integer("Would be rejected", readonly=True)
    aside = fields.Integer("Not final", readonly=True, help="Pending, or of an intraday report: kept, never booked.")
    state = fields.Selection(
        [
            ("new", "Would be booked"),
            ("held", "Would wait for a person"),
            ("known", "Known already"),
            ("aside", "Kept beside, never booked"),
        ],
        readonly=True,
    )
    text = fields.Text("Why", readonly=True)
