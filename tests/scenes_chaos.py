"""Twenty faults, played inside an Odoo worker on a real database: each strikes a flow of its own.

A fault is a function (env, scene) that does harm and lets the engine do its work; it returns where to look for what was
detected: (flow or None, code of the exception, minutes that its service level allows).
"""

import datetime as dt
import os
import random
import signal
from decimal import Decimal
from pathlib import Path

import scenes
import statements
from killed_worker import is_taken, killed
from odoo import fields
from odoo.fields import Command
from odoo.tools import mute_logger

FAULTS = {}


def fault(words):
    """A fault in these words, in the order in which they stand here."""

    def named(function):
        FAULTS[function.__name__] = (words, function)
        return function

    return named


class Scene:
    """A seed's choices, a folder, and a bank flow for whoever asks."""

    def __init__(self, env, seed, name, folder, url):
        self.env, self.name, self.url = env, name, url
        self.random = random.Random(f"{seed}/{name}")
        self.folder = Path(folder) / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.mending = []
        self.iban = f"DE{self.random.randrange(10**20):020d}"
        self.number = 0

    def bank(self, **more):
        made = scenes.bank(self.env, self.folder, iban=self.iban, code=f"chaos-{self.name}".replace("_", "-"), **more)
        return self.env["fin.flow"].browse(made)

    def amounts(self, count=6):
        return [Decimal(self.random.randrange(100, 99999)) / 100 for _each in range(count)]

    def statement(self, amounts, **more):
        self.number += 1
        first = more.pop("first", self.number * 1000)
        made = statements.statement(
            amounts, iban=more.pop("iban", self.iban), number=f"{self.number}", first=first, **more
        )
        return statements.document(made)

    def put(self, content, name=None):
        path = self.folder / (name or f"{self.number}.xml")
        path.write_bytes(content)
        os.utime(path, (1_000_000_000, 1_000_000_000))

    def run(self, flow):
        """One run by the path that the cron takes."""
        made = self.env["fin.run"]._queue(flow, "schedule")
        self.env.cr.commit()
        self.advance()
        made.invalidate_recordset()
        return made

    def advance(self):
        self.env.cr.commit()
        with mute_logger("odoo.addons.finance_integration_governance.models.run.fin_engine"):
            self.env["fin.engine"]._advance("batch", seconds=60)
        self.env.invalidate_all()

    def learned(self, **thresholds):
        flow = self.bank(**thresholds)
        for _time in range(5):
            self.put(self.statement(self.amounts(8)))
            self.run(flow)
        return flow

    def tick(self, now):
        self.env["fin.slot"]._tick(now)
        self.env.cr.commit()


def play(env, name, seed, folder, url):
    """Strike, and say what was detected."""
    words, function = FAULTS[name]
    scene = Scene(env, seed, name, folder, url)
    flow, code, minutes = function(env, scene)
    env.cr.commit()
    env.invalidate_all()
    domain = [("code", "=", code), ("flow_id", "=", flow.id if flow else False)]
    found = env["fin.exception"].search(domain, order="id desc", limit=1)
    told = {"words": words, "code": code, "minutes": minutes}
    if found and found.state not in ("open", "in_progress"):
        told["others"] = f"{code} is {found.state} already"
    elif found:
        owner = found.user_id
        told |= {
            "text": found.text,
            "next": found.next_step,
            "owner": owner.login if owner.active else None,
            "due": str(found.due_at or ""),
        }
    else:
        told["others"] = env["fin.exception"].search([("flow_id", "=", flow.id if flow else False)]).mapped("code")
        told["runs"] = [(run.state, run.last_error) for run in flow.run_ids] if flow else []
    for mend in scene.mending:
        mend()
    env.cr.commit()
    return told


def names(_env):
    return list(FAULTS)


# What is wrong with a file


@fault("a row is missing from a statement")
def missing_row(env, scene):
    flow, amounts = scene.bank(), scene.amounts()
    lost = amounts.pop(scene.random.randrange(len(amounts)))
    scene.put(scene.statement(amounts, off=lost))
    scene.run(flow)
    return flow, "balance_open", 0


@fault("a sign is swapped")
def swapped_sign(env, scene):
    flow, amounts = scene.bank(), scene.amounts()
    place = scene.random.randrange(len(amounts))
    amounts[place] = -amounts[place]
    scene.put(scene.statement(amounts, off=-2 * amounts[place]))
    scene.run(flow)
    return flow, "balance_open", 0


@fault("a file has shrunk")
def shrunk_file(env, scene):
    flow = scene.learned(volume_deviation=50)
    scene.put(scene.statement(scene.amounts(1)))
    scene.run(flow)
    return flow, "volume_deviation", 0


