"""Scenes for the browser tests: more people, and a second bank account that no flow books into yet."""

import scenes
from odoo.fields import Command


def people(env):
    """Support and Odoo's administrators, with and without a role of ours, beside those of every scene."""
    scenes.people(env)
    ours = "finance_integration_governance.group_"
    groups = {
        "support": [f"{ours}support"],
        "sysadmin": ["base.group_system"],
        "root": ["base.group_system", f"{ours}administrator"],
    }
    for login, names in groups.items():
        links = [Command.link(env.ref(name).id) for name in names]
        vals = {"name": login, "login": login, "password": login, "group_ids": links}
        env["res.users"].with_context(no_reset_password=True).create(vals)


def journal(env, iban, name):
    number = env["res.partner.bank"].create({"acc_number": iban, "partner_id": env.company.partner_id.id})
    env["account.journal"].create({"name": name, "type": "bank", "code": "B2", "bank_account_id": number.id})
