from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..core.register import QUESTIONS


class FinFlowRollout(models.TransientModel):
    """Approved flows copied to another company, as one change request, each with a wave and a checklist."""

    _name = "fin.flow.rollout"
    _description = "Roll Out"

    flow_ids = fields.Many2many("fin.flow", required=True, string="Flows")
    company_id = fields.Many2one("res.company", required=True, string="To the company")
    wave = fields.Char(required=True, default="1")
    owner_id = fields.Many2one("res.users", required=True, compute="_compute_people", store=True, readonly=False)
    deputy_id = fields.Many2one("res.users", required=True, compute="_compute_people", store=True, readonly=False)
    steward_id = fields.Many2one("res.users", compute="_compute_people", store=True, readonly=False)

    @api.model
    def default_get(self, fields_list):
        told = super().default_get(fields_list)
        if self.env.context.get("active_model") == "fin.flow":
            told["flow_ids"] = [Command.set(self.env.context.get("active_ids", []))]
        return told

    @api.depends("company_id")
    def _compute_people(self):
        for rollout in self:
            company = rollout.company_id
            rollout.owner_id, rollout.deputy_id = company.fin_owner_id, company.fin_deputy_id
            rollout.steward_id = company.fin_steward_id

    def action_roll_out(self):
        """Copy them and propose all of them together; nothing runs before a yes and a ticked checklist."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_administrator")
        self._check()
        # The copies are born in the other company: its record rules decide whether this person may.
        there = self.with_company(self.company_id)
        copies = there.env["fin.flow"].union(*(there._copy(flow) for flow in self.flow_ids))
        reason = self.env._("Roll out to %(company)s, wave %(wave)s", company=self.company_id.name, wave=self.wave)
        return there.env["fin.change"]._propose(copies, reason)._open()

    def _check(self):
        unapproved = self.flow_ids.filtered(lambda flow: not flow.live_version_id or flow.is_changed)
        if unapproved:
            names = ", ".join(unapproved.mapped("name"))
            raise UserError(self.env._("Only what is approved as it stands is rolled out: %s", names))
        if self.company_id in self.flow_ids.company_id:
            raise UserError(self.env._("Choose another company than the one that the flows belong to."))

    def _copy(self, flow):
        """The flow in the other company, on a connection of its own that still needs its address."""
        people = {"owner": self.owner_id, "deputy": self.deputy_id, "steward": self.steward_id}
        code = f"{flow.code}-{self.company_id.fin_code.lower()}"[:64]
        crosswalks = self._crosswalks(flow)
        copied = flow.copy(
            {
                "rolled_out_from_id": flow.id,
                "crosswalk_ids": [Command.set([one.id for one in crosswalks.values()])],
                "name": flow.name,
                "code": code,
                "company_id": self.company_id.id,
                "company_ids": False,
                "connection_id": self._connection(flow.connection_id).id,
                "policy_set_id": False,
                "data_class_id": flow.data_class_id.id if not flow.data_class_id.company_id else False,
                "wave": self.wave,
                "role_ids": [Command.create({"role": r, "user_id": user.id}) for r, user in people.items() if user],
                "scope_ids": [Command.create(row.copy_data()[0]) for row in flow.scope_ids],
                **{f"answer_{name}": flow[f"answer_{name}"] for name in QUESTIONS},
            }
        )
        copied.action_standard_checks()
        self._copy_field_map(flow, copied, crosswalks)
        self._give_journals(flow, copied)
        return copied

    def _crosswalks(self, flow):
        """The other company's crosswalk for each of the flow's: the one of that code, else a copy with its lines."""
        crosswalks, there = self.env["fin.crosswalk"], self.company_id
        # sudo: a code is taken whoever sees the record; what is found is checked to be of that company
        taken = crosswalks.sudo().with_context(active_test=False)
        made = {}
        for one in flow.crosswalk_ids:
            code = f"{one.code}-{there.fin_code.lower()}"
            known = taken.search([("code", "=", code), ("company_id", "=", there.id)])
            made[one] = crosswalks.browse(known.ids) or one.copy(
                {"code": code, "name": one.name, "company_id": there.id, "flow_ids": False}
            )
        return made

    def _copy_field_map(self, flow, copied, crosswalks):
        for one in flow.field_map_ids:
            made = one.create({"flow_id": copied.id, "contract_id": one.contract_id.id})
            for line in one.line_ids:
                theirs = crosswalks.get(line.crosswalk_id)
                line.copy({"map_id": made.id, "crosswalk_id": theirs and theirs.id})

    def _give_journals(self, flow, copied):
        """The journals of the same codes there, as far as no other flow has them."""
        wanted = [("code", "in", flow.journal_ids.mapped("code")), ("company_id", "=", copied.company_id.id)]
        free = self.env["account.journal"].search([*wanted, ("fin_flow_id", "=", False)])
        # sudo: who may propose a flow need not be an accounting manager
        free.sudo().fin_flow_id = copied

    def _connection(self, connection):
        code = f"{connection.code}-{self.company_id.fin_code.lower()}"
        known = self.env["fin.connection"].search([("code", "=", code)], limit=1)
        return known or connection.copy(
            {
                "code": code,
                "name": connection.name,
                "company_id": self.company_id.id,
                "system_id": False,
                "settings": False,  # the address and the secrets of one company are not those of another
            }
        )
