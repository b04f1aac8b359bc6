from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError

from ...core.canonical import canonical, digest
from ...core.lifecycle import Lifecycle
from ..item.fin_content import MASKED
from ..screen import opened
from ..triggers import refuse_rewriting
from ..writer import as_writer

KINDS = [
    ("replay", "Replay"),
    ("correct", "Correct and replay"),
    ("skip", "Skip"),
]
CONFIGURATIONS = [("live", "As it is approved now"), ("original", "As it was then")]
ENDED = ("done", "refused", "withdrawn")


class FinRemedy(models.Model):
    """What somebody does about items: one act with one reason, however many there are, and where needed one yes.

    What it is about (kind, configuration, items, correction) is fixed when it is asked for and stands under one digest.
    """

    _name = "fin.remedy"
    _description = "Remedy"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "id desc"
    _lifecycle = Lifecycle(
        {
            "asked": "Waits for a second Person",
            "agreed": "Being done",
            "done": "Done",
            "refused": "Refused",
            "withdrawn": "Withdrawn",
        },
        agree="asked > agreed",
        finish="agreed > done",
        refuse="asked > refused",
        withdraw="asked > withdrawn",
        stop="agreed > withdrawn",
    )

    name = fields.Char(required=True, readonly=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    exception_ids = fields.Many2many("fin.exception", readonly=True, string="Cases")
    reason_id = fields.Many2one("fin.reason", readonly=True, ondelete="restrict", string="Reason Code")
    reason = fields.Text(required=True, readonly=True)
    configuration = fields.Selection(CONFIGURATIONS, readonly=True)
    version_id = fields.Many2one("fin.version", readonly=True, ondelete="restrict", help="What is replayed on.")
    requested_by = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict", string="Asked by")
    needs_yes = fields.Boolean("Needs a second Person", readonly=True)
    item_count = fields.Integer("Items", readonly=True)
    totals = fields.Text(readonly=True, groups=fields.NO_ACCESS, help="What the items add up to.")
    items_digest = fields.Char(readonly=True, size=64, help="Over identifiers and digests of the items, in order.")
    correction = fields.Text(
        readonly=True, groups=fields.NO_ACCESS, help="Members with their new values, where an item is corrected."
    )
    difference_id = fields.Many2one("fin.document", readonly=True, ondelete="restrict", string="What it would post")
    run_ids = fields.One2many("fin.run", "remedy_id", string="Runs")
    item_ids = fields.One2many("fin.item", "remedy_id", string="Chosen Items")

    _name_uniq = models.UniqueIndex("(name)")

    def init(self):
        fixed = ["kind", "name", "items_digest", "configuration", "version_id", "requested_by", "totals"]
        refuse_rewriting(self.env.cr, self._table, fixed)
        # It holds what an item holds, and goes with a purge of it.
        refuse_rewriting(self.env.cr, self._table, ["correction"], f"NEW.correction IS DISTINCT FROM '{MASKED}'")

    # Asking

    @api.model
    def _ask(self, kind, flow, item_ids, reason, **vals):
        """One act about these items of the flow, none of which somebody else has taken up; returns the remedy."""
        if not item_ids:
            raise UserError(self.env._("There is nothing left here to do this to."))
        asked = self._asked(kind, flow, item_ids, reason, vals)
        asked._audit("ask", **asked._told())
        if not asked.needs_yes:
            asked._transition("agree")
            return asked
        self.env["fin.approval"]._request(asked._purpose(), self._name, asked.name, asked._content_digest(), flow)
        return asked

    def _asked(self, kind, flow, item_ids, reason, vals):
        items = self.env["fin.item"]
        asked = as_writer(self).create(
            {
                "name": self.env["ir.sequence"].sudo().next_by_code(self._name),  # sudo: sequences are the system's
                "kind": kind,
                "company_id": flow.company_id.id,
                "flow_id": flow.id,
                "reason": reason,
                "requested_by": self.env.uid,
                "item_count": len(item_ids),
                "totals": canonical(items._totals_of(item_ids).document()),
                "items_digest": items._digest_over(item_ids),
                **vals,
            }
        )
        items._take_up(asked, item_ids)
        return asked.with_env(self.env)

    def _purpose(self):
        return {"correct": "correction"}.get(self.kind, self.kind)

    def _subject_key(self):
        return self.name

    def _told(self):
        told = self.sudo()  # sudo: the log names what was asked, whoever may read it
        return {
            "kind": told.kind,
            "cases": told.exception_ids.mapped("name"),
            "count": told.item_count,
            "items": told.items_digest,
            "code": told.reason_id.code or None,
            "configuration": told.configuration or None,
            "version": told.version_id.digest or None,
            "correction": digest(told.correction) if told.correction else None,
            "difference": told.difference_id.digest or None,
        }

    def _content_digest(self):
        """What the second person says yes to: exactly this act, to exactly these items."""
        return digest(canonical([self.name, self._told()]))

    # Deciding

    def _approval(self, state="requested"):
        wanted = [("purpose", "=", self._purpose()), ("subject_key", "=", self.name), ("state", "=", state)]
        # sudo: who may act on the remedy was asked before
        return self.env["fin.approval"].sudo().search(wanted).with_env(self.env)

    @check_identity
    def action_approve(self):
        self.ensure_one()
        return self._approve()

    def _approve(self):
        """Say yes to all of it, as another person than the one who asked."""
        self.check_access("read")
        self._approval().filtered(lambda a: a.digest == self._content_digest())._decide("approve")
        self._transition("agree", digest=self._content_digest())

    @check_identity
    def action_refuse(self):
        self.ensure_one()
        return self._refuse()

    def _refuse(self):
        self.check_access("read")
        self._approval()._decide("reject")
        self._transition("refuse")

    def action_withdraw(self):
        """Whoever asked, or the one who now looks after it, thinks better of it."""
        self.ensure_one()
        self.flow_id._need("group_operator")
        as_writer(self._approval())._transition("expire")
        self._transition("withdraw")

    def _guard_agree(self):
        """The state alone proves nothing: where it takes a second person, their yes to exactly this has to be there."""
        granted = self.env["fin.approval"].sudo()  # sudo: as above
        if self.needs_yes and not granted._granted(self._purpose(), self._name, self.name, self._content_digest()):
            raise UserError(self.env._("This takes a second person's yes."))

    def _after_agree(self):
        getattr(self, f"_begin_{self.kind}")()

    def _after_refuse(self):
        self.env["fin.item"]._let_go(self)

    def _after_withdraw(self):
        self.env["fin.item"]._let_go(self)

    def _is_agreed(self):
        """Whether the sealed log holds the yes that this needs; the engine asks before it works on it."""
        if not self.needs_yes:
            return True
        is_sealed = self.env["fin.approval"]._is_sealed
        return is_sealed(self._purpose(), self._name, self.name, self._content_digest())

    def _begin_skip(self):
        """The facts are not booked: a decision of the person whose reason stands here."""
        self._transition("finish")
        self.exception_ids._settle_if_over()

    def _open(self):
        return opened(self)


class FinApproval(models.Model):
    _inherit = "fin.approval"

    purpose = fields.Selection(
        selection_add=[("replay", "Replay"), ("correction", "Correction of an item"), ("rollback", "Rollback")],
        ondelete={"replay": "cascade", "correction": "cascade", "rollback": "cascade"},
    )

    def _subject(self):
        if self.subject_model == "fin.remedy":
            return self.env["fin.remedy"].search([("name", "=", self.subject_key)], limit=1)
        return super()._subject()