@fault("a sum leaps")
def sum_spike(env, scene):
    flow = scene.learned(volume_spike=200)
    scene.put(scene.statement([amount * 100_000 for amount in scene.amounts(8)]))
    scene.run(flow)
    return flow, "volume_spike", 0


@fault("the same file comes twice under another name")
def duplicate_file(env, scene):
    flow = scene.learned(volume_duplicates=20)
    content = scene.statement(scene.amounts(8))
    scene.put(content)
    scene.run(flow)
    scene.put(content, "again.xml")
    scene.run(flow)
    return flow, "volume_duplicates", 0


@fault("nothing is in what was fetched")
def empty_source(env, scene):
    flow = scene.learned(volume_nothing=True)
    scene.run(flow)
    return flow, "nothing_arrived", 0


@fault("half a page arrives")
def half_a_page(env, scene):
    flow = scene.bank()
    content = scene.statement(scene.amounts())
    scene.put(content[: len(content) // 2 + scene.random.randrange(50)])
    run = scene.run(flow)
    return flow, run.exception_ids[:1].code or "malformed_payload", 0


@fault("a known key comes with other content")
def changed_key(env, scene):
    flow, amounts = scene.bank(), scene.amounts()
    scene.put(scene.statement(amounts, first=500))
    scene.run(flow)
    scene.put(scene.statement([amount + 1 for amount in amounts], first=500))
    scene.run(flow)
    return flow, "duplicate_conflict", 0


@fault("an account comes in another currency")
def other_currency(env, scene):
    flow = scene.bank()
    scene.put(scene.statement(scene.amounts(), currency="CHF"))
    scene.run(flow)
    return flow, "currency_of_journal", 0


@fault("an exchange rate is older than approved")
def stale_rate(env, scene):
    """Entries of a Tuesday; the last rate is one to eight weeks older, and one working day is approved."""
    flow = scene.bank(currency="CHF", gate_rates=True)
    day = dt.date(2026, 9, 15) - dt.timedelta(weeks=scene.random.randrange(1, 9))
    money = env["res.currency"].search([("name", "=", "CHF")])
    env["res.currency.rate"].create({"currency_id": money.id, "name": day, "rate": 0.9})
    scene.put(scene.statement(scene.amounts(), currency="CHF"))
    scene.run(flow)
    lines = env["account.bank.statement.line"].search([("journal_id.fin_flow_id", "=", flow.id)])
    assert not lines, "booked at an old rate"
    return flow, "waits_for_rate", 0


@fault("a posting comes late, into a closed period")
def late_posting(env, scene):
    flow = scene.bank()
    _lock(env, "2026-09-30")
    scene.put(scene.statement(scene.amounts()))
    scene.run(flow)
    _lock(env, None)
    return flow, "period_locked", 0


def _lock(env, day):
    """As at the end of a year; what Odoo wants reconciled before that is no part of this fault."""
    env.cr.execute("UPDATE res_company SET fiscalyear_lock_date = %s", [day])
    env.cr.commit()
    env.invalidate_all()
    env.registry.clear_cache()


# What is wrong with time


@fault("a source falls silent")
def silent_source(env, scene):
    flow = scene.bank(fresh_minutes=120, is_fresh_by_clock=True)
    scene.put(scene.statement(scene.amounts()))
    scene.run(flow)
    now = fields.Datetime.now()
    scene.tick(now + dt.timedelta(minutes=119))
    assert not env["fin.exception"].search_count([("flow_id", "=", flow.id)]), "told too early"
    scene.tick(now + dt.timedelta(minutes=121))
    return flow, "data_stale", 120


def _due(scene, begin, **schedule):
    """A flow that was approved at that moment."""
    flow = scene.bank(schedule_kind="times", tz="Europe/Berlin", **schedule)
    scene.env.cr.execute("UPDATE fin_version SET applied_at = %s WHERE flow_id = %s", (begin, flow.id))
    scene.env.cr.execute(
        "UPDATE fin_clock SET seen_until = %s, look_at = NULL, stale_at = NULL WHERE flow_id = %s", (begin, flow.id)
    )
    scene.env.cr.commit()
    scene.env.invalidate_all()
    return flow


@fault("nobody works on a run on the day on which the clocks change")
def clock_change(env, scene):
    """02:30 does not exist on 2026-03-29 in Berlin: the next valid instant is 01:00 UTC."""
    flow = _due(scene, "2026-03-28 12:00:00", times="02:30", on_time_minutes=30)
    begun = fields.Datetime.to_datetime("2026-03-29 01:00:00")
    scene.tick(begun + dt.timedelta(minutes=1))
    assert not env["fin.exception"].search_count([("flow_id", "=", flow.id)]), "told too early"
    scene.tick(begun + dt.timedelta(minutes=61))
    flow.run_ids.filtered(lambda run: run.state == "queued")._transition("cancel")
    return flow, "slot_late", 30


@fault("nobody is there for three days")
def three_days_off(env, scene):
    flow = _due(scene, "2026-06-05 12:00:00", times="06:00", misfire="skip")
    scene.tick(fields.Datetime.to_datetime("2026-06-08 12:00:00"))
    flow.run_ids.filtered(lambda run: run.state == "queued")._transition("cancel")
    return flow, "slot_missed", 0


@fault("a worker is killed while it holds a run")
def dead_worker(env, scene):
    """Its lane tells no life any more, is silent after five minutes, and the next worker loses and doubles nothing."""
    flow = scene.bank()
    amounts = scene.amounts(9)
    scene.put(scene.statement(amounts))
    env["fin.engine"]._cron_advance("batch")  # it lives, and whatever else waits in the lane is no part of this
    run = env["fin.run"]._queue(flow, "schedule")
    env.cr.commit()
    point = scene.random.choice(("inbound.validate.end.before", "inbound.map.end.before", "inbound.deliver.2.before"))
    ended = killed(env, "batch", point, lambda: is_taken(env, run))
    assert ended == -signal.SIGKILL, f"the worker ended with {ended}"
    env.invalidate_all()
    seen = env["fin.heartbeat"].search([("part", "=", "batch")]).at
    for minutes in (4, 6):
        env["fin.heartbeat"]._watch(seen + dt.timedelta(minutes=minutes))
        told = env["fin.exception"].search([("code", "=", "engine_silent"), ("facts", "like", '"batch"')])
        assert bool(told) == (minutes == 6), f"{minutes} minutes: {told.mapped('text')}"
    scene.advance()
    lines = env["account.bank.statement.line"].search([("journal_id.fin_flow_id", "=", flow.id)])
    assert (run.state, run.delivered) == ("done", 10), (run.state, run.delivered, run.last_error)
    assert sorted(lines.mapped("amount")) == sorted(map(float, amounts)), "lost or doubled"
    return None, "engine_silent", 5


@fault("a scheduled action is switched off")
def cron_off(env, scene):
    cron = env.ref("finance_integration_governance.ir_cron_bulk")
    cron.active = False
    env["fin.heartbeat"]._look_after("seal")
    scene.mending.append(lambda: cron.write({"active": True}))
    return None, "cron_changed", 0


# What is wrong with the other side


def _planning(env, scene, token="env:PLANNING_TOKEN", faults=None):
    import harness

    if not env["account.move"].search_count([("journal_id.type", "=", "general"), ("state", "=", "posted")]):
        scenes.ledger(env)
    settings = {"base_url": scene.url, "token": token, "chunk": 50}
    code = f"chaos-{scene.name}".replace("_", "-")
    flow = scenes.flow(env, code, code, "planning.api", settings, "fin.object.actual")
    harness.ask(f"{scene.url}/control/faults", {"faults": faults or {}}, token=PLANNING)
    scene.run(flow)
    harness.ask(f"{scene.url}/control/faults", {"faults": {}}, token=PLANNING)
    return flow


PLANNING = "chaos-token"


@fault("the other system loses a row and says thank you")
def lost_at_target(env, scene):
    return _planning(env, scene, faults={"lose_one_row": 1}), "not_tied", 0


@fault("the other system refuses the login")
def login_refused(env, scene):
    _planning(env, scene, token="env:PLANNING_WRONG")
    return None, "connection_down", 0


# What is wrong inside


@fault("somebody changes an approval in the database itself")
def tampered(env, scene):
    flow = scene.bank()
    env.cr.execute("UPDATE fin_flow SET state = 'paused' WHERE id = %s", [flow.id])
    env.cr.commit()
    env.invalidate_all()
    env["fin.audit.watch"]._cron_seal()
    env.cr.execute("UPDATE fin_flow SET state = 'active' WHERE id = %s", [flow.id])
    found = env["fin.exception"].search([("code", "=like", "audit_%")], order="id desc", limit=1)
    return found.flow_id or None, found.code or "audit_state", 1


@fault("the owner of a flow leaves")
def owner_left(env, scene):
    flow = scene.bank()
    leaver = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": "Leaver",
                "login": f"leaver-{scene.random.randrange(10**6)}",
                "group_ids": [Command.link(env.ref(scenes.GOVERNANCE + "group_operator").id)],
            }
        )
    )
    flow.role_ids.filtered(lambda row: row.role == "owner").user_id = leaver
    scenes.approve(env, flow)
    leaver.active = False
    flow._watch()
    found = env["fin.exception"].search([("flow_id", "=", flow.id)], order="id desc", limit=1)
    return flow, found.code or "vacancy", 24 * 60
