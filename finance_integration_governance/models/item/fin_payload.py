import hashlib
import json
import os
import pathlib
import tempfile

from odoo import api, fields, models
from odoo.http import Stream
from odoo.tools import SQL, config

from ...core.canonical import canonical
from ...core.connector import Payload
from ...core.errors import ConfigurationError
from ...core.totals import ControlTotals
from ...core.uid import uuid7
from ..triggers import refuse_rewriting
from ..writer import as_writer

CHUNK = 1 << 20


class FinPayload(models.Model):
    """Bytes as they crossed the wire, kept before they are understood, in a file named by their digest."""

    _name = "fin.payload"
    _description = "Payload"
    _inherit = ["fin.evidence.mixin"]
    _order = "id"

    uid = fields.Char(required=True, readonly=True, default=lambda self: uuid7(), string="Identifier")
    name = fields.Char(required=True, readonly=True)
    run_id = fields.Many2one("fin.run", required=True, readonly=True, ondelete="restrict", index=True)
    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    digest = fields.Char(required=True, readonly=True, size=64, index=True)
    size = fields.Integer(required=True, readonly=True)
    content_type = fields.Char(readonly=True)
    cursor = fields.Char(readonly=True)
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    reading = fields.Selection(
        [("unread", "Not read yet"), ("read", "Read"), ("refused", "Refused")],
        required=True,
        default="unread",
        readonly=True,
    )
    totals = fields.Text(readonly=True, help="What reading it added up to, kept to compare with the stored items.")
    exception_id = fields.Many2one("fin.exception", readonly=True, ondelete="restrict", index="btree_not_null")
    attempt_ids = fields.One2many("fin.attempt", "payload_id")

    _once = models.UniqueIndex("(run_id, name, digest)")
    _uid_uniq = models.UniqueIndex("(uid)")

    def init(self):
        # The name goes in one way only, with a purge (fin_content.py).
        refuse_rewriting(self.env.cr, self._table, ["digest", "size", "run_id"])

    @api.model
    def _keep(self, run, payload):
        """Store a payload of the run, once, however often it is handed over; returns the row."""
        digest, size = self._store(payload.open)
        known = self.search([("run_id", "=", run.id), ("name", "=", payload.name), ("digest", "=", digest)], limit=1)
        if known:
            return known
        kept = as_writer(self).create(
            {
                "name": payload.name,
                "run_id": run.id,
                "flow_id": run.flow_id.id,
                "digest": digest,
                "size": size,
                "content_type": payload.content_type,
                "cursor": payload.cursor,
                "totals": canonical(payload.totals.document()) if payload.totals else False,
            }
        )
        run._audit("payload", payload=kept.uid, digest=digest, size=size)
        return kept

    # Bytes: one method each way, so that another store can be put in

    @api.model
    def _store(self, opened):
        """Write the stream into the store under its digest; returns (digest, size). Never holds the file in memory."""
        folder = self._folder()
        folder.mkdir(parents=True, exist_ok=True)
        sha, size = hashlib.sha256(), 0
        with opened() as stream, tempfile.NamedTemporaryFile(dir=folder, delete=False) as kept:
            while chunk := stream.read(CHUNK):
                sha.update(chunk)
                size += len(chunk)
                kept.write(chunk)
            kept.flush()
            os.fsync(kept.fileno())
        target = self._path(sha.hexdigest())
        target.parent.mkdir(exist_ok=True)
        pathlib.Path(kept.name).replace(target)
        return sha.hexdigest(), size

    def _open(self):
        """The stored bytes as a binary stream."""
        try:
            return open(self._path(self.digest), "rb")
        except FileNotFoundError:
            raise ConfigurationError("the stored bytes of the payload are gone", payload=self.uid) from None

    def _stream(self):
        """The stored bytes for a download, from the file, never as the type that somebody outside named."""
        self._open().close()  # gone bytes are told as such
        path = self._path(self.digest)
        return Stream(
            type="path",
            path=str(path),
            mimetype="application/octet-stream",
            download_name=self.name,
            etag=self.digest,
            last_modified=path.stat().st_mtime,
            size=self.size,
        )

    def _folder(self):
        return pathlib.Path(config.filestore(self.env.cr.dbname)) / "fin_payload"

    def _path(self, digest):
        return self._folder() / digest[:2] / digest

    def _is_intact(self):
        """Whether the stored bytes still have their digest."""
        with self._open() as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == self.digest

    def _as_payload(self):
        return Payload(self.name, self._open, self.content_type, self.cursor, totals=self._totals())

    # Reading

    def _unread(self):
        return self.filtered(lambda payload: payload.reading == "unread")

    def _was_read(self, totals):
        as_writer(self).write({"reading": "read", "totals": canonical(totals.document())})

    def _was_noticed(self, exception):
        as_writer(self).write({"exception_id": exception.id})

    def _was_refused(self, exception):
        as_writer(self).write({"reading": "refused", "exception_id": exception.id})

    def _totals(self):
        return ControlTotals.from_document(json.loads(self.totals)) if self.totals else None

    @api.model
    def _last_cursor(self, flow):
        """Where the next extract begins: the cursor of the newest payload that was kept."""
        rows = self.env.execute_query(
            SQL(
                """SELECT p.cursor FROM fin_payload p JOIN fin_run r ON r.id = p.run_id
                WHERE p.flow_id = %s AND p.cursor IS NOT NULL AND r.is_draft IS NOT TRUE ORDER BY p.id DESC LIMIT 1""",
                flow.id,
            )
        )
        return rows[0][0] if rows else None

    def action_download(self):
        """Hand out the bytes through the controller, which writes the audit row first."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/finance_integration/payload/{self.uid}", "target": "self"}
