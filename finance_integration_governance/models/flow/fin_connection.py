from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...core.canonical import canonical
from ...core.connector import Source, Window
from ...core.contract import Finding
from ...core.errors import IntegrationError
from ...core.references import guarded, is_reference, plain_resolvers, resolve
from ..installation import installation, listed

PREVIEW = 10


class FinConnection(models.Model):
    """Configured access to one system. This is the working copy: runs read what an approved version says of it."""

    _name = "fin.connection"
    _description = "Connection"
    _inherit = ["fin.working.part", "mail.thread", "mail.activity.mixin"]
    _bystanders = frozenset({"last_test", "last_test_at", "active"})
    _order = "name"

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(required=True, copy=False, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, tracking=True)
    connector_id = fields.Many2one("fin.connector", required=True, ondelete="restrict", tracking=True)
    direction = fields.Selection(related="connector_id.direction")
    environment = fields.Selection(
        [("production", "Production"), ("test", "Test"), ("sandbox", "Sandbox")],
        required=True,
        default=lambda self: self.env.company.fin_environment,
        tracking=True,
    )
    settings = fields.Properties(definition="connector_id.settings_definition", copy=True)
    flow_ids = fields.One2many("fin.flow", "connection_id", string="Flows")
    flow_count = fields.Integer(compute="_compute_flow_count")
    last_test = fields.Text(readonly=True, copy=False)
    last_test_at = fields.Datetime(readonly=True, copy=False)

    _code_uniq = models.Constraint("UNIQUE(code)", "There is already a connection with this code.")

    def _working_copies(self):
        # sudo: whoever edits a connection changes what its flows propose, also those of companies not seen here
        return [self.sudo().flow_ids.with_env(self.env)]

    def _compute_flow_count(self):
        for connection in self:
            connection.flow_count = len(connection.flow_ids)

    @api.constrains("settings", "connector_id")
    def _check_secrets(self):
        """A secret setting holds a reference; clear text would stand in the database and in every version."""
        for connection in self:
            for setting in connection._secret_settings():
                value = connection._values().get(setting.name)
                if value and not is_reference(value):
                    raise ValidationError(
                        self.env._(
                            "%(label)s takes a reference such as env:NAME or stored:name, never the secret itself.",
                            label=setting.label,
                        )
                    )

    def _secret_settings(self):
        return [s for s in self.env["fin.connector"]._class(self.connector_id.code).settings if s.secret]

    def _values(self):
        """The settings by name, without those left empty."""
        values = self.settings or {}
        return {name: value for name, value in dict(values).items() if value not in (False, None, "")}

    def _document(self):
        """What a version keeps of this connection."""
        self.ensure_one()
        cls = self.env["fin.connector"]._class(self.connector_id.code)
        return {
            "code": self.code,
            "connector": cls.code,
            "connector_version": cls.version,
            "environment": self.environment,
            "settings": self._values(),
        }

    @api.model
    def _build(self, document, company):
        """The connector object that a connection document of this company describes, with its secrets resolved."""
        cls = self.env["fin.connector"]._class(document["connector"])
        secret = {setting.name for setting in cls.settings if setting.secret}
        named = {cls.renamed.get(name, name): value for name, value in document.get("settings", {}).items()}
        values = {
            name: resolve(value, self._resolvers(company)) if name in secret and value else value
            for name, value in named.items()
        }
        connector = cls(**values)
        connector.roots, connector.allowed_hosts, connector.calls = listed("file_roots"), listed("allowed_hosts"), []
        self._equip(connector, document, company)
        return connector

    def _equip(self, connector, document, company):
        """What else a connector gets of its document and of the company; addons add their part."""

    def _resolvers(self, company):
        return {
            **plain_resolvers(listed("file_roots")),
            "conf": guarded(installation),
            "stored": lambda name: self.env["fin.secret"]._resolve(name, company),
        }

    def action_test(self):
        """Make one real call and keep the answer in plain words."""
        self.ensure_one()
        self.check_access("write")
        answer = self._answer()
        self.write({"last_test": answer, "last_test_at": fields.Datetime.now()})
        return self._notice(self.env._("Test of %s", self.name), answer)

    def _answer(self):
        connector = self._build(self._document(), self.company_id)
        try:
            return connector.probe()
        except IntegrationError as error:
            return self.env._("It did not answer as it should: %s", error.text)
        finally:
            self._log_calls("test", connector)

    def _log_calls(self, why, connector):
        """Whoever tries a connection reaches an outside system, too; the calls stand whatever comes of the trial."""
        append = self.env["fin.audit.event"]._append_apart
        for call in connector.calls:
            append("fin.connection.call", self._name, self.code, self.company_id, {"why": why, **call.facts()})

    def _notice(self, title, text):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"title": title, "message": text, "sticky": True, "type": "info"},
        }

    def action_preview(self):
        """Show the first items that wait at the source; nothing is kept or moved."""
        self.ensure_one()
        self.check_access("write")
        preview = self.env["fin.connection.preview"].create({"connection_id": self.id, "text": self._sample_text()})
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.connection.preview",
            "res_id": preview.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Preview of %s", self.name),
        }

    def _sample_text(self):
        connector = self._build(self._document(), self.company_id)
        if not isinstance(connector, Source):
            raise UserError(self.env._("Only a source can be previewed."))
        append = self.env["fin.audit.event"]._append_apart
        append("fin.connection.preview", self._name, self.code, self.company_id)
        try:
            return "\n".join(map(self._sample_words, self._sample(connector))) or self.env._("Nothing waits there.")
        except IntegrationError as error:
            return error.text
        finally:
            self._log_calls("preview", connector)

    def _sample(self, connector):
        """The first objects and findings of what waits there."""
        payload = next(iter(connector.extract(Window())), None)
        for count, told in enumerate(connector.parse(payload) if payload else ()):
            if count == PREVIEW:
                return
            yield told

    def _sample_words(self, told):
        return f"! {told.text}" if isinstance(told, Finding) else canonical(told)

    def action_open_flows(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("finance_integration_governance.fin_flow_action")
        return {**action, "domain": [("connection_id", "=", self.id)]}
