from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# Member of the contract -> field, of what a figure may be divided by beside members and partner.
BY = {
    "tax": "tax_id",
    "journal_type": "journal_type",
    "transaction_currency": "transaction_currency_id",
    "ledger": "ledger_id",
}
# What a figure is about, beside its version: a version has one figure of each.
CELL = ("account_id", "on", "analytic", "partner_id", *BY.values())


def cell_of(values):
    """The cell of a figure that is still to be written."""
    return tuple(values[name] or False for name in CELL)


class FinBudgetLine(models.Model):
    """One figure of a version, as the ledger counts: debit less credit, so that revenue is negative."""

    _name = "fin.budget.line"
    _description = "Budget Line"
    _order = "version_id, account_id, on, id"
    _check_company_auto = True

    version_id = fields.Many2one("fin.budget.version", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="version_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="version_id.currency_id")
    scenario = fields.Selection(related="version_id.scenario", store=True)
    account_id = fields.Many2one("account.account", required=True, ondelete="restrict", check_company=True, index=True)
    on = fields.Date("Month", required=True, help="The month's last day.")
    analytic = fields.Char(help="Members of analytic plans, as plan=member;plan=member.")
    partner_id = fields.Many2one("res.partner", ondelete="restrict", check_company=True, index="btree_not_null")
    tax_id = fields.Many2one("account.tax", ondelete="restrict", check_company=True)
    journal_type = fields.Selection(
        lambda self: self.env["account.journal"]._fields["type"]._description_selection(self.env)
    )
    transaction_currency_id = fields.Many2one("res.currency", "Document Currency", ondelete="restrict")
    ledger_id = fields.Many2one("account.journal.group", ondelete="restrict", check_company=True)
    amount = fields.Monetary(required=True, help="Debit less credit.")
    note = fields.Char()
    is_actual = fields.Boolean("From Actuals", readonly=True, help="It was taken over from what had happened by then.")

    # Nothing twice: a cell has one figure.
    _cell_uniq = models.UniqueIndex(
        """(version_id, account_id, "on", COALESCE(analytic, ''), COALESCE(partner_id, 0), COALESCE(tax_id, 0),
        COALESCE(journal_type, ''), COALESCE(transaction_currency_id, 0), COALESCE(ledger_id, 0))""",
        "This account has a figure for this month already.",
    )

    @api.depends("account_id", "on")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.account_id.code or ''} {line.on and f'{line.on:%Y-%m}' or ''}".strip()

    @api.constrains("on", "version_id")
    def _check_month(self):
        for line in self:
            if not line.version_id.date_from <= line.on <= line.version_id.date_to:
                raise ValidationError(self.env._("%s lies outside of the version's months.", line.on))

    @api.constrains("analytic")
    def _check_analytic(self):
        for line in self.filtered("analytic"):
            if not all("=" in part for part in line.analytic.split(";")):
                raise ValidationError(self.env._("Members of analytic plans are written as plan=member;plan=member."))

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create([self._as_the_ledger(vals) for vals in vals_list])
        lines._must_be_draft()
        return lines

    def write(self, vals):
        self._must_be_draft()
        done = super().write(self._as_the_ledger(vals))
        self._must_be_draft()
        return done

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        self._must_be_draft()

    def _must_be_draft(self):
        closed = self.version_id.filtered(lambda version: version.state != "draft")
        if closed:
            told = {"version": closed[0].name, "state": closed._lifecycle.labels[closed[0].state]}
            raise UserError(
                self.env._("%(version)s is %(state)s: its figures do not change. Make a new version.", **told)
            )

    @api.model
    def _as_the_ledger(self, vals):
        """At the end of its month, and under the partner that journal items of a contact stand under."""
        told = dict(vals)
        if vals.get("on"):
            told["on"] = fields.Date.end_of(fields.Date.to_date(vals["on"]), "month")
        if vals.get("partner_id"):
            told["partner_id"] = self.env["res.partner"].browse(vals["partner_id"]).commercial_partner_id.id
        return told

    def _cell(self):
        """What the figure is about, as `cell_of` has it; members are spelled as the planner spells them."""
        planner = self.env["fin.budget.planner"]._of(self.version_id)
        analytic = planner._spelled(self.analytic) if self.analytic else False
        more = (self[name].id if name.endswith("_id") else self[name] for name in BY.values())
        return (self.account_id.id, self.on, analytic, self.partner_id.id or False, *(one or False for one in more))

    def _copied(self, version):
        told = {name: self[name].id for name in CELL if name.endswith("_id")}
        plain = ("on", "analytic", "journal_type", "amount", "note", "is_actual")
        return {"version_id": version.id, **told, **{name: self[name] for name in plain}}

    def _places(self):
        """What the figure is about and how much, as it is fingerprinted."""
        return [
            self.account_id.with_company(self.company_id).code or "",
            self.on.isoformat(),
            self.analytic or "",
            self.partner_id.ref or self.partner_id.name or "",
            # Only where it is there: what was approved before has the fingerprint that it had.
            *(f"{name}={told}" for name, told in self._by().items()),
        ]

    def _by(self):
        """Member of the contract -> its name, of what the figure is divided by beside members and partner."""
        told = {name: self[field] if field == "journal_type" else self[field].name for name, field in BY.items()}
        return {name: value for name, value in told.items() if value}
