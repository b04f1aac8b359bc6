import base64
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.finance_integration_governance.core.errors import DataError, MalformedPayload
from odoo.addons.finance_integration_governance.core.sheets import as_xlsx, workbook_rows

from ...core.budget_sheet import WIDEST, Trouble, cells, head, row_of

NAMED = 50  # cells that are told to the person at once


class FinBudgetVersion(models.Model):
    """A version as a workbook: downloaded with its accounts and figures, and taken back whole or not at all."""

    _inherit = "fin.budget.version"

    def action_template(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/finance_integration/budget/{self.id}.xlsx"}

    def action_upload(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.budget.upload",
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Bring figures of %s", self.name),
            "context": {"default_version_id": self.id},
        }

    def _as_sheet(self):
        """The template as bytes: every account of profit and loss, and those that are planned already."""
        self.ensure_one()
        self.check_access("read")
        self.env["fin.approval"]._need_group("group_viewer")
        rows = [row_of(told, self._months(), figures) for told, figures in self._rows_of_sheet()]
        self._audit("download", rows=len(rows))
        return as_xlsx([head(self._months()), *rows])

    def _rows_of_sheet(self):
        """(what stands in front, month -> figure) of each row, by account."""
        found = {}
        for line, amount in zip(self.line_ids, self.line_ids._exact(), strict=True):
            place = (line.account_id, line.analytic or "", line.partner_id)
            found.setdefault(place, {})[f"{line.on:%Y-%m}"] = Decimal(amount)
        planned = {account for account, _analytic, _partner in found}
        for account in self._plannable():
            if account not in planned:
                found[account, "", self.env["res.partner"]] = {}
        fixed = {"version": self.code, "company": self.company_id.fin_code, "currency": self.currency_id.name}
        for (account, analytic, partner), figures in sorted(found.items(), key=lambda one: one[0][0].code or ""):
            told = {"account": account.code, "name": account.name, "analytic": analytic, "partner": partner.ref}
            yield {**fixed, **told}, figures

    def _plannable(self):
        mine = [("company_ids", "parent_of", self.company_id.id)]
        result = ["|", ("account_type", "=like", "income%"), ("account_type", "=like", "expense%")]
        return self.env["account.account"].with_company(self.company_id).search([*mine, *result])

    def _take_sheet(self, content):
        """Replace the figures by those of the workbook; UserError with every cell that cannot be taken."""
        self._need_operator()
        self.line_ids._must_be_draft()
        lines, troubles = [], []
        planner = self.env["fin.budget.planner"]._of(self)
        for one in self._cells(content):
            try:
                if isinstance(one, Trouble):
                    troubles.append(self._words(one))
                else:
                    lines.append(planner._line(one))
            except DataError as error:
                troubles.append(f"{one.account} {one.period}: {error.text}")
        self._refuse_troubles(troubles)
        self.line_ids.unlink()
        self.env["fin.budget.line"].create([{"version_id": self.id, **vals} for vals in lines])
        self._audit("upload", figures=len(lines))
        return len(lines)

    def _cells(self, content):
        try:
            return list(cells(workbook_rows(content, WIDEST)))
        except MalformedPayload as error:
            raise UserError(self.env._("Nothing was taken. %s", error.text)) from None

    def _words(self, trouble):
        told = {"cell": trouble.place, "column": trouble.column, "shape": trouble.shape}
        return {
            "no number": self.env._("Cell %(cell)s (%(column)s): %(shape)s is no number.", **told),
            "stands twice": self.env._("Cell %(cell)s (%(column)s): stands in %(shape)s already.", **told),
            "missing": self.env._("Cell %(cell)s (%(column)s): is empty.", **told),
        }[trouble.rule]

    def _refuse_troubles(self, troubles):
        if troubles:
            more = len(troubles) - NAMED
            told = "\n".join(troubles[:NAMED]) + (self.env._("\nand %s more", more) if more > 0 else "")
            raise UserError(self.env._("Nothing was taken. These cells cannot stand:\n%s", told))


class FinBudgetUpload(models.TransientModel):
    """A workbook whose figures take the place of those of a draft."""

    _name = "fin.budget.upload"
    _description = "Bring Figures"

    version_id = fields.Many2one("fin.budget.version", required=True, ondelete="cascade")
    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()

    def action_upload(self):
        self.ensure_one()
        self.version_id._take_sheet(base64.b64decode(self.file))
        return {"type": "ir.actions.act_window_close"}
