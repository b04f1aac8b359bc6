import base64
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.sheets import Choice, as_xlsx, workbook_rows

from ...core.analytic import plans_of, spelled
from ...core.budget import partner_name
from ...core.budget_sheet import HEADS, MISSING, MORE_HEADS, NO_NUMBER, TWICE, WIDEST, Trouble, cells, head, row_of
from .fin_budget_line import BY, cell_of

SHOWN = 40  # characters of a cell that are repeated to whoever wrote it
NAMED = 50  # cells that are told to the person at once, where there is no list to tell them in


class FinBudgetVersion(models.Model):
    """A version as a workbook: downloaded with its members and figures, and taken back whole or not at all."""

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

    # Out

    def _as_sheet(self):
        """The template as bytes: every account of profit and loss, and those that are planned already."""
        self.ensure_one()
        self.check_access("read")
        self.env["fin.approval"]._need_group("group_viewer")
        more = [name for name, field in BY.items() if any(self.line_ids.mapped(field))]
        rows = [row_of(told, self._months(), figures, more) for told, figures in self._rows_of_sheet()]
        self._audit("download", rows=len(rows))
        return as_xlsx([head(self._months(), more), *rows], self._choices(more))

    def _rows_of_sheet(self):
        """(what stands in front, month -> figure) of each row, by account."""
        found = {}
        for line, amount in zip(self.line_ids, self.line_ids._exact(), strict=True):
            place = (line.account_id, line.analytic or "", line.partner_id, tuple(line._by().items()))
            found.setdefault(place, {})[f"{line.on:%Y-%m}"] = Decimal(amount)
        planned = {account for account, *_more in found}
        for account in self._plannable() - self.env["account.account"].union(*planned):
            found[account, "", self.env["res.partner"], ()] = {}
        fixed = {"version": self.code, "company": self.company_id.fin_code, "currency": self.currency_id.name}
        for (account, analytic, partner, by), figures in sorted(found.items(), key=lambda one: one[0][0].code or ""):
            told = {"account": account.code, "name": account.name, "analytic": analytic, "partner": _called(partner)}
            yield {**fixed, **told, **dict(by)}, figures

    def _plannable(self):
        mine = [("company_ids", "parent_of", self.company_id.id)]
        result = ["|", ("account_type", "=like", "income%"), ("account_type", "=like", "expense%")]
        return self.env["account.account"].with_company(self.company_id).search([*mine, *result])

    def _choices(self, more):
        """What the columns of the template take, with names: what the version plans by, and no more than that."""
        accounts = (self._plannable() | self.line_ids.account_id).with_company(self.company_id)
        partners = [(_called(one), one.name or "") for one in self.line_ids.partner_id]
        told = {
            "account": [(one.code, one.name) for one in accounts if one.code],
            "period": [(month, "") for month in self._months()],
            "analytic": self._choices_of_members(),
            "partner": partners,
            **{name: [(line._by()[name], "") for line in self.line_ids if name in line._by()] for name in more},
        }
        columns, titles = [*HEADS, *more], {**HEADS, **MORE_HEADS, "period": "Month"}
        return [
            Choice(titles[name], tuple(sorted(set(pairs))), columns.index(name) if name in columns else None)
            for name, pairs in told.items()
        ]

    def _choices_of_members(self):
        """Members as the column takes them: of the plans that the version plans by, of all plans where of none yet."""
        # sudo: members are named as the version names them, whoever may read the plans
        every = self.env["account.analytic.plan"].sudo().search([("parent_id", "=", False)]).mapped("name")
        plans = plans_of(self.line_ids.filtered("analytic").mapped("analytic")) or every
        return [
            (spelled([member], [plan]), account.name)
            for account, (plan, member) in self._members(plans).items()
            if account.active
        ]

    # In

    def _take_sheet(self, content):
        """Put the figures of the workbook in the place of those in the draft; returns their count.

        Raises UserError with every cell that cannot stand, and takes nothing then.
        """
        lines, troubles = self._read_sheet(content)
        if troubles:
            told = [self.env._("Cell %(cell)s: %(reason)s", **one) for one in troubles[:NAMED]]
            more = len(troubles) - NAMED
            told += [self.env._("and %s more", more)] if more > 0 else []
            raise UserError(self.env._("Nothing was taken. These cells cannot stand:\n%s", "\n".join(told)))
        self._put(lines)
        return len(lines)

    def _read_sheet(self, content):
        """(values of budget lines, troubles): a trouble is a mapping of `cell`, such as D12, and `reason`."""
        self._need_operator()
        self.line_ids._must_be_draft()
        reading = _Reading(self)
        for one in self._cells(content):
            reading.take(one)
        return reading.lines, [{"cell": cell, "reason": reason} for cell, reason in reading.troubles]

    def _cells(self, content):
        try:
            return list(cells(workbook_rows(content, WIDEST, is_by_cell=True)))
        except MalformedPayload as error:
            raise UserError(self.env._("Nothing was taken: %s", error.text)) from None

    def _put(self, lines):
        """A figure that stays, or gets another amount, keeps its line: its note, and who wrote it.

        Another amount than that of the actuals is a plan.
        """
        there, fresh = {line._cell(): line for line in self.line_ids}, []
        kept = self.env["fin.budget.line"]
        for values in lines:
            line = there.get(cell_of(values))
            if line is None:
                fresh.append({"version_id": self.id, **values})
                continue
            kept += line
            if self.currency_id.compare_amounts(line.amount, values["amount"]):
                line.write({"amount": values["amount"], "is_actual": False})
        (self.line_ids - kept).unlink()
        kept.create(fresh)
        self._audit("upload", figures=len(lines))


