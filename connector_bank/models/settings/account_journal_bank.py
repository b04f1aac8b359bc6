"""What becomes of the statements of one account that do not fit, where its journal says so."""

from odoo import fields, models

from odoo.addons.finance_integration_governance.models.flow.account_journal import AccountJournal as Kept

from ...core.continuity import POLICY
from ..fin_flow_bank import CHOICES, LABELS

_FIELDS = {name: f"fin_bank_{name}" for name in POLICY}


def own_choice(name):
    return fields.Selection(CHOICES, LABELS[name], help="Empty: as the flow says.")


class AccountJournal(models.Model):
    """Part of the flow that keeps the journal: in force with the flow's next approved version."""

    _inherit = "account.journal"
    _watched = Kept._watched | frozenset(_FIELDS.values())

    fin_bank_gap = own_choice("gap")
    fin_bank_break = own_choice("break")
    fin_bank_overlap = own_choice("overlap")
    fin_bank_unbalanced = own_choice("unbalanced")
    fin_bank_pending = own_choice("pending")

    def _fin_document(self):
        """Only where something is chosen, so that a flow without a choice keeps its digest."""
        own = {(journal.company_id.fin_code, journal.code): journal._fin_bank_policy() for journal in self}
        return [
            told | ({"policy": chosen} if (chosen := own[told["company"], told["code"]]) else {})
            for told in super()._fin_document()
        ]

    def _fin_bank_policy(self):
        return {name: self[field] for name, field in _FIELDS.items() if self[field]}


class FinFlow(models.Model):
    _inherit = "fin.flow"

    def _take_journals(self, journals, documents):
        """With what each says of statements that do not fit."""
        super()._take_journals(journals, documents)
        told = {(one["company"], one["code"]): one.get("policy", {}) for one in journals}
        for journal in self.journal_ids.sudo():  # sudo: who may propose a flow need not be an accounting manager
            chosen = told.get((journal.company_id.fin_code, journal.code), {})
            journal.write({field: chosen.get(name, False) for name, field in _FIELDS.items()})
