"""Names of Odoo's records that options may hold, each with its label; a flow holds the name, never the record.

The company is one of whoever looks, or none.
"""


def checkpoints(company):
    # sudo: everybody obeys the close calendar, whoever may read it
    return {one.code: one.name for one in company.sudo().fin_checkpoint_template_ids}


def plans(env):
    # sudo: plans are named as the approved version says, whoever may read them
    found = env["account.analytic.plan"].sudo().search([("parent_id", "=", False), ("name", "!=", False)])
    return {one.name: one.name for one in found}


def journals(company):
    # sudo: which journals there are is no secret to who writes a flow of the company
    found = company.env["account.journal"].sudo().search([("company_id", "=", company.id)])
    return {one.code: f"{one.code} {one.name}" for one in found}


def ledgers(company):
    # sudo: as for journals
    found = company.env["account.journal.group"].sudo().search([("company_id", "in", (False, company.id))])
    return {one.name: one.name for one in found}


def currencies(env):
    return {one.name: one.name for one in env["res.currency"].search([("active", "=", True)])}
