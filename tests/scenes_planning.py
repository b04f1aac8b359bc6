"""Scenes of planning for the browser: a ledger to tell of, and folders that planning systems fetch files from."""

import scenes
import scenes_browser
from odoo import fields
from odoo.fields import Command

CONNECTOR = "planning.actual_files"


def target(env, folder, told, minutes):
    """A connection out that no flow uses yet; and a flow that tells each month, with an entry of this one."""
    scenes_browser.people(env)
    scenes.ledger(env)
    chairs(env)
    env["account.analytic.plan"].create({"name": "Market regions"})
    env["fin.connection"].create(
        {
            "name": "Planning, files",
            "code": "planning-files",
            "connector_id": env["fin.connector"].search([("code", "=", CONNECTOR)]).id,
            "environment": "test",
            "settings": {"location": f"file://{folder}"},
        }
    )
    often = {"schedule_kind": "interval", "interval_minutes": minutes}
    place = {"location": f"file://{told}"}
    scenes.flow(env, "Actuals to planning", "actuals", CONNECTOR, place, "fin.object.actual", **often)
    scenes.release(env)


def chairs(env):
    """An expense of today."""
    account = env["account.account"].create({"code": "600900", "name": "Furniture", "account_type": "expense"})
    bank = env["account.account"].create({"code": "550900", "name": "Giro", "account_type": "asset_cash"})
    journal = env["account.journal"].search([("type", "=", "general")], limit=1)
    sides = ({"account_id": account.id, "debit": 120}, {"account_id": bank.id, "credit": 120})
    lines = [Command.create({"name": "Office chairs", **side}) for side in sides]
    entry = {"journal_id": journal.id, "date": fields.Date.today(), "line_ids": lines}
    env["account.move"].create(entry).action_post()
