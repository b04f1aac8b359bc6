from decimal import Decimal

from odoo import fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest, plain
from odoo.addons.finance_integration_governance.models.writer import as_writer


class FinBudgetVersion(models.Model):
    """A version is approved by another person than those who worked on it, and the yes is to exactly these figures."""

    _inherit = "fin.budget.version"

    can_decide = fields.Boolean(compute="_compute_can_decide")
    why_not = fields.Char(compute="_compute_can_decide", string="Why not you")
    is_proved = fields.Boolean(
        compute="_compute_is_proved", help="The sealed log holds a yes to the figures as they stand here now."
    )

    def _compute_can_decide(self):
        for version in self:
            waiting = version._waiting()
            why = waiting.with_env(self.env)._why_not() if waiting else False
            version.can_decide = bool(waiting) and not why
            version.why_not = waiting._refusal(why) if why else False

    def _compute_is_proved(self):
        sealed = self.env["fin.approval"]._is_sealed
        for version in self:
            now = version._digest_now() if version.state in ("approved", "frozen", "superseded") else None
            version.is_proved = bool(now) and sealed("budget", self._name, version._subject_key(), now)

    def _told_text(self):
        """What is approved, as text: the version's head and every figure."""
        lines = self.env["fin.budget.line"].search([("version_id", "=", self.id)])
        figures = sorted([*line._places(), amount] for line, amount in zip(lines, lines._exact(), strict=True))
        head = {
            "code": self.code,
            "company": self.company_id.fin_code,
            "scenario": self.scenario,
            "number": self.number,
            "from": self.date_from.isoformat(),
            "until": self.date_to.isoformat(),
            "stamp": self.actuals_stamp or None,
        }
        return canonical({**head, "figures": figures})

    def _digest_now(self):
        return digest(self._told_text())

    def _waiting(self):
        mine = [("purpose", "=", "budget"), ("subject_key", "=", self._subject_key()), ("state", "=", "requested")]
        # sudo: who may see the version may know who has asked
        found = self.env["fin.approval"].sudo().search([*mine, ("subject_model", "=", self._name)], limit=1)
        return found.filtered(lambda one: one.digest == self.digest)

    # The moves

    def _guard_submit(self):
        if not self.line_ids:
            raise UserError(self.env._("There is no figure in it yet."))

    def _after_submit(self):
        """The request binds to the figures as they stand now."""
        text = self._told_text()
        # sudo: documents are the suite's own
        self.env["fin.document"].sudo()._keep("budget", text)
        as_writer(self).write({"digest": digest(text)})
        self.env["fin.approval"]._request(
            "budget", self._name, self._subject_key(), self.digest, None, company=self.company_id
        )

    def _after_withdraw(self):
        as_writer(self._waiting())._transition("expire")

    @check_identity
    def action_approve(self):
        """Say yes to these figures, as another person than those who worked on them."""
        self.ensure_one()
        return self._approve()

    def _approve(self):
        self.check_access("read")
        if self.state != "submitted" or self._digest_now() != self.digest:
            raise UserError(self.env._("These are not the figures that were submitted: submit them again."))
        self._waiting().with_env(self.env)._decide("approve")
        self._transition("approve", digest=self.digest)

    @check_identity
    def action_refuse(self):
        """Say no: it goes back to whoever works on it."""
        self.ensure_one()
        return self._refuse()

    def _refuse(self):
        self.check_access("read")
        self._waiting().with_env(self.env)._decide("reject")
        self._transition("withdraw", reason="refused")

    def _after_approve(self):
        """Whatever held for these months before gives way to it."""
        for older in self._in_its_place():
            older._transition("supersede", by=self.code)
        # sudo: a reminder is the suite's own
        self.sudo().message_post(body=self.env._("Approved by %s.", self.env.user.name))

    def _in_its_place(self):
        same = [
            ("id", "!=", self.id),
            ("company_id", "=", self.company_id.id),
            ("scenario", "=", self.scenario),
            ("number", "=", self.number),
            ("date_from", "=", self.date_from),
            ("date_to", "=", self.date_to),
            ("state", "in", ("approved", "frozen")),
        ]
        return self.search(same) | self.supersedes_id.filtered(lambda one: one.state in ("approved", "frozen"))


class FinBudgetLine(models.Model):
    _inherit = "fin.budget.line"

    def _exact(self):
        """The amount of each line as exact text, because Odoo reads numeric as float."""
        if not self:
            return []
        self.flush_model(["amount"])
        rows = self.env.execute_query(SQL("SELECT id, amount::text FROM fin_budget_line WHERE id = ANY(%s)", self.ids))
        exact = {line_id: plain(Decimal(text)) for line_id, text in rows}
        return [exact[line.id] for line in self]


class FinApproval(models.Model):
    _inherit = "fin.approval"

    purpose = fields.Selection(selection_add=[("budget", "Budget")], ondelete={"budget": "cascade"})

    def _subject(self):
        if self.subject_model != "fin.budget.version":
            return super()._subject()
        company, code = self.subject_key.split("/", 1)
        return self.env["fin.budget.version"].search([("company_id.fin_code", "=", company), ("code", "=", code)])

    def _is_editor(self):
        """Whoever wrote a figure is no second person for it."""
        if self.purpose != "budget":
            return super()._is_editor()
        version = self.sudo()._subject()  # sudo: whoever decides may know who worked on it
        return self._is_here(version.create_uid | version.line_ids.write_uid | version.line_ids.create_uid)
