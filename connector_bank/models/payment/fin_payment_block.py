from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.finance_integration_governance.core.lifecycle import Lifecycle
from odoo.addons.finance_integration_governance.models.triggers import refuse_rewriting
from odoo.addons.finance_integration_governance.models.writer import as_writer

APPROVER = "connector_bank.group_payment_approver"


class FinPaymentBlock(models.Model):
    """Nothing is paid to this partner, or for this bill, until somebody who approves payments lifts it."""

    _name = "fin.payment.block"
    _description = "Payment Block"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "id desc"
    _rec_name = "reason"
    _lifecycle = Lifecycle({"set": "In force", "lifted": "Lifted"}, lift="set > lifted")

    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict", index=True)
    kind = fields.Selection([("block", "Blocked"), ("dispute", "In dispute")], required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", required=True, readonly=True, ondelete="restrict", index=True)
    move_id = fields.Many2one("account.move", readonly=True, ondelete="restrict", index=True, string="Bill")
    reason = fields.Char(required=True, readonly=True)
    set_by = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    lifted_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    lifted_at = fields.Datetime(readonly=True)
    lifted_why = fields.Char(readonly=True, string="Why lifted")

    _once = models.UniqueIndex("(company_id, partner_id, COALESCE(move_id, 0)) WHERE state = 'set'", "Blocked already.")

    def init(self):
        columns = ["company_id", "partner_id", "move_id", "kind", "reason", "set_by"]
        refuse_rewriting(self.env.cr, self._table, columns)

    @api.model
    def _set(self, partner, reason, move=None, kind="block", company=None):
        """Block a partner, or one bill of theirs; whoever operates may."""
        self.env["fin.approval"]._need_group("group_operator")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why."))
        block = as_writer(self).create(
            {
                "company_id": (company or self.env.company).id,
                "partner_id": partner.commercial_partner_id.id,
                "move_id": move.id if move else False,
                "kind": kind,
                "reason": reason.strip(),
                "set_by": self.env.uid,
            }
        )
        block.with_env(self.env)._audit("set", kind=kind, document=move.name if move else None)
        return block.with_env(self.env)

    def _lift(self, reason):
        """Lifted by somebody who approves payments, and who did not set up what it holds back."""
        self.check_access("read")
        if not self.env.user.has_group(APPROVER):
            raise AccessError(self.env._("A block is lifted by somebody who approves payments."))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why."))
        vals = {"lifted_by": self.env.uid, "lifted_at": fields.Datetime.now(), "lifted_why": reason.strip()}
        as_writer(self).write(vals)
        self._transition("lift", reason=reason.strip())

    def _subject_key(self):
        return f"{self.partner_id.display_name}: {self.move_id.name or self.env._('everything')}"

    @api.model
    def _against(self, company, items):
        """Move line -> the block that stands against paying it."""
        # sudo: what is blocked is blocked for everybody
        found = self.sudo().search(
            [
                ("state", "=", "set"),
                ("company_id", "=", company.id),
                ("partner_id", "in", items.partner_id.commercial_partner_id.ids),
            ]
        )
        whole = {block.partner_id: block for block in found if not block.move_id}
        of_bill = {block.move_id: block for block in found if block.move_id}
        blocks = {item: of_bill.get(item.move_id) or whole.get(item.partner_id.commercial_partner_id) for item in items}
        return {item: block for item, block in blocks.items() if block}
