"""Connections, flows and close calendars of the demo, made by its people through the suite's own methods, so the
evidence is genuine.
"""

from dateutil.relativedelta import relativedelta
from odoo import Command, fields

from odoo.addons.finance_integration_governance.models.installation import listed
from odoo.addons.finance_integration_governance.models.writer import by_program

from .books import companies
from .systems import SECRETS, SETTINGS, located

CHECKPOINT = "trial-balance"
EVERY_MINUTE = {"schedule_kind": "interval", "interval_minutes": 1}
DAILY = {"schedule_kind": "times", "times": "06:00"}
CONNECTIONS = {
    "demo-folder": ("Bank files in a folder", "bank.camt053"),
    "demo-bank": ("The bank's server: statements (SFTP)", "bank.camt053"),
    "demo-planning": ("Planning system (like Anaplan)", "anaplan.actuals"),
    "demo-budgets": ("Planning system: exported budgets", "planning.budget_file"),
    "demo-readers": ("Datasets for readers", "planning.dataset"),
    "demo-payments": ("The bank's server: payments (SFTP)", "payment.pain001"),
    "demo-answers": ("The bank's server: answers (SFTP)", "status.pain002"),
}
FLOWS = (
    {
        "code": "bank-statements-from-the-folder",
        "name": "Bank statements from the folder",
        "process": "treasury",
        "runbook": "1. Ask the bank for the statement as PDF.\n2. Enter its lines in the bank journal by hand.",
        "purpose": "Statements that the bank's own program puts into a folder, booked without anybody's hands.",
        "connection": "demo-folder",
        "object": "fin.object.bank_statement",
        "books": ("BNK1", "BNK2"),
        **EVERY_MINUTE,
    },
    {
        "code": "bank-statements-from-the-bank-s-server-sftp",
        "name": "Bank statements from the bank's server (SFTP)",
        "process": "treasury",
        "runbook": "1. Fetch the file from the bank's web portal.\n2. Put it into the folder of the other flow.",
        "purpose": "Statements of the second bank, fetched from its server.",
        "connection": "demo-bank",
        "object": "fin.object.bank_statement",
        "books": ("BNK3",),
        **EVERY_MINUTE,
    },
    {
        "code": "actuals-to-planning",
        "name": "Actuals to planning",
        "process": "planning",
        "runbook": "1. Export the trial balance of the month.\n2. Load it into the planning system; note its totals.",
        "purpose": "What was posted in all companies, by account and month, so that planning compares with the ledger.",
        "connection": "demo-planning",
        "object": "fin.object.actual",
        "options": {"checkpoint": CHECKPOINT},
        "is_of_all": True,
        **DAILY,
    },
    {
        "code": "budgets-from-planning",
        "name": "Budgets from planning",
        "process": "planning",
        "runbook": "1. Download the version's workbook.\n2. Fill it in from planning's export, and upload it.",
        "purpose": "Budgets and forecasts as planning exports them, into the draft that their file names.",
        "connection": "demo-budgets",
        "object": "fin.object.budget",
        **DAILY,
    },
    {
        "code": "datasets-for-readers",
        "name": "Datasets for readers",
        "process": "management_reporting",
        "runbook": "1. Export the trial balance of the signed month.\n2. Send it to the readers, with its totals.",
        "purpose": "Balances and journal items of signed months for board reports, each month whole.",
        "connection": "demo-readers",
        "object": "fin.object.dataset",
        "options": {"checkpoint": CHECKPOINT},
        "is_of_all": True,
        **DAILY,
    },
    {
        "code": "payments-to-the-bank",
        "name": "Payments to the bank",
        "process": "procure_to_pay",
        "runbook": "1. Take the batch's file from its run.\n2. Two people upload and sign it in the bank's portal.",
        "purpose": "What is due to suppliers, prepared, approved and released by three people.",
        "connection": "demo-payments",
        "object": "fin.object.payment",
        "pays_from": ("BNK1",),
    },
    {
        "code": "answers-on-payments",
        "name": "The bank's answers on payments",
        "process": "procure_to_pay",
        "runbook": "1. Look in the bank's portal what became of the file.\n2. Open the bills that it refused.",
        "purpose": "What the bank says of each payment, so that a bill it refuses is open again the same day.",
        "connection": "demo-answers",
        "object": "fin.object.payment_status",
        **DAILY,
    },
)


