"""Service users: in whose name flows read and book. They hold what their flows need, and never log in."""

from odoo import api, fields, models
from odoo.exceptions import AccessDenied, UserError
from odoo.fields import Command

from ..writer import as_writer, refuse_strangers

BASE = ("base.group_user", "mail.group_mail_notification_type_inbox")  # an inbox that nobody reads, and no mail


class FinObject(models.AbstractModel):
    """Which groups a service user needs for an object, and what it has to be able to do with them."""

    _inherit = "fin.object"
    _groups = ("account.group_account_user",)
    # model -> operations, as `has_access` knows them
    _access = {}


class ResUsers(models.Model):
    _inherit = "res.users"

    fin_is_service = fields.Boolean(
        "Service User", readonly=True, copy=False, help="Finance integrations work in its name; nobody logs in with it."
    )

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("fin_is_service") for vals in vals_list):
            refuse_strangers(self)
        return super().create(vals_list)

    def write(self, vals):
        if "fin_is_service" in vals:
            refuse_strangers(self)
        return super().write(vals)

    def _check_credentials(self, credential, env):
        """Whatever password, passkey or provider somebody gave it: a service user is no person."""
        # sudo: who logs in may read nothing yet
        if self.env.user.sudo().fin_is_service:
            raise AccessDenied()
        return super()._check_credentials(credential, env)

    @api.model
    def _fin_new_service(self, name, login, company, companies):
        """A user without password and mail, and with no group but that of every internal user."""
        users = as_writer(self.env["res.users"]).with_context(no_reset_password=True)
        return users.create(
            {
                "name": name,
                "login": login,
                "fin_is_service": True,
                "company_id": company.id,
                "company_ids": [Command.set((company | companies).ids)],
                "group_ids": [Command.set([self.env.ref(name).id for name in BASE])],
                "notification_type": "inbox",
            }
        ).with_env(self.env)


class ResUsersApikeys(models.Model):
    _inherit = "res.users.apikeys"

    def _check_credentials(self, *, scope, key):
        """No key of a service user opens anything."""
        uid = super()._check_credentials(scope=scope, key=key)
        # sudo: who comes with a key may read nothing yet
        return None if uid and self.env["res.users"].sudo().browse(uid).fin_is_service else uid


class FinApproval(models.Model):
    _inherit = "fin.approval"

    def _is_service(self):
        return self.env.user.fin_is_service or super()._is_service()


class ResCompany(models.Model):
    _inherit = "res.company"

    def _fin_new_service_user(self):
        name = f"Finance Integration ({self.name})"
        return self.env["res.users"]._fin_new_service(name, self._fin_service_login(), self, self)


class FinFlow(models.Model):
    """The service user of a flow: its company's, or one of its own; and how its rights compare with what is needed."""

    _inherit = "fin.flow"

    service_user_id = fields.Many2one("res.users", "Own service user", readonly=True, copy=False, ondelete="restrict")
    used_service_user_id = fields.Many2one("res.users", compute="_compute_service", string="Works as")
    service_excess = fields.Text(compute="_compute_service", string="More rights than needed")
    service_lacks = fields.Text(compute="_compute_service", string="Rights that are missing")

    def _compute_service(self):
        for flow in self:
            known = flow.sudo()  # sudo: what the service user may do is no secret to who may read the flow
            user = known._service_user()
            flow.used_service_user_id = user
            flow.service_excess = "\n".join(known._excess(user)) if user else False
            flow.service_lacks = "\n".join(known._lacks(user)) if user else False

    def _service_user(self):
        return self.service_user_id or self.company_id.fin_service_user_id

    def _compose(self):
        own = self.service_user_id.sudo().login  # sudo: only its name
        return super()._compose() | ({"service": own} if own else {})

    def _served(self, user):
        """The flows that this user works for."""
        wanted = ["|", ("service_user_id", "=", user.id), ("service_user_id", "=", False), ("state", "!=", "retired")]
        return (self.search(wanted) | self).filtered(lambda flow: flow._service_user() == user)

    def _needed_groups(self):
        names = {*BASE, *(name for flow in self for name in flow._business()._groups)}
        return self.env["res.groups"].union(*(self.env.ref(name) for name in sorted(names)))

    def _excess(self, user):
        """Groups, and companies, that none of its flows needs."""
        served = self._served(user)
        needed = served._needed_groups()
        more = user.all_group_ids - needed.all_implied_ids - needed
        yield from sorted(more.mapped("full_name"))
        yield from sorted((user.company_ids - served.company_id - served.company_ids).mapped("name"))

    def _lacks(self, user):
        """Companies that it may not enter, and operations on models that it may not do."""
        yield from sorted((self._companies() - user.company_ids).mapped("name"))
        for model, operations in self._business()._access.items():
            for operation in operations:
                if not self.env[model].with_user(user).has_access(operation):
                    yield f"{operation} {model}"

    def _before_propose(self):
        """What a second person approves has to be possible: the user gets what the objects of its flows need."""
        super()._before_propose()
        self._grant_service()

    def _grant_service(self):
        user = self._service_user().sudo()  # sudo: a flow's editor need not manage users
        missing = self._needed_groups() - user.all_group_ids
        if missing:
            user.group_ids |= missing
        user.company_ids |= self._companies()
        if missing:
            self._audit("grant", service=user.login, groups=sorted(missing.mapped("full_name")))

    def action_make_service_user(self):
        """A service user for this flow alone, with what its object needs; it takes effect with the next version."""
        self.ensure_one()
        self._need("group_administrator")
        if self.service_user_id:
            raise UserError(self.env._("This flow has a service user of its own."))
        users = self.env["res.users"].sudo()  # sudo: an administrator of flows need not manage users
        name, login = f"Finance Integration ({self.name})", f"finance-integration-{self.code}"
        user = users._fin_new_service(name, login, self.company_id, self.company_ids)
        as_writer(self).write({"service_user_id": user.id})
        self._audit("serve", service=login)
        self._grant_service()

    def action_trim_service_user(self):
        """Take away what none of its flows needs."""
        self.ensure_one()
        self._need("group_administrator")
        flow = self.sudo()  # sudo: an administrator of flows need not manage users
        user = flow._service_user()
        served = flow._served(user)
        gone = list(flow._excess(user))
        user.group_ids = served._needed_groups()
        user.company_ids = served.company_id | served.company_ids | user.company_id
        self._audit("trim", service=user.login, rights=gone)
