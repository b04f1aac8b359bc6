from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ...core.close import STANDARD, is_period, period_of


class FinPolicy(models.Model):
    """A company's close calendar: in force as its policy says, and not as somebody has edited it."""

    _inherit = "fin.policy"

    checkpoint_ids = fields.One2many(related="company_id.fin_checkpoint_template_ids", readonly=False)
    close_from = fields.Char(
        "First period", tracking=True, help="Such as 2026-03: periods before it were closed by other means."
    )

    @api.constrains("close_from")
    def _check_close_from(self):
        for policy in self:
            if policy.close_from and not is_period(policy.close_from):
                raise ValidationError(self.env._("A period is written like 2026-03."))

    def _compose(self):
        close = self._close_told()
        return super()._compose() | ({"close": close} if close else {})

    def _close_told(self):
        """The close calendar, or None where the company has none."""
        templates = self.company_id.fin_checkpoint_template_ids
        if not templates:
            return None
        zone = self.company_id.resource_calendar_id.tz or "UTC"
        told = [template._document() for template in templates.sorted(lambda t: (t.work_day, t.sequence, t.code))]
        return {"from": self.close_from or None, "zone": zone, "checkpoints": told}

    def action_standard_close(self):
        """The checkpoints that most companies begin with; those that are there already stay as they are."""
        self.ensure_one()
        self._need_proposer()
        templates = self.env["fin.checkpoint.template"]
        known = {one.code: one for one in self.company_id.fin_checkpoint_template_ids}
        if not self.close_from:
            self.close_from = period_of(fields.Date.context_today(self))
        for number, (code, name, check, day, after, holds) in enumerate(STANDARD, 1):
            if code not in known:
                known[code] = templates.create(
                    {
                        "company_id": self.company_id.id,
                        "code": code,
                        "name": name,
                        "check": check,
                        "work_day": day,
                        "sequence": 10 * number,
                        "holds_lock": holds,
                        "owner_id": (self.company_id.fin_owner_id or self.env.user).id,
                        "after_ids": [Command.set([known[one].id for one in after])],
                    }
                )

    def _before_propose(self):
        super()._before_propose()
        if self.company_id.fin_checkpoint_template_ids and not self.close_from:
            raise UserError(self.env._("Say with which period the close calendar begins."))


class ResCompany(models.Model):
    _inherit = "res.company"

    fin_checkpoint_template_ids = fields.One2many("fin.checkpoint.template", "company_id")

    def _fin_close(self):
        """The close calendar in force: {"from", "zone", "checkpoints"}; empty where there is none."""
        return self._fin_policy().get("close") or {}


class ResUsers(models.Model):
    _inherit = "res.users"

    def _working_copies(self):
        # sudo: whoever renames a login need not see the close calendar
        templates = self.env["fin.checkpoint.template"].sudo()
        mine = templates.search(["|", ("owner_id", "in", self.ids), ("second_id", "in", self.ids)])
        return [*super()._working_copies(), *mine.with_env(self.env)._working_copies()]
