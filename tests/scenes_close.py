"""Scenes of the close: a calendar in force, and a checkpoint that its owner can sign."""

import scenes
from odoo import fields

from odoo.addons.finance_integration_governance.models.writer import by_program


def calendar(env):
    """A checkpoint of last month in a calendar that a second person has approved; it ties and can be signed."""
    who = scenes.people(env)
    env["fin.checkpoint.template"].create(
        {
            "name": "Trial balance balanced",
            "code": "balance",
            "check": "trial_balance",
            "company_id": env.company.id,
            "owner_id": who["operator"].id,
        }
    )
    policy = env["fin.policy"]._of(env.company)
    now = fields.Datetime.now()
    policy.close_from = f"{fields.Datetime.subtract(now, months=1):%Y-%m}"
    change = env["fin.change"].with_user(who["finadmin"])._propose(policy.with_user(who["finadmin"]), "Close calendar")
    change.action_submit()
    by_program(change.with_user(who["approver"]))._approve()
    env.cr.commit()
    env["fin.audit.seal"]._seal()
    env.cr.commit()
    env["fin.period"]._tick(now)
    env["fin.checkpoint"]._tick(now)
    env["fin.checkpoint"].search([])._evaluate()
    env.cr.commit()
