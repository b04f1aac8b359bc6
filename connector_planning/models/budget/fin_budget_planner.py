from odoo import models

from odoo.addons.finance_integration_governance.core.canonical import nfc
from odoo.addons.finance_integration_governance.core.errors import DataError, MappingError

from ...core.analytic import read as members_of
from ...core.analytic import spelled
from ...core.budget import month_of, partner_name
from .fin_budget_line import BY


class FinBudgetPlanner(models.AbstractModel):
    """What a planned figure becomes in Odoo, or why it cannot: the same for files, for interfaces and for people."""

    _name = "fin.budget.planner"
    _description = "Planned Figures"

    def _of(self, version):
        """A planner of one version, remembered for the transaction, for what it has looked up already."""
        known = self.env.cr.precommit.data.setdefault(Planner, {})
        place = (self.env.uid, version.id)
        if place not in known:
            known[place] = Planner(self.env, version)
        return known[place]


class Planner:
    """Looks up what the figures of one version name; each name is looked up once."""

    def __init__(self, env, version):
        self.env, self.version, self.found = env, version, {}

    def _line(self, one):
        """The values of a budget line. Raises MappingError for members that nobody knows, DataError for the rest."""
        values, errors = self._read(one)
        if errors:
            raise errors[0][1]
        return values

    def _read(self, one):
        """(values of the budget line, [(member, error)]): everything that is wrong with the figure."""
        values, errors = {"note": one.note or False}, []
        for member, name, read in (
            ("version", None, self._same),
            ("company", None, self._same),
            ("currency", None, self._same),
            ("account", "account_id", self._known),
            ("period", "on", self._month),
            ("analytic", "analytic", self._known),
            ("partner", "partner_id", self._known),
            *((member, field, self._known) for member, field in BY.items()),
            ("balance", "amount", self._amount),
        ):
            try:
                value = read(member, getattr(one, member))
            except DataError as error:
                errors.append((member, error))
            else:
                values |= {name: value} if name else {}
        return values, errors

    def _same(self, member, told):
        """DataError for a figure of another version or company, or in another currency."""
        version = self.version
        ours = {"version": version.code, "company": version.company_id.fin_code, "currency": version.currency_id.name}
        if ours[member] != told:
            words = {
                "version": self.env._("the version is %(ours)s here, the file says %(told)s"),
                "company": self.env._("the company is %(ours)s here, the file says %(told)s"),
                "currency": self.env._("the currency is %(ours)s here, the file says %(told)s"),
            }
            text = words[member] % {"ours": ours[member], "told": told}
            raise DataError(text, code=f"other_{member}", told=told)

    def _amount(self, member, balance):
        currency = self.version.currency_id
        if round(balance, currency.decimal_places) != balance:
            raise DataError(self.env._("%s has fewer decimal places", currency.name), code="too_exact")
        return float(balance)

    def _month(self, member, period):
        """The month's last day; DataError for one of another fiscal calendar."""
        last = month_of(period, int(self.version.company_id.fiscalyear_last_month))
        if not self.version.date_from <= last <= self.version.date_to:
            told = {"first": f"{self.version.date_from:%Y-%m}", "last": f"{self.version.date_to:%Y-%m}"}
            text = self.env._("%(period)s is no period of this version (%(first)s to %(last)s)", period=period, **told)
            raise DataError(text, code="other_calendar", period=period)
        return last

    def _known(self, member, told):
        """What a name stands for, or the error that says why it stands for nothing."""
        if not told:
            return False
        if (member, told) not in self.found:
            try:
                self.found[member, told] = getattr(self, f"_{member}")(told)
            except DataError as error:
                self.found[member, told] = error
        found = self.found[member, told]
        if isinstance(found, DataError):
            raise found
        return found

    def _account(self, code):
        accounts = self.env["account.account"].with_company(self.version.company_id)
        found = accounts.search([("code", "=", code), ("company_ids", "parent_of", self.version.company_id.id)])
        if len(found) != 1:
            company = self.version.company_id.fin_code
            text = self.env._("no account of %(company)s has the code %(code)s", company=company, code=code)
            raise MappingError(text, account=code)
        return found.id

    def _partner(self, told):
        """The partner that figures call so. Its name is nobody's business but the file's, so no error repeats it."""
        found = self.env["res.partner"].with_context(active_test=False).search(self._called(told))
        found = found.filtered(lambda one: partner_name(one.ref, one.vat, one.name).strip() == nfc(told))
        # A contact bears its company's tax number, and journal items stand under the company.
        found = found.filtered(lambda one: one.commercial_partner_id == one) or found
        if len(found) > 1:
            text = self.env._("several partners are called so: give each of them a reference of its own")
            raise MappingError(text, code="ambiguous_partner")
        if not found:
            raise MappingError(self.env._("no partner has this reference, tax number or name"), member="partner")
        return found.id

    def _called(self, told):
        """The domain of whoever may be called so: names are told without bars, breaks and what is beyond 64 signs."""
        pattern = told.replace("\\", "\\\\").replace("%", r"\%").replace("/", "_").replace(" ", "_")
        pattern += "%" if len(told) > 60 else ""  # tables strip blanks from where a name was cut
        names = [(name, "=like", pattern) for name in ("ref", "vat", "name")]
        return ["&", ("company_id", "in", (False, self.version.company_id.id)), "|", "|", *names]

    def _analytic(self, told):
        """The members as actuals name them, by code where they have one, and in the order of their plans."""
        if not all("=" in part for part in told.split(";")):
            raise MappingError(self.env._("analytic members are written as plan=member;plan=member"), code="analytic")
        named = {plan: self._member(plan, member) for plan, member in members_of(told).items()}
        plans = sorted(named)
        return spelled([named[plan] for plan in plans], plans)

    def _member(self, plan, member):
        wanted = [("root_plan_id.name", "=", plan), ("company_id", "in", (False, self.version.company_id.id))]
        # sudo: members are named as the version names them, whoever may read the plans
        accounts = self.env["account.analytic.account"].sudo()
        found = accounts.search([*wanted, "|", ("name", "=", member), ("code", "=", member)])
        # A member is named by its code; its name stands for it where no other one has that code.
        found = found.filtered(lambda one: one.code == member) or found
        told = {"member": member, "plan": plan}
        if not found:
            text = self.env._("%(member)s is no member of an analytic plan %(plan)s", **told)
            raise MappingError(text, member=member, plan=plan)
        if len(found) > 1:
            text = self.env._("several members of %(plan)s are called %(member)s: give their codes", **told)
            raise MappingError(text, code="ambiguous_member", member=member, plan=plan)
        return nfc(found.code or found.name)

    def _tax(self, told):
        company = self.version.company_id
        taxes = (
            self.env["account.tax"]
            .with_context(active_test=False)
            .search([*self.env["account.tax"]._check_company_domain(company), ("name", "=", told)])
        )
        return self._one(taxes, "tax", told)

    def _ledger(self, told):
        wanted = [("name", "=", told), ("company_id", "in", (False, self.version.company_id.id))]
        return self._one(self.env["account.journal.group"].search(wanted), "ledger", told)

    def _transaction_currency(self, told):
        currencies = self.env["res.currency"].with_context(active_test=False)
        return self._one(currencies.search([("name", "=", told)]), "document currency", told)

    def _journal_type(self, told):
        known = dict(self.env["account.journal"]._fields["type"].selection)
        if told not in known:
            text = self.env._("%(told)s is none of %(known)s", told=told, known=", ".join(known))
            raise MappingError(text, journal_type=told)
        return told

    def _one(self, found, what, told):
        if len(found) != 1:
            words = self.env._("several are called %s") if found else self.env._("there is no %s")
            raise MappingError(f"{words % told} ({what})", code="ambiguous" if found else None, what=what, told=told)
        return found.id

    def _spelled(self, analytic):
        """Members that stand in a line already, as the planner spells them; as they are where nobody knows them."""
        try:
            return self._known("analytic", analytic)
        except DataError:
            return analytic
