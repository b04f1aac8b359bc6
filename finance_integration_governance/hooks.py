from .models.triggers import drop


def post_init_hook(env):
    """Give every company its code and its policy, and list the connectors that are there."""
    companies = env["res.company"].search([])
    companies._fin_name()
    companies._fin_policies()
    env["fin.grant"]._note(env["fin.grant"]._approvers(), "found")
    env["fin.connector"]._refresh()


def uninstall_hook(env):
    """Leave the schema as it was found."""
    drop(env.cr)
    env["fin.trace.index"]._drop()
