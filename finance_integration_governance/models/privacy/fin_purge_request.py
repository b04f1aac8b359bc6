"""After the years that a flow's version names, its evidence may go: asked for, approved by a second person, in batches.

What goes is what says who and what: contents, keys, names of files, words of exceptions and errors. Rows, digests,
hashes of keys, amounts, outcomes, approvals and the log stay, so chain and totals still verify.
"""

from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.canonical import canonical, digest
from ...core.lifecycle import Lifecycle
from ..triggers import refuse_rewriting
from ..writer import as_writer
from .fin_retention import RUNS

EVIDENCE = ("evidence", "Evidence kept long enough")


class FinPurgeRequest(models.Model):
    """Somebody asks to purge a flow's evidence of before a day; a second person says yes; a cron does it."""

    _name = "fin.purge.request"
    _description = "Purge of Evidence"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "id desc"
    _lifecycle = Lifecycle(
        {"asked": "Waits for a second Person", "approved": "Being purged", "done": "Purged", "closed": "Closed"},
        approve="asked > approved",
        finish="approved > done",
        close="asked, approved > closed",
    )

    name = fields.Char(required=True, readonly=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    before = fields.Date(
        "Runs that ended before", required=True, readonly=True, help="Runs that ended before this day."
    )
    years = fields.Integer("Kept (years)", required=True, readonly=True)
    run_count = fields.Integer("Runs", readonly=True)
    requested_by = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    purge_ids = fields.One2many("fin.purge", "request_id", string="Certificates")

    _name_uniq = models.UniqueIndex("(name)")
    _one_open = models.UniqueIndex("(flow_id) WHERE state IN ('asked', 'approved')")

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["name", "company_id", "flow_id", "before", "years", "requested_by"])

    def _subject_key(self):
        return self.name

    @api.model
    def _ask(self, flow):
        """A request for what the flow's live version need not keep any more; UserError where there is nothing."""
        self.env["fin.approval"]._need_group("group_administrator")
        flow.check_access("read")
        years = flow._kept_years()
        before = fields.Date.subtract(fields.Date.context_today(self), years=years) if years else None
        runs = flow._runs_with_evidence(before) if years else []
        if not runs:
            raise UserError(self.env._("%s has no evidence that is older than its version says.", flow.display_name))
        if self.search_count([("flow_id", "=", flow.id), ("state", "in", ("asked", "approved"))], limit=1):
            raise UserError(self.env._("Somebody has asked for it already."))
        request = (
            as_writer(self)
            .create(
                {
                    "name": self.env["ir.sequence"].sudo().next_by_code(self._name),  # sudo: sequences are the system's
                    "company_id": flow.company_id.id,
                    "flow_id": flow.id,
                    "before": before,
                    "years": years,
                    "run_count": len(runs),
                    "requested_by": self.env.uid,
                }
            )
            .with_env(self.env)
        )
        request._audit("ask", flow=flow.code, before=before, years=years, runs=len(runs))
        self.env["fin.approval"]._request("purge", self._name, request.name, request._content_digest(), flow)
        return request

    def _content_digest(self):
        """What the second person says yes to."""
        told = self.sudo()  # sudo: the digest tells nothing of the flow
        return digest(canonical([told.name, told.flow_id.code, told.before, told.years]))

    def _approvals(self, state):
        wanted = [("purpose", "=", "purge"), ("subject_key", "=", self.name), ("state", "=", state)]
        # sudo: who may act on the request was asked before
        return self.env["fin.approval"].sudo().search(wanted)

    @check_identity
    def action_approve(self):
        self.ensure_one()
        return self._approve()

    def _approve(self):
        """Say yes, as another person than the one who asked."""
        self.check_access("read")
        self._approvals("requested").with_env(self.env)._decide("approve")
        self._transition("approve", digest=self._content_digest())
        # sudo: it goes as soon as the yes is sealed
        self.env.ref("finance_integration_governance.ir_cron_purge").sudo()._trigger()

    def _guard_approve(self):
        """The state alone proves nothing; a second person's yes to exactly this has to be there."""
        granted = self.env["fin.approval"].sudo()  # sudo: as above
        if not granted._granted("purge", self._name, self.name, self._content_digest()):
            raise UserError(self.env._("Evidence is purged by two persons."))

    def action_close(self):
        """Nothing more is purged for this request."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_administrator")
        as_writer(self._approvals("requested"))._transition("expire")
        self._transition("close")

    # Purging, in the background

    def _is_agreed(self):
        """Whether the sealed log holds a second person's yes; the state alone proves nothing."""
        is_sealed = self.env["fin.approval"]._is_sealed
        return self.state == "approved" and is_sealed("purge", self._name, self.name, self._content_digest())

    def _purge_some(self, budget):
        """Purge one batch; returns how many items it took, 0 at the end. A legal hold wins, whoever said yes."""
        runs = self.flow_id._runs_with_evidence(self.before, RUNS)
        if not runs:
            self._transition("finish", certificates=len(self.purge_ids))
            return 0
        item_ids = runs._items_with_keys(budget)
        certificate = self._certified(runs, item_ids)
        if len(item_ids) < budget:
            runs._forget_words()
        return max(certificate.item_count, 1)

    def _certified(self, runs, item_ids):
        payloads = runs.payload_ids.filtered(lambda payload: not payload.purge_id)
        named = runs.payload_ids.filtered(lambda payload: not payload.name.startswith("purged "))
        approval = self._approvals("approved")[:1]
        purges = self.env["fin.purge"].with_context(fin_purge_request=self.id)
        certificate = purges._purge(
            "evidence", self.company_id, payloads, item_ids, f"{self.name}: evidence_years={self.years}",
            flow=self.flow_id, approval=approval,
        )  # fmt: skip
        self.env["fin.item"]._forget_keys(item_ids)
        certificate._forget_names(named)
        return certificate


