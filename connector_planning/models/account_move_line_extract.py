from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..core.sealed import Sealed, filled

# Who sees all journal items in stock Odoo, and not only those of invoices.
GROUPS = ("account.group_account_readonly", "account.group_account_manager")


class AccountMoveLine(models.Model):
    """Journal items as a file for whoever may read the accounting; who took what is in the log."""

    _inherit = "account.move.line"

    @api.model
    def _fin_extract(self, query, sink):
        """Write the items of an `ItemQuery` into a binary stream; (company, number of items, SHA-256 as bytes).

        The event stands before the first byte leaves. AccessError for who may not read the accounting, UserError for
        what this company does not have.
        """
        self._fin_must_read_accounting()
        company = self._fin_company(query.company)
        # Codes of accounts are those of this company, and no record of another one is seen.
        items = self.with_context(allowed_company_ids=company.ids)
        sealed = Sealed(sink)
        with filled(sealed, query.gzip) as stream:
            count = items._fin_stream(items._fin_wanted(query, company), stream, query.columns)
        facts = {"filter": query.written() or None, "columns": ",".join(query.columns), "rows": count}
        events = self.env["fin.audit.event"]
        digest = {"digest": sealed.digest.hex()}
        events._append_apart("fin.journal_items.export", self._name, company.fin_code, company, facts | digest)
        return company, count, sealed.digest

    def _fin_must_read_accounting(self):
        # Salespeople and portal users may read some journal items, too: those of documents that are theirs.
        if not any(map(self.env.user.has_group, GROUPS)):
            raise AccessError(
                self.env._(
                    "Journal items as a file are for people who may read the accounting. "
                    "Ask an administrator for the right “Show Accounting Features - Readonly”."
                )
            )

    def _fin_company(self, code):
        """The company of this code, among those of the user; without a code the user's own."""
        company = self.env.company
        if code:
            company = self.env.user.company_ids.filtered(lambda one: one.fin_code == code)
        if not company:
            raise AccessError(self.env._("There is no company %s, or it is not yours to read.", code))
        return company

    def _fin_wanted(self, query, company):
        """Which items: those with an account, so no headings and notes of invoices, and nothing that was cancelled."""
        states = ["posted"] if query.posted else ["posted", "draft"]
        wanted = Domain("company_id", "=", company.id) & Domain("parent_state", "in", states)
        wanted &= Domain("account_id", "!=", False)
        if query.date_from:
            wanted &= Domain("date", ">=", query.date_from)
        if query.date_until:
            wanted &= Domain("date", "<=", query.date_until)
        if query.accounts:
            wanted &= Domain("account_id", "in", self._fin_accounts(query.accounts, company).ids)
        if query.journals:
            wanted &= Domain("journal_id", "in", self._fin_journals(query.journals, company).ids)
        return wanted

    def _fin_accounts(self, starts, company):
        accounts = self.env["account.account"].with_context(active_test=False)
        found = {
            start: accounts.search([("company_ids", "parent_of", company.id), ("code", "=like", f"{start}%")])
            for start in starts
        }
        return self._fin_found(found, company).union(*found.values())

    def _fin_journals(self, codes, company):
        journals = self.env["account.journal"].with_context(active_test=False)
        asked = [("company_id", "parent_of", company.id)]
        found = {code: journals.search([*asked, ("code", "=", code)]) for code in codes}
        return self._fin_found(found, company).union(*found.values())

    def _fin_found(self, found, company):
        """Refuse what is not there: left out in silence, less would be told than was asked for."""
        missing = [code for code, records in found.items() if not records]
        if missing:
            told = {"company": company.name, "code": ", ".join(missing)}
            raise UserError(self.env._("%(company)s has no %(code)s.", **told))
        return next(iter(found.values()))
