from .models.triggers import drop


def post_init_hook(env):
    """Give every company its code, and list the connectors that are there."""
    env["res.company"].search([])._fin_name()
    env["fin.connector"]._refresh()


def uninstall_hook(env):
    """Leave the schema as it was found."""
    drop(env.cr)
