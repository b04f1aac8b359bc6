from odoo import fields
from odoo.fields import Command

from .common import LawScene

NAME = "2026-03"
LATER = fields.Datetime.to_datetime("2026-04-20 12:00:00")


class CloseScene(LawScene):
    """A company with a close calendar in force, its accountant (operator) and its controller (approver)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant, cls.controller = cls.people["operator"], cls.people["approver"]
        cls.policy = cls.env["fin.policy"]._of(cls.company)
        cls.policy.close_from = NAME
        accounts = cls.env["account.account"]
        cls.debit, cls.credit = (
            accounts.create({"name": f"Law {kind}", "code": code, "account_type": kind})
            for code, kind in (("999001", "expense"), ("999002", "income"))
        )
        cls.general = cls.env["account.journal"].create({"name": "Law general", "code": "LWG", "type": "general"})

    @classmethod
    def template(cls, code, check="trial_balance", **vals):
        return cls.env["fin.checkpoint.template"].create(
            {
                "name": code.capitalize(),
                "code": code,
                "check": check,
                "company_id": cls.company.id,
                "owner_id": cls.accountant.id,
                **vals,
            }
        )

    def calendar(self, **vals):
        """The policy with what stands in it now, approved and sealed, and its periods opened."""
        self.policy.write(vals)
        version = (
            self.env["fin.change"]
            .with_user(self.people["administrator"])
            ._propose(self.by("administrator", self.policy))
            .version_ids
        )
        version.action_submit()
        self.by("approver", version)._approve()
        self.seal()
        self.env.registry.clear_cache()
        self.tick()

    def tick(self, now=LATER):
        self.env.cr.precommit.run()
        self.env["fin.period"]._tick(now)
        self.env["fin.checkpoint"]._tick(now)

    def checkpoint(self, code, name=NAME):
        return self.env["fin.checkpoint"].search(
            [("code", "=", code), ("period_id.name", "=", name), ("company_id", "=", self.company.id)]
        )

    def sign(self, checkpoint):
        """Both signatures, sealed."""
        checkpoint._evaluate()
        checkpoint.with_user(self.accountant)._sign()
        checkpoint.with_user(self.controller)._approve()
        self.seal()
        return checkpoint

    def entry(self, amount=100, day="2026-03-10", post=True, **vals):
        move = self.env["account.move"].create(
            {
                "journal_id": self.general.id,
                "date": day,
                "line_ids": [
                    Command.create({"account_id": self.debit.id, "debit": amount}),
                    Command.create({"account_id": self.credit.id, "credit": amount}),
                ],
                **vals,
            }
        )
        if post:
            move.action_post()
        return move

    def exceptions(self, code):
        found = self.env["fin.exception"].search([("code", "=", code), ("company_id", "=", self.company.id)])
        return found.filtered(lambda one: one.state in ("open", "in_progress"))

    def approvals(self, checkpoint):
        return self.env["fin.approval"].search([("subject_key", "=", checkpoint._subject_key())])

    def day(self, text):
        return fields.Date.to_date(text)
