from odoo import api, fields, models
from odoo.tools import SQL

from ...core.canonical import canonical, digest
from ..triggers import refuse_changes
from ..writer import as_writer

KINDS = [
    ("retention", "Kept long enough"),
    ("erasure", "Asked for by the person concerned"),
    ("neutralise", "Database neutralised"),
]


class FinPurge(models.Model):
    """The certificate of a purge: which contents went, when and by which rule, and the digests and sums that stay.

    Contents only: rows, keys, digests, amounts, outcomes and the log stay as they were, and the log still verifies.
    """

    _name = "fin.purge"
    _description = "Purge Certificate"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    at = fields.Datetime(required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    flow_id = fields.Many2one("fin.flow", readonly=True, ondelete="restrict", index="btree_not_null")
    rule = fields.Char(required=True, readonly=True)
    payload_count = fields.Integer(readonly=True, string="Files")
    item_count = fields.Integer(readonly=True, string="Items")
    totals = fields.Text(readonly=True, help="What the items add up to: count, amount per currency, hash over keys.")
    digest = fields.Char(required=True, readonly=True, size=64, help="Over the digests of what was purged, in order.")
    approval = fields.Char(readonly=True)

    _name_uniq = models.UniqueIndex("(name)")

    def init(self):
        refuse_changes(self.env.cr, self._table)

    @api.model
    def _purge(self, kind, company, payloads, item_ids, rule, flow=None, approval=None):
        """Take the contents of these payloads and items away, under one certificate; returns it."""
        totals = self.env["fin.item"]._totals_of(item_ids)
        certificate = as_writer(self).create(
            {
                "name": self.env["ir.sequence"].sudo().next_by_code("fin.purge"),  # sudo: sequences are the system's
                "at": fields.Datetime.now(),
                "kind": kind,
                "company_id": company.id,
                "flow_id": flow.id if flow else False,
                "rule": rule,
                "payload_count": len(payloads),
                "item_count": len(item_ids),
                "totals": canonical(totals.document()),
                "digest": self._digest_of(payloads, item_ids),
                "approval": approval.name if approval else False,
            }
        )
        self.env["fin.item"]._drop_content(item_ids, certificate)
        payloads._drop_content(certificate)
        certificate._log()
        return certificate.with_env(self.env)

    def _digest_of(self, payloads, item_ids):
        [[items]] = self.env.execute_query(
            SQL(
                """SELECT encode(sha256(convert_to(COALESCE(string_agg(digest, '' ORDER BY id), ''), 'UTF8')), 'hex')
                FROM fin_item WHERE id = ANY(%s)""",
                list(item_ids),
            )
        )
        return digest(canonical([payloads.sorted("id").mapped("digest"), items]))

    def _log(self):
        facts = {
            "kind": self.kind,
            "rule": self.rule,
            "flow": self.flow_id.code or None,
            "payloads": self.payload_count,
            "items": self.item_count,
            "digest": self.digest,
            "approval": self.approval or None,
        }
        self.env["fin.audit.event"]._append("fin.purge.certify", self._name, self.name, self.company_id, facts)
