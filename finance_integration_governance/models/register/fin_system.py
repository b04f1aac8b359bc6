import datetime as dt

from odoo import api, fields, models

NOTICE_DAYS = 30
ENDS = ("api_ends_on", "contract_ends_on", "assurance_ends_on", "support_ends_on")


class FinSystem(models.Model):
    """An outside system that connections lead to: whose it is, where it is, and what about it runs out when."""

    _name = "fin.system"
    _description = "Outside System"
    _inherit = ["fin.working.part", "mail.thread", "mail.activity.mixin"]
    _watched = frozenset({"code", "country_id"})
    _order = "name"

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(required=True, copy=False, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, tracking=True)
    owner_id = fields.Many2one("res.users", tracking=True, domain=[("share", "=", False)])
    vendor_id = fields.Many2one("res.partner", tracking=True)
    country_id = fields.Many2one(
        "res.country", string="Country of the data", tracking=True, help="Where the system keeps what it gets."
    )
    api_version = fields.Char("API version", tracking=True)
    api_ends_on = fields.Date("API supported until", tracking=True)
    contract_reference = fields.Char("Contract", tracking=True)
    contract_ends_on = fields.Date("Contract ends", tracking=True)
    assurance_report = fields.Char(
        "Assurance report", tracking=True, help="What an auditor of the vendor attests, such as SOC 1 type 2."
    )
    assurance_on = fields.Date("Report dated", tracking=True)
    assurance_ends_on = fields.Date("Report covers until", tracking=True)
    support_kind = fields.Selection([("inside", "Inside"), ("outside", "Outside")], default="inside", tracking=True)
    support_id = fields.Many2one("res.partner", string="Support party", tracking=True)
    support_ends_on = fields.Date("Support access ends", tracking=True)
    exit_plan = fields.Text(tracking=True, help="How finance goes on without this system, and how the data come back.")
    connection_ids = fields.One2many("fin.connection", "system_id", string="Connections")
    next_end_on = fields.Date(compute="_compute_next_end", string="Next end")
    is_ending = fields.Boolean(compute="_compute_next_end", help="Something has run out, or will within a month.")

    _code_uniq = models.Constraint("UNIQUE(code)", "There is already a system with this code.")
    _support_ends = models.Constraint(
        "CHECK(support_kind IS DISTINCT FROM 'outside' OR support_ends_on IS NOT NULL)",
        "Access of a support party outside has an end.",
    )

    def _working_copies(self):
        # sudo: whoever edits a system changes what flows propose, also those not seen here, and what rules say
        known = self.sudo()
        rules = known.env["fin.authority"].search([("outside_system_id", "in", self.ids)])
        named = rules | known.env["fin.authority"].search([("connection_id.system_id", "in", self.ids)])
        return [known.connection_ids.flow_ids.with_env(self.env), *named.with_env(self.env)._working_copies()]

    @api.depends(*ENDS)
    def _compute_next_end(self):
        soon = self._soon()
        for system in self:
            ends = [system[name] for name in ENDS if system[name]]
            system.next_end_on = min(ends, default=False)
            system.is_ending = bool(ends) and min(ends) <= soon

    def _soon(self):
        return fields.Date.context_today(self) + dt.timedelta(days=NOTICE_DAYS)

    def _document(self):
        """What a version keeps of it: where the data go. None where nothing is said of a system."""
        return {"code": self.code, "country": self.country_id.code or None} if self else None

    def _endings(self):
        """(text, facts) for each date that has passed or is near."""
        soon, today = self._soon(), fields.Date.context_today(self)
        for name in ENDS if self else ():
            on = self[name]
            if on and on <= soon:
                label = self._fields[name].string
                verb = "has passed" if on < today else "is near"
                yield f"{self.name}: {label} {on} {verb}", {"system": self.code, "what": name, "on": on.isoformat()}
