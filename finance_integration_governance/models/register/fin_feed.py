import re

from odoo import api, fields, models

# What a cron's code names when it works on finance, where its model does not say so already.
FINANCIAL = re.compile(r"\baccount\.(move|bank|payment|journal)|\bpayment\.|\bfin\.")


class FinFeed(models.Model):
    """Something that may move financial data in or out: a connection, a key, a webhook or a cron. Found, not typed.

    People add who answers for it, what it is for and what it may reach. What is gone stays on the list with its day.
    """

    _name = "fin.feed"
    _description = "Feed"
    _inherit = ["mail.thread"]
    _order = "kind, name"

    name = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("connection", "Connection"),
            ("key", "API key"),
            ("webhook_out", "Webhook out"),
            ("webhook_in", "Webhook in"),
            ("cron", "Scheduled action"),
        ],
        required=True,
        readonly=True,
    )
    key = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, help="Empty: it may reach every company.")
    user_id = fields.Many2one("res.users", string="In the name of", readonly=True, ondelete="set null")
    reaches = fields.Char(readonly=True, help="What was found: the model, the scope of the key, the connector.")
    is_ours = fields.Boolean("Governed", readonly=True, help="The suite's own, or a connection with a live flow.")
    is_automatic = fields.Boolean(
        tracking=True, help="Nobody works by hand under this user: what it posts counts as posted by a machine."
    )
    owner_id = fields.Many2one("res.users", tracking=True, domain=[("share", "=", False)])
    purpose = fields.Text(tracking=True)
    scope = fields.Text(tracking=True, help="What it may reach, in words.")
    expires_at = fields.Datetime(readonly=True)
    gone_on = fields.Date(readonly=True)
    is_described = fields.Boolean(compute="_compute_is_described", store=True)

    _key_uniq = models.UniqueIndex("(kind, key)")

    @api.depends("owner_id", "purpose", "scope")
    def _compute_is_described(self):
        for feed in self:
            feed.is_described = bool(feed.owner_id and feed.purpose and feed.scope)

    # Discovery

    @api.model
    def _discover(self):
        """Bring the list in line with what is there; what people wrote stays."""
        # sudo: keys, crons and actions of everybody are to be on the list, whoever looks for them
        feeds = self.sudo()
        found = {(vals["kind"], vals["key"]): vals for vals in feeds._found()}
        known = {(feed.kind, feed.key): feed for feed in feeds.search([])}
        for place in known.keys() - found.keys():
            known[place].filtered(lambda feed: not feed.gone_on).gone_on = fields.Date.today()
        for place in found.keys() & known.keys():
            known[place]._see(found[place])
        feeds.create([found[place] for place in sorted(found.keys() - known.keys())])

    def _see(self, vals):
        """Only what differs is written, and what a person said of it is not."""
        kept = {"owner_id", "purpose", "scope", "is_automatic"}
        told = {name: value for name, value in {**vals, "gone_on": False}.items() if name not in kept}
        changed = {name: value for name, value in told.items() if self._plain(name) != value}
        if changed:
            self.write(changed)

    def _plain(self, name):
        value = self[name]
        return value.id if isinstance(value, models.BaseModel) else value

    def _found(self):
        yield from self._connections()
        yield from self._keys()
        yield from self._crons()
        yield from self._webhooks()

    def _connections(self):
        for connection in self.env["fin.connection"].search([("active", "=", True)]):
            flows = connection.flow_ids.filtered(lambda flow: flow.state == "active")
            yield {
                "kind": "connection",
                "key": connection.code,
                "name": connection.name,
                "company_id": connection.company_id.id,
                "user_id": connection.company_id.fin_service_user_id.id,
                "reaches": connection.connector_id.name,
                "is_ours": bool(flows),
                "owner_id": flows[:1].owner_id.id,
                "purpose": "\n".join(flow.purpose for flow in flows if flow.purpose) or False,
                "scope": ", ".join(flows.mapped("name")) or False,
            }

    def _keys(self):
        for key in self.env["res.users.apikeys"].search([("user_id", "!=", False)]):
            yield {
                "kind": "key",
                "key": f"{key.user_id.login}/{key.name}/{key.create_date:%Y-%m-%d %H:%M:%S}",
                "name": f"{key.name} ({key.user_id.login})",
                "company_id": key.user_id.company_id.id if len(key.user_id.company_ids) == 1 else False,
                "user_id": key.user_id.id,
                "reaches": key.scope or self.env._("everything that the user may do"),
                "is_ours": False,
                "is_automatic": self._never_signed_in(key.user_id),
                "expires_at": key.expiration_date,
            }

    def _never_signed_in(self, user):
        """Somebody with a key who was never seen at the login page is most likely a program."""
        return not user.log_ids

    def _crons(self):
        for cron in self.env["ir.cron"].search([("active", "=", True)]):
            if self._is_financial(cron.model_id.model, cron.code):
                yield {
                    "kind": "cron",
                    "key": cron.get_external_id()[cron.id] or f"ir.cron,{cron.id}",
                    "name": cron.cron_name or cron.name,
                    "company_id": False,
                    "user_id": cron.user_id.id,
                    "reaches": cron.model_id.model,
                    "is_ours": cron.model_id.model.startswith("fin."),
                }

    def _webhooks(self):
        for action in self.env["ir.actions.server"].search([("state", "=", "webhook")]):
            if self._is_financial(action.model_id.model):
                yield self._webhook("webhook_out", action, action.model_id.model)
        if "base.automation" in self.env:
            for automation in self.env["base.automation"].search([("trigger", "=", "on_webhook")]):
                if self._is_financial(automation.model_id.model):
                    yield self._webhook("webhook_in", automation, automation.model_id.model)

    def _webhook(self, kind, record, model):
        return {
            "kind": kind,
            "key": record.get_external_id()[record.id] or f"{record._name},{record.id}",
            "name": record.name,
            "company_id": False,
            "user_id": False,
            "reaches": model,
            "is_ours": False,
        }

    def _is_financial(self, model, code=""):
        """Whether the model was made by an addon of accounting or one that builds on it, or the code names one."""
        made_by = self.env[model]._original_module if model in self.env else ""
        return made_by in self._financial_modules() or bool(FINANCIAL.search(code or ""))

    def _financial_modules(self):
        account = self.env["ir.module.module"].search([("name", "in", ("account", "payment"))])
        gone = ("uninstalled", "uninstallable", "to remove")
        return {"account", "payment", *account.downstream_dependencies(exclude_states=gone).mapped("name")}

    def action_discover(self):
        self.env["fin.approval"]._need_group("group_operator")
        self._discover()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
