from odoo import api, fields, models

from ..models.installation import listed

PEOPLE = ("fin_owner_id", "fin_deputy_id", "fin_steward_id", "fin_controller_id")
VALUES = ("fin_code", "fin_environment", *PEOPLE, "fin_mail_sender")


class FinDefaultsEdit(models.TransientModel):
    """A company's defaults and what the installation says, for administrators who may not open Odoo's Settings."""

    _name = "fin.defaults.edit"
    _description = "Defaults of a Company"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    fin_code = fields.Char("Code", required=True, help="How flows, evidence and other systems name this company.")
    fin_environment = fields.Selection(
        selection=lambda self: self.env["res.company"]._fields["fin_environment"].selection,
        string="This database is",
        required=True,
    )
    fin_owner_id = fields.Many2one("res.users", string="Default Owner")
    fin_deputy_id = fields.Many2one("res.users", string="Default Deputy")
    fin_steward_id = fields.Many2one("res.users", string="Default Steward")
    fin_controller_id = fields.Many2one("res.users", string="Controller")
    fin_mail_sender = fields.Char("Sender of Mails")
    file_roots = fields.Char(compute="_compute_installation", string="Allowed Folders")
    allowed_hosts = fields.Char(compute="_compute_installation", string="Allowed Internal Hosts")
    lanes = fields.Text(compute="_compute_installation")
    release_state = fields.Selection(
        lambda self: self.env["fin.database"]._release_states(), compute="_compute_installation", string="Release"
    )

    @api.model
    def default_get(self, names):
        company = self.env.company
        kept = {name: company[name].id if name.endswith("_id") else company[name] for name in VALUES}
        return {**super().default_get(names), **{name: value for name, value in kept.items() if name in names}}

    @api.depends("company_id")
    def _compute_installation(self):
        self.file_roots = ", ".join(listed("file_roots"))
        self.allowed_hosts = ", ".join(listed("allowed_hosts"))
        self.lanes = "\n".join(self._lanes())
        self.release_state = self.env["fin.database"]._release_state()

    def _lanes(self):
        ours = [("model_id.model", "=", "fin.engine")]
        # sudo: the schedule of the lanes is no secret, but scheduled actions are Odoo's administrators' to see
        for cron in self.env["ir.cron"].sudo().with_context(active_test=False).search(ours, order="priority"):
            every = self.env._("every %(count)s %(unit)s", count=cron.interval_number, unit=cron.interval_type)
            yield f"{cron.name}: {every if cron.active else self.env._('switched off')}"

    def action_save(self):
        """Keep the values on the company; the audit log says who changed what."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_administrator")
        self.company_id.check_access("read")
        changed = {name: self[name] for name in VALUES if self[name] != self.company_id[name]}
        # sudo: administrators of this suite need not be Odoo's; these fields are ours
        self.company_id.sudo().write(
            {name: value.id if isinstance(value, models.BaseModel) else value for name, value in changed.items()}
        )
        self.env["fin.audit.event"]._append(
            "res.company.defaults",
            "res.company",
            self.company_id.fin_code,
            self.company_id,
            {"fields": sorted(changed)},
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_request_release(self):
        return self.env["fin.database"].action_request_release()

    def action_approve_release(self):
        return self.env["fin.database"].action_approve_release()