class FinPurge(models.Model):
    _inherit = "fin.purge"

    kind = fields.Selection(selection_add=[EVIDENCE], ondelete={EVIDENCE[0]: "cascade"})
    request_id = fields.Many2one("fin.purge.request", "Asked for by", readonly=True, ondelete="restrict", index=True)

    @api.model_create_multi
    def create(self, vals_list):
        request = self.env.context.get("fin_purge_request")
        return super().create([{**vals, "request_id": request} for vals in vals_list] if request else vals_list)

    @api.model
    def _purge_batch(self, budget):
        if super()._purge_batch(budget):
            return True
        for request in self.env["fin.purge.request"].search([("state", "=", "approved")]):
            while request._is_agreed() and (taken := request._purge_some(budget)):
                budget -= taken
                if budget <= 0:
                    return True
        return False


class FinFlow(models.Model):
    _inherit = "fin.flow"

    def _kept_years(self):
        """As the live version says, and not less than the company's policy says by now."""
        if not self.live_version_id:
            return None
        years = self._document().get("register", {}).get("retention", {}).get("evidence_years")
        # sudo: everybody obeys the policy
        least = self.sudo().company_id._fin_policy().get("retention", {}).get("evidence_years")
        return years and max(years, least or 0)

    def _runs_with_evidence(self, before, limit=None):
        """Runs that ended before the day, held parts included, which nobody holds and whose evidence is still there."""
        if self._is_on_legal_hold():
            return self.env["fin.run"]
        return self._runs_over(before, "evidence_purged", limit)

    def action_ask_evidence_purge(self):
        self.ensure_one()
        request = self.env["fin.purge.request"]._ask(self)
        return {"type": "ir.actions.act_window", "res_model": request._name, "res_id": request.id, "view_mode": "form"}


class FinRun(models.Model):
    _inherit = "fin.run"

    evidence_purged = fields.Boolean(readonly=True, help="Its evidence was purged: rows, digests and sums are there.")

    def _items_with_keys(self, limit):
        """Items that still say which fact they are; not what a target holds now."""
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id FROM fin_item i
                WHERE i.run_id = ANY(%s) AND i.outcome <> 'open' AND i.key <> 'purged ' || i.uid AND NOT EXISTS (
                    SELECT 1 FROM fin_binding b WHERE b.item_id = i.id AND b.live AND b.res_model IS NULL)
                ORDER BY i.id LIMIT %s""",
                self.ids,
                limit,
            )
        )
        return [item_id for (item_id,) in rows]

    def _forget_words(self):
        """What exceptions and errors of these runs say; an exception that other runs share keeps its words."""
        as_writer(self).write({"is_purged": True, "evidence_purged": True, "last_error": False})
        self.flush_recordset()
        over = self.exception_ids.filtered(
            lambda one: one.state in ("resolved", "waived") and all(one.run_ids.mapped("evidence_purged"))
        )
        over._forget()


class FinItem(models.Model):
    _inherit = "fin.item"

    @api.model
    def _forget_keys(self, ids):
        """A key may name somebody; its hash stays, and with it the hash total."""
        self.env.cr.execute(
            SQL(
                """UPDATE fin_item SET key = 'purged ' || uid, alt_key = NULL, parent_key = NULL, reason = NULL
                WHERE id = ANY(%s)""",
                list(ids),
            )
        )
        self.invalidate_model(["key", "alt_key", "parent_key", "reason"])
