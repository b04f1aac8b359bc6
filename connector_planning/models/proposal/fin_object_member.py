"""Members that planning tells of: known ones are recognised, new ones become proposals, and none is ever made here."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import DataError, MappingError
from odoo.addons.finance_integration_governance.core.reading import read
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from ...core.member import Member, part
from ..dimension.fin_object_dimension import ENTITIES
from .fin_member_proposal import MODELS


class FinObjectMember(models.AbstractModel):
    """A member by kind, plan, company and code. What a steward has decided on is known by that decision."""

    _name = "fin.object.member"
    _inherit = "fin.object"
    _description = "New Members of Dimensions"
    _entity, _kind = "account", "master"
    _tells_states = True
    _groups = ("account.group_account_readonly",)
    _access = {
        "account.account": ("read",),
        "account.analytic.account": ("read",),
        "product.product": ("read",),
        "res.currency": ("read",),
    }

    def _entities(self, _document):
        return tuple(ENTITIES.values())

    def _scope(self, run):
        place = run.company_id.fin_code
        return lambda _one: place

    def _locked(self, company, day):
        """Members belong to no period."""
        return False

    def _map(self, run, item):
        """Whose member it is; groups are kept in Odoo, and only their names come back with members."""
        one = read(Member, item.content)
        if one.is_group:
            raise DataError(f"{one.code} is a group: groups are kept in Odoo", code="group_member")
        return {"company": self._company(run, one).fin_code, "kind": one.kind}

    def _company(self, run, one):
        if not one.company:
            return run.company_id.with_env(self.env)
        found = self.env.companies.filtered(lambda company: company.fin_code == one.company)
        if not found:
            raise MappingError(f"{one.company} is no company of this flow", code="unknown_company")
        return found

    def _deliver(self, run, items):
        """What Odoo has, or what a steward has decided on; else a proposal."""
        proposals, found = self.env["fin.member.proposal"], []
        for item in items:
            one = read(Member, item.content)
            company = self._company(run, one)
            there = self._there(one, company) or proposals._known_as(run.flow_id, one.key)
            found.append((item.id, there or proposals._propose(run, one, company)))
        return found

    def _there(self, one, company):
        """The record that this member is, by code; retired ones count."""
        return getattr(self, f"_there_{one.kind}")(one, company)

    def _all(self, model):
        return self.env[model].with_context(active_test=False)

    def _there_account(self, one, company):
        accounts = self._all("account.account").with_company(company)
        return accounts.search([("code", "=", one.code), ("company_ids", "parent_of", company.id)], limit=1)

    def _there_analytic(self, one, company):
        asked = [("company_id", "in", (False, company.id)), "|", ("code", "=", one.code), ("name", "=", one.code)]
        found = self._all("account.analytic.account").search(asked)
        # sudo: plans are named as planning calls them, whoever may read them
        return found.filtered(lambda account: part(account.root_plan_id.sudo().name) == one.plan)[:1]

    def _there_entity(self, one, _company):
        companies = self.env["res.company"].sudo().with_context(active_test=False)  # sudo: that it is there
        return companies.search([("fin_code", "=", one.code)], limit=1).with_env(self.env)

    def _there_product(self, one, company):
        asked = [("company_id", "in", (False, company.id)), "|", ("default_code", "=", one.code)]
        return self._all("product.product").search([*asked, ("name", "=", one.code)], limit=1)

    def _there_currency(self, one, _company):
        return self.env["res.currency"].search([("name", "=", one.code)], limit=1)

    def _totals(self, run):
        """The members whose record is there: a proposal, or what Odoo had already."""
        rows = self.env.execute_query(
            SQL(
                """SELECT i.key, b.res_model, b.res_id FROM fin_item i
                JOIN fin_binding b ON b.item_id = i.id AND b.live WHERE i.run_id = %s AND i.outcome = 'delivered'""",
                run.id,
            )
        )
        there = {
            # sudo: that they are there is all that is asked
            model: set(self.env[model].sudo().browse([row[2] for row in rows if row[1] == model]).exists().ids)
            for model in ("fin.member.proposal", *MODELS.values())
        }
        return ControlTotals.of((key, None, None) for key, model, record in rows if record in there[model])


class FinRun(models.Model):
    _inherit = "fin.run"

    def _after_finish(self):
        super()._after_finish()
        if not self.is_draft and self._document().get("object") == FinObjectMember._name:
            # sudo: evidence
            self.env["fin.exception"].sudo()._watch_members(self.flow_id)
