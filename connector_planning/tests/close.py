"""A close calendar in force for the company of the tests, and its two signatures."""

from odoo import fields
from odoo.fields import Command

LATER = fields.Datetime.to_datetime("2026-06-20 12:00:00")
CODE = "balance"


class CloseMixin:
    def close_calendar(self, begins="2026-01", company=None):
        """One checkpoint, the balanced trial balance, from this month on."""
        company = company or self.company
        policy = self.env["fin.policy"]._of(company)
        policy.close_from = begins
        self.env["fin.checkpoint.template"].create(
            {
                "name": "Trial balance",
                "code": CODE,
                "check": "trial_balance",
                "company_id": company.id,
                "owner_id": self.operator.id,
            }
        )
        change = self.env["fin.change"].with_user(self.operator)._propose(policy.with_user(self.operator))
        change.version_ids.action_submit()
        change.version_ids.with_user(self.approver)._approve()
        self.env["fin.audit.seal"]._seal_waiting()
        self.env.registry.clear_cache()
        self.tick()

    def tick(self):
        """Periods are opened, and what was posted since is looked at."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env["fin.period"]._tick(LATER)
        self.env["fin.checkpoint"]._tick(LATER)

    def checkpoint(self, month, company=None):
        company = company or self.company
        wanted = [("code", "=", CODE), ("period_id.name", "=", month), ("company_id", "=", company.id)]
        return self.env["fin.checkpoint"].search(wanted)

    def sign(self, month, company=None):
        """Both signatures, sealed."""
        checkpoint = self.checkpoint(month, company)
        checkpoint._evaluate()
        checkpoint.with_user(self.operator)._sign()
        checkpoint.with_user(self.approver)._approve()
        self.env["fin.audit.seal"]._seal_waiting()
        self.env.registry.clear_cache()
        return checkpoint

    def template(self, company=None):
        wanted = [("code", "=", CODE), ("company_id", "=", (company or self.company).id)]
        return self.env["fin.checkpoint.template"].search(wanted)

    def companies_of(self, people, companies):
        for person in people:
            person.sudo().company_ids = [Command.link(company.id) for company in companies]
