"""Members that retire with a balance are refused: planning would lose sight of figures that are still there."""

from odoo import fields, models

from odoo.addons.finance_integration_governance.core.errors import DataError

from ...core.member import part

NAMED = 20
_RESULT = ("income", "expense")


class FinObjectDimension(models.AbstractModel):
    """Balances: of balance sheet accounts in all; of profit and loss, analytic accounts and companies in this fiscal
    year; of currencies what is open in them. Products have none without a stock."""

    _inherit = "fin.object.dimension"

    def _refuse_retired(self, run, retired):
        """One case for each kind and company, with the members and what still stands there."""
        groups = {}
        for one in retired:
            if not one.is_group and hasattr(self, f"_balances_{one.kind}"):
                groups.setdefault((one.kind, one.company), []).append(one)
        for (kind, code), members in sorted(groups.items(), key=lambda pair: (pair[0][0], pair[0][1] or "")):
            balances = getattr(self, f"_balances_{kind}")(run, code, members)
            still = [one for one in members if balances.get(one.key)]
            if still:
                named = ", ".join(f"{one.code} {one.name} ({balances[one.key]})" for one in still[:NAMED])
                more = f" and {len(still) - NAMED} more" if len(still) > NAMED else ""
                text = f"retired in Odoo, and still with a balance: {named}{more}; clear the balance or use it again"
                facts = {"kind": kind, **({"company": code} if code else {})}
                error = DataError(text, code="retired_with_balance", **facts)
                run._reject_ids(self._items_of(run, [one.key for one in still]), error)

    def _begins(self, company):
        """The first day of the fiscal year that runs."""
        return company.compute_fiscalyear_dates(fields.Date.context_today(self))["date_from"]

    def _balances_account(self, run, code, members):
        """key -> balance in words, of accounts of this company."""
        company = self.env.companies.filtered(lambda one: one.fin_code == code)
        lines = self.env["account.move.line"].with_company(company)
        posted = [("company_id", "=", company.id), ("parent_state", "=", "posted")]
        accounts = self._all("account.account").with_company(company)
        found = accounts.search([("code", "in", [one.code for one in members])])
        result = found.filtered(lambda one: one.internal_group in _RESULT)
        this_year = [("account_id", "in", result.ids), ("date", ">=", self._begins(company))] if result else None
        ever = [("account_id", "in", (found - result).ids)]
        sums = {}
        for asked in filter(None, (ever, this_year)):
            for account, total in lines._read_group([*posted, *asked], ["account_id"], ["balance:sum"]):
                sums[part(account.with_company(company).code)] = self._spelled(company.currency_id, total)
        return {one.key: sums.get(one.code) for one in members}

    def _balances_analytic(self, run, code, members):
        company = self.env.companies.filtered(lambda one: one.fin_code == code) or run.company_id.with_env(self.env)
        known = self._all("account.analytic.account").search([("active", "=", False)])
        # sudo: plans are named as the approved version says, whoever may read them
        by_place = {(part(one.root_plan_id.sudo().name), part(one.code or one.name)): one for one in known}
        found = {}
        for one in members:
            account = by_place.get((one.plan, one.code))
            if account:
                column = account.root_plan_id.sudo()._column_name()  # sudo: which column a plan has is no secret
                asked = [(column, "=", account.id), ("date", ">=", self._begins(company))]
                [[total]] = self.env["account.analytic.line"]._read_group(asked, [], ["amount:sum"])
                found[one.key] = self._spelled(company.currency_id, total)
        return found

    def _balances_entity(self, run, _code, members):
        """A company that is not told any more, and has posted in the fiscal year that runs."""
        companies = self.env["res.company"].sudo().with_context(active_test=False)  # sudo: it may have left the flow
        found = {}
        for one in members:
            company = companies.search([("fin_code", "=", one.code)], limit=1)
            asked = [("company_id", "=", company.id), ("parent_state", "=", "posted")]
            posted = self.env["account.move.line"].sudo()  # sudo: as above, counted only
            count = company and posted.search_count([*asked, ("date", ">=", self._begins(company))])
            found[one.key] = f"{count} journal items in this fiscal year" if count else None
        return found

    def _balances_currency(self, run, _code, members):
        asked = [
            ("company_id", "in", self.env.companies.ids),
            ("parent_state", "=", "posted"),
            ("amount_residual_currency", "!=", 0),
            ("currency_id.name", "in", [one.code for one in members]),
        ]
        lines = self.env["account.move.line"].with_context(active_test=False)
        open_in = {currency.name: count for currency, count in lines._read_group(asked, ["currency_id"], ["__count"])}
        return {one.key: open_in.get(one.code) and f"{open_in[one.code]} open items" for one in members}

    def _spelled(self, currency, total):
        """An amount in words, None where it is nothing."""
        if not total or currency.is_zero(total):
            return None
        return f"{total:.{currency.decimal_places}f} {currency.name}"
