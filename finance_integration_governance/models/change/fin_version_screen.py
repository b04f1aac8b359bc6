import json

from odoo import fields, models

from ..screen import rows_of, table, table_of


class FinVersion(models.Model):
    """A version as a person reads it."""

    _inherit = "fin.version"

    changes_table = fields.Html(compute="_compute_tables", sanitize=False, string="What changes, in a table")
    document_table = fields.Html(compute="_compute_tables", sanitize=False, string="Everything in this version")
    before_id = fields.Many2one("fin.version", compute="_compute_tables", string="Compared with")
    is_waiting = fields.Boolean(compute="_compute_is_waiting", help="Somebody has asked for a second person's yes.")

    def _compute_tables(self):
        for version in self:
            document, before = version._read_document(), version._before()
            old = before._read_document().content if before else {}
            version.before_id = before
            version.changes_table = version._changes_table(old, document.content)
            version.document_table = table_of(self.env, json.dumps(document.content))

    def _changes_table(self, old, new):
        before, after = dict(rows_of(old)), dict(rows_of(new))
        rows = [
            (name, before.get(name, "–"), after.get(name, "–"))
            for name in dict.fromkeys([*after, *before])
            if before.get(name) != after.get(name)
        ]
        heads = (self.env._("What"), self.env._("Before"), self.env._("After"))
        return table(self.env, rows, heads) if rows else False

    def _compute_is_waiting(self):
        for version in self:
            version.is_waiting = bool(version._open_approval())
