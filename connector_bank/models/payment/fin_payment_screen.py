"""What people see of a batch: whose turn it is, why not theirs, and what is unusual against the partner's past."""

from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity

SHOWN = 3


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    approval_ids = fields.Many2many("fin.approval", compute="_compute_approvals", string="Approvals")
    missing_yes = fields.Integer(compute="_compute_approvals", string="Approvals missing")
    can_prepare = fields.Boolean(compute="_compute_turn")
    can_decide = fields.Boolean(compute="_compute_turn", search="_search_can_decide")
    can_release = fields.Boolean(compute="_compute_turn")
    why_not = fields.Char(compute="_compute_turn", string="Why not you")
    left_out_count = fields.Integer(compute="_compute_counts", string="Open items left out")
    unusual_count = fields.Integer(compute="_compute_counts", string="Unusual payments")
    recipients = fields.Char(compute="_compute_counts", string="To")

    def _compute_approvals(self):
        for batch in self:
            mine = [("subject_model", "=", self._name), ("subject_key", "=", batch.name)]
            batch.approval_ids = self.env["fin.approval"].search([*mine, ("purpose", "=", "payment")])
            batch.missing_yes = len(batch._asked_yes()) if batch.state == "submitted" else 0

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_turn(self):
        is_preparer = self.env.user.has_group("connector_bank.group_payment_preparer")
        for batch in self:
            why = batch._why_not_now()
            batch.can_prepare = is_preparer
            batch.can_decide = batch.state == "submitted" and not why
            batch.can_release = batch.state == "approved" and not why
            batch.why_not = why

    def _why_not_now(self):
        """Why this person is not the next one, in words; False where they are, or where nobody is."""
        if self.state == "submitted":
            waiting = self._asked_yes()[:1]
            why = waiting.with_env(self.env)._why_not() if waiting else None
            return waiting._refusal(why) if why else False
        if self.state == "approved":
            why = self._why_not_sender()
            if why == "no_sender":
                return self.env._("It waits for somebody who sends payments.")
            return self._refusal(why) if why else False
        return False

    @api.model
    def _search_can_decide(self, operator, value):
        """Those that wait for this person's yes."""
        mine = self.search([("state", "=", "submitted")]).filtered("can_decide")
        return [("id", "in" if operator == "in" else "not in", mine.ids)]

    @api.depends("line_ids.findings", "line_ids.state", "left_out_ids.line_state")
    def _compute_counts(self):
        for batch in self:
            lines = batch._paid_lines()
            batch.unusual_count = len(lines.filtered("findings"))
            batch.left_out_count = len(batch.left_out_ids.filtered(lambda row: row.line_state in (False, "dropped")))
            batch.recipients = ", ".join(lines.partner_id[:SHOWN].mapped("name")) + (
                self.env._(" and %s more", len(lines.partner_id) - SHOWN) if len(lines.partner_id) > SHOWN else ""
            )

    def _show(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "name": self.name,
        }

    @check_identity
    def action_refuse(self):
        """Say no, and why."""
        self.ensure_one()
        return self._ask_why(self.env._("Refuse %s", self.name), what="refuse", batch_id=self.id)

    def action_say_arrived(self):
        """Somebody has asked the bank, and it has the batch; another person agrees."""
        self.ensure_one()
        return self._ask_why(self.env._("How do we know?"), what="arrived", batch_id=self.id)

    def action_say_never_arrived(self):
        self.ensure_one()
        return self._ask_why(self.env._("How do we know?"), what="never_arrived", batch_id=self.id)

    @api.model
    def _ask_why(self, title, **told):
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.payment.say",
            "view_mode": "form",
            "target": "new",
            "name": title,
            "context": {f"default_{name}": value for name, value in told.items()},
        }

    def action_open_left_out(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.payment.left.out",
            "view_mode": "list",
            "name": self.env._("Left out of %s", self.name),
            "domain": [("batch_id", "=", self.id), ("line_state", "in", (False, "dropped"))],
        }

    def action_open_run(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.run",
            "res_id": self.run_id.id,
            "view_mode": "form",
            "name": self.run_id.name,
        }

    def action_open_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("connector_bank.fin_payment_line_action")
        return action | {"domain": [("batch_id", "=", self.id)], "context": {}}


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    history = fields.Char(compute="_compute_history", string="Paid within a year")
    batch_state = fields.Selection(related="batch_id.state", string="State of the batch")
    execute_on = fields.Date(related="batch_id.execute_on", store=True, precompute=True)
    waits = fields.Boolean(compute="_compute_waits", search="_search_waits", string="Waits for the bank")

    def _compute_history(self):
        for batch, lines in self.grouped("batch_id").items():
            before = lines._paid_before(batch)
            for line in lines:
                paid = before[line.partner_id]
                amounts = [line.currency_id.format(amount) for _day, amount, _account in paid[:SHOWN]]
                told = {"count": len(paid), "last": ", ".join(amounts)}
                line.history = self.env._("%(count)s, last %(last)s", **told) if paid else self.env._("never before")

    @api.depends("state")
    def _compute_waits(self):
        for line in self:
            line.waits = line.state in ("sent", "accepted") or line.batch_id.state == "unknown"

    @api.model
    def _search_waits(self, operator, value):
        waiting = ["|", ("state", "in", ("sent", "accepted")), ("batch_id.state", "=", "unknown")]
        return waiting if operator == "in" else ["!", *waiting]

    def action_open(self):
        """The payment with its open items and what happened to it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new" if self.state == "planned" else "current",
            "name": self.end_to_end_id,
        }

    def action_open_payment(self):
        self.ensure_one()
        return self.payment_id._get_records_action(name=self.payment_id.name)


class FinPaymentBlock(models.Model):
    _inherit = "fin.payment.block"

    def action_lift(self):
        self.ensure_one()
        return self.env["fin.payment.batch"]._ask_why(self.env._("Lift the block"), what="lift", block_id=self.id)


class AccountMove(models.Model):
    _inherit = "account.move"

    fin_payment_count = fields.Integer(compute="_compute_fin_payment_count", string="Bank payments")

    def _fin_payment_lines(self):
        parts = self.env["fin.payment.part"].search([("move_line_id.move_id", "in", self.ids)])
        return parts.line_id.filtered(lambda line: line.state != "dropped")

    def _compute_fin_payment_count(self):
        may = self.env["fin.payment.part"].has_access("read")
        for move in self:
            move.fin_payment_count = len(move._fin_payment_lines()) if may else 0

    def action_fin_payments(self):
        lines = self._fin_payment_lines()
        return lines._get_records_action(name=self.env._("Payments of %s", self.display_name))

    def action_fin_block(self):
        self.ensure_one()
        told = {"what": "dispute", "partner_id": self.commercial_partner_id.id, "move_id": self.id}
        return self.env["fin.payment.batch"]._ask_why(self.env._("Put %s in dispute", self.display_name), **told)


class ResPartner(models.Model):
    _inherit = "res.partner"

    fin_payment_count = fields.Integer(compute="_compute_fin_payment_count", string="Bank payments")

    def _fin_payment_domain(self):
        return [("partner_id", "in", self.commercial_partner_id.ids), ("state", "!=", "dropped")]

    def _compute_fin_payment_count(self):
        lines = self.env["fin.payment.line"]
        for partner in self:
            partner.fin_payment_count = (
                lines.search_count(partner._fin_payment_domain()) if lines.has_access("read") else 0
            )

    def action_fin_payments(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("connector_bank.fin_payment_line_action")
        return action | {"domain": self._fin_payment_domain(), "context": {}}

    def action_fin_block(self):
        self.ensure_one()
        told = {"what": "block", "partner_id": self.commercial_partner_id.id}
        return self.env["fin.payment.batch"]._ask_why(self.env._("Pay nothing to %s", self.display_name), **told)
