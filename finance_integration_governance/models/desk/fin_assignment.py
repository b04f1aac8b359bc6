from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.desk import assigned
from ..register.fin_flow_register import PROCESSES
from ..screen import MODULE


class FinAssignment(models.Model):
    """Whose desk a case comes to; part of the company's policy, so it holds once a second person has agreed."""

    _name = "fin.assignment"
    _description = "Assignment of Cases"
    _inherit = ["fin.working.part"]
    _order = "sequence, id"
    _rec_name = "user_id"

    policy_id = fields.Many2one("fin.policy", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    flow_id = fields.Many2one("fin.flow", ondelete="cascade", help="Every flow, where none is named.")
    process = fields.Selection(PROCESSES, help="The process that the flow's register names.")
    code = fields.Char(
        "Cause", help="The code of the cause, such as unknown_account; every cause, where none is named."
    )
    amount_from = fields.Float("From Amount", help="Amount at risk in company currency from which the rule holds.")
    user_id = fields.Many2one("res.users", required=True, ondelete="restrict", string="Assigned to")

    def _working_copies(self):
        return [self.policy_id]

    def _document(self):
        told = {
            "flow": self.flow_id.code or None,
            "process": self.process or None,
            "code": self.code or None,
            "from": f"{self.amount_from:.2f}" if self.amount_from else None,
            "login": self.user_id.login,
        }
        return {name: value for name, value in told.items() if value is not None}


class FinPolicy(models.Model):
    """What holds at the exception desk of a company."""

    _inherit = "fin.policy"

    assignment_ids = fields.One2many("fin.assignment", "policy_id", string="Assignment of Cases")
    replay_alone = fields.Integer(
        "Items replayed by one Person",
        default=1,
        required=True,
        tracking=True,
        help="As many rejected items an operator may replay without a second person's yes.",
    )

    _replay_alone_positive = models.Constraint("CHECK(replay_alone >= 0)", "A number of items is not negative.")

    def _compose(self):
        desk = {}
        if self.assignment_ids:
            desk["assignment"] = [rule._document() for rule in self.assignment_ids.sorted("sequence")]
        if self.replay_alone != 1:
            desk["replay_alone"] = self.replay_alone
        return super()._compose() | ({"desk": desk} if desk else {})

    @api.model
    def _strict(self):
        return super()._strict() | {"desk": {}}


class FinException(models.Model):
    """A case comes to whoever the approved rules name; who has taken it on keeps it."""

    _inherit = "fin.exception"

    def _new(self, flow, *args, **kwargs):
        exception = super()._new(flow, *args, **kwargs)
        if flow and not kwargs.get("owner"):
            exception._assign()
        return exception

    def _assign(self, amount=None):
        """Give the case to the person that the rules name, where they name one who is still here."""
        rules = self.company_id._fin_policy()["desk"].get("assignment", [])
        login = assigned(rules, self._told_to_rules(), amount) if rules else None
        person = self.env["res.users"].search([("login", "=", login), ("share", "=", False)], limit=1)
        if login and person != self.user_id and self._can_act(person):
            self._hand_to(person)

    def _told_to_rules(self):
        flow = self.flow_id
        return {"flow": flow.code, "process": flow.process or None, "code": self.code}

    def _can_act(self, person):
        """Whether the case is within reach of this person, who then can do something about it."""
        person = person.sudo()  # sudo: whose colleague has which right is asked for everybody
        is_here = person.active and not person.share and self.company_id in person.company_ids
        return is_here and person.has_group(f"{MODULE}.{self._decider()}")

    def _need_able(self, person):
        for case in self:
            if not case._can_act(person):
                told = {"person": person.name, "case": case.name}
                raise UserError(self.env._("%(person)s cannot act on %(case)s: choose somebody who can.", **told))

    def action_assign(self):
        """Give these cases to a colleague; several flows' at once."""
        return self._dialog("assign")

    def _give_to(self, person, reason=None):
        """By hand: the cases are this person's from now, and who gave them is in the log."""
        self._need_open()
        self._need_able(person)
        for case in self.filtered(lambda one: one.user_id != person):
            case._hand_to(person, reason)
