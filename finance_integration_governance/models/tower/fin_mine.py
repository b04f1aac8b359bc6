"""What waits for somebody, as a number in the systray. The bus says when it changes; nobody asks in between."""

from odoo import api, fields, models

from ..exception.fin_exception import OPEN

MODULE = "finance_integration_governance"
CHANGED = f"{MODULE}/mine"  # says that something changed, and nothing of what


class FinMine(models.AbstractModel):
    _name = "fin.mine"
    _description = "What waits for me"

    @api.model
    @api.readonly
    def counts(self):
        """Open exceptions of mine, how many of them are overdue, and approvals that wait for my yes."""
        if not self.env.user.has_group(f"{MODULE}.group_viewer"):
            return {}
        exceptions = self.env["fin.exception"].search(self._exceptions())
        return {
            "exceptions": len(exceptions),
            "overdue": len(exceptions.filtered("is_overdue")),
            "approvals": self.env["fin.approval"].search_count([("is_for_me", "=", True)]),
        }

    def _exceptions(self):
        return [("user_id", "=", self.env.uid), ("state", "in", OPEN)]

    @api.model
    def _changed(self, users):
        """Have the web clients of these people count again, once this is committed."""
        for user in users:
            user._bus_send(CHANGED, {})


class FinException(models.Model):
    _inherit = "fin.exception"

    @api.model_create_multi
    def create(self, vals_list):
        exceptions = super().create(vals_list)
        self.env["fin.mine"]._changed(exceptions.user_id)
        return exceptions

    def write(self, vals):
        if not vals.keys() & {"state", "user_id"}:
            return super().write(vals)
        before = self.user_id
        done = super().write(vals)
        self.env["fin.mine"]._changed(before | self.user_id)
        return done


class FinApproval(models.Model):
    _inherit = "fin.approval"

    @api.model_create_multi
    def create(self, vals_list):
        approvals = super().create(vals_list)
        approvals._tell_approvers()
        return approvals

    def write(self, vals):
        done = super().write(vals)
        if "state" in vals:
            self._tell_approvers()
        return done

    def _tell_approvers(self):
        """All approvers by the channel of their group, and deputies: each finds out by counting what is for them."""
        # sudo: the message says nothing, so whoever asks need not know who is told
        env, today = self.env(su=True), fields.Date.context_today(self)
        env.ref(f"{MODULE}.group_approver")._bus_send(CHANGED, {})
        current = [("date_from", "<=", today), ("date_to", ">=", today), ("company_id", "in", self.company_id.ids)]
        env["fin.mine"]._changed(env["fin.delegation"].search(current).deputy_id)
