from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError

from ...core.canonical import canonical
from ...core.pack import read_list
from ...core.stages import OUTCOMES
from ..writer import as_writer

REPORT = "finance_integration_governance.fin_evidence_pack_report"


class FinEvidenceBuilder(models.AbstractModel):
    """The control sheet: one page that says what moved, what tied, who approved, and what stands open."""

    _inherit = "fin.evidence.builder"

    @api.model
    def _sheet(self, scope, pack, verified):
        """Everything on the sheet, worked out from the lists of the pack and from nothing else."""
        return {
            "flows": list(self._sheet_flows(pack)),
            "runs": self._sheet_runs(pack),
            "amounts": self._sheet_amounts(pack),
            "exceptions": self._counted(pack, "exceptions", "state"),
            "slots": self._counted(pack, "slots", "state"),
            "approvals": list(self._sheet_approvals(pack)),
            "verifier": verified,
            "lists": [{"name": one["name"], "count": one["count"]} for one in pack.lists],
        }

    def _rows(self, pack, name):
        with read_list(pack.folder / "lists" / f"{name}.json") as (_about, rows):
            yield from rows

    def _counted(self, pack, name, column):
        counts = {}
        for row in self._rows(pack, name):
            counts[row[column]] = counts.get(row[column], 0) + 1
        return counts

    def _sheet_flows(self, pack):
        for row in self._rows(pack, "register"):
            names = ("flow", "name", "number", "live_from", "live_to", "owner", "deputy", "digest")
            yield {name: row.get(name) for name in names}

    def _sheet_runs(self, pack):
        """Counts over the runs: states, ties, and received as the sum of its outcomes."""
        told = {"count": 0, "states": {}, "ties": {}, "received": 0, "open": 0, **dict.fromkeys(OUTCOMES, 0)}
        broken = []
        for row in self._rows(pack, "runs"):
            told["count"] += 1
            for kind, name in (("states", row["state"]), ("ties", row.get("reconciliation_state") or "none yet")):
                told[kind][name] = told[kind].get(name, 0) + 1
            for name in ("received", "open", *OUTCOMES):
                told[name] += row.get(name, 0)
            if row.get("is_conserved") == "no":
                broken.append(row["run"])
        return {**told, "not_conserved": broken}

    def _sheet_amounts(self, pack):
        """Currency by currency: what was received, and what was delivered. What moved is counted where it went."""
        found = {}
        for row in self._rows(pack, "totals"):
            if row.get("amount") is not None and row["outcome"] != "held":
                part = found.setdefault(row["currency"], {"received": Decimal(), "delivered": Decimal(), "count": 0})
                part["received"] += Decimal(row["amount"])
                part["count"] += row["count"]
                if row["outcome"] == "delivered":
                    part["delivered"] += Decimal(row["amount"])
        return [{"currency": currency, **found[currency]} for currency in sorted(found)]

    def _sheet_approvals(self, pack):
        for row in self._rows(pack, "approvals"):
            names = ("approval", "purpose", "subject", "state", "requested_by", "decided_by", "decided_at")
            yield {name: row.get(name) for name in (*names, "sealed_at_position")}

    def _add_sheet(self, record, pack, sheet):
        """The sheet as PDF, or as a page where this machine cannot print; what has to be said about that."""
        as_writer(record).write({"sheet": canonical(sheet), **pack.head})
        pack.add_text("control_sheet.json", canonical(sheet))
        content, kind, notes = self._printed(record)
        pack.add(f"control_sheet.{kind}", [content])
        return notes

    def _printed(self, record):
        reports = self.env["ir.actions.report"].with_context(lang="en_US")
        if reports.get_wkhtmltopdf_state() in ("ok", "upgrade", "workers"):
            try:
                content, kind = reports._render_qweb_pdf(REPORT, record.ids)
                return content, kind, []
            except UserError as error:
                why = f"wkhtmltopdf failed: {error}"
        else:
            why = "there is no wkhtmltopdf on this machine"
        content, _kind = reports._render_qweb_html(REPORT, record.ids)
        return content, "html", [f"the control sheet is a page, not a PDF: {why}"]
