"""A member that planning has and Odoo has not: a steward says whether it is made, what it is, or why it is refused."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.core.lifecycle import Lifecycle
from odoo.addons.finance_integration_governance.models.exception.fin_exception import OPEN
from odoo.addons.finance_integration_governance.models.screen import opened_at
from odoo.addons.finance_integration_governance.models.triggers import refuse_rewriting
from odoo.addons.finance_integration_governance.models.writer import as_writer

KINDS = [
    ("account", "Account"),
    ("analytic", "Analytic account"),
    ("entity", "Company"),
    ("product", "Product"),
    ("currency", "Currency"),
]
MODELS = {
    "account": "account.account",
    "analytic": "account.analytic.account",
    "entity": "res.company",
    "product": "product.product",
    "currency": "res.currency",
}
# What a steward may make here. A company or a currency is more than a code, and is made where Odoo makes it.
MADE = ("account", "analytic", "product")
CODE = "new_members"
NAMED = 20


class FinMemberProposal(models.Model):
    """One new member as planning told of it. The engine writes it; a steward of the flow decides, and says why."""

    _name = "fin.member.proposal"
    _description = "Proposed Member"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "id desc"
    _rec_name = "code"
    _lifecycle = Lifecycle(
        {"proposed": "Proposed", "made": "Made", "mapped": "Mapped", "rejected": "Rejected"},
        make="proposed > made",
        map="proposed > mapped",
        reject="proposed > rejected",
    )

    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True)
    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    run_id = fields.Many2one("fin.run", required=True, readonly=True, ondelete="restrict", string="Told by")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    plan = fields.Char("Analytic Plan", readonly=True)
    code = fields.Char(required=True, readonly=True)
    label = fields.Char("Name", readonly=True)
    parent = fields.Char("Below", readonly=True)
    account_type = fields.Char(readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    became = fields.Char(compute="_compute_became")
    reason = fields.Text(readonly=True)
    decided_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    decided_at = fields.Datetime(readonly=True)
    can_decide = fields.Boolean(compute="_compute_can_decide")

    _one_open = models.UniqueIndex("(flow_id, key) WHERE state = 'proposed'")

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["key", "flow_id", "kind", "code"])
        decided = ["state", "res_model", "res_id", "reason", "decided_by"]
        refuse_rewriting(self.env.cr, self._table, decided, "OLD.state <> 'proposed'")

    def _compute_became(self):
        for proposal in self:
            # sudo: the name of what it became; who may not open it learns no more
            record = proposal.sudo()._record()
            proposal.became = record.display_name if record else False

    @api.depends("state", "flow_id.role_ids")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        for proposal in self:
            proposal.can_decide = proposal.state == "proposed" and self.env.user in proposal._stewards()

    def _record(self):
        """What it became, if that is still there."""
        return self.env[self.res_model].browse(self.res_id).exists() if self.res_model else None

    def _stewards(self):
        """Who decides: the flow's stewards, else its owner and deputy."""
        flow = self.flow_id.sudo()  # sudo: whoever decides may know who does
        return flow._people("steward") or flow._people("owner") | flow._people("deputy")

    def _subject_key(self):
        return f"{self.flow_id.sudo().code}/{self.key}"  # sudo: the log names the flow, whoever decides

    # Deciding

    def action_decide(self):
        self.ensure_one()
        self._must_be_mine()
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.member.decide",
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Decide on %s", self.code),
            "context": {"default_proposal_id": self.id},
        }

    def action_open_record(self):
        self.ensure_one()
        if not self._record():
            raise UserError(self.env._("It became nothing, or that is gone."))
        return opened_at(self.res_model, self.res_id)

    def _must_be_mine(self):
        self.check_access("read")
        self.env["fin.approval"]._need_group("group_operator")
        if self.env.user not in self._stewards():
            people = ", ".join(self._stewards().mapped("name")) or self.env._("nobody yet")
            raise UserError(self.env._("New members of this flow are decided by its steward: %s.", people))
        if self.state != "proposed":
            raise UserError(self.env._("%s is decided already.", self.code))

    def _decided(self, verb, record=None, reason=None):
        """Keep the decision; the record is one that this person may see."""
        self._must_be_mine()
        told = {"reason": reason, "decided_by": self.env.uid, "decided_at": fields.Datetime.now()}
        if record:
            record.check_access("read")
            told |= {"res_model": record._name, "res_id": record.id}
        as_writer(self).write(told)
        self._transition(verb, reason=reason, became=record and f"{record._name}/{record.display_name}")
        # sudo: evidence
        self.env["fin.exception"].sudo()._watch_members(self.flow_id.sudo())

    # What the engine asks

    @api.model
    def _known_as(self, flow, key):
        """What a steward has made of this key or mapped it to; None where nobody has."""
        decided = [("flow_id", "=", flow.id), ("key", "=", key), ("state", "in", ("made", "mapped"))]
        # sudo: evidence
        last = self.sudo().search(decided, order="id desc", limit=1)
        return last._record() if last else None

    @api.model
    def _propose(self, run, one, company):
        """The open proposal of this member, made where there is none; what it is called may change until then."""
        told = {"label": one.name, "parent": one.parent, "account_type": one.account_type, "run_id": run.id}
        open_ones = [("flow_id", "=", run.flow_id.id), ("key", "=", one.key), ("state", "=", "proposed")]
        # sudo: evidence
        known = self.sudo().search(open_ones, limit=1)
        if known:
            as_writer(known).write(told)
            return known
        fixed = {"flow_id": run.flow_id.id, "company_id": company.id, "key": one.key, "kind": one.kind}
        made = as_writer(self).create({**fixed, **told, "plan": one.plan, "code": one.code})
        made._audit("propose", run=run.name)
        return made


class FinException(models.Model):
    _inherit = "fin.exception"

    @api.model
    def _watch_members(self, flow):
        """One case of a flow with everything that waits for its steward; it closes with the last decision."""
        waiting = self.env["fin.member.proposal"].search([("flow_id", "=", flow.id), ("state", "=", "proposed")])
        cause = digest(canonical([CODE]))
        known = self.search([("flow_id", "=", flow.id), ("fingerprint", "=", cause), ("state", "in", OPEN)], limit=1)
        if not waiting:
            if known:
                known._close("resolve", "the steward has decided on each of them")
            return
        named = ", ".join(f"{one.code} {one.label}" for one in waiting[:NAMED])
        more = f" and {len(waiting) - NAMED} more" if len(waiting) > NAMED else ""
        text = f"planning has members that Odoo has not: {named}{more}; the steward makes, maps or rejects each"
        if not known:
            case = self._new(flow, CODE, text, "data", False, cause, {})
            case._audit("raise", code=CODE, count=len(waiting))
        elif known.text != text:
            known.message_post(body=text)
