from odoo import api, fields, models
from odoo.exceptions import UserError

from .fin_member_proposal import MADE, MODELS


class FinMemberDecide(models.TransientModel):
    """What a steward says to one proposed member. What is made is made with the steward's own rights in Odoo."""

    _name = "fin.member.decide"
    _description = "Decide on a Proposed Member"

    proposal_id = fields.Many2one("fin.member.proposal", required=True, ondelete="cascade")
    kind = fields.Selection(related="proposal_id.kind")
    company_id = fields.Many2one(related="proposal_id.company_id")
    decision = fields.Selection(
        [
            ("make", "Make it in Odoo"),
            ("map", "It is something that Odoo has"),
            ("reject", "Reject it"),
        ],
        required=True,
        default="make",
    )
    name = fields.Char(compute="_compute_name", store=True, readonly=False)
    account_type = fields.Selection(
        selection=lambda self: self.env["account.account"]._fields["account_type"].selection,
        compute="_compute_account_type",
        store=True,
        readonly=False,
    )
    plan_id = fields.Many2one(
        "account.analytic.plan", compute="_compute_plan_id", store=True, readonly=False, string="Analytic Plan"
    )
    account_id = fields.Many2one("account.account", domain="[('company_ids', 'parent_of', company_id)]")
    analytic_id = fields.Many2one(
        "account.analytic.account", domain="[('company_id', 'in', (False, company_id))]", string="Analytic Account"
    )
    product_id = fields.Many2one("product.product")
    entity_id = fields.Many2one("res.company", string="Which Company")
    currency_id = fields.Many2one("res.currency")
    crosswalk_id = fields.Many2one(
        "fin.crosswalk",
        domain="[('direction', '=', 'inbound'), ('company_id', '=', company_id)]",
        help="The code gets a line there, too; it takes effect with an approved change, for every flow that uses it.",
    )
    reason = fields.Text()

    # What planning says of it, where Odoo knows the word; each by itself, so that saying one leaves the others.

    @api.depends("proposal_id")
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard.proposal_id.label

    @api.depends("proposal_id")
    def _compute_account_type(self):
        types = dict(self.env["account.account"]._fields["account_type"].selection)
        for wizard in self:
            told = wizard.proposal_id.account_type
            wizard.account_type = told if told in types else False

    @api.depends("proposal_id")
    def _compute_plan_id(self):
        plans = self.env["account.analytic.plan"]
        for wizard in self:
            named = [("name", "=", wizard.proposal_id.plan or False), ("parent_id", "=", False)]
            wizard.plan_id = plans.search(named, limit=1) if wizard.proposal_id.plan else False

    def action_decide(self):
        self.ensure_one()
        self.proposal_id._must_be_mine()
        getattr(self, f"_{self.decision}")()
        return {"type": "ir.actions.act_window_close"}

    def _make(self):
        if self.kind not in MADE:
            raise UserError(self.env._("This is made where Odoo makes it; then say here which one it is."))
        self.proposal_id._decided("make", getattr(self, f"_make_{self.kind}")(), self.reason)

    def _make_account(self):
        if not self.account_type:
            raise UserError(self.env._("Say what type of account it is."))
        accounts = self.env["account.account"].with_company(self.company_id)
        return accounts.create(
            {
                "code": self.proposal_id.code,
                "name": self.name,
                "account_type": self.account_type,
                "company_ids": [fields.Command.set(self.company_id.ids)],
            }
        )

    def _make_analytic(self):
        if not self.plan_id:
            raise UserError(self.env._("Say to which analytic plan it belongs."))
        told = {"code": self.proposal_id.code, "name": self.name, "plan_id": self.plan_id.id}
        return self.env["account.analytic.account"].create({**told, "company_id": self.company_id.id})

    def _make_product(self):
        return self.env["product.product"].create({"default_code": self.proposal_id.code, "name": self.name})

    def _map(self):
        record = self[{"analytic": "analytic_id", "entity": "entity_id"}.get(self.kind, f"{self.kind}_id")]
        if not record or record._name != MODELS[self.kind]:
            raise UserError(self.env._("Say which one of Odoo it is."))
        if self.crosswalk_id:
            self._add_line(record)
        self.proposal_id._decided("map", record, self.reason)

    def _add_line(self, record):
        """The working copy of the crosswalk gets the line; its flows propose it as a change."""
        codes = {"account": "code", "analytic": "code", "product": "default_code", "entity": "fin_code"}
        target = record.with_company(self.company_id)[codes.get(self.kind, "name")] or record.name
        line = {"source": self.proposal_id.code, "target": target, "label": record.display_name[:140]}
        self.crosswalk_id.write({"line_ids": [fields.Command.create({"kind": "exact", **line})]})

    def _reject(self):
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why: whoever plans has to know."))
        self.proposal_id._decided("reject", reason=self.reason)
