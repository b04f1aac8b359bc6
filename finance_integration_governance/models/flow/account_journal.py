from odoo import fields, models


class AccountJournal(models.Model):
    _inherit = "account.journal"

    fin_flow_id = fields.Many2one("fin.flow", string="Integration Flow", copy=False, index="btree_not_null")

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
