"""Scenes for files: a flow with a crosswalk, another with a field map, and what of all that is there."""

import io
from contextlib import redirect_stderr, redirect_stdout

from odoo.fields import Command
from scenes import approve, bank, people

from odoo.addons.finance_integration_governance.core import bundle
from odoo.addons.finance_integration_governance.models.installation import installation

MAP = (
    ("company", "", "constant", {"value": "HERE"}),
    ("version", "Plan", "take", {}),
    ("account", "Account", "take", {}),
    ("month", "Month", "take", {}),
    ("amount", "Amount", "number", {"decimal": ","}),
    ("currency", "", "constant", {"value": "EUR"}),
)


def made(env, folder):
    """An approved flow with a crosswalk, and a draft one that reads rows by a field map."""
    who = people(env)
    crosswalk = env["fin.crosswalk"].create(
        {
            "name": "Accounts",
            "code": "files",
            "system": "SAP",
            "direction": "inbound",
            "line_ids": [
                Command.create({"source": "700000", "target": "REV", "label": "=Revenue"}),
                Command.create({"source": "600000", "target": "COST", "valid_from": "2026-01-01"}),
            ],
        }
    )
    listed = bank(env, folder, code="files-list", crosswalk_ids=[Command.set(crosswalk.ids)])
    csv = env["fin.connector"].search([("code", "=", "kernel.csv")])
    declared = {"location": f"file://{folder}", "declared": "Plan,Account,Month,Amount"}
    own = {"code": "rows", "name": "Rows", "connector_id": csv.id, "environment": "test", "settings": declared}
    connection = env["fin.connection"].create(own)
    rows = env["fin.flow"].create(
        {"name": "Rows", "code": "files-rows", "connection_id": connection.id, "object": "fin.object.bank_statement"}
    )
    contract = env["fin.contract"].search([("name", "=", "budget.line/1.0")])
    entity = contract.entity_id
    lines = []
    for place, (target, source, transform, more) in enumerate(MAP):
        field = env["fin.entity.field"].search([("entity_id", "=", entity.id), ("name", "=", target)])
        vals = {"sequence": place, "target_id": field.id, "source": source, "transform": transform, **more}
        lines.append(Command.create(vals))
    env["fin.field.map"].with_user(who["finadmin"]).create(
        {"flow_id": rows.id, "contract_id": contract.id, "line_ids": lines}
    )
    env.cr.commit()
    return listed


def command(_env, args):
    """(exit code, what it printed, what it complained of) of `odoo finance` with these arguments."""
    from odoo.addons.finance_integration_governance.cli.finance import Finance

    printed, complained, code = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(printed), redirect_stderr(complained):
        try:
            Finance().run(args)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
            complained.write("" if isinstance(ended.code, int) else str(ended.code))
    return code, printed.getvalue(), complained.getvalue()


def there(env):
    """What files could change, told by content; and how many records there are."""
    listed, rows = (env["fin.flow"].search([("code", "=", code)]) for code in ("files-list", "files-rows"))
    models = ("fin.flow", "fin.change", "fin.version", "fin.document", "fin.crosswalk", "fin.crosswalk.line")
    return {
        "purpose": listed.purpose,
        "written": listed._written()[1],
        "lines": [str(line) for line in env["fin.crosswalk"].search([("code", "=", "files")]).line_ids._lines()],
        "map": rows.field_map_ids._document(),
        "counts": [env[model].search_count([]) for model in models],
    }


def edited(env):
    """Another version is approved meanwhile."""
    listed = env["fin.flow"].search([("code", "=", "files-list")])
    listed.purpose = "edited since"
    approve(env, listed)


def with_another_contract(_env, text):
    """The bundle, rightly signed, with a contract that nobody here keeps."""
    key = installation("bundle_key")
    parts = bundle.read(text.encode(), [bundle.public_of(key)]).parts
    parts["contracts"]["bank.statement/9.0"] = "0" * 64
    return bundle.write(parts, key)
