from odoo import api, fields, models
from odoo.tools import SQL

from ..core.canonical import digest as digest_of
from .triggers import refuse_changes
from .writer import as_writer


class FinDocument(models.Model):
    """Immutable text under its own digest: what a version, a crosswalk or a policy said, for ever."""

    _name = "fin.document"
    _description = "Document"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _rec_name = "digest"

    kind = fields.Char(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True, size=64)
    text = fields.Text(required=True, readonly=True)
    version_ids = fields.One2many("fin.version", "document_id", string="Versions")

    _digest_uniq = models.UniqueIndex("(digest)")

    def init(self):
        refuse_changes(self.env.cr, self._table)

    @api.model
    def _keep(self, kind, text):
        """The document with this text, stored once."""
        wanted = digest_of(text)
        self.env.execute_query(
            SQL(
                "INSERT INTO fin_document (kind, digest, text) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
                kind,
                wanted,
                text,
            )
        )
        return as_writer(self).search([("digest", "=", wanted)], limit=1)

    def _is_intact(self):
        self.ensure_one()
        return digest_of(self.text) == self.digest
