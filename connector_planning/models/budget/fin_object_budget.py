from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import DataError, MappingError
from odoo.addons.finance_integration_governance.core.reading import read
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from ...core.analytic import read as members_of
from ...core.budget import BudgetLine, month_of

NAMED = 20


class FinBudgetPlanner(models.AbstractModel):
    """What a planned figure becomes in Odoo, or why it cannot: the same for files, for interfaces and for people."""

    _name = "fin.budget.planner"
    _description = "Planned Figures"

    def _of(self, version):
        """A planner of one version, remembered for the transaction, for what it has looked up already."""
        known = self.env.cr.precommit.data.setdefault(_Planner, {})
        place = (self.env.uid, version.id)
        if place not in known:
            known[place] = _Planner(self.env, version)
        return known[place]


class _Planner:
    def __init__(self, env, version):
        self.env, self.version = env, version
        self.accounts, self.partners, self.members = {}, {}, {}

    def _line(self, one):
        """The values of a budget line. Raises MappingError for members that nobody knows, DataError for the rest."""
        version = self.version
        for ours, theirs, what in (
            (version.code, one.version, "version"),
            (version.company_id.fin_code, one.company, "company"),
            (version.currency_id.name, one.currency, "currency"),
        ):
            if ours != theirs:
                raise DataError(f"the {what} is {ours} here, the file says {theirs}", code=f"other_{what}")
        return {
            "account_id": self._account(one.account),
            "on": self._month(one.period),
            "analytic": self._analytic(one.analytic),
            "partner_id": self._partner(one.partner),
            "amount": self._amount(one.balance),
            "note": one.note or False,
        }

    def _amount(self, balance):
        if round(balance, self.version.currency_id.decimal_places) != balance:
            raise DataError(f"{self.version.currency_id.name} has fewer decimal places", code="too_exact")
        return float(balance)

    def _month(self, period):
        """The month's last day; DataError for one of another fiscal calendar."""
        last = month_of(period, int(self.version.company_id.fiscalyear_last_month))
        if not self.version.date_from <= last <= self.version.date_to:
            told = f"{self.version.date_from:%Y-%m} to {self.version.date_to:%Y-%m}"
            raise DataError(f"{period} is no period of this version ({told})", code="other_calendar")
        return last

    def _account(self, code):
        if code not in self.accounts:
            accounts = self.env["account.account"].with_company(self.version.company_id)
            found = accounts.search([("code", "=", code), ("company_ids", "parent_of", self.version.company_id.id)])
            self.accounts[code] = found.id if len(found) == 1 else None
        if not self.accounts[code]:
            raise MappingError(f"no account of {self.version.company_id.fin_code} has the code {code}")
        return self.accounts[code]

    def _partner(self, ref):
        if not ref:
            return False
        if ref not in self.partners:
            found = self.env["res.partner"].search([("ref", "=", ref)], limit=2)
            self.partners[ref] = found.id if len(found) == 1 else None
        if not self.partners[ref]:
            raise MappingError(f"no partner has the reference {ref}, or several have it")
        return self.partners[ref]

    def _analytic(self, told):
        """The members as they are spelled, once each of them is known."""
        if told and not all("=" in part for part in told.split(";")):
            raise MappingError("analytic members are written as plan=member;plan=member")
        for plan, member in members_of(told).items():
            if not self._is_member(plan, member):
                raise MappingError(f"{member} is no member of an analytic plan {plan}")
        return told or False

    def _is_member(self, plan, member):
        if (plan, member) not in self.members:
            wanted = [("root_plan_id.name", "=", plan), ("company_id", "in", (False, self.version.company_id.id))]
            found = self.env["account.analytic.account"].search(
                [*wanted, "|", ("name", "=", member), ("code", "=", member)], limit=1
            )
            self.members[plan, member] = bool(found)
        return self.members[plan, member]


