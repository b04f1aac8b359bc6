"""Dimensions: accounts, analytic plans, companies, products and currencies with what they hang below."""

import json
from collections import Counter

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, DataError
from odoo.addons.finance_integration_governance.core.reading import read
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from ...core.member import KINDS, Member, name, part, state

NAMED = 20
# Whose word counts on which kind, as the authority matrix calls it.
ENTITIES = {"account": "account", "analytic": "cost_center"}


class FinObjectDimension(models.AbstractModel):
    """Members of dimensions with their groups, retired ones included: what has changed travels.

    What was told once and is not there any more travels once more as retired. A member that retires with a balance is
    refused. Two members of one code are refused, both of them: nobody could tell their figures apart. Options: `kinds`
    (account, analytic, entity, product, currency; all where none is named), `plans` (names of analytic plans; else
    every plan).
    """

    _name = "fin.object.dimension"
    _inherit = "fin.object"
    _description = "Members of Dimensions"
    _entity, _kind = "account", "master"
    _contract_class = Member
    _resends = True
    _groups = ("account.group_account_readonly",)
    _access = {
        "account.account": ("read",),
        "account.analytic.account": ("read",),
        "account.move.line": ("read",),
        "res.currency": ("read",),
    }

    def _entities(self, document):
        kinds = document.get("options", {}).get("kinds") or KINDS
        return tuple(ENTITIES[kind] for kind in kinds if kind in ENTITIES)

    def _locked(self, company, day):
        """Members belong to no period."""
        return False

    def _collect(self, run):
        """Every member from one snapshot; what cannot leave is refused at once, and by name."""
        target, everybody = run._document().connection["code"], []
        for company, told in self._by_company(run):
            members = list(told)
            # sudo: evidence
            run.env["fin.item"].sudo()._collect(run, members, company, scope=target)
            everybody += members
        gone = self._gone(run, {one.key for one in everybody})
        # sudo: evidence
        run.env["fin.item"].sudo()._collect(run, gone, scope=target)
        self._refuse_doubles(run, everybody)
        self._refuse_retired(run, [one for one in (*everybody, *gone) if not one.is_active])
        yield

    def _totals(self, run):
        """What Odoo says now of the members that were delivered: those that are still the same."""
        now = {one.key: one for _company, members in self._by_company(run) for one in members}
        rows = self.env.execute_query(
            SQL("SELECT key, content FROM fin_item WHERE run_id = %s AND outcome = 'delivered'", run.id)
        )
        told = ((key, read(Member, json.loads(content))) for key, content in rows)
        same = (key for key, one in told if now.get(key) == one or (key not in now and not one.is_active))
        return ControlTotals.of((key, None, None) for key in same)

    # The members

    def _kinds(self, run):
        kinds = run._document().get("options", {}).get("kinds") or KINDS
        for kind in kinds:
            if kind not in KINDS:
                raise ConfigurationError(f"{kind} is none of {', '.join(KINDS)}", option="kinds")
        return kinds

    def _by_company(self, run):
        """(company, its members): those of companies first, then what belongs to everybody, with the owning one."""
        kinds = self._kinds(run)
        for company in self.env.companies if "account" in kinds else ():
            yield company, self._accounts(company)
        for kind in kinds:
            if kind != "account":
                yield run.company_id, getattr(self, f"_of_{kind}")(run)

    def _all(self, model):
        """The model with its archived records: what is retired is told as that."""
        return self.env[model].with_context(active_test=False)

    def _accounts(self, company):
        """Accounts of a company by code, below its account groups."""
        groups = self._all("account.group").search([("company_id", "=", company.root_id.id)])
        yield from (
            Member(
                kind="account",
                company=company.fin_code,
                code=_span(group),
                name=name(group.name),
                parent=_span(group.parent_id),
                level="group",
            )
            for group in groups.sorted(lambda one: (one.code_prefix_start or "", one.id))
        )
        accounts = self._all("account.account").with_company(company)
        found = accounts.search([("company_ids", "parent_of", company.id)])
        for account in found.filtered("code").sorted("code"):
            yield Member(
                kind="account",
                company=company.fin_code,
                code=part(account.code),
                name=name(account.name),
                parent=_span(account.group_id),
                account_type=account.account_type,
                currency_code=account.currency_id.name or None,
                state=state(account.active),
            )

    def _of_analytic(self, run):
        """Analytic accounts by code (by name where they have none), below the plans that they lie in."""
        wanted = run._document().get("options", {}).get("plans")
        # sudo: plans are named as the approved version says, whoever may read them
        plans = self.env["account.analytic.plan"].sudo().search([("name", "!=", False)])
        missing = set(wanted or ()) - set(plans.filtered(lambda plan: not plan.parent_id).mapped("name"))
        if missing:
            raise ConfigurationError(f"there is no analytic plan {', '.join(sorted(missing))}", option="plans")
        plans = plans.filtered(lambda plan: not wanted or plan.root_id.name in wanted).sorted("complete_name")
        for plan in plans:
            yield Member(
                kind="analytic",
                plan=part(plan.root_id.name),
                code=part(plan.complete_name),
                name=name(plan.name),
                parent=part(plan.parent_id.complete_name),
                level="group",
            )
        asked = [("plan_id", "in", plans.ids), ("company_id", "in", (False, *self.env.companies.ids))]
        for one in self._all("account.analytic.account").search(asked).sorted(lambda one: (one.code or "", one.name)):
            yield Member(
                kind="analytic",
                plan=part(one.root_plan_id.sudo().name),  # sudo: as above
                company=one.company_id.fin_code or None,
                code=part(one.code or one.name),
                name=name(one.name),
                parent=part(one.plan_id.sudo().complete_name),  # sudo: as above
                state=state(one.active),
            )

    def _of_entity(self, _run):
        """The companies of the flow, and those above them."""
        companies = self.env.companies.sudo()  # sudo: a branch is told below its company, whoever may enter that
        for company in (companies | companies.parent_ids).sorted("fin_code"):
            yield Member(
                kind="entity",
                code=part(company.fin_code),
                name=name(company.name),
                parent=part(company.parent_id.fin_code),
                currency_code=company.currency_id.name,
                state=state(company.active),
            )

    def _of_product(self, _run):
        """Products by reference (by name where they have none), below their categories."""
        for category in self.env["product.category"].search([("name", "!=", False)]).sorted("complete_name"):
            yield Member(
                kind="product",
                code=part(category.complete_name),
                name=name(category.name),
                parent=part(category.parent_id.complete_name),
                level="group",
            )
        asked = [("company_id", "in", (False, *self.env.companies.ids))]
        for one in self._all("product.product").search(asked, order="default_code, id"):
            yield Member(
                kind="product",
                company=one.company_id.fin_code or None,
                code=part(one.default_code or one.display_name),
                name=name(one.name),
                parent=part(one.categ_id.complete_name),
                state=state(one.active),
            )

    def _of_currency(self, _run):
        for one in self._all("res.currency").search([("name", "!=", False)], order="name"):
            if one.active or one.rate_ids:
                yield Member(
                    kind="currency", code=one.name, name=name(one.full_name or one.name), state=state(one.active)
                )

    # What was told before

    def _gone(self, run, there):
        """Members that the target knows and Odoo does not any more, as retired; of what the version tells, no other."""
        plans = run._document().get("options", {}).get("plans")
        rows = self.env.execute_query(
            SQL(
                """SELECT i.content FROM fin_binding b JOIN fin_item i ON i.id = b.item_id
                CROSS JOIN LATERAL (SELECT i.content::json AS told) AS was
                WHERE b.live AND b.object = %s AND b.scope = %s AND NOT b.key = ANY(%s)
                    AND told->>'kind' = ANY(%s) AND (told->>'plan' IS NULL OR %s OR told->>'plan' = ANY(%s))
                    AND (told->>'company' IS NULL OR told->>'company' = ANY(%s)) ORDER BY b.key""",
                self._name,
                run._document().connection["code"],
                sorted(there),
                list(self._kinds(run)),
                not plans,
                [part(plan) for plan in plans or ()],
                self.env.companies.mapped("fin_code"),
            )
        )
        told = (json.loads(content) for (content,) in rows)
        return [read(Member, {**one, "state": "retired"}) for one in told]

    # What is refused

    def _refuse_doubles(self, run, members):
        """Members of one dimension with one code: none of them leaves."""
        times = Counter(one.key for one in members)
        doubled = sorted(key for key, many in times.items() if many > 1)
        if doubled:
            named = ", ".join(key.split("|")[4] for key in doubled[:NAMED])
            text = f"several members have one code, so their figures could not be told apart: {named}"
            run._reject_ids(self._items_of(run, doubled), DataError(text, code="ambiguous_member"))

    def _items_of(self, run, keys):
        rows = self.env.execute_query(
            SQL("SELECT id FROM fin_item WHERE run_id = %s AND outcome = 'open' AND key = ANY(%s)", run.id, list(keys))
        )
        return [item_id for (item_id,) in rows]


def _span(group):
    """The code of an account group: the beginning of its accounts' codes, or the first and the last one."""
    first, last = group.code_prefix_start, group.code_prefix_end
    return part(first if first == last or not last else f"{first}-{last}")
