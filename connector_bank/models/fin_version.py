from odoo import models
from odoo.exceptions import UserError

OBJECT = "fin.object.bank_statement"


class FinVersion(models.Model):
    """A flow of bank statements needs to know into which journal an account is booked, before anybody approves it."""

    _inherit = "fin.version"

    def _guard_submit(self):
        super()._guard_submit()
        content = self._read_document().content
        if content.get("object") == OBJECT:
            self._guard_journals(content.get("journals", []))

    def _guard_journals(self, journals):
        if not journals:
            raise UserError(
                self.env._("The flow books bank statements and has no bank journal: choose its journals first.")
            )
        bare = ", ".join(journal["code"] for journal in journals if not journal.get("account"))
        if bare:
            raise UserError(
                self.env._(
                    "The bank journal %s has no account number, so no statement finds it: set the account on the "
                    "journal and propose the flow again.",
                    bare,
                )
            )
