"""Scenes of the exception desk and of the close with two cursors: what two people do to one case at the same moment."""

import scenes
import scenes_change
from odoo import fields
from odoo.fields import Command

from odoo.addons.finance_integration_governance.models.writer import by_program

GOVERNANCE = "finance_integration_governance."


def people(env):
    """A second operator and two more approvers beside those of every scene."""
    scenes_change.approvers(env)
    if not env["res.users"].search([("login", "=", "operator-two")]):
        group = env.ref(f"{GOVERNANCE}group_operator")
        values = {"name": "operator-two", "login": "operator-two", "group_ids": [Command.link(group.id)]}
        env["res.users"].with_context(no_reset_password=True).create(values)


def case(env, flow_id):
    """An open case of the flow that stands for itself."""
    exceptions = env["fin.exception"]
    number = exceptions.search_count([])
    flow = env["fin.flow"].browse(flow_id)
    found = exceptions._raise_for_flow(flow, "odd", f"odd number {number}", family="data", number=number)
    return found.id


def waiting(env, flow_id):
    """A run that waits for its next try, and the case that stands for it."""
    run = env["fin.run"]._queue(env["fin.flow"].browse(flow_id), "schedule")
    run._pin()
    env.cr.execute(
        "UPDATE fin_run SET not_before = now() AT TIME ZONE 'utc' + interval '1 day', state = 'queued', "
        "concurrency_key = 'desk-' || id WHERE id = %s",
        [run.id],
    )
    found = env["fin.exception"]._raise(run, "odd", f"odd in {run.name}", of=run.name)
    env.cr.execute("UPDATE fin_run SET state = 'failed', not_before = NULL WHERE id = %s", [run.id])
    return [run.id, found.id]


def meet(env, acts):
    return scenes_change.meet(env, acts, _do)


def _do(env, login, verb, record_id, value=None):
    mine = {name: env[model].browse(record_id).with_user(_user(env, login)) for name, model in MODELS.items()}
    getattr(_Acts, verb)(mine, value)
    env.flush_all()


def _user(env, login):
    return env["res.users"].search([("login", "=", login)])


MODELS = {"case": "fin.exception", "checkpoint": "fin.checkpoint", "run": "fin.run"}


class _Acts:
    """What a person presses."""

    def take(self, _value):
        self["case"].action_take()

    def retry(self, _value):
        self["case"].action_retry()

    def assign(self, login):
        self["case"]._give_to(_user(self["case"].env, login), "by hand")

    def ask_waiver(self, reason):
        self["case"]._request_waiver(reason)

    def approve_waiver(self, _value):
        by_program(self["case"])._approve_waiver()

    def resolve(self, reason):
        self["case"]._close("resolve", reason)

    def sign(self, _value):
        by_program(self["checkpoint"])._sign()

    def countersign(self, _value):
        by_program(self["checkpoint"])._approve()


def told(env, case_id):
    """What the rows say of a case, and how often the log says so."""
    found = env["fin.exception"].browse(case_id)
    events = env["fin.audit.event"].search([("subject_key", "=", found.name)])
    approvals = env["fin.approval"].search([("subject_key", "=", found.name)])
    return {
        "state": found.state,
        "owner": found.user_id.login,
        "reason": found.reason,
        "runs": found.run_ids.mapped("state"),
        "events": sorted(code.rsplit(".", 1)[1] for code in events.mapped("code")),
        "approvals": sorted(approvals.mapped("state")),
    }


def checkpoint(env):
    """A checkpoint that ties, of the operator, with the controller as a second signer; its id."""
    company, operator = env.company, _user(env, "operator")
    company.fin_controller_id = _user(env, "operator-two")
    number = env["fin.checkpoint.template"].search_count([]) + 1
    env["fin.checkpoint.template"].create(
        {
            "name": f"Balanced {number}",
            "code": f"balanced-{number}",
            "check": "trial_balance",
            "company_id": company.id,
            "owner_id": operator.id,
        }
    )
    admin = _user(env, "finadmin")
    policy = env["fin.policy"]._of(company).with_user(admin)
    policy.close_from = fields.Date.subtract(fields.Date.today(), months=1).strftime("%Y-%m")
    change = env["fin.change"].with_user(admin)._propose(policy)
    change.action_submit()
    by_program(change.with_user(_user(env, "approver")))._approve()
    env.cr.commit()
    env["fin.audit.seal"]._seal()
    env.registry.clear_cache()
    env["fin.period"]._tick(fields.Datetime.now())
    found = env["fin.checkpoint"].search([("code", "=", f"balanced-{number}")], limit=1)
    found._evaluate()
    return found.id


def signatures(env, checkpoint_id):
    found = env["fin.checkpoint"].browse(checkpoint_id)
    env["fin.audit.seal"]._seal()
    approvals = found.approval_ids
    return {
        "state": found.state,
        "first": approvals.requested_by.mapped("login"),
        "states": sorted(approvals.mapped("state")),
        "second": approvals.filtered(lambda one: one.state == "approved").person_id.mapped("login"),
        "sealed": found._is_sealed(),
    }


def send_drill(env, flow_id):
    """A test of the flow's controls is sent; the run that carries it."""
    operator = scenes.people(env)["operator"]
    drill = env["fin.drill"].with_user(operator)._send(env["fin.flow"].browse(flow_id).with_user(operator))
    env.cr.commit()
    return drill.with_env(env).run_id.id


def drill_state(env, run_id):
    """How the test and its run stand, and how many exceptions there are of it."""
    drill = env["fin.run"].browse(run_id).drill_id
    return [drill.state, drill.run_id.state, env["fin.exception"].search_count([("run_ids", "in", run_id)])]
