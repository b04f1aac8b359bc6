from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.lifecycle import Lifecycle
from odoo.addons.finance_integration_governance.models.screen import act_window, opened
from odoo.addons.finance_integration_governance.models.triggers import refuse_rewriting
from odoo.addons.finance_integration_governance.models.writer import as_writer

from ...core.dataset import DatasetManifest
from . import published

KINDS = [
    ("trial_balance", "Trial balance"),
    ("subledger", "Subledger"),
    ("fixed_assets", "Fixed assets"),
    ("general_ledger", "General ledger"),
]


class FinDataset(models.Model):
    """One edition of a dataset, as it was published behind its signed checkpoint. It never changes; the next follows.

    Its rows are the items that were delivered with it. Whoever reads sees the last edition only, and whether the
    signature that it stands on still holds.
    """

    _name = "fin.dataset"
    _description = "Published Dataset"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "period desc, company_id, kind, id desc"
    _lifecycle = Lifecycle({"published": "Published", "superseded": "Superseded"}, supersede="published > superseded")

    name = fields.Char(compute="_compute_name", store=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    period = fields.Char(required=True, readonly=True)
    edition = fields.Char(required=True, readonly=True, help="Its number and the beginning of the signature.")
    checkpoint = fields.Char(required=True, readonly=True, help="The code of the checkpoint that it stands behind.")
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False)
    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict")
    run_id = fields.Many2one("fin.run", required=True, readonly=True, ondelete="restrict", index=True)
    published_at = fields.Datetime(required=True, readonly=True)
    rows = fields.Integer(readonly=True)
    total = fields.Float(readonly=True, digits=0, help="What the rows add up to, by debit less credit.")
    digest = fields.Char(readonly=True, size=64, string="Fingerprint", help="Over the fingerprints of its rows.")
    signature = fields.Selection(
        [("signed", "Signed"), ("suspended", "Suspended")], compute="_compute_signature", search="_search_signature"
    )

    _edition_uniq = models.UniqueIndex("(flow_id, company_id, kind, period, edition)")
    _last_uniq = models.UniqueIndex("(flow_id, company_id, kind, period) WHERE state = 'published'")

    def init(self):
        columns = ["edition", "kind", "company_id", "period", "run_id", "rows", "digest", "checkpoint"]
        refuse_rewriting(self.env.cr, self._table, columns)
        kinds = self.env["fin.object.dataset"]._kinds()
        published.make(self.env.cr, {kind: spelling.contract for kind, (spelling, _rows) in kinds.items()})

    @api.depends("kind", "company_id", "period", "edition")
    def _compute_name(self):
        for dataset in self:
            dataset.name = f"{dataset.kind} {dataset.company_id.fin_code} {dataset.period} {dataset.edition}"

    @api.depends("kind", "company_id.name", "period")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for dataset in self:
            dataset.display_name = f"{kinds.get(dataset.kind)} · {dataset.company_id.name} · {dataset.period}"

    def _compute_signature(self):
        for dataset in self:
            dataset.signature = "signed" if dataset._still_signed() else "suspended"

    def _still_signed(self):
        """Whether the checkpoint is signed now, and to the figures that this was published behind."""
        # sudo: whoever reads a dataset may know whether its signature holds
        checkpoint = self.env["fin.checkpoint"].sudo()._of_period(self.company_id, self.period, self.checkpoint)
        return checkpoint.state == "signed" and self.edition.endswith(checkpoint.signed_digest[:12])

    def _search_signature(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = self.search([("state", "!=", False)]).filtered(lambda dataset: dataset.signature in value)
        return [("id", "in", found.ids)]

    @api.model
    def _published(self, flow, company, kind, period):
        """Every edition of this dataset so far, the last one first."""
        wanted = [("flow_id", "=", flow.id), ("company_id", "=", company.id), ("kind", "=", kind)]
        # sudo: evidence
        return self.sudo().search([*wanted, ("period", "=", period)], order="id desc")

    @api.model
    def _publish(self, run):
        """Write down what the run has delivered; the edition before it gives way."""
        rows = self.env.execute_query(
            SQL(
                """SELECT company_id, content::json->>'dataset', content::json->>'period', content::json->>'edition',
                    count(*), COALESCE(sum(amount), 0)::text,
                    encode(sha256(convert_to(string_agg(digest, '' ORDER BY key), 'UTF8')), 'hex')
                FROM fin_item WHERE run_id = %s AND outcome = 'delivered' AND contract <> %s
                GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4""",
                run.id,
                DatasetManifest.contract,
            )
        )
        for company_id, kind, period, edition, count, total, told in rows:
            company = self.env["res.company"].browse(company_id)
            older = self._published(run.flow_id, company, kind, period)
            older.filtered(lambda one: one.state == "published")._transition("supersede", by=edition)
            older.flush_recordset()
            made = as_writer(self).create(
                {
                    "kind": kind,
                    "company_id": company_id,
                    "period": period,
                    "edition": edition,
                    "checkpoint": run._document()["options"]["checkpoint"],
                    "flow_id": run.flow_id.id,
                    "run_id": run.id,
                    "published_at": fields.Datetime.now(),
                    "rows": count,
                    "total": float(total),
                    "digest": told,
                }
            )
            made._audit("publish", run=run.name, rows=count, digest=told)

    def action_open_rows(self):
        self.ensure_one()
        rows = [
            ("run_id", "=", self.run_id.id),
            ("company_id", "=", self.company_id.id),
            ("contract", "!=", DatasetManifest.contract),
            ("key", "like", f"|{self.kind}|"),
            ("key", "like", f"|{self.period}|"),
        ]
        return act_window(self.env, "fin_item_action", rows, self.display_name, is_of_one_run=True, has_long_keys=True)

    def action_open_checkpoint(self):
        """What was signed, and what became of it."""
        self.ensure_one()
        return opened(self.env["fin.checkpoint"]._of_period(self.company_id, self.period, self.checkpoint))


class FinCheckpoint(models.Model):
    _inherit = "fin.checkpoint"

    @api.model
    def _of_period(self, company, period, code):
        wanted = [("company_id", "=", company.id), ("period_id.name", "=", period), ("code", "=", code)]
        return self.search(wanted, limit=1)
