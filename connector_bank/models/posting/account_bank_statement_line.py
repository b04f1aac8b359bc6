from odoo import models

from .bulk import bulk_of, one_of_each

_ON = {"skip_account_move_synchronization": True, "skip_readonly_check": True}


class AccountBankStatementLine(models.Model):
    """The lines of a chunk."""

    _inherit = "account.bank.statement.line"

    def write(self, vals):
        """Odoo writes nothing on each new line, by way of all who are asked before a write."""
        return True if not vals and bulk_of(self.env) is not None else super().write(vals)

    def _synchronize_from_moves(self, changed_fields):
        """Entries that are to say the same (currency, partner) are written together."""
        bulk = bulk_of(self.env)
        if bulk is None or self.env.context.get("skip_account_move_synchronization"):
            return super()._synchronize_from_moves(changed_fields)
        bulk.told = {}
        try:
            super()._synchronize_from_moves(changed_fields)
        finally:
            told, bulk.told = bulk.told, None
        for vals, ids in told.items():
            self.env["account.move"].browse(ids).with_context(**_ON).write(dict(vals))
        return None

    def _check_company(self, fnames=None):
        return super(AccountBankStatementLine, one_of_each(self))._check_company(fnames)
