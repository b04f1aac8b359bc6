from odoo import models


class AccountJournal(models.Model):
    """Statements are brought where the journal is: by a button on its card, or by dropping files on it."""

    _inherit = "account.journal"

    def action_fin_bring(self):
        """Open the dialog for files with statements."""
        return self._fin_bring([])

    def _fin_bring(self, attachment_ids):
        self.env["fin.approval"]._need_group("group_operator")
        self.check_access("read")
        bring = self.env["fin.statement.bring"].create({"journal_id": self[:1].id, "attachment_ids": attachment_ids})
        return bring.action_look() if attachment_ids else bring._again()

    def create_document_from_attachment(self, attachment_ids):
        """Files dropped on the card of a bank journal are statements, where no other addon reads them by itself."""
        journal = self or self.browse(self.env.context.get("default_journal_id"))
        is_ours = journal[:1].type == "bank" and not hasattr(self, "_import_bank_statement")
        if is_ours and self.env.user.has_group("finance_integration_governance.group_operator"):
            return journal._fin_bring(attachment_ids)
        return super().create_document_from_attachment(attachment_ids)
