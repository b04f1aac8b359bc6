from odoo import fields, models


class AccountJournal(models.Model):
    """A journal of a flow is part of it: whoever edits what versions keep of it has edited the flow."""

    _name = "account.journal"
    _inherit = ["account.journal", "fin.working.part"]
    _watched = frozenset({"fin_flow_id", "code", "company_id", "active", "currency_id", "bank_account_id"})

    fin_flow_id = fields.Many2one("fin.flow", string="Integration Flow", copy=False, index="btree_not_null")

    def _working_copies(self):
        # sudo: whoever edits a journal changes what its flow proposes, whoever may see that
        return [self.sudo().fin_flow_id.with_env(self.env)]

    def _note_edit(self, copies):
        super()._note_edit(copies)
        self.env.registry.clear_cache()  # which bank accounts are flows'

    def _fin_document(self):
        """What a version keeps of the journals of a flow: by code and account number, never by id."""
        return [
            {
                "code": journal.code,
                "company": journal.company_id.fin_code,
                "account": journal.bank_account_id.sanitized_acc_number or None,
                "currency": (journal.currency_id or journal.company_id.currency_id).name,
            }
            for journal in self.sorted(lambda j: (j.company_id.fin_code, j.code))
        ]