class FinObjectBudget(models.AbstractModel):
    """Figures of budgets and forecasts: each lands in the draft that its file names.

    A figure that comes again with another amount replaces the one before, as long as the version is a draft. What was
    approved takes nothing any more. A cell that stands twice in one file is refused with both of its rows.
    """

    _name = "fin.object.budget"
    _inherit = "fin.object"
    _description = "Budgets and Forecasts"
    _entity, _kind = "budget", "budget"
    _tells_states = True
    _groups = ("account.group_account_readonly", "connector_planning.group_budget_service")
    _access = {
        "fin.budget.version": ("read",),
        "fin.budget.line": ("read", "create", "write"),
        "account.account": ("read",),
        "account.analytic.account": ("read",),
        "res.partner": ("read",),
    }

    def _scope(self, run):
        return lambda one: f"{one.company}/{one.version}"

    def _locked(self, company, day):
        """A plan of a closed month is a plan: no lock date stands in its way."""
        return False

    def _map(self, run, item):
        one = _read(item)
        values = self._vals(one)
        return {
            "company": one.company,
            "version": one.version,
            "account": one.account,
            "month": values["on"].isoformat(),
            "amount": one.balance,
            "currency": one.currency,
        }

    def _draft(self, one):
        """The version that the figure names, while figures can still come; MappingError else."""
        known = self.env.cr.precommit.data.setdefault(FinObjectBudget, {})
        place = (self.env.uid, one.company, one.version)
        if place not in known:
            wanted = [("company_id.fin_code", "=", one.company), ("code", "=", one.version)]
            known[place] = self.env["fin.budget.version"].search(wanted, limit=1)
        version = known[place]
        if not version:
            raise MappingError(f"{one.company} has no version {one.version}", code="unknown_version")
        if version.state != "draft":
            label = version._lifecycle.labels[version.state].lower()
            text = f"{one.version} is {label}: it takes no figures; make a new version of it"
            raise MappingError(text, code="version_closed")
        return version

    def _deliver(self, run, items):
        """A new figure, or another amount in the place of the one before."""
        planned = [(item.id, self._draft(one), self._vals(one)) for item in items for one in [_read(item)]]
        there, fresh = self._there(planned), []
        for item_id, version, values in planned:
            line = there.get(_cell(version.id, values))
            if line:
                line.write({"amount": values["amount"], "note": values["note"]})
            else:
                fresh.append((item_id, {"version_id": version.id, **values}))
        made = self.env["fin.budget.line"].create([values for _item_id, values in fresh])
        new = dict(zip([item_id for item_id, _values in fresh], made, strict=True))
        return [(item_id, new.get(item_id) or there[_cell(version.id, vals)]) for item_id, version, vals in planned]

    def _vals(self, one):
        return self.env["fin.budget.planner"]._of(self._draft(one))._line(one)

    def _there(self, planned):
        """Cell -> its line: what came before, by whatever way, gives way to what comes."""
        versions = sorted({version.id for _item_id, version, _values in planned})
        accounts = sorted({values["account_id"] for _item_id, _version, values in planned})
        lines = self.env["fin.budget.line"].search([("version_id", "in", versions), ("account_id", "in", accounts)])
        return {(line.version_id.id, *_line_cell(line)): line for line in lines}

    def _totals(self, run):
        """What the lines hold now, by the keys of the items that became them."""
        self.env["fin.budget.line"].flush_model(["amount"])
        rows = self.env.execute_query(
            SQL(
                """SELECT i.key, l.amount::text, i.currency FROM fin_item i
                JOIN fin_binding b ON b.item_id = i.id AND b.live JOIN fin_budget_line l ON l.id = b.res_id
                WHERE i.run_id = %s AND i.outcome = 'delivered' AND b.res_model = 'fin.budget.line'
                    AND l.company_id = ANY(%s)""",
                run.id,
                self.env.companies.ids,
            )
        )
        return ControlTotals.of((key, Decimal(amount), currency) for key, amount, currency in rows)


def _read(item):
    return read(BudgetLine, item.content)


def _cell(version_id, values):
    return (version_id, *(values[name] or False for name in ("account_id", "on", "analytic", "partner_id")))


def _line_cell(line):
    return line.account_id.id, line.on, line.analytic or False, line.partner_id.id or False


class FinItem(models.Model):
    _inherit = "fin.item"

    def _give_way(self, run):
        """A figure that stands twice in one file is none: nobody can tell which of them counts."""
        if run._object()._name == FinObjectBudget._name:
            self._refuse_doubles(run)
        return super()._give_way(run)

    def _refuse_doubles(self, run):
        rows = self.env.execute_query(
            SQL(
                """SELECT key, array_agg(id ORDER BY id), array_agg(row ORDER BY id) FROM fin_item
                WHERE run_id = %s AND outcome = 'open' GROUP BY payload_id, scope, key HAVING count(*) > 1
                ORDER BY min(row)""",
                run.id,
            )
        )
        if rows:
            named = "; ".join(f"{key} in {', '.join(map(str, places))}" for key, _ids, places in rows[:NAMED])
            text = f"{len(rows)} cells stand more than once in their file, by row: {named}"
            ids = [item_id for _key, ids, _places in rows for item_id in ids]
            run._reject_ids(ids, DataError(text, code="duplicate_cell"))
