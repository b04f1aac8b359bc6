from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...core.authority import CONFLICTS, DIRECTIONS, EDITS, EVERY, KINDS, ODOO, Rule, contradiction, written
from ...core.authority_entities import ENTITIES


class FinAuthority(models.Model):
    """One line of a company's authority matrix: whose word counts for a field, and what becomes of everybody else's.

    Working copy: it takes effect as part of the company's policy, which a second person approves.
    """

    _name = "fin.authority"
    _description = "Authority Rule"
    _inherit = ["fin.working.part"]
    _order = "entity, kind, field, id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    subject = fields.Selection("_selection_subject", required=True, string="What")
    entity = fields.Char(compute="_compute_subject", store=True, precompute=True, string="Entity code")
    field = fields.Char(compute="_compute_subject", store=True, precompute=True, string="Field code")
    kind = fields.Selection(
        list(KINDS.items()),
        compute="_compute_kind",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        string="Kind of Data",
    )
    connection_id = fields.Many2one(
        "fin.connection",
        ondelete="restrict",
        check_company=True,
        string="Connected System",
        help="The system of record, where a flow reads from it. Empty: Odoo, or the system of the register.",
    )
    outside_system_id = fields.Many2one(
        "fin.system", ondelete="restrict", check_company=True, help="The system of record, as the register names it."
    )
    system = fields.Char(compute="_compute_system", store=True, string="System of Record")
    system_name = fields.Char(compute="_compute_system_name", string="Whose word counts")
    direction = fields.Selection(
        list(DIRECTIONS.items()),
        compute="_compute_direction",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Which way flows may carry it.",
    )
    flow_ids = fields.Many2many(
        "fin.flow", string="Flows", check_company=True, help="Flows that may write it; none: those of its system."
    )
    user_ids = fields.Many2many("res.users", string="Persons", help="Who may edit it in Odoo, whoever owns it.")
    group_ids = fields.Many2many("res.groups", string="Groups", help="Groups that may edit it in Odoo.")
    conflict = fields.Selection(
        list(CONFLICTS.items()), required=True, default="reject", string="When a Flow brings it"
    )
    edit = fields.Selection(list(EDITS.items()), required=True, default="refuse", string="When somebody edits it")
    steward_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        string="Corrected by",
        help="Who corrects it in the system of record.",
    )

    _subject_uniq = models.Constraint(
        "UNIQUE(company_id, entity, field, kind)", "There is already a rule for this field and this kind of data."
    )

    @api.model
    def _selection_subject(self):
        """Every field that a rule may be made for, by entity; `*` is every field of it."""
        return [
            (f"{entity.name}/{name}", f"{entity.label}: {label}")
            for entity in ENTITIES.values()
            for name, label in self._fields_of(entity)
        ]

    def _fields_of(self, entity):
        """(name, label) of an entity's fields, every field first, custom ones last."""
        told = [(EVERY, self.env._("every field"))]
        if not entity.model:
            return told + [(name, name.replace("_", " ").capitalize()) for name in entity.fields]
        known = self.env[entity.model]._fields
        names = [*filter(known.__contains__, entity.fields), *sorted(n for n in known if n.startswith("x_"))]
        return told + [(name, known[name].get_description(self.env, ["string"])["string"]) for name in names]

    @api.depends("subject")
    def _compute_subject(self):
        for rule in self:
            rule.entity, _slash, rule.field = (rule.subject or "").partition("/")

    @api.depends("subject")
    def _compute_kind(self):
        for rule in self:
            kinds = ENTITIES[rule.entity].kinds if rule.entity in ENTITIES else (False,)
            rule.kind = rule.kind if rule.kind in kinds else kinds[0]

    @api.depends("connection_id.code", "connection_id.system_id.code", "outside_system_id.code")
    def _compute_system(self):
        for rule in self:
            system = rule.outside_system_id or rule.connection_id.system_id
            rule.system = system.code or rule.connection_id.code or ODOO

    @api.depends("system")
    def _compute_system_name(self):
        for rule in self:
            rule.system_name = rule._rule().system_name

    @api.depends("connection_id", "outside_system_id")
    def _compute_direction(self):
        for rule in self:
            rule.direction = "inbound" if rule.connection_id or rule.outside_system_id else "outbound"

    @api.depends("subject", "system_name")
    def _compute_display_name(self):
        labels = dict(self._selection_subject())
        for rule in self:
            rule.display_name = f"{labels.get(rule.subject, rule.subject)} ({rule.system_name})"

    @api.constrains("subject", "kind", "connection_id", "outside_system_id", "direction", "flow_ids")
    def _check_sound(self):
        for rule in self:
            outside = rule.connection_id or rule.outside_system_id
            code = contradiction(rule._rule())
            if rule.connection_id and rule.outside_system_id:
                code = "two_systems"
            if outside and rule.system.lower() == ODOO:
                code = "called_odoo"
            if code:
                raise ValidationError(rule._why(code))

    def _why(self, code):
        return {
            "kind": self.env._("%s is not kept for this kind of data.", self.display_name),
            "system": self.env._("Say which system is the system of record."),
            "flow_against_direction": self.env._("A flow is listed as a writer, but nothing may come into Odoo."),
            "inbound_without_flow": self.env._("Odoo is the system of record: list the flows that bring it anyway."),
            "outbound_of_another": self.env._("What another system owns leaves Odoo only where it goes both ways."),
            "two_systems": self.env._("There is one system of record: the connected one or the other."),
            "called_odoo": self.env._("Only Odoo is called Odoo: leave the systems empty where it owns."),
        }[code]  # fmt: skip

    def _rule(self):
        self.ensure_one()
        return Rule(
            self.entity,
            self.kind,
            self.field,
            self.system,
            self.direction,
            self.conflict,
            self.edit,
            self._writers(),
            self.steward_id.login or "",
        )

    def _writers(self):
        # sudo: groups are named by their external ids, which people may not read
        groups = self.sudo().group_ids.get_external_id().values()
        return (
            *(f"flow:{code}" for code in sorted(self.flow_ids.mapped("code"))),
            *(f"group:{name}" for name in sorted(groups)),
            *(f"user:{login}" for login in sorted(self.user_ids.mapped("login"))),
        )

    def _working_copies(self):
        # sudo: whoever edits a rule need not see the policy that it belongs to
        return [self.env["fin.policy"].sudo()._of(company).with_env(self.env) for company in self.company_id]

    def _document(self):
        """The rules as a document keeps them. ValueError where two hold for one field."""
        return written(rule._rule() for rule in self)

    @api.model
    def action_propose(self):
        """Ask for a second person's yes to the company's policy as it stands, this matrix included."""
        policy = self.env["fin.policy"]._of(self.env.company)
        return policy.action_propose()


class FinConnection(models.Model):
    """A rule names its system by the code of a connection."""

    _inherit = "fin.connection"

    def _working_copies(self):
        # sudo: whoever edits a connection need not see the rules
        rules = self.env["fin.authority"].sudo().search([("connection_id", "in", self.ids)])
        return [*super()._working_copies(), *rules.with_env(self.env)._working_copies()]