class _Reading:
    """The cells of a workbook as values of lines, and what is wrong with them, each trouble told once."""

    def __init__(self, version):
        self.version, self.planner = version, version.env["fin.budget.planner"]._of(version)
        self.lines, self.seen, self._troubles = [], {}, {}

    @property
    def troubles(self):
        """(cell, reason), as the cells stand in the workbook: by row, then by column."""
        return sorted(self._troubles, key=lambda one: _place_of(one[0]))

    def take(self, one):
        if isinstance(one, Trouble):
            self._troubles[one.place, self._words(one.rule, one.told)] = True
            return
        values, errors = self.planner._read(one.line)
        for member, error in errors:
            self._troubles[one.where(member), error.text] = True
        if not errors:
            self._keep(one, values)

    def _keep(self, one, values):
        """Members and periods have more than one spelling, so what reads differently may still be one cell."""
        first = self.seen.setdefault(cell_of(values), one.place)
        if first != one.place:
            self._troubles[one.place, self._words(TWICE, first)] = True
            return
        self.lines.append(values)

    def _words(self, rule, told):
        """Whoever brings the workbook reads what stands in it; an exception of a run tells no more than its shape."""
        env = self.version.env
        if rule == NO_NUMBER and told.startswith("="):
            return env._("is a formula: put its value there")
        told = told if len(told) <= SHOWN else f"{told[:SHOWN]}…"
        return {
            NO_NUMBER: env._("“%s” is no number", told),
            TWICE: env._("stands in %s already", told),
            MISSING: env._("is empty"),
        }[rule]


class FinBudgetUpload(models.TransientModel):
    """A workbook whose figures take the place of those of a draft, or what keeps them from it."""

    _name = "fin.budget.upload"
    _description = "Bring Figures"

    version_id = fields.Many2one("fin.budget.version", required=True, ondelete="cascade")
    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()
    trouble_ids = fields.One2many("fin.budget.upload.trouble", "upload_id", "Cells that cannot stand", readonly=True)

    def action_upload(self):
        """Take the figures; where cells cannot stand, list them and take nothing."""
        self.ensure_one()
        lines, troubles = self.version_id._read_sheet(base64.b64decode(self.file))
        self.trouble_ids.unlink()
        if not troubles:
            self.version_id._put(lines)
            return {"type": "ir.actions.act_window_close"}
        self.env["fin.budget.upload.trouble"].create([{"upload_id": self.id, **one} for one in troubles])
        return {**self.version_id.action_upload(), "res_id": self.id}


class FinBudgetUploadTrouble(models.TransientModel):
    """A cell of a workbook that cannot stand, and why."""

    _name = "fin.budget.upload.trouble"
    _description = "Cell That Cannot Stand"
    _order = "id"

    upload_id = fields.Many2one("fin.budget.upload", required=True, ondelete="cascade")
    cell = fields.Char(readonly=True, help="Column and row of the workbook, such as D12.")
    reason = fields.Char(readonly=True)


def _place_of(cell):
    """(row, width of the column's name, that name) of a cell such as H14, to sort by."""
    column = cell.rstrip("0123456789")
    return int(cell[len(column) :]), len(column), column


def _called(partner):
    return partner_name(partner.ref, partner.vat, partner.name)
