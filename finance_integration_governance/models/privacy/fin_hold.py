from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...core.canonical import canonical, digest
from ...core.lifecycle import Lifecycle
from ..triggers import refuse_rewriting
from ..writer import as_writer

MODULE = "finance_integration_governance"
WHO = ("group_auditor", "group_administrator")
# In LIKE, these stand for something else than themselves.
_WILD = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


class FinHold(models.Model):
    """A legal hold: contents of these runs are not purged, neither by retention nor for a person who asks.

    Whatever is left empty does not narrow it. One auditor or administrator sets it, two persons lift it.
    """

    _name = "fin.hold"
    _description = "Legal Hold"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "id desc"
    _lifecycle = Lifecycle({"active": "Active", "lifted": "Lifted"}, lift="active > lifted")

    name = fields.Char(required=True, readonly=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True)
    reason = fields.Text(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    flow_id = fields.Many2one("fin.flow", readonly=True, ondelete="restrict", index="btree_not_null")
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("To", readonly=True)
    terms = fields.Text(readonly=True, groups=f"{MODULE}.group_auditor,{MODULE}.group_administrator")
    set_by = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    set_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    waits_for_lift = fields.Boolean(compute="_compute_waits_for_lift")

    _name_uniq = models.UniqueIndex("(name)")

    def init(self):
        columns = ["flow_id", "company_id", "date_from", "date_to", "terms", "name", "set_by"]
        refuse_rewriting(self.env.cr, self._table, columns)

    def _compute_waits_for_lift(self):
        for hold in self:
            hold.waits_for_lift = bool(hold._lift_request())

    def _subject_key(self):
        return self.name

    @api.model
    def _need_keeper(self):
        if not any(self.env.user.has_group(f"{MODULE}.{group}") for group in WHO):
            raise AccessError(self.env._("Auditors and administrators set and lift legal holds."))

    @api.model
    def _set(self, reason, company, flow=None, date_from=None, date_to=None, terms=()):
        """Put a hold on the runs of a company, narrowed by flow, period, and words in what arrived."""
        self._need_keeper()
        hold = as_writer(self).create(
            {
                "name": self.env["ir.sequence"].sudo().next_by_code("fin.hold"),  # sudo: sequences are the system's
                "reason": reason,
                "company_id": company.id,
                "flow_id": flow.id if flow else False,
                "date_from": date_from,
                "date_to": date_to,
                "terms": "\n".join(filter(None, (term.strip() for term in terms))) or False,
                "set_by": self.env.uid,
            }
        )
        hold = hold.with_env(self.env)
        hold._audit("set", digest=hold._content_digest(), flow=flow.code if flow else None)
        return hold

    def _content_digest(self):
        hold = self.sudo()  # sudo: the digest tells nothing of the words
        told = [hold.name, hold.flow_id.code, hold.terms, hold.date_from or None, hold.date_to or None, hold.reason]
        return digest(canonical([part or None for part in told]))

    # Lifting

    def _lift_request(self):
        asked = [("purpose", "=", "lift"), ("subject_key", "=", self.name), ("state", "=", "requested")]
        # sudo: everybody who sees the hold may know that somebody asked
        return self.env["fin.approval"].sudo().search(asked, limit=1)

    def action_request_lift(self):
        self.ensure_one()
        self._need_keeper()
        if self.state != "active" or self._lift_request():
            raise UserError(self.env._("%s is lifted, or somebody has asked for it already.", self.name))
        self.env["fin.approval"]._request(
            "lift", self._name, self.name, self._content_digest(), self.flow_id, company=self.company_id
        )

    @check_identity
    def action_approve_lift(self):
        self.ensure_one()
        return self._approve_lift()

    def _approve_lift(self):
        """Say yes, as another person than the one who asked."""
        self.check_access("read")
        self._lift_request().with_env(self.env)._decide("approve")
        self._transition("lift", digest=self._content_digest())

    def _guard_lift(self):
        """The state alone proves nothing; a second person's yes to exactly this hold has to be there."""
        granted = self.env["fin.approval"].sudo()  # sudo: as above
        if not granted._granted("lift", self._name, self.name, self._content_digest()):
            raise UserError(self.env._("A legal hold is lifted by two persons."))

    # What it holds

    @api.model
    def _free(self, company):
        """A condition on runs (`r`): no active hold of the company covers them."""
        # sudo: whoever purges obeys every hold
        holds = self.sudo().search([("company_id", "=", company.id), ("state", "=", "active")])
        covered = [hold._covers() for hold in holds]
        return SQL("NOT (%s)", SQL(" OR ").join(covered)) if covered else SQL("TRUE")

    def _covers(self):
        """Whether this hold covers the run `r`."""
        parts = [SQL("r.company_id = %s", self.company_id.id)]
        if self.flow_id:
            parts.append(SQL("r.flow_id = %s", self.flow_id.id))
        if self.date_from or self.date_to:
            first, last = self.date_from or "-infinity", self.date_to or "infinity"
            parts.append(
                SQL(
                    """(r.create_date::date BETWEEN %(first)s AND %(last)s OR EXISTS (SELECT 1 FROM fin_item h
                        WHERE h.run_id = r.id AND h."on" BETWEEN %(first)s AND %(last)s))""",
                    first=first,
                    last=last,
                )
            )
        if self.terms:
            parts.append(
                SQL(
                    "EXISTS (SELECT 1 FROM fin_item h WHERE h.run_id = r.id AND h.content ILIKE ANY(%s))", self._words()
                )
            )
        return SQL("(%s)", SQL(" AND ").join(parts))

    def _words(self):
        return [like(term) for term in self.terms.splitlines()]


def like(term):
    """A pattern that finds the term in canonical text, whatever it is made of."""
    return f"%{canonical(term)[1:-1].translate(_WILD)}%"
