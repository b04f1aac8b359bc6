from odoo import api, models

RIGHTS = {"group_ids", "active", "role"}
ACCESS = {"password", "login", "email", "partner_id", "oauth_uid", "oauth_provider_id", "totp_secret"}


class ResUsers(models.Model):
    """Who makes users and approvers, and who sets their passwords, is evidence."""

    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        grants = self.env["fin.grant"]
        before = grants._approvers()
        users = super().create(vals_list)
        grants._note(users.filtered(lambda user: not user.share), "created")
        grants._note_approvers(before)
        return users

    def write(self, vals):
        grants = self.env["fin.grant"]
        others = self.filtered(lambda user: user.id != self.env.uid and not user.share)
        before = grants._approvers() if RIGHTS & set(vals) else None
        done = super().write(vals)
        if ACCESS & set(vals):
            grants._note(others, "access")
            self.env.registry.clear_cache()
        if "company_ids" in vals:
            grants._note(others & grants._approvers(), "company")
        if before is not None:
            grants._note_approvers(before)
        return done


class ResCompany(models.Model):
    """The same door from its other side: a company's form says who may enter it."""

    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._fin_note_entries(self.env["res.users"])
        return companies

    def write(self, vals):
        if "user_ids" not in vals:
            return super().write(vals)
        before = self._fin_members()
        done = super().write(vals)
        self._fin_note_entries(before)
        return done

    def _fin_members(self):
        # sudo: whoever edits a company need not see all of its users
        return self.sudo().user_ids

    def _fin_note_entries(self, before):
        grants = self.env["fin.grant"]
        others = (self._fin_members() - before).filtered(lambda user: user.id != self.env.uid)
        grants._note(others & grants._approvers(), "company")
