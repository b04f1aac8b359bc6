"""What the cells of a ledger are, added up in Python from journal items as the ORM reads them: no SQL of the addon.

A second telling of what the contract says, for properties: it shares nothing with the code that it is held against.
"""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from itertools import product


class CellsByHand:
    """`options`: those of the flow; `home`: its company, whose fiscal year names fiscal periods."""

    def __init__(self, companies, home, options):
        self.companies, self.home, self.options, self.env = companies, home, options, companies.env
        self.sent = set(options["dimensions"])
        self.group = options.get("group")
        self.members = self._members()
        self.known = self._known_rates() if self.group else {}

    def cells(self):
        """Key -> balance, transaction_balance, quantity, and where there is a group's currency what it is worth.

        The last one is not rounded: a cell may be half a unit off.
        """
        found = defaultdict(lambda: [Decimal()] * (4 if self.group else 3))
        posted = [("company_id", "in", self.companies.ids), ("parent_state", "=", "posted")]
        for line in self.env["account.move.line"].search(posted):
            balance, money = (Decimal(f"{figure:.2f}") for figure in (line.balance, line.amount_currency))
            figures = [balance, money, Decimal(str(line.quantity))]
            if self.group:
                figures.append(balance * self.rate(line.company_id, line.date))
            for place, share in self.spread(line.analytic_distribution or {}):
                key = self.key(line, place)
                found[key] = [sum(pair) for pair in zip(found[key], (one * share for one in figures), strict=True)]
        return {key: tuple(figures) for key, figures in found.items()}

    def key(self, line, place):
        names = {
            "partner": line.partner_id.ref or line.partner_id.vat or line.partner_id.name,
            "tax": line.tax_line_id.name,
            "journal_type": line.journal_id.type,
            "transaction_currency": line.currency_id.name,
        }
        partner, tax, kind, currency = (
            (names[name] or "").replace("|", "/") if name in self.sent else "" for name in names
        )
        account = line.account_id.with_company(line.company_id).code
        plans = ";".join(f"{plan}={place[plan]}" for plan in self.options.get("plans", ()) if plan in place)
        period = self.period(line.date)
        return f"2|{line.company_id.fin_code}||{account}|{period}|{partner}|{tax}|{kind}|{currency}|{plans}"

    # Periods

    def period(self, day):
        grain = self.options.get("period", "month")
        if grain == "fiscal":
            year = self.home.compute_fiscalyear_dates(day)
            months = (day.year - year["date_from"].year) * 12 + day.month - year["date_from"].month
            return f"FY{year['date_to'].year}-P{months + 1:02}"
        week = day.isocalendar()
        return {"day": day.isoformat(), "week": f"{week.year}-W{week.week:02}", "month": f"{day:%Y-%m}"}[grain]

    def days(self, day):
        """All days of the period that a day lies in."""
        around = [day + dt.timedelta(days=n) for n in range(-31, 32)]
        return [one for one in around if self.period(one) == self.period(day)]

    # Plans

    def _members(self):
        """Analytic account id, as distributions spell it -> plan and name; of the plans that are sent."""
        accounts = self.env["account.analytic.account"].search([])
        plans = self.options.get("plans", ())
        return {str(one.id): (one.plan_id.name, one.name) for one in accounts if one.plan_id.name in plans}

    def spread(self, distribution):
        """[(plan -> member, share)]: each key takes its percentage, and what is left of one stands under none.

        Keys of one plan say nothing of the other, unless some key speaks of both: then all share out together.
        """
        parts = []
        for ids, percentage in distribution.items():
            place = dict(self.members[one] for one in ids.split(",") if one in self.members)
            if place:
                parts.append((place, Decimal(str(percentage)) / 100))
        plans = [] if any(len(place) > 1 for place, _share in parts) else self.options.get("plans", ())
        groups = [[part for part in parts if plan in part[0]] for plan in plans] or [parts]
        whole = [[*group, ({}, 1 - sum(share for _place, share in group))] for group in groups]
        return [
            ({plan: name for place, _share in told for plan, name in place.items()}, _product(told))
            for told in product(*whole)
            if _product(told)
        ]

    # The group's currency

    def _known_rates(self):
        """Currency -> [(is the company's own, day, rate, company)]."""
        found = defaultdict(list)
        for rate in self.env["res.currency.rate"].search([], order="name"):
            found[rate.currency_id].append((rate.company_id, rate.name, Decimal(str(rate.rate))))
        return found

    def rate(self, company, day):
        """Units of the group's currency for one of the company's: of the last day, the average, or of the day."""
        kind = self.group["rate"]
        days = [day] if kind == "historic" else self.days(day)
        days = days[-1:] if kind == "closing" else days
        target = self.env["res.currency"].search([("name", "=", self.group["currency"])])
        rates = [self.unit(target, company, one) / self.unit(company.currency_id, company, one) for one in days]
        return sum(rates) / len(rates)

    def unit(self, currency, company, day):
        """The last rate until then: of the company where it has one, else everybody's; one where there is none."""
        until = [(owner, rate) for owner, since, rate in self.known[currency] if since <= day]
        own, all_ = ([rate for owner, rate in until if owner == wanted] for wanted in (company, company.browse()))
        return (own or all_ or [Decimal(1)])[-1]


def _product(told):
    share = Decimal(1)
    for _place, part in told:
        share *= part
    return share
