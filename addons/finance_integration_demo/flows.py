"""Connections and flows of the demo, made by its people through the suite's own methods, so the evidence is genuine."""

from odoo import Command

from odoo.addons.finance_integration_governance.models.installation import listed
from odoo.addons.finance_integration_governance.models.writer import by_program

from .systems import SECRETS, SETTINGS

CONNECTIONS = {
    "demo-folder": ("Bank files in a folder", "bank.camt053"),
    "demo-bank": ("The bank's server (SFTP)", "bank.camt053"),
    "demo-planning": ("Planning system", "planning.api"),
}
FLOWS = (
    {
        "name": "Bank statements from the folder",
        "process": "treasury",
        "runbook": "1. Ask the bank for the statement as PDF.\n2. Enter its lines in the bank journal by hand.",
        "purpose": "Statements that the bank's own program puts into a folder, booked without anybody's hands.",
        "connection": "demo-folder",
        "object": "fin.object.bank_statement",
        "journals": ("BNK1", "BNK2"),
    },
    {
        "name": "Bank statements from the bank's server (SFTP)",
        "process": "treasury",
        "runbook": "1. Fetch the file from the bank's web portal.\n2. Put it into the folder of the other flow.",
        "purpose": "Statements of the second bank, fetched from its server.",
        "connection": "demo-bank",
        "object": "fin.object.bank_statement",
        "journals": ("BNK3",),
    },
    {
        "name": "Actuals to planning",
        "process": "planning",
        "runbook": "1. Export the trial balance of the month.\n2. Load it into the planning system; note its totals.",
        "purpose": "What was posted, by account and month, so that planning compares with the ledger itself.",
        "connection": "demo-planning",
        "object": "fin.object.actual",
        "journals": (),
    },
)


def make_flows(env, company):
    """Connections by the administrator, flows by the operator, the yes by the approver."""
    env["fin.connector"]._refresh()
    if listed("secret_key"):
        _person(env, "finadmin", "fin.secret").create([{"name": n, "value": v} for n, v in SECRETS.items()])
    roots = listed("file_roots")
    folder = {"location": f"file://{roots[0]}/demo/inbox"} if roots else {}
    for code, (name, connector) in CONNECTIONS.items():
        _person(env, "finadmin", "fin.connection").create(
            {
                "code": code,
                "name": name,
                "connector_id": env["fin.connector"].search([("code", "=", connector)]).id,
                "company_id": company.id,
                "environment": "test",
                "settings": {**SETTINGS[code], **(folder if code == "demo-folder" else {})},
            }
        )
    for wanted in FLOWS:
        _make_flow(env, company, wanted)


def _make_flow(env, company, wanted):
    journals = env["account.journal"].search([("code", "in", wanted["journals"]), ("company_id", "=", company.id)])
    dialog = _person(env, "operator", "fin.flow.new").create(
        {
            "name": wanted["name"],
            "purpose": wanted["purpose"],
            "process": wanted["process"],
            "runbook": wanted["runbook"],
            "connection_id": env["fin.connection"].search([("code", "=", wanted["connection"])]).id,
            "company_id": company.id,
            "object": wanted["object"],
            "journal_ids": [Command.set(journals.ids)],
            "schedule_kind": "interval",
            "interval_minutes": 1,
            "owner_id": company.fin_owner_id.id,
            "deputy_id": company.fin_deputy_id.id,
            "steward_id": company.fin_steward_id.id,
        }
    )
    flow = env["fin.flow"].browse(dialog.action_create()["res_id"])
    _approve(env, flow.version_ids[:1])


def connect(env, systems):
    """Point the connections to where the simulated systems are now: code -> settings. Returns what was changed.

    An address is part of the version, so another one is proposed and approved again like any other change.
    """
    return [code for code, settings in systems.items() if _point(env, code, settings)]


def _point(env, code, settings):
    connection = _person(env, "finadmin", "fin.connection").search([("code", "=", code)])
    wanted = {**SETTINGS[code], **settings}
    if connection._values() == wanted:
        return False
    connection.settings = wanted
    connection.flow_ids.invalidate_recordset(["is_changed"])  # it may have been computed before the settings changed
    for flow in connection.flow_ids.filtered("is_changed"):
        version = _person(env, "operator", "fin.version")._propose(flow.with_user(_user(env, "operator")))
        version.action_submit()
        _approve(env, version)
    return True


def _approve(env, version):
    by_program(version.with_user(_user(env, "approver")))._approve()


def _person(env, login, model):
    """The model in the hands of one of the people, in the company that they work for."""
    user = _user(env, login)
    return env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)


def _user(env, login):
    return env.ref(f"finance_integration_demo.user_{login}")
