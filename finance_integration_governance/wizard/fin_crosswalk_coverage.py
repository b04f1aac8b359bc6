from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..core.likeness import proposals
from ..models.privacy.fin_masking import AMOUNT

SHOWN = 500


class FinCrosswalkCoverage(models.TransientModel):
    """What a coverage proof found, with proposals for its gaps: one becomes a line only where somebody says so."""

    _name = "fin.crosswalk.coverage"
    _description = "Coverage of a Crosswalk"

    crosswalk_id = fields.Many2one("fin.crosswalk", required=True, readonly=True, ondelete="cascade")
    exception_id = fields.Many2one("fin.exception", readonly=True, ondelete="cascade", help="The case it is for.")
    words = fields.Text(readonly=True)
    is_whole = fields.Boolean(readonly=True)
    gap_ids = fields.One2many("fin.crosswalk.coverage.gap", "coverage_id", string="Codes without a place")

    @api.model
    def _of(self, crosswalk, proof):
        known = crosswalk._known_targets()
        gaps = [crosswalk._gap_values(found, known) for found in proof.uncovered[:SHOWN]]
        values = {
            "crosswalk_id": crosswalk.id,
            "words": proof.words(),
            "is_whole": proof.is_whole,
            "gap_ids": [Command.create(gap) for gap in gaps],
        }
        # sudo: a viewer may ask for the proof, and edits nothing of it
        return self.sudo().create(values).with_env(self.env)

    def action_add(self):
        """Write the ticked proposals into the working copy; they take effect by an approved change, as all lines do."""
        self.ensure_one()
        self.crosswalk_id.check_access("write")
        ticked = self.gap_ids.filtered(lambda gap: gap.is_taken and gap.target)
        lines = [
            Command.create({"source": gap.code, "target": gap.target, "label": gap.label, "valid_from": gap.valid_from})
            for gap in ticked
        ]
        self.crosswalk_id.write({"line_ids": lines})
        return {"type": "ir.actions.act_window_close"}

    def action_add_and_propose(self):
        """Write the ticked lines, and ask for the change right away."""
        self.ensure_one()
        if not self.gap_ids.filtered(lambda gap: gap.is_taken and gap.target):
            raise UserError(self.env._("Tick what is to be added, with its target."))
        self.action_add()
        asked = self.crosswalk_id.action_propose()
        return {**asked, "context": {**asked["context"], "default_exception_id": self.exception_id.id}}


class FinCrosswalkCoverageGap(models.TransientModel):
    _name = "fin.crosswalk.coverage.gap"
    _description = "Code without a Place"
    _order = "code"

    coverage_id = fields.Many2one("fin.crosswalk.coverage", required=True, ondelete="cascade")
    code = fields.Char(readonly=True)
    name = fields.Char(readonly=True)
    trouble = fields.Selection([("gap", "Maps to nothing"), ("ambiguous", "Maps more than once")], readonly=True)
    count = fields.Integer("Movements", readonly=True)
    movement = fields.Char("Moved", readonly=True)
    days = fields.Char(readonly=True)
    target = fields.Char("Proposed Target")
    label = fields.Char(readonly=True)
    because = fields.Char("Like", readonly=True)
    valid_from = fields.Date("From")
    is_taken = fields.Boolean("Add")


class FinCrosswalk(models.Model):
    _inherit = "fin.crosswalk"

    def _known_targets(self):
        """(code, name, target, its name) of the exact lines: what a proposal may point to."""
        lines = self.line_ids.filtered(lambda line: line.kind == "exact")
        names = self._names_of(lines.mapped("source"))
        return [(line.source, names.get(line.source), line.target, line.label or None) for line in lines]

    def _names_of(self, codes):
        """code -> name in Odoo, where these are codes of its accounts."""
        if self.kind != "account" or self.direction != "outbound":
            return {}
        accounts = self.env["account.account"].with_company(self.company_id)
        return {account.code: account.name for account in accounts.search([("code", "in", codes)])}

    def _gap_values(self, found, known):
        best = proposals(found.value, found.label, known, limit=1) if not found.lines else []
        moved = ", ".join(f"{amount:,} {currency}" for currency, amount in sorted(found.amounts.items()))
        told = {
            "code": found.value,
            "name": found.label,
            "trouble": "ambiguous" if found.lines else "gap",
            "count": found.count,
            "movement": "…" if AMOUNT in self.company_id._fin_hidden() else moved,
            "days": found.days(),
        }
        return told | ({"target": best[0].target, "label": best[0].label,
                        "because": f"{best[0].because}, {best[0].score} %"} if best else {})  # fmt: skip


class FinChangePropose(models.TransientModel):
    """A change that was asked for at the desk knows for which case."""

    _inherit = "fin.change.propose"

    exception_id = fields.Many2one("fin.exception", readonly=True, string="Asked for by")

    def _propose(self):
        change = super()._propose()
        if self.exception_id:
            self.exception_id._wait_for(change)
        return change