def make_flows(env):
    """Connections and close calendars by the administrator, flows by the operator, the yes by the approver."""
    env["fin.connector"]._refresh()
    company = companies(env)[:1]
    if listed("secret_key"):
        _person(env, "finadmin", "fin.secret").create([{"name": n, "value": v} for n, v in SECRETS.items()])
    roots = listed("file_roots") or ["/var/lib/finance-demo"]
    places = located(f"file://{roots[0]}/demo/", "sftp://bank@127.0.0.1:2222/")
    for code, (name, connector) in CONNECTIONS.items():
        location = {"location": places[code]} if code in places else {}
        _person(env, "finadmin", "fin.connection").create(
            {
                "code": code,
                "name": name,
                "connector_id": env["fin.connector"].search([("code", "=", connector)]).id,
                "company_id": company.id,
                "environment": "test",
                "settings": {**SETTINGS[code], **location},
            }
        )
    _open_calendars(env)
    for wanted in FLOWS:
        _make_flow(env, company, **wanted)


def _open_calendars(env):
    """The last month is the first that is signed, in each company: one checkpoint, which holds back the lock date."""
    of_all = companies(env)
    today = fields.Date.context_today(of_all)
    policies = _person(env, "finadmin", "fin.policy").search([("company_id", "in", of_all.ids)])
    policies.close_from = f"{today - relativedelta(months=1):%Y-%m}"
    checkpoint = {"name": "Trial balance", "code": CHECKPOINT, "check": "trial_balance", "holds_lock": "books"}
    owner = {"owner_id": _user(env, "operator").id}
    _person(env, "finadmin", "fin.checkpoint.template").create(
        [{**checkpoint, **owner, "company_id": company.id} for company in of_all]
    )
    change = _person(env, "finadmin", "fin.change")._propose(policies, "a close calendar")
    change.action_submit()
    _approve(env, change.version_ids[:1])


def _make_flow(env, company, connection, books=(), pays_from=(), is_of_all=False, **vals):
    """A flow by the operator; `books` and `pays_from` are codes of journals, `is_of_all`: of every company."""
    people = {"owner": company.fin_owner_id, "deputy": company.fin_deputy_id, "steward": company.fin_steward_id}
    flow = _person(env, "operator", "fin.flow").create(
        {
            **vals,
            "connection_id": env["fin.connection"].search([("code", "=", connection)]).id,
            "company_id": company.id,
            "company_ids": [Command.set(companies(env).ids if is_of_all else [])],
            "role_ids": [Command.create({"role": role, "user_id": user.id}) for role, user in people.items()],
        }
    )
    flow.action_prefill()
    # An operator of flows need not be an accounting manager, so the set-up names the journals.
    _journals(env, company, books).fin_flow_id = flow
    _journals(env, company, pays_from).fin_payment_flow_id = flow
    flow.invalidate_recordset()
    version = _person(env, "operator", "fin.version")._propose(flow)
    version.action_submit()
    _approve(env, version)


def _journals(env, company, codes):
    return env["account.journal"].search([("code", "in", codes), ("company_id", "=", company.id)])


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
    """The model in the hands of one of the people, in all companies, the one that they work for first."""
    user = _user(env, login)
    return env[model].with_user(user).with_context(allowed_company_ids=(user.company_id | user.company_ids).ids)


def _user(env, login):
    return env.ref(f"finance_integration_demo.user_{login}")
