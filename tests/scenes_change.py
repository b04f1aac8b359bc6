"""Scenes of change control with two cursors: what two people do at the same moment, each on a snapshot of their own."""

from contextlib import ExitStack

import scenes
from odoo import api
from odoo.exceptions import UserError
from odoo.fields import Command
from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo.addons.finance_integration_governance.models.writer import by_program

GOVERNANCE = "finance_integration_governance."
AGAIN = 3


def approvers(env):
    """Two more beside the approver."""
    group = env.ref(f"{GOVERNANCE}group_approver")
    for login in ("approver-two", "approver-three"):
        if not env["res.users"].search([("login", "=", login)]):
            env["res.users"].create({"name": login, "login": login, "group_ids": [(4, group.id)]})


def want(env, count):
    """The policy in force wants so many people for a normal change."""
    policy = _as(env, "finadmin", env["fin.policy"]._of(env.company))
    policy.approvals_normal = count
    change = _as(env, "finadmin", env["fin.change"])._propose(policy)
    change.action_submit()
    for login in ("approver", "approver-two"):
        if change.state == "review":
            by_program(_as(env, login, change))._approve()
    env.cr.commit()
    env["fin.audit.seal"]._seal()


def propose(env, flow_id, purpose):
    """A version in review; its id."""
    flow = _as(env, "operator", env["fin.flow"].browse(flow_id))
    flow.purpose = purpose
    version = _as(env, "operator", env["fin.version"])._propose(flow)
    version.action_submit()
    return version.id


def meet(env, acts, do=None):
    """Each act sees the database as it was before any of them, and commits in this order; what became of each.

    An act is (login, verb, id, value). A loser tries again on what is there by then, as Odoo's server does.
    """
    with ExitStack() as stack:
        cursors = [stack.enter_context(env.registry.cursor()) for _act in acts]
        for cr in cursors:
            cr.execute("SELECT 1")  # the snapshot
        return [_tried(cr, act, do or _do) for cr, act in zip(cursors, acts, strict=True)]


def _tried(cr, act, do):
    for turn in range(AGAIN):
        try:
            do(api.Environment(cr, api.SUPERUSER_ID, {}), *act)
            cr.commit()
            return ["done", turn]
        except SerializationFailure:
            cr.rollback()
        except (UserError, UniqueViolation) as refusal:
            cr.rollback()
            return [type(refusal).__name__, turn]
    return ["lost", AGAIN]


def _do(env, login, verb, record_id, value=None):
    if verb == "approve":
        by_program(_as(env, login, env["fin.version"].browse(record_id)))._approve()
    elif verb == "edit":
        _as(env, login, env["fin.flow"].browse(record_id)).purpose = value
    elif verb == "edit part":
        _as(env, login, env["fin.flow"].browse(record_id)).connection_id.write({"environment": value})
    elif verb == "propose":
        propose(env, record_id, value)
    env.flush_all()


def told(env, version_id):
    """What the rows and the sealed log say of a version."""
    version = env["fin.version"].browse(version_id)
    env["fin.audit.seal"]._seal()
    return {
        "state": version.state,
        "people": sorted(version.approval_ids.filtered(lambda a: a.state == "approved").person_id.mapped("login")),
        "open": len(version.approval_ids.filtered(lambda a: a.state == "requested")),
        "approved": version._is_approved(),
        "live": version.flow_id.live_version_id.id,
        "purpose": version._read_document().content["flow"]["purpose"],
        "working": version.flow_id.purpose,
    }


def _as(env, login, record):
    return record.with_user(env["res.users"].search([("login", "=", login)]))


def gap(env, flow_id):
    """The flow maps every account that has moved but one; the code of that one."""
    posted = [("parent_state", "=", "posted"), ("company_id", "=", env.company.id)]
    moved = env["account.move.line"].search(posted).account_id.sorted("code")
    first, *others = moved.mapped("code")
    crosswalk = env["fin.crosswalk"].create(
        {
            "name": "Accounts of the planning system",
            "code": "accounts-planning",
            "system": "Planning",
            "direction": "outbound",
            "line_ids": [Command.create({"source": code, "target": f"P{code}"}) for code in others],
        }
    )
    flow = env["fin.flow"].browse(flow_id)
    flow.crosswalk_ids = crosswalk
    scenes.approve(env, flow)
    return first
