"""Balances and journal items of signed periods, each period whole: one edition for each signature."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.close import span
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from ...core.dataset import ASSET_RULE, BALANCE_RULE, ENTRY_RULE, LedgerAsset, LedgerBalance, LedgerEntry
from ..cell_sql import Spelling, hash_of, uuid7

_BALANCE = Spelling(
    LedgerBalance.contract,
    BALANCE_RULE,
    ("dataset", "company", "period", "edition", "account", "partner"),
    ("account", "account_name", "company", "currency", "dataset", "edition", "partner", "period"),
    ("opening", "debit", "credit", "closing"),
    ("partner",),
)
_ASSET = Spelling(
    LedgerAsset.contract,
    ASSET_RULE,
    ("dataset", "company", "period", "edition", "account", "partner"),
    ("account", "account_name", "company", "currency", "dataset", "edition", "partner", "period"),
    ("opening", "additions", "disposals", "depreciation", "closing"),
    ("partner",),
)
_ENTRY_TEXTS = "account account_name company currency dataset dated_on edition entry journal label line partner period"
_ENTRY = Spelling(
    LedgerEntry.contract,
    ENTRY_RULE,
    ("dataset", "company", "period", "edition", "journal", "entry", "line"),
    (*_ENTRY_TEXTS.split(), "transaction_currency"),
    ("debit", "credit", "balance", "transaction_balance"),
    ("partner", "label"),
)
_WHOLE = ("trial_balance", "general_ledger")


class FinObjectDataset(models.AbstractModel):
    """The ledger of each period whose checkpoint is signed, dataset by dataset, once for each signature.

    Options: `checkpoint` (its code), `datasets` (those that are published; all where none is named), `period_from`.
    Profit and loss opens with its fiscal year; the result of the years before stands on the account of undistributed
    profits.
    """

    _name = "fin.object.dataset"
    _inherit = "fin.object"
    _description = "Published Datasets"
    _entity, _kind = "actual", "actual"
    _groups = ("account.group_account_readonly",)
    _access = {
        "account.move.line": ("read",),
        "account.move": ("read",),
        "account.account": ("read",),
        "account.journal": ("read",),
        "res.partner": ("read",),
    }

    def _locked(self, company, day):
        """Closed periods are read, not changed."""
        return False

    def _collect(self, run):
        """The datasets of all companies from one snapshot, so there is one thing to keep."""
        options = run._document().get("options", {})
        if not options.get("checkpoint"):
            raise ConfigurationError(
                "datasets are published behind a checkpoint, and none is named", code="no_checkpoint"
            )
        fresh = []
        for company in self.env.companies:
            for period in sorted(self.env["fin.actual.period"]._signed_months(run, company)):
                if period >= (options.get("period_from") or ""):
                    fresh += self._collect_period(run, company, period, options)
        # Behind the rows of all companies, so whatever names a file is written after it.
        self._collect_manifests(run, fresh)
        yield

    def _collect_period(self, run, company, period, options):
        """The rows of what is due, as items; yields (company, kind, period, edition) of what has any."""
        kinds = self._kinds()
        for kind in options.get("datasets") or kinds:
            if kind not in kinds:
                raise ConfigurationError(f"{kind} is none of {', '.join(kinds)}")
            edition = self._edition(run, company, kind, period, options["checkpoint"])
            if edition:
                spelling, rows = kinds[kind]
                if self._insert(run, company, period, spelling, rows(company, kind, period, edition)):
                    self._must_balance(run, company, kind, edition)
                    yield company, kind, period, edition

    def _kinds(self):
        """Dataset -> (how its rows are spelled, a method that gives the SELECT of them).

        The method gets company, dataset, period and edition, and gives the members of the contract as columns. An addon
        adds one of its own, such as a register of assets: docs/decisions/fixed-assets-are-what-the-ledger-shows.md.
        """
        return {
            "trial_balance": (_BALANCE, self._balances),
            "subledger": (_BALANCE, self._balances),
            "fixed_assets": (_ASSET, self._assets),
            "general_ledger": (_ENTRY, self._entries),
        }

    def _edition(self, run, company, kind, period, code):
        """The name of the edition that is due; None where this signature has one already."""
        # sudo: everybody obeys the close calendar, whoever may read it
        checkpoint = self.env["fin.checkpoint"].sudo()._of_period(company, period, code)
        signed = checkpoint.signed_digest[:12]
        editions = self.env["fin.dataset"]._published(run.flow_id, company, kind, period).mapped("edition")
        if editions and editions[0].endswith(signed):
            return None
        return f"{len(editions) + 1:03}-{signed}"

    def _insert(self, run, company, period, spelling, rows):
        """Store them as open items; returns how many there are."""
        amount = SQL.identifier("balance" if spelling is _ENTRY else "closing")
        [[before]] = self.env.execute_query(SQL("SELECT count(*) FROM fin_item WHERE run_id = %s", run.id))
        # sudo: evidence; the ledger inside is read with the service user's rights
        self.env.cr.execute(
            SQL(
                """WITH spelled AS MATERIALIZED (
                    SELECT %(key)s AS key, %(content)s AS content, %(amount)s AS amount, currency FROM (%(rows)s) told)
                INSERT INTO fin_item (uid, run_id, company_id, row, contract, object, scope, key, alt_key, key_hash,
                    digest, content, amount, currency, "on", outcome)
                SELECT %(uid)s, %(run)s, %(company)s, %(before)s + row_number() OVER in_order, %(contract)s, %(object)s,
                    %(scope)s, key, key, %(hash)s,
                    encode(sha256(convert_to(content, 'UTF8')), 'hex'), content, amount, currency, %(ends)s, 'open'
                FROM spelled WINDOW in_order AS (ORDER BY key COLLATE "C") ORDER BY key COLLATE "C" """,
                key=spelling.key,
                content=spelling.content,
                amount=amount,
                rows=rows,
                uid=uuid7(),
                hash=hash_of(SQL("key")),
                run=run.id,
                company=company.id,
                before=before,
                contract=spelling.contract,
                object=self._name,
                scope=run._document().connection["code"],
                ends=span(period)[1],
            )
        )
        return self.env.cr.rowcount

    def _must_balance(self, run, company, kind, edition):
        """A whole ledger adds up to nothing; else it is not the ledger that is published."""
        if kind not in _WHOLE:
            return
        [[total]] = self.env.execute_query(
            SQL(
                """SELECT COALESCE(sum(amount), 0) <> 0 FROM fin_item WHERE run_id = %s AND company_id = %s
                AND content::json->>'dataset' = %s AND content::json->>'edition' = %s""",
                run.id,
                company.id,
                kind,
                edition,
            )
        )
        if total:
            raise ConfigurationError(f"the {kind} does not balance", code="not_the_ledger", company=company.fin_code)
