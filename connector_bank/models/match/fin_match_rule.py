from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.finance_integration_governance.core.canonical import plain
from odoo.addons.finance_integration_governance.models.screen import opened

from ...core.match import KINDS


class FinMatchRule(models.Model):
    """One rule of a company's matching: what a run may apply by itself, or what a person may write off.

    Working copy: it takes effect as part of the company's policy, which a second person approves. Without an approved
    rule everything is only proposed.
    """

    _name = "fin.match.rule"
    _description = "Matching Rule"
    _inherit = ["fin.working.part"]
    _order = "company_id, kind, name"
    _check_company_auto = True
    _bystanders = frozenset({"seen"})

    name = fields.Char(required=True, help="How the evidence names it.")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    journal_id = fields.Many2one(
        "account.journal",
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
        check_company=True,
        ondelete="restrict",
        help="Empty: every bank journal of the company.",
    )
    kind = fields.Selection(list(KINDS.items()), required=True, default="reference", string="Applies")
    side = fields.Selection([("in", "Received"), ("out", "Paid")])
    who = fields.Char("Counterparty", help="Account number, or name without legal form, as the bank tells it.")
    words = fields.Char(help="Words of the remittance without numbers; empty: whatever they are.")
    partner_id = fields.Many2one("res.partner", ondelete="restrict", check_company=True)
    account_id = fields.Many2one("account.account", ondelete="restrict", check_company=True)
    least = fields.Float("From", digits=0, help="Smallest amount, without sign.")
    most = fields.Float("Up to", digits=0, help="Largest amount, without sign.")
    seen = fields.Integer(readonly=True, help="How often people did so before it was proposed.")

    _name_uniq = models.Constraint("UNIQUE(company_id, name)", "There is already a rule with this name.")
    _sound = models.Constraint("CHECK(least >= 0 AND most >= least)", "The amounts begin with the smaller one.")

    @api.constrains("kind", "partner_id", "account_id", "who", "most", "side")
    def _check_whole(self):
        for rule in self:
            is_known = bool(rule.partner_id) != bool(rule.account_id)
            if rule.kind == "learned" and not (is_known and rule.who and rule.side):
                raise ValidationError(
                    self.env._("A learned rule says who pays which way, and either the partner or the account.")
                )
            if rule.kind == "write_off" and not (rule.account_id and rule.most):
                raise ValidationError(self.env._("A rule for differences says up to how much, and to which account."))

    def _working_copies(self):
        # sudo: whoever edits a rule need not see the policy that it belongs to
        return [self.env["fin.policy"].sudo()._of(company).with_env(self.env) for company in self.company_id]

    def _document(self):
        """The rule as the policy keeps it: records by their codes, what is empty left out."""
        self.ensure_one()
        told = {
            "name": self.name,
            "kind": self.kind,
            "journal": self.journal_id.code,
            "side": self.side,
            "who": self.who,
            "words": self.words,
            "partner": self.partner_id and self._known_as(self.partner_id),
            "account": self.account_id.with_company(self.company_id).code,
            "least": plain(Decimal(str(self.least))) if self.least else None,
            "most": plain(Decimal(str(self.most))) if self.most else None,
        }
        return {name: value for name, value in told.items() if value}

    @api.model
    def _known_as(self, partner):
        """What names a partner in a document: never an id."""
        return next(
            (f"{kind}:{value}" for kind in ("vat", "ref", "name") if (value := partner[kind])), f"name:{partner.name}"
        )

    @api.model
    def _partner_of(self, told, company):
        """The one partner that a document names; an empty one where there is none, or there are several."""
        kind, _colon, value = (told or "").partition(":")
        if kind not in ("vat", "ref", "name") or not value:
            return self.env["res.partner"]
        domain = [(kind, "=", value), ("company_id", "in", (False, company.id)), ("parent_id", "=", False)]
        found = self.env["res.partner"].search(domain, limit=2)
        return found if len(found) == 1 else found.browse()

    @api.model
    def action_propose(self):
        """Ask for a second person's yes to the company's policy as it stands, these rules included."""
        return self.env["fin.policy"]._of(self.env.company).action_propose()

    @api.model
    def action_suggest(self):
        """Rules of what people did often and always alike."""
        return self.env["fin.match.learned"].action_suggest()

    def action_open_policy(self):
        return opened(self.env["fin.policy"]._of(self.env.company))


class FinPolicy(models.Model):
    """The matching rules as part of a company's policy: approved with it, in force with it."""

    _inherit = "fin.policy"

    def _compose(self):
        rules = self.env["fin.match.rule"].search([("company_id", "=", self.company_id.id)], order="kind, name")
        told = [rule._document() for rule in rules]
        return super()._compose() | ({"matching": told} if told else {})

    @api.model
    def _matching_of(self, company):
        """(rules in force, digest of the version that they stand in) of a company; nothing where none is approved."""
        # sudo: everybody obeys the rules, whoever may read them
        policy = self.sudo().search([("company_id", "=", company.id)], limit=1)
        return list(company._fin_policy().get("matching", ())), policy._in_force().digest or ""
