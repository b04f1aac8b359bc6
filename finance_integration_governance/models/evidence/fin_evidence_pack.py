import json
import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.http import Stream

from ...core.errors import ConfigurationError, IntegrationError
from ...core.lifecycle import Lifecycle
from ...core.uid import uuid7
from ..change.fin_approval import MODULE
from ..item.fin_item import BigInteger
from ..triggers import refuse_rewriting
from ..writer import as_writer

TRIES = 3
KEEP_DAYS = 90
KINDS = [("flow", "Evidence pack"), ("population", "Population and sample")]
POPULATIONS = [
    ("runs", "Runs"),
    ("items", "Items"),
    ("versions", "Versions"),
    ("approvals", "Approvals"),
    ("exceptions", "Exceptions"),
    ("ungoverned", "Ungoverned entries"),
]


class FinEvidencePack(models.Model):
    """What one archive of evidence holds, who asked for it and when, and the digest that stands for it.

    It is built in the background, from one snapshot of the database; the archive lies in the payload store and leaves
    through a controller that writes the audit row first.
    """

    _name = "fin.evidence.pack"
    _description = "Evidence Pack"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "id desc"
    _lifecycle = Lifecycle(
        {
            "requested": "Requested",
            "building": "Being built",
            "ready": "Ready",
            "failed": "Failed",
            "expired": "Expired",
        },
        begin="requested, building > building",
        finish="building > ready",
        fail="requested, building > failed",
        expire="ready > expired",
    )

    name = fields.Char(required=True, readonly=True)
    uid = fields.Char(required=True, readonly=True, default=lambda self: uuid7(), string="Identifier")
    kind = fields.Selection(KINDS, required=True, readonly=True, default="flow")
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    flow_ids = fields.Many2many("fin.flow", readonly=True, string="Flows")
    date_from = fields.Date(required=True, readonly=True, string="From")
    date_to = fields.Date(required=True, readonly=True, string="To", help="The last day, counted in UTC.")
    purpose = fields.Char(readonly=True)
    has_payloads = fields.Boolean(
        readonly=True,
        string="With files",
        help="With the bytes that were read or sent, so that it can be re-performed.",
    )
    population = fields.Selection(POPULATIONS, readonly=True)
    seed = fields.Char(readonly=True)
    sample_size = fields.Integer(readonly=True)
    asked_by = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    asked_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    built_at = fields.Datetime(readonly=True)
    tries = fields.Integer(readonly=True)
    digest = fields.Char(readonly=True, size=64, help="SHA-256 of the manifest, which names every file by its own.")
    archive_digest = fields.Char(readonly=True, size=64, string="Digest of the archive")
    size = BigInteger(readonly=True)
    head = fields.Char(readonly=True, size=64, string="Head of the log")
    position = fields.Integer(readonly=True, string="Sealed events")
    sheet = fields.Text(readonly=True, groups=f"{MODULE}.group_viewer")
    reason = fields.Text(readonly=True, string="Why it failed")

    _uid_uniq = models.UniqueIndex("(uid)")

    def init(self):
        columns = ["uid", "name", "kind", "company_id", "date_from", "date_to", "asked_by", "asked_at", "seed"]
        refuse_rewriting(self.env.cr, self._table, columns)
        built = ["digest", "archive_digest", "head", "position", "sheet"]
        refuse_rewriting(self.env.cr, self._table, built, "OLD.digest IS NOT NULL")

    # Asking

    @api.model
    def _ask(self, flows, date_from, date_to, **vals):
        """A new pack, to be built in the background. For auditors, and for who owns all of these flows."""
        self._guard_person(flows)
        if date_to < date_from:
            raise UserError(self.env._("The period ends before it begins."))
        if vals.get("kind") == "population":
            vals["seed"] = vals.get("seed") or secrets.token_hex(8)
        pack = as_writer(self).create(
            {
                "name": self.env["ir.sequence"].sudo().next_by_code(self._name),  # sudo: sequences are the system's
                "company_id": flows.company_id.id,
                "flow_ids": [fields.Command.set(flows.ids)],
                "date_from": date_from,
                "date_to": date_to,
                "asked_by": self.env.uid,
                **vals,
            }
        )
        pack = pack.with_env(self.env)
        pack._audit("ask", **pack._told())
        self._wake()
        return pack

    def _told(self):
        """What the log keeps of the question."""
        return {
            "kind": self.kind,
            "flows": sorted(self.sudo().flow_ids.mapped("code")),  # sudo: the engine tells it too
            "from": self.date_from,
            "to": self.date_to,
            "with_payloads": self.has_payloads,
            "population": self.population or None,
            "seed": self.seed or None,
            "sample_size": self.sample_size or None,
        }

    def _guard_person(self, flows):
        """AccessError unless the user is an auditor or owns every one of the flows, in every company they touch."""
        if not flows:
            raise UserError(self.env._("Name at least one flow."))
        flows.check_access("read")
        why = self._why_not(flows)
        if why:
            self._refused(why, flows)
            raise AccessError(self._refusal(why))

    def _why_not(self, flows):
        if not self.env.user.has_group(f"{MODULE}.group_auditor") and not all(map(self._is_owned, flows)):
            return "not_owner"
        if len(flows.company_id) != 1:
            return "several_companies"
        # What a flow moved for a company that the person may not see would leave with the pack.
        touched = self._touched(flows)
        return None if touched <= set(self.env.user.company_ids.mapped("fin_code")) else "other_company"

    def _is_owned(self, flow):
        """By the approved version, not by the working copy, which whoever edits it could put themselves into."""
        if not flow.live_version_id:
            return False
        document, today = flow._document(), fields.Date.context_today(self)
        return self.env.user.login in {*document.people("owner", today), *document.people("deputy", today)}

    def _touched(self, flows):
        """Codes of all companies that any version of the flows names."""
        return {code for version in flows.version_ids for code in version._read_document().get("companies", [])} | set(
            flows.company_id.mapped("fin_code")
        )

    def _refusal(self, why):
        return {
            "not_owner": self.env._("Evidence is for auditors, and for who owns the flow by its approved version."),
            "several_companies": self.env._("One pack holds flows of one company."),
            "other_company": self.env._("These flows touch a company that you may not see."),
        }[why]

    def _refused(self, why, flows):
        """A refused attempt is evidence too, and must outlive the refusal's rollback."""
        facts = {"why": why, "flows": sorted(flows.mapped("code"))}
        events = self.env["fin.audit.event"]
        events._append_apart("fin.evidence.pack.refused", self._name, self.env.user.login, flows.company_id[:1], facts)

    # Building, in the background

    @api.model
    def _wake(self):
        # sudo: whoever may ask for a pack may wake the cron that builds it
        self.env.ref(f"{MODULE}.ir_cron_evidence").sudo()._trigger()

    @api.model
    def _cron_build(self):
        """Build the oldest pack that waits, each step in a transaction of its own."""
        self._expire_old()
        pack_id = self._claim()
        if not pack_id:
            return
        with self.env.registry.cursor() as cr:
            pack = self.with_env(self.env(cr=cr)).browse(pack_id)
            # The row's lock is the heartbeat: it ends with the worker.
            if pack.try_lock_for_update(allow_referencing=True):
                pack._build()
        self._wake()

    def _claim(self):
        """Take note that a pack is being built, and how often that was tried; its id, or None where none waits."""
        with self.env.registry.cursor() as cr:
            packs = self.with_env(self.env(cr=cr))
            waiting = packs.search([("state", "in", ("requested", "building"))], order="id")
            pack = next((one for one in waiting if one.try_lock_for_update(allow_referencing=True)), packs.browse())
            if not pack:
                return None
            if pack.tries >= TRIES:
                pack._transition("fail", reason=f"{TRIES} workers ended while they built it")
                return None
            as_writer(pack).write({"tries": pack.tries + 1})
            pack._transition("begin")
            return pack.id

    def _build(self):
        """Write the archive, or say why that could not be."""
        try:
            with self.env.cr.savepoint():
                self.with_user(self.asked_by)._guard_person(self.flow_ids.with_user(self.asked_by))
                vals = self.env["fin.evidence.builder"]._archive(self)
        except (IntegrationError, UserError, OSError) as error:
            as_writer(self).write({"reason": str(error)})
            return self._transition("fail", reason=str(error))
        as_writer(self).write({**vals, "built_at": fields.Datetime.now()})
        return self._transition("finish", digest=self.digest, archive=self.archive_digest, size=self.size)

    # Keeping and handing out

    def _stream(self):
        """The archive as a download, for who may have it; ConfigurationError where it is not there any more."""
        self.ensure_one()
        self._guard_person(self.flow_ids)
        if self.state != "ready":
            raise ConfigurationError(f"{self.name} is {self.state}")
        path = self.env["fin.payload"]._path(self.archive_digest)
        if not path.exists():
            raise ConfigurationError("the archive is gone", pack=self.name)
        return Stream(
            type="path",
            path=str(path),
            mimetype="application/zip",
            download_name=f"{self.name}.zip",
            etag=self.archive_digest,
            last_modified=path.stat().st_mtime,
            size=self.size,
        )

    @api.model
    def _expire_old(self):
        """Archives hold copies of contents, so they go after some time; record and digests stay."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS)
        self.search([("state", "=", "ready"), ("built_at", "<", since)])._expire()

    def _expire(self):
        for pack in self:
            pack._transition("expire", digest=pack.digest)
            self.env["fin.payload"]._path(pack.archive_digest).unlink(missing_ok=True)

    def _sheet(self):
        """The control sheet as it was when the pack was built."""
        return json.loads(self.sheet) if self.sheet else {}

    def action_download(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/finance_integration/evidence/{self.uid}", "target": "self"}

    def _open(self):
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "view_mode": "form"}
