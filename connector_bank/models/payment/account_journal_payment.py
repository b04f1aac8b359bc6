from odoo import fields, models

from odoo.addons.finance_integration_governance.models.flow.account_journal import AccountJournal as Kept


class AccountJournal(models.Model):
    """The flow by which payments of a bank account leave: part of that flow, beside the one that brings statements."""

    _inherit = "account.journal"
    _watched = Kept._watched | frozenset({"fin_payment_flow_id", "fin_creditor_scheme_id"})

    fin_payment_flow_id = fields.Many2one(
        "fin.flow", string="Payment Flow", copy=False, index="btree_not_null", ondelete="restrict"
    )

    fin_creditor_scheme_id = fields.Char(
        "Creditor Identifier",
        size=35,
        copy=False,
        help="How direct debits name who collects, such as DE98ZZZ09999999999.",
    )

    def _working_copies(self):
        # sudo: whoever edits a journal changes what its flow proposes, whoever may see that
        return [*super()._working_copies(), self.sudo().fin_payment_flow_id.with_env(self.env)]


class FinFlow(models.Model):
    _inherit = "fin.flow"

    payment_journal_ids = fields.One2many("account.journal", "fin_payment_flow_id", string="Pays from")

    def _compose(self):
        """Whose payments it may send, only where it sends some."""
        # sudo: who may propose a flow need not see every journal
        journals = self.sudo().payment_journal_ids
        return super()._compose() | ({"payment_journals": journals._fin_document()} if journals else {})
