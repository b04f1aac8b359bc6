"""Everything once more: for a target that has lost what it held, or that nobody trusts any more."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..triggers import refuse_rewriting


class FinObject(models.AbstractModel):
    _inherit = "fin.object"

    # Whether what was sent may be sent again as it is: figures that the target replaces by their keys.
    _resends = False


class FinRun(models.Model):
    """What the other side got last is sent all the same, with a reason; everything else is as in any run.

    The parts that wait of such a run, and the run that goes on for it, were asked for the same.
    """

    _inherit = "fin.run"

    trigger = fields.Selection(selection_add=[("resend", "Everything again")], ondelete={"resend": "cascade"})
    resend_reason = fields.Text(
        "Sent again because", readonly=True, groups="finance_integration_governance.group_viewer"
    )
    resend_from = fields.Date("Sent again from", readonly=True)
    resend_until = fields.Date("Sent again until", readonly=True)

    def init(self):
        super().init()
        refuse_rewriting(self.env.cr, self._table, ["resend_reason", "resend_from", "resend_until"])

    def _parameters(self):
        names = ("resend_reason", "resend_from", "resend_until")
        return super()._parameters() | {name: self[name] for name in names if self.resend_reason}

    def _is_resend(self):
        return bool(self.resend_reason)

    def _resends(self, day):
        """SQL: whether what the other side got last with the same content travels again. `day`: SQL of an item's date.

        Of a run for some days, only what has one of them.
        """
        if not self._is_resend():
            return SQL("FALSE")
        parts = [SQL("%s >= %s", day, self.resend_from)] if self.resend_from else []
        parts += [SQL("%s <= %s", day, self.resend_until)] if self.resend_until else []
        return SQL("COALESCE(%s, FALSE)", SQL(" AND ").join(parts)) if parts else SQL("TRUE")


class FinFlow(models.Model):
    _inherit = "fin.flow"

    can_resend = fields.Boolean(compute="_compute_can_resend")

    @api.depends("state", "live_version_id")
    def _compute_can_resend(self):
        for flow in self:
            # sudo: whether an object can is no content
            flow.can_resend = flow.state == "active" and flow.sudo()._resends()

    def _resends(self):
        """Whether what the live version sends may be sent again as it is."""
        document = self._document() if self.live_version_id else None
        if not document or document["flow"]["direction"] != "outbound":
            return False
        return document["object"] in self.env and self.env[document["object"]]._resends

    def action_resend(self):
        """Ask for what is sent again, and why."""
        self.ensure_one()
        self._need("group_operator")
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.flow.resend",
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Send everything of %s again", self.name),
            "context": {"default_flow_id": self.id},
        }

    def _request_resend(self, reason, since=None, until=None):
        """Queue a run that sends what it finds again, or the part of it between these days; asked for like any run."""
        self._need("group_operator")
        if not self.can_resend:
            raise UserError(self.env._("What %s delivers is not sent again as it is.", self.name))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why it is sent again: the reason stays in the evidence."))
        if since and until and since > until:
            raise UserError(self.env._("The first day comes after the last one."))
        run = self._request_run("resend", resend_reason=reason.strip(), resend_from=since, resend_until=until)
        run._audit("resend", reason=reason.strip(), since=since, until=until)
        return run
