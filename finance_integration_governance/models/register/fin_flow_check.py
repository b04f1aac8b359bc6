from odoo import api, fields, models
from odoo.exceptions import UserError

from ..writer import as_writer, is_writer

STANDARD = (
    "The connection answers in this environment",
    "Every account in use is mapped",
    "A run on test data tied",
    "Owner, deputy and steward know the runbook",
    "What did this work before is switched off",
)


class FinFlowCheck(models.Model):
    """One item of a flow's go-live checklist, and who ticked it. Other words need another tick."""

    _name = "fin.flow.check"
    _description = "Checklist Item"
    _inherit = ["fin.working.part"]
    _order = "sequence, id"
    _bystanders = frozenset({"ticked_by", "ticked_at", "sequence"})

    flow_id = fields.Many2one("fin.flow", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="flow_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("To be done", required=True)
    ticked_by = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    ticked_at = fields.Datetime(readonly=True, copy=False)

    _name_uniq = models.Constraint("UNIQUE(flow_id, name)", "This item is on the list already.")

    def _working_copies(self):
        return [self.flow_id]

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_tick(vals) for vals in vals_list])

    def write(self, vals):
        if is_writer(self):
            return super().write(vals)
        kept = self._without_tick(vals)
        if {"name", "flow_id"} & kept.keys():
            self._tick(False)
        return super().write(kept)

    @api.model
    def _without_tick(self, vals):
        """A tick is an act of a person, not a value that somebody writes."""
        return {name: value for name, value in vals.items() if name not in ("ticked_by", "ticked_at")}

    def _tick(self, user):
        as_writer(self).write({"ticked_by": user, "ticked_at": user and fields.Datetime.now()})

    def action_tick(self):
        self.ensure_one()
        self.flow_id._need("group_operator")
        self._tick(self.env.uid)
        self.flow_id._audit("tick", item=self.name)

    def action_untick(self):
        self.ensure_one()
        self.flow_id._need("group_operator")
        self._tick(False)
        self.flow_id._audit("untick", item=self.name)


class FinFlow(models.Model):
    """Waves and the go-live checklist: a flow whose version is approved begins once all items are ticked.

    The items are part of the version, so none of them goes by deleting it. The wave is a plan and decides nothing.
    """

    _inherit = "fin.flow"
    _bystanders = frozenset({"state", "wave", "rolled_out_from_id"})

    wave = fields.Char(tracking=True, help="With which others it goes live.")
    check_ids = fields.One2many("fin.flow.check", "flow_id", string="Checklist")
    open_checks = fields.Integer(compute="_compute_open_checks")

    @api.depends("check_ids.name", "check_ids.ticked_by", "version_ids.state")
    def _compute_open_checks(self):
        for flow in self:
            flow.open_checks = len(flow._unticked())

    def _unticked(self):
        """Items of the live version, or of the working copy before the first one, that nobody has ticked."""
        wanted = self._document().get("checklist", []) if self.live_version_id else self.check_ids.mapped("name")
        return sorted(set(wanted) - set(self.check_ids.filtered("ticked_by").mapped("name")))

    def _compose(self):
        names = sorted(self.check_ids.mapped("name"))
        return super()._compose() | ({"checklist": names} if names else {})

    def _obey(self):
        """With items open the version is live and the flow stays a draft, which runs nothing."""
        if self.state == "draft" and self._unticked():
            return None
        return super()._obey()

    def _guard_activate(self):
        super()._guard_activate()
        missing = self._unticked()
        if missing:
            raise UserError(self.env._("Not ticked on the checklist yet: %s", "; ".join(missing)))

    def action_activate(self):
        self.ensure_one()
        self._need("group_operator")
        self._transition("activate")

    def action_standard_checks(self):
        self.ensure_one()
        self.check_access("write")
        missing = [name for name in STANDARD if name not in self.check_ids.mapped("name")]
        self.check_ids = [fields.Command.create({"name": name, "sequence": n}) for n, name in enumerate(missing)]
