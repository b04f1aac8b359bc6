from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.privacy.fin_masking import AMOUNT


class FinIntercompanyAsk(models.TransientModel):
    """The matrix of what companies owe each other on a day, pair by pair and currency by currency."""

    _name = "fin.intercompany.ask"
    _description = "Intercompany Matrix"

    on = fields.Date(required=True, default=fields.Date.context_today)
    line_ids = fields.One2many("fin.intercompany.line", "ask_id", readonly=True)
    is_answered = fields.Boolean(readonly=True)
    off_count = fields.Integer(compute="_compute_off_count", string="Pairs that do not match")

    @api.depends("on")
    def _compute_display_name(self):
        for ask in self:
            ask.display_name = self.env._("Intercompany Matrix")

    @api.depends("line_ids.difference")
    def _compute_off_count(self):
        for ask in self:
            ask.off_count = len(ask.line_ids.filtered(lambda line: not line.is_matched))

    @api.model
    def _opened(self, day):
        ask = self.create({"on": day})
        return ask.action_look()

    def action_look(self):
        """Pairs of which this person may see both sides: nobody learns here what another company has booked."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_viewer")
        companies = self.env.companies
        if AMOUNT in companies._fin_hidden():
            raise AccessError(self.env._("The policy shows you no amounts."))
        # sudo: the companies are those that this person may see; the balances are read for them together
        pairs = self.env["fin.intercompany"].sudo()._pairs(companies, self.on)
        seen = set(companies.ids)
        currencies = {one.name: one for one in self.env["res.currency"].with_context(active_test=False).search([])}
        # sudo: lines are the answer, which nobody writes
        self.sudo().line_ids = [
            fields.Command.clear(),
            *(
                fields.Command.create(
                    {
                        "company_id": first,
                        "other_id": second,
                        "currency_id": currencies[currency].id,
                        "here": here,
                        "there": there,
                    }
                )
                for (first, second, currency), (here, there) in pairs.items()
                if {first, second} <= seen
            ),
        ]
        self.is_answered = True
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "name": self.env._("Intercompany Matrix"),
        }


class FinIntercompanyLine(models.TransientModel):
    """What one pair of companies has booked against each other in one currency."""

    _name = "fin.intercompany.line"
    _description = "Intercompany Pair"

    ask_id = fields.Many2one("fin.intercompany.ask", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    other_id = fields.Many2one("res.company", "With", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", readonly=True, ondelete="cascade")
    here = fields.Monetary("Booked here", readonly=True)
    there = fields.Monetary("Booked there", readonly=True)
    difference = fields.Monetary(compute="_compute_difference")
    is_matched = fields.Boolean(compute="_compute_difference")

    @api.depends("here", "there", "currency_id")
    def _compute_difference(self):
        for line in self:
            line.difference = line.here + line.there
            line.is_matched = line.currency_id.is_zero(line.difference)

    def action_open_here(self):
        return self._opened(self.company_id, self.other_id)

    def action_open_there(self):
        return self._opened(self.other_id, self.company_id)

    def _opened(self, company, other):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "name": f"{company.name} / {other.name} {self.currency_id.name}",
            "domain": [
                ("company_id", "=", company.id),
                ("partner_id.commercial_partner_id", "=", other.partner_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("account_type", "in", ("asset_receivable", "liability_payable")),
                ("parent_state", "=", "posted"),
                ("date", "<=", self.ask_id.on),
            ],
        }
