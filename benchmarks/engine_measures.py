"""What bench_engine measures inside forked Odoo workers, and the scenes that it needs."""

import datetime as dt
import statistics
import time

import scenes
from meter import Meter
from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL


def lines(env, code, count, **more):
    """An approved flow of so many lines each time, into nothing."""
    made = scenes.flow(env, code, code, "bench.lines", {"count": count, "mark": code}, "fin.object.nothing", **more)
    scenes.release(env)
    return made.id


def lease(env, size, batch):
    """The floor: a message queue that leases by SKIP LOCKED and marks as done, and does nothing else.

    Two commits for each batch: a worker that dies leaves a lease that shows.
    """
    cr = env.cr
    cr.execute("DROP TABLE IF EXISTS bench_message")
    cr.execute(
        """CREATE TABLE bench_message (id bigserial PRIMARY KEY, uuid uuid NOT NULL DEFAULT gen_random_uuid(),
            payload jsonb, state smallint NOT NULL DEFAULT 0, attempts int NOT NULL DEFAULT 0,
            next_try timestamptz NOT NULL DEFAULT now(), lease_until timestamptz, done_at timestamptz)"""
    )
    cr.execute("CREATE INDEX ON bench_message (next_try, id) WHERE state = 0")
    cr.execute(
        """INSERT INTO bench_message (payload)
        SELECT jsonb_build_object('kind', 'fact', 'ref', n::text, 'amount', '12.25', 'currency', 'EUR')
        FROM generate_series(1, %s) n""",
        [size],
    )
    cr.commit()
    with Meter() as meter:
        while _leased(cr, batch):
            pass
    cr.execute("DROP TABLE bench_message")
    cr.commit()
    return meter.told(count=size)


def _leased(cr, batch):
    cr.execute(
        """UPDATE bench_message SET state = 1, attempts = attempts + 1, lease_until = now() + interval '60 s'
        WHERE id IN (SELECT id FROM bench_message WHERE state = 0 AND next_try <= now()
            ORDER BY next_try, id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id, payload""",
        [batch],
    )
    ids = [row[0] for row in cr.fetchall()]
    cr.commit()
    cr.execute("UPDATE bench_message SET state = 2, done_at = now() WHERE id = ANY(%s)", [ids])
    cr.commit()
    return ids


def install(env):
    """The benchmark's own addon; nothing of it is part of the suite."""
    env["ir.module.module"].update_list()
    env["ir.module.module"].search([("name", "=", "finance_integration_bench")]).button_immediate_install()


# Events


def waiting(env, code):
    """A flow that waits for changed partners and brings one line each time; others stop waiting."""
    env["fin.flow"].search([("schedule_kind", "=", "event"), ("state", "=", "active")])._transition("pause")
    kind = env["fin.event.kind"].search([("key", "=", "res.partner/changed")])
    more = {"schedule_kind": "event", "event_kind_ids": [Command.set(kind.ids)], "lane": "realtime"}
    return lines(env, code, 1, **more)


def happen(env, mark):
    """A partner changes; returns when that was committed."""
    env["res.partner"].search([("ref", "=", "bench")], limit=1).name = mark
    if not env["res.partner"].search_count([("ref", "=", "bench")]):
        env["res.partner"].create({"name": mark, "ref": "bench"})
    env.cr.commit()
    return time.time()


def many(env, seconds, rate, together):
    """So many changes a second, some of them together in a transaction."""
    partners = env["res.partner"].create([{"name": f"stream {number}"} for number in range(rate * together)])
    env.cr.commit()
    began, sent = time.time(), 0
    while time.time() - began < seconds:
        first = sent % len(partners)
        partners[first : first + together].write({"comment": f"{sent}"})
        env.cr.commit()
        sent += together
        time.sleep(max(0, began + sent / rate - time.time()))
    return {"sent": sent, "seconds": time.time() - began}


# The tick


def month(env, flows, runs):
    """Ticks of one minute each, before and after a month of history; every flow is due once an hour."""
    first = env["fin.flow"].browse(lines(env, "tick", 1, schedule_kind="interval", interval_minutes=60))
    _copies(env, first, flows - 1)
    now = fields.Datetime.now()
    _spread(env, now)
    before, _seconds = _ticked(env, now, range(1, 11))
    _history(env, first, runs)
    after, seconds = _ticked(env, now, range(11, 61))
    made = env["fin.run"].search_count([("flow_id.code", "=like", "tick%"), ("state", "=", "queued")])
    return {"before": statistics.mean(before), "queries": statistics.mean(after), "ticks": seconds, "made": made}


