from odoo import api, fields, models

from ..screen import table_of


class FinAuditEvent(models.Model):
    """An event as an auditor reads it."""

    _inherit = "fin.audit.event"

    what = fields.Char(compute="_compute_words", string="In words")
    who = fields.Char(compute="_compute_words")
    facts_table = fields.Html(compute="_compute_facts_table", sanitize=False, string="Facts in a table")
    seal_position = fields.Integer(compute="_compute_seal_position", string="Seal", help="Its place in the chain.")

    @api.depends("code", "subject_model", "actor")
    def _compute_words(self):
        for event in self:
            kind = event.subject_model in self.env and self.env[event.subject_model]._description
            verb = event.code.removeprefix(f"{event.subject_model}.").replace(".", " ").replace("_", " ")
            event.what = f"{kind}: {verb}" if kind else event.code
            login = (event.actor or "").rpartition("#")[0]
            event.who = self.env._("Odoo itself") if login == "__system__" else login

    @api.depends("facts")
    def _compute_facts_table(self):
        for event in self:
            event.facts_table = table_of(self.env, event.facts)

    def _compute_seal_position(self):
        # sudo: whoever reads the event may know that it is sealed
        seals = self.env["fin.audit.seal"].sudo().search([("event_id", "in", self.ids)])
        positions = {seal.event_id: seal.position for seal in seals}
        for event in self:
            event.seal_position = positions.get(event.id, 0)


class FinAuditSeal(models.Model):
    """The way from a seal to the check of the whole chain."""

    _inherit = "fin.audit.seal"

    def action_verify(self):
        """Walk the chain and say in plain words what was found."""
        self.env["fin.approval"]._need_group("group_auditor")
        wrong = self._verify()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Audit chain"),
                "message": self._found(*wrong) if wrong else self.env._("Every sealed event is as it was sealed."),
                "type": "danger" if wrong else "success",
                "sticky": bool(wrong),
            },
        }

    def _found(self, position, what):
        return self.env._("Position %(position)s: %(what)s.", position=position, what=what.replace("_", " "))
