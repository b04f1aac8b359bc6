from odoo import api, fields, models
from odoo.tools import SQL

from ...core.close import period_of, periods, span
from ..screen import act_window
from ..triggers import refuse_rewriting
from ..writer import as_writer

BACK = 24  # periods that are opened at once at most


class FinPeriod(models.Model):
    """One month of a company's books, with its checkpoints."""

    _name = "fin.period"
    _description = "Period"
    _inherit = ["fin.evidence.mixin"]
    _order = "name desc, company_id"

    name = fields.Char(required=True, readonly=True, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict", index=True)
    date_from = fields.Date(required=True, readonly=True)
    date_to = fields.Date(required=True, readonly=True)
    policy_digest = fields.Char(readonly=True, size=64, help="The policy that its open checkpoints follow.")
    checkpoint_ids = fields.One2many("fin.checkpoint", "period_id", string="Checkpoints")
    signed_count = fields.Integer(compute="_compute_counts", string="Signed")
    checkpoint_count = fields.Integer(compute="_compute_counts", string="Checkpoints in all")
    late_count = fields.Integer(compute="_compute_counts", string="Late")

    _name_uniq = models.UniqueIndex("(company_id, name)")

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["name", "company_id", "date_from", "date_to"])

    @api.depends("name", "company_id.fin_code")
    def _compute_display_name(self):
        for period in self:
            period.display_name = f"{period.name} {period.company_id.name}"

    @api.depends("checkpoint_ids.state", "checkpoint_ids.due_at")
    def _compute_counts(self):
        now = fields.Datetime.now()
        for period in self:
            there = period.checkpoint_ids
            period.checkpoint_count = len(there)
            period.signed_count = len(there.filtered(lambda one: one.state == "signed"))
            period.late_count = len(there.filtered(lambda one: one.state != "signed" and one.due_at <= now))

    def _subject_key(self):
        return f"{self.company_id.fin_code}/{self.name}"

    # What is opened, and when

    @api.model
    def _tick(self, now):
        """Open what is missing: one query where nothing is."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT v.company_id FROM fin_version v WHERE v.policy_id IS NOT NULL AND v.state = 'live'
                AND NOT EXISTS (SELECT 1 FROM fin_period p WHERE p.company_id = v.company_id AND p.name = %s
                    AND p.policy_digest = v.digest) ORDER BY v.company_id""",
                period_of(now),
            )
        )
        for company in self.env["res.company"].browse(company_id for (company_id,) in rows):
            self._open_for(company, period_of(now))

    def _open_for(self, company, last):
        """Every period of the close calendar up to this one, with its checkpoints as the policy in force has them."""
        policy = self.env["fin.policy"]._of(company)._in_force()
        close = company._fin_close()
        if policy.state != "live":
            return  # its approval is not sealed yet: with the next tick
        wanted = periods(close["from"], last)[-BACK:] if close else []
        known = {one.name: one for one in self.search([("company_id", "=", company.id)])}
        for name in {*wanted, last}:
            period = known.get(name) or self._new(company, name)
            if close and name in wanted:
                self.env["fin.checkpoint"]._open_in(period, close, policy.digest)
            as_writer(period).write({"policy_digest": policy.digest})

    def _new(self, company, name):
        first, last = span(name)
        made = {"name": name, "company_id": company.id, "date_from": first, "date_to": last}
        return as_writer(self).create(made).with_env(self.env)

    def action_open_checkpoints(self):
        return act_window(self.env, "fin_checkpoint_action", [("period_id", "in", self.ids)])

    def action_evaluate(self):
        """Look at all of them now."""
        self.env["fin.approval"]._need_group("group_operator")
        self.check_access("read")
        self.checkpoint_ids._evaluate()


class FinSlot(models.Model):
    _inherit = "fin.slot"

    @api.model
    def _tick(self, now=None):
        now = now or fields.Datetime.now()
        super()._tick(now)
        self.env["fin.period"]._tick(now)
        self.env["fin.checkpoint"]._tick(now)
