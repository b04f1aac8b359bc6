from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.models.run.gates import PROCEED, Answer

from ...core.dataset import SUSPENDED
from .fin_object_dataset import FinObjectDataset


class WholeDataset:
    question = "Is every row of the datasets there?"

    def ask(self, run):
        """Part of a ledger is none: one row that cannot be told keeps the rest from being published."""
        rejected = run.env["fin.item"]._totals_by_outcome(run).get("rejected")
        return Answer("stop", f"{rejected.count} rows cannot be published") if rejected else PROCEED


class SameSignature:
    question = "Is the signature still the one that this was made behind?"

    def ask(self, run):
        """What was signed anew with other figures meanwhile is not published; what is suspended waits."""
        waiting, reasons = [], []
        for company, period, edition, is_mark, ids in run._open_editions():
            checkpoint = run._checkpoint_of(company, period)
            holds = checkpoint.state == "signed" and edition.endswith(checkpoint.signed_digest[:12])
            if is_mark and holds:
                run.env["fin.item"]._set_outcome(run, "superseded", ids, reason="signed again with the same figures")
            if is_mark or holds:
                continue
            if checkpoint.state == "signed":
                run.env["fin.item"]._set_outcome(run, "superseded", ids, reason="signed anew with other figures")
                continue
            waiting += ids
            reasons.append(f"{checkpoint.display_name} is {checkpoint.state}")
        if not waiting:
            return PROCEED
        code = run._document()["options"]["checkpoint"]
        return Answer("hold", "; ".join(reasons), tuple(waiting), waits="checkpoint", key=code)


class FinRun(models.Model):
    _inherit = "fin.run"

    def _gates(self):
        gates = tuple(super()._gates())
        return (*gates, WholeDataset(), SameSignature()) if self._publishes() else gates

    def _publishes(self):
        return self._document().get("object") == FinObjectDataset._name

    def _checkpoint_of(self, company_id, period):
        company = self.env["res.company"].browse(company_id)
        # sudo: everybody obeys the close calendar; what was posted is looked at before
        self.env["fin.close.touch"].sudo()._take()
        code = self._document()["options"]["checkpoint"]
        # sudo: as above
        return self.env["fin.checkpoint"].sudo()._of_period(company, period, code)

    def _open_editions(self):
        """(company, period, edition, whether it is a mark, ids) of the open items."""
        return self.env.execute_query(
            SQL(
                """SELECT company_id, content::json->>'period', content::json->>'edition',
                    COALESCE(content::json->>'status' = %s, false), array_agg(id ORDER BY id)
                FROM fin_item WHERE run_id = %s AND outcome = 'open' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4""",
                SUSPENDED,
                self.id,
            )
        )

    def _open_by_period(self):
        """A mark does not wait for the signature that it says is missing."""
        rows = super()._open_by_period()
        if not self._publishes():
            return rows
        marks = {item_id for *_place, is_mark, ids in self._open_editions() if is_mark for item_id in ids}
        left = ((company_id, period, [one for one in ids if one not in marks]) for company_id, period, ids in rows)
        return [row for row in left if row[2]]

    def _after_finish(self):
        super()._after_finish()
        if self._publishes():
            self.env["fin.dataset"]._publish(self)