def home(env, rounds=15):
    """part -> seconds and queries of the control tower's answers to an operator, as the web client asks for them."""
    user = scenes.people(env)["operator"]
    told = {}
    for part in ("answers", "slow_answers"):
        seconds, queries = [], []
        for _round in range(rounds):
            with env.registry.cursor() as cr:
                tower = env(cr=cr, user=user.id, context={"allowed_company_ids": user.company_ids.ids})["fin.tower"]
                began = time.perf_counter()
                getattr(tower, part)()
                seconds.append(time.perf_counter() - began)
                queries.append(cr.sql_log_count)
        told[part] = {"seconds": statistics.median(seconds), "queries": queries[-1]}
    return told


def _ticked(env, now, minutes):
    queries, seconds = [], []
    for minute in minutes:
        env.cr.commit()
        env.invalidate_all()
        count, began = env.cr.sql_log_count, time.perf_counter()
        env["fin.slot"]._tick(now + dt.timedelta(minutes=minute))
        env.flush_all()
        env.cr.commit()
        seconds.append(time.perf_counter() - began)
        queries.append(env.cr.sql_log_count - count)
    return queries, seconds


def _copies(env, flow, count):
    """Rows like the flow's, with its document as their live version."""
    numbers = SQL("SELECT n, 'tick-' || n AS code FROM generate_series(1, %s) n", count)
    _like(env, "fin_flow", flow.id, numbers, code=SQL("m.code"))
    made = SQL("SELECT id FROM fin_flow WHERE code LIKE 'tick-%%'")
    _like(env, "fin_version", flow.live_version_id.id, made, flow_id=SQL("m.id"))
    env.invalidate_all()


def _like(env, table, row_id, many, **other):
    """One row like this for each of the many, with other values in some columns."""
    told = {**other, "id": SQL("nextval(%s)", f"{table}_id_seq")}
    known = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
    names = env.execute_query(SQL(known, table))
    columns = [SQL.identifier(name) for (name,) in names]
    values = [told.get(name, SQL.identifier("o", name)) for (name,) in names]
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s o, (%s) AS m WHERE o.id = %s",
            SQL.identifier(table),
            SQL(", ").join(columns),
            SQL(", ").join(values),
            SQL.identifier(table),
            many,
            row_id,
        )
    )


def _spread(env, now):
    """Each flow at its own minute of the hour."""
    ids = env["fin.flow"].search([("code", "=like", "tick%")]).ids
    env.cr.execute("DELETE FROM fin_clock WHERE flow_id = ANY(%s)", [ids])
    for place, flow_id in enumerate(ids):
        at = now - dt.timedelta(minutes=60 - place % 60)
        look_at = at + dt.timedelta(minutes=60)
        env.cr.execute(
            "INSERT INTO fin_clock (flow_id, seen_until, look_at) VALUES (%s, %s, %s)", (flow_id, at, look_at)
        )
    env.cr.execute("UPDATE fin_version SET applied_at = applied_at - interval '1 day' WHERE flow_id = ANY(%s)", [ids])
    env.invalidate_all()


def _history(env, flow, runs):
    """A month of runs that are done, with their slots, and closed exceptions."""
    env.cr.execute(
        """INSERT INTO fin_slot (flow_id, company_id, due_at, state)
        SELECT f.id, f.company_id, now() - interval '2 hours' - make_interval(mins => n * 20), 'met'
        FROM fin_flow f, generate_series(1, %s) n WHERE f.code LIKE 'tick%%'""",
        [runs // 200],
    )
    env.cr.execute(
        """INSERT INTO fin_run (name, flow_id, direction, version_id, company_id, state, stage, lane, trigger, slot_id,
            concurrency_key, step_no, reconciliation_state, started_at, finished_at, create_date)
        SELECT 'OLD-' || s.id, s.flow_id, 'inbound', %s, s.company_id, 'done', 'reconcile', 'batch', 'schedule', s.id,
            'flow', 20, 'tied', s.due_at, s.due_at + interval '4 s', s.due_at
        FROM fin_slot s WHERE s.state = 'met'""",
        [flow.live_version_id.id],
    )
    env.cr.commit()
    env.cr.execute("ANALYZE fin_run, fin_slot")
    env.cr.commit()
