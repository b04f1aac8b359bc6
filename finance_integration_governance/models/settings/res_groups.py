from odoo import api, models


class ResGroups(models.Model):
    """Whoever edits a group may make approvers by it: that is told."""

    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        grants = self.env["fin.grant"]
        before = grants._approvers()
        groups = super().create(vals_list)
        grants._note_approvers(before)
        return groups

    def write(self, vals):
        grants = self.env["fin.grant"]
        before = grants._approvers()
        done = super().write(vals)
        grants._note_approvers(before)
        return done

    def unlink(self):
        grants = self.env["fin.grant"]
        before = grants._approvers()
        done = super().unlink()
        grants._note_approvers(before)
        return done
