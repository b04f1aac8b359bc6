"""A new account, tax or cost center that active flows do not cover is told at once, not at the next load."""

import json

from odoo import api, fields, models, tools

from ...core.canonical import canonical, digest
from ..exception.fin_exception import OPEN

ACTIVE = ("active", "paused")
# Apart from the exception of a held load: what has no movement yet holds nothing, and a person closes this one.
NOT_COVERED_YET = "not_covered_yet"


class FinCrosswalk(models.Model):
    _inherit = "fin.crosswalk"

    @api.model
    @tools.ormcache()
    def _watched_kinds(self):
        """Kinds of code that some crosswalk maps out of Odoo; nothing else is looked at when records are made."""
        # sudo: whoever makes an account, the crosswalks of every company count
        watched = self.sudo().search([("direction", "=", "outbound")])
        return frozenset(watched.mapped("kind"))

    @api.model
    def _warn_uncovered(self, kinds, told):
        """`told`: a function company -> [(code, name)]. One exception per flow and crosswalk, owned by its steward."""
        if not self._watched_kinds() & set(kinds):
            return
        # sudo: the flows' stewards are told, whoever made the record
        crosswalks = self.sudo().search([("direction", "=", "outbound"), ("kind", "in", list(kinds))])
        for crosswalk in crosswalks:
            for flow in crosswalk.flow_ids.filtered(lambda f: f.state in ACTIVE and f.live_version_id):
                crosswalk._warn(flow, told)

    def _warn(self, flow, told):
        pinned = flow.live_version_id._crosswalks().get(self.code)
        if not pinned:
            return
        today = fields.Date.context_today(self)
        companies = flow.company_id | flow.company_ids
        missing = [
            (code, name)
            for company in companies
            for code, name in told(company)
            if code and len(pinned.match(code, today)) != 1
        ]
        if missing:
            self.env["fin.exception"]._raise_uncovered(flow, self, sorted(set(missing)))


class FinException(models.Model):
    _inherit = "fin.exception"

    def _fact(self, name):
        # sudo: facts are for viewers; the engine compares them
        return json.loads(self.sudo().facts or "{}").get(name)

    @api.model
    def _raise_uncovered(self, flow, crosswalk, missing):
        """One open exception about this crosswalk; codes that come later are added to it."""
        named = ", ".join(f"{code} {name}" for code, name in missing[:20])
        more = f" and {len(missing) - 20} more" if len(missing) > 20 else ""
        text = f"{crosswalk.code} does not map what was made in Odoo: {named}{more}"
        facts = {"crosswalk": crosswalk.code}
        cause = digest(canonical([NOT_COVERED_YET, facts]))
        known = self.search([("flow_id", "=", flow.id), ("fingerprint", "=", cause), ("state", "in", OPEN)], limit=1)
        exception = known or self._new(flow, NOT_COVERED_YET, text, "data", False, cause, facts)
        if known:
            exception.message_post(body=text)
        exception._audit("raise", code=NOT_COVERED_YET, count=len(missing), **facts)


class AccountAccount(models.Model):
    _inherit = "account.account"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._fin_warn()
        return accounts

    def write(self, vals):
        result = super().write(vals)
        if {"code", "code_mapping_ids"} & set(vals):
            self._fin_warn()
        return result

    def _fin_warn(self):
        # sudo: codes in companies that the author of the account does not see
        accounts = self.sudo()
        self.env["fin.crosswalk"]._warn_uncovered(
            ["account"], lambda company: [(account.code, account.name) for account in accounts.with_company(company)]
        )


class AccountAnalyticAccount(models.Model):
    _inherit = "account.analytic.account"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        self.env["fin.crosswalk"]._warn_uncovered(["cost_center", "project"], accounts._fin_codes)
        return accounts

    def _fin_codes(self, company):
        # sudo: as for accounts
        return [(one.code, one.name) for one in self.sudo() if one.company_id in (company, company.browse())]


class AccountTax(models.Model):
    _inherit = "account.tax"

    @api.model_create_multi
    def create(self, vals_list):
        taxes = super().create(vals_list)
        self.env["fin.crosswalk"]._warn_uncovered(["tax_code"], taxes._fin_codes)
        return taxes

    def _fin_codes(self, company):
        # sudo: as for accounts
        return [(tax.name, tax.description or "") for tax in self.sudo() if tax.company_id == company]
