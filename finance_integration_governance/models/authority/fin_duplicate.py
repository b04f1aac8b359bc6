from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ...core.authority import masked
from ...core.canonical import canonical, digest
from ...core.duplicates import Party, groups, surviving, survivor
from ..authority_writer import in_words, told
from .authority_guard import as_merge

CODE = "duplicate_partner"
FIELDS = (
    "name", "vat", "company_registry", "ref", "email", "phone", "website",
    "street", "street2", "zip", "city", "state_id", "country_id", "lang",
)  # fmt: skip
_AT_ONCE = 2  # Odoo merges at most three contacts: the survivor and two more


class FinDuplicate(models.Model):
    """Contacts that may be one, as a case: why, which of them stays, and which value of each field survives.

    What is proposed here may be changed until a second person says yes to it; merging is Odoo's own.
    """

    _name = "fin.duplicate"
    _description = "Duplicate Contacts"
    _order = "score desc, id"

    exception_id = fields.Many2one("fin.exception", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one(related="exception_id.company_id", store=True)
    state = fields.Selection(related="exception_id.state")
    partner_ids = fields.Many2many("res.partner", readonly=True, string="Contacts", context={"active_test": False})
    survivor_id = fields.Many2one(
        "res.partner", string="Stays", ondelete="set null", domain="[('id', 'in', partner_ids)]"
    )
    reasons = fields.Char(readonly=True)
    score = fields.Integer("Alike, in percent", readonly=True)
    line_ids = fields.One2many("fin.duplicate.value", "duplicate_id", string="Values that survive")
    is_waiting = fields.Boolean(compute="_compute_is_waiting", help="A second person is asked.")

    @api.depends("partner_ids.display_name")
    def _compute_display_name(self):
        for case in self:
            case.display_name = " / ".join(case.partner_ids.mapped("display_name")) or case.exception_id.name

    def _compute_is_waiting(self):
        for case in self:
            case.is_waiting = bool(case._asked())

    # Looking

    @api.model
    def action_scan(self):
        """Look for contacts of the company that may be one; each group that is new becomes a case."""
        self.env["fin.approval"]._need_group("group_operator")
        self._scan(self.env.company, self._looked_at(self.env.company))
        return self.env["ir.actions.act_window"]._for_xml_id("finance_integration_governance.fin_duplicate_action")

    def _scan(self, company, partners):
        parties = {party.id: party for party in self._parties(partners)}
        for group in groups(parties.values()):
            cause = digest(canonical([CODE, sorted(group.ids)]))
            # Whoever closed a case has said that these are two.
            if not self._is_known(company, group.ids, cause):
                self._open_case(company, group, [parties[i] for i in group.ids], cause)

    def _is_known(self, company, ids, cause):
        """Whether all of these contacts stand in one case, open or closed; a smaller open one gives way."""
        if self.env["fin.exception"].search_count([("fingerprint", "=", cause)], limit=1):
            return True
        cases = self.search([("partner_ids", "in", list(ids)), ("company_id", "=", company.id)])
        for case in cases.filtered(lambda one: one.state == "open" and set(one.partner_ids.ids) < set(ids)):
            case.exception_id._close("resolve", "these contacts stand in a larger case")
        return any(set(ids) <= set(case.partner_ids.ids) for case in cases)

    def _looked_at(self, company):
        """The contacts that may be doubles in this company: its own and everybody's, without users and addresses."""
        return self.env["res.partner"].search(self._domain(company))

    def _domain(self, company):
        return [("company_id", "in", [company.id, False]), ("parent_id", "=", False), ("user_ids", "=", False)]

    def _parties(self, partners):
        used = self._uses(partners)
        for partner in partners:
            address = " ".join(filter(None, (partner.street, partner.zip, partner.city)))
            yield Party(
                partner.id,
                partner.name or "",
                partner.vat or "",
                tuple(partner.bank_ids.mapped("acc_number")),
                partner.email or "",
                address,
                partner.country_id.code or "",
                fields.Datetime.to_string(partner.write_date),
                used.get(partner.id, 0),
            )

    def _uses(self, partners):
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id, count(*) FROM account_move WHERE partner_id = ANY(%s) GROUP BY partner_id",
                partners.ids,
            )
        )
        return dict(rows)

    def _open_case(self, company, group, parties, cause):
        facts = {"contacts": len(group.ids), "reasons": ", ".join(group.reasons), "score": group.score}
        text = f"{len(group.ids)} contacts may be one: {facts['reasons']}"
        exceptions, owner = self.env["fin.exception"], company.fin_steward_id or company.fin_owner_id
        none = self.env["fin.flow"]
        exception = exceptions._new(none, CODE, text, "data", False, cause, facts, company=company, owner=owner)
        keep = survivor(parties).id
        partners = self.env["res.partner"].browse(group.ids)
        # sudo: cases are opened by the search, whoever asks for it
        self.sudo().create(
            {
                "exception_id": exception.id,
                "partner_ids": [Command.set(group.ids)],
                "survivor_id": keep,
                "reasons": facts["reasons"],
                "score": group.score,
                "line_ids": [Command.create(line) for line in self._proposal(partners, keep)],
            }
        )

    def _proposal(self, partners, keep):
        """For each field on which they differ, whose value survives."""
        for name in FIELDS:
            values = [(p.id, told(p, name), fields.Datetime.to_string(p.write_date)) for p in partners]
            if len({value for _id, value, _changed in values}) > 1:
                yield {"field": name, "partner_id": surviving(values, keep)[0]}

    # Merging

    def _told(self):
        """What a second person says yes to: these contacts, who stays, and every value as it is now."""
        values = {line.field: str(told(line.partner_id.sudo(), line.field)) for line in self.line_ids}  # sudo: digested
        return digest(canonical([self.exception_id.name, sorted(self.partner_ids.ids), self.survivor_id.id, values]))

    def _asked(self):
        wanted = [("purpose", "=", "merge"), ("subject_key", "=", self.exception_id.name), ("state", "=", "requested")]
        return self.env["fin.approval"].search(wanted, limit=1)

    def action_request_merge(self):
        """Ask a second person."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_operator")
        self.check_access("write")
        if self.survivor_id not in self.partner_ids or self.state not in ("open", "in_progress"):
            raise UserError(self.env._("Say which of the contacts stays."))
        self._asked()._transition("expire")
        key = self.exception_id.name
        self.env["fin.approval"]._request("merge", self._name, key, self._told(), None, company=self.company_id)

    @check_identity
    def action_approve_merge(self):
        """Say yes, as another person than the one who asked, and merge."""
        self.ensure_one()
        return self._approve_merge()

    def _approve_merge(self):
        self._asked().filtered(lambda approval: approval.digest == self._told())._decide("approve")
        # sudo: two persons have agreed; the approver need not be allowed to edit contacts
        merged, stays = self.sudo(), as_merge(self.sudo().survivor_id)
        values = {line.field: stays._fields[line.field].convert_to_write(line.partner_id[line.field], stays)
                  for line in merged.line_ids}  # fmt: skip
        others = (merged.partner_ids - merged.survivor_id).ids
        self.exception_id._close("resolve", "merged, after a second person's yes")
        merged.line_ids.unlink()
        # sudo: the same
        wizard = as_merge(self.env["base.partner.merge.automatic.wizard"].sudo())
        for start in range(0, len(others), _AT_ONCE):
            wizard._merge([stays.id, *others[start : start + _AT_ONCE]], stays, extra_checks=False)
        stays.write(values)


class FinDuplicateValue(models.Model):
    """One field on which the contacts differ, and whose value survives."""

    _name = "fin.duplicate.value"
    _description = "Surviving Value"

    duplicate_id = fields.Many2one("fin.duplicate", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="duplicate_id.company_id", store=True)
    field = fields.Char(required=True, readonly=True)
    label = fields.Char(compute="_compute_values")
    choice_ids = fields.Many2many(related="duplicate_id.partner_ids")
    partner_id = fields.Many2one(
        "res.partner", string="Survives from", ondelete="cascade", domain="[('id', 'in', choice_ids)]"
    )
    value = fields.Char(compute="_compute_values", string="Value that survives")
    others = fields.Char(compute="_compute_values", string="Other values")

    @api.depends("field", "partner_id", "duplicate_id.partner_ids")
    def _compute_values(self):
        for line in self:
            line.label = self.env["res.partner"]._fields[line.field].string
            line.value = line._shown(line.partner_id)
            rest = line.duplicate_id.partner_ids - line.partner_id
            line.others = ", ".join(sorted({shown for partner in rest if (shown := line._shown(partner))}))

    def _shown(self, partner):
        return masked("partner", self.field, in_words(partner, self.field, told(partner, self.field)))
