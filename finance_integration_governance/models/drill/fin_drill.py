from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.lifecycle import Lifecycle
from ..exception.fin_exception import OPEN
from ..screen import opened
from ..triggers import refuse_rewriting
from ..writer import as_writer


class FinDrill(models.Model):
    """A test of a control: a marked failure goes through a flow, and it is kept who was told and who took it on, when.

    Nothing of it is posted, and it is in no control total but that of its own run, which is no evidence of the flow.
    """

    _name = "fin.drill"
    _description = "Test of a Control"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "id desc"
    _lifecycle = Lifecycle(
        {
            "sent": "Sent",
            "detected": "Noticed by the Control",
            "acknowledged": "Taken on by a Person",
            "failed": "Not Noticed",
        },
        detect="sent > detected",
        acknowledge="detected > acknowledged",
        fail="sent > failed",
    )

    name = fields.Char(required=True, readonly=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True)
    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    version_id = fields.Many2one("fin.version", required=True, readonly=True, ondelete="restrict")
    asked_by = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict", string="Tested by")
    sent_at = fields.Datetime(required=True, readonly=True)
    run_id = fields.Many2one("fin.run", readonly=True, ondelete="restrict")
    exception_id = fields.Many2one("fin.exception", readonly=True, ondelete="restrict", index="btree_not_null")
    detected_at = fields.Datetime(readonly=True, string="Noticed at")
    told_at = fields.Datetime(readonly=True, string="Owner told at")
    told_id = fields.Many2one("res.users", readonly=True, ondelete="restrict", string="Who was told")
    acknowledged_at = fields.Datetime(readonly=True, string="Taken on at")
    acknowledged_by = fields.Many2one("res.users", readonly=True, ondelete="restrict", string="Taken on by")
    seconds_to_detect = fields.Integer(compute="_compute_seconds", string="Seconds until noticed")
    minutes_to_acknowledge = fields.Float(compute="_compute_seconds", string="Minutes until taken on", digits=(16, 1))

    _name_uniq = models.UniqueIndex("(name)")

    def init(self):
        refuse_rewriting(
            self.env.cr, self._table, ["name", "flow_id", "company_id", "version_id", "sent_at", "asked_by"]
        )
        once = ["detected_at", "told_at", "told_id", "exception_id"]
        refuse_rewriting(self.env.cr, self._table, once, "OLD.detected_at IS NOT NULL")
        refuse_rewriting(
            self.env.cr, self._table, ["acknowledged_at", "acknowledged_by"], "OLD.acknowledged_at IS NOT NULL"
        )

    @api.depends("sent_at", "detected_at", "acknowledged_at")
    def _compute_seconds(self):
        for drill in self:
            found, taken = drill.detected_at, drill.acknowledged_at
            drill.seconds_to_detect = (found - drill.sent_at).total_seconds() if found else 0
            drill.minutes_to_acknowledge = (taken - drill.detected_at).total_seconds() / 60 if taken else 0

    def _subject_key(self):
        return self.name

    @api.model
    def _send(self, flow):
        """Send a synthetic failure through the flow, on the version that is live."""
        if not flow.live_version_id:
            raise UserError(self.env._("%s has no approved version yet.", flow.name))
        if self.search_count([("flow_id", "=", flow.id), ("state", "in", ("sent", "detected"))], limit=1):
            raise UserError(self.env._("A test of this control is on its way: take its exception on first."))
        drill = as_writer(self).create(
            {
                "name": self.env["ir.sequence"].sudo().next_by_code(self._name),  # sudo: sequences are the system's
                "flow_id": flow.id,
                "company_id": flow.company_id.id,
                "version_id": flow.live_version_id.id,
                "asked_by": self.env.uid,
                "sent_at": fields.Datetime.now(),
            }
        )
        as_writer(drill).write({"run_id": self.env["fin.run"]._queue_drill(drill).id})
        drill._audit("send", flow=flow.code, version=drill.version_id.digest)
        return drill.with_env(self.env)

    def _was_detected(self, exception):
        """What the control has made of it, and whom it has told."""
        # sudo: the reminder is whoever owns the exception's
        told = exception.sudo().activity_ids[:1]
        as_writer(self).write(
            {
                "exception_id": exception.id,
                "detected_at": exception.create_date,
                "told_at": told.create_date,
                "told_id": told.user_id.id,
            }
        )
        self._transition("detect", exception=exception.name, told=told.user_id.login or None)

    def _was_taken(self):
        as_writer(self).write({"acknowledged_at": fields.Datetime.now(), "acknowledged_by": self.env.uid})
        self._transition("acknowledge", by=self.env.user.login)

    def _open(self):
        return opened(self)


class FinException(models.Model):
    _inherit = "fin.exception"

    is_drill = fields.Boolean(compute="_compute_is_drill", help="A test of the control: nothing has happened.")

    def _compute_is_drill(self):
        # sudo: that it is a test everybody may know
        drills = self.env["fin.drill"].sudo().search([("exception_id", "in", self.ids)]).exception_id
        for exception in self:
            exception.is_drill = exception in drills

    def _in_plain_words(self, text):
        if not self.is_drill:
            return super()._in_plain_words(text)
        return self.env._("A test of this control: a failure that somebody has sent through the flow on purpose")

    def _next_words(self):
        """Nothing has to be done about a test but to notice it."""
        if not self.is_drill or self.state not in OPEN:
            return super()._next_words()
        return self.env._("Take it on: nothing has happened, and with that the test is over.")

    def _after_take(self):
        """Who takes a test on has shown what it was for; there is nothing more to do about it."""
        super()._after_take()
        # sudo: whoever may take it on completes the test
        for drill in self.env["fin.drill"].sudo().search([("exception_id", "=", self.id), ("state", "=", "detected")]):
            # sudo: in this person's name
            drill.with_user(self.env.user).sudo()._was_taken()

    def action_take(self):
        done = super().action_take()
        if self.is_drill and self.state in OPEN:
            self._close("resolve", self.env._("A test of this control: somebody has taken it on."))
        return done


class FinFlow(models.Model):
    _inherit = "fin.flow"

    def action_test_control(self):
        """Send a marked failure through this flow and see who notices."""
        self.ensure_one()
        self._need("group_operator")
        return self.env["fin.drill"]._send(self)._open()
