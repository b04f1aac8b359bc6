"""What bench_engine_trace measures, done inside an Odoo worker: millions of bank entries, their index, questions."""

import random
import time

from meter import Meter
from odoo.tools import SQL

from odoo.addons.connector_bank.core.statement import BankEntry, BankStatement

CHUNK = 500_000
PARTNERS = 20_000
CONTRACTS = {"statement": BankStatement.contract, "entry": BankEntry.contract}
KINDS = ("amount", "reference", "partner", "iban", "end_to_end", "invoice", "statement", "run", "nothing")

_RUNS = """
INSERT INTO fin_run (name, flow_id, direction, company_id, state, stage, lane, trigger, concurrency_key,
    reconciliation_state, version_id, version_digest, create_date, finished_at, received, delivered, is_draft)
SELECT 'BENCH-' || lpad(n::text, 6, '0'), flow_id, direction, company_id, 'done', 'reconcile', lane, trigger, 'bench',
    'tied', version_id, version_digest, now() - n * interval '1 minute', now(), 250, 250, FALSE
FROM fin_run, generate_series(1, %s) n WHERE id = %s RETURNING id"""

_ITEMS = """
INSERT INTO fin_item (uid, run_id, company_id, row, contract, object, scope, key, alt_key, parent_key, key_hash, digest,
    content, amount, currency, "on", outcome)
SELECT gen_random_uuid()::text, (%(runs)s)[1 + n %% array_length(%(runs)s, 1)], %(company)s, n, contract,
    'fin.object.bank_statement', account, key, key, 'stm1:' || account || ':' || statement || ':', n,
    encode(sha256(convert_to(content, 'UTF8')), 'hex'), content, amount,
    CASE WHEN amount IS NULL THEN NULL ELSE 'EUR' END, date '2021-01-01' + n / 3000, 'delivered'
FROM (
    SELECT n, account, statement, amount,
        CASE WHEN amount IS NULL THEN %(statement)s ELSE %(entry)s END AS contract,
        CASE WHEN amount IS NULL THEN 'stm1:' || account || ':' || statement || ':' ELSE
            'ref1:' || account || ':B' || lpad(to_hex(n::bigint * 2654435761), 12, '0') END AS key,
        CASE WHEN amount IS NULL THEN format('{"account":"%%s","statement":"%%s"}', account, statement) ELSE
            format('{"account":"%%s","additional":"SEPA credit transfer","amount":"%%s","bank_code":"PMNT-RCDT-ESCT",'
            || '"bank_reference":"B%%s","booked_on":"2026-03-02","counterparty":"%%s Trading %%s GmbH",'
            || '"counterparty_account":"DE%%s","currency":"EUR","end_to_end":"E2E-%%s","is_reversal":false,'
            || '"remittance":"Invoice INV/2026/%%s of March, customer %%s, with thanks"}',
            account, amount, lpad(to_hex(n::bigint * 2654435761), 12, '0'), substr(md5(p::text), 1, 7),
            substr(md5('b' || p), 1, 6), lpad((p::bigint * 7919 + 10000000000)::text, 20, '3'), n * 7, n, p) END
            AS content
    FROM (SELECT n, 'DE8937040044053201' || lpad((n %% 12)::text, 4, '0') AS account,
        '2026-' || (n / 250) AS statement, (n * 31) %% %(partners)s AS p,
        CASE WHEN n %% 250 = 0 THEN NULL ELSE ((n::bigint * 48271) %% 20000000) / 100.0 - 60000 END AS amount
        FROM generate_series(%(first)s, %(last)s) n) drawn
) told"""


def fill(env, flow_id, count):
    """So many items of finished runs; returns seconds, and the size of the items' table with its indexes in MiB."""
    import scenes

    run = scenes.start(env, flow_id)
    env.flush_all()
    env.cr.execute(_RUNS, [max(1, count // 250), run if isinstance(run, int) else run.id])
    runs = [row[0] for row in env.cr.fetchall()]
    company = env["fin.flow"].browse(flow_id).company_id.id
    began = time.perf_counter()
    for first in range(1, count + 1, CHUNK):
        last = min(first + CHUNK - 1, count)
        told = {"runs": runs, "company": company, "partners": PARTNERS, "first": first, "last": last, **CONTRACTS}
        env.cr.execute(_ITEMS, told)
        env.cr.commit()
    env.cr.execute("ANALYZE fin_item")
    env.cr.commit()
    return {"seconds": time.perf_counter() - began, "mib": _mib(env, "fin_item")}


def index(env):
    """All of it, as the cron writes it."""
    writer, done = env["fin.trace.index"], 0
    [[last]] = env.execute_query(SQL("SELECT max(id) FROM fin_item"))
    with Meter() as meter:
        while count := writer._write_until(last):
            done += count
            env.cr.commit()
    env.cr.execute("ANALYZE fin_trace")
    env.cr.commit()
    return meter.told(items=done, mib=_mib(env, "fin_trace"))


def questions(env, login, each):
    """kind -> milliseconds of each question of that kind, and how many found something."""
    user = env["res.users"].search([("login", "=", login)])
    mine = env(user=user.id, context={"allowed_company_ids": user.company_ids.ids, "lang": "en_US"})
    [[least, most]] = env.execute_query(SQL("SELECT min(id), max(id) FROM fin_item"))
    draw, told = random.Random(19), {}
    for kind in KINDS:
        told[kind] = [_ask(mine, _text(env, kind, draw, least, most)) for _ in range(each)]
    return {
        kind: {"ms": [ms for ms, _n in rows], "found": sum(n > 0 for _ms, n in rows)} for kind, rows in told.items()
    }


def _ask(env, text):
    env.invalidate_all()
    began = time.perf_counter()
    hits = env["fin.trace"].find(text)["hits"]
    return (time.perf_counter() - began) * 1000, len(hits)


def _text(env, kind, draw, least, most):
    """Something that a person types who looks for an item that is there."""
    [row] = env.execute_query_dict(
        SQL(
            """SELECT content::json AS told, r.name AS run FROM fin_item i JOIN fin_run r ON r.id = i.run_id
            WHERE i.id >= %s AND i.amount IS NOT NULL ORDER BY i.id LIMIT 1""",
            draw.randint(least, most - 1000),
        )
    )
    told = row["told"]
    return {
        "amount": lambda: f"{float(told['amount']):,.2f}",
        "reference": lambda: told["bank_reference"],
        "partner": lambda: told["counterparty"].rpartition(" ")[0],
        "iban": lambda: told["counterparty_account"],
        "end_to_end": lambda: told["end_to_end"],
        "invoice": lambda: told["remittance"].split()[1],
        "statement": lambda: f"2026-{draw.randint(1, (most - least) // 250 - 2)}",
        "run": lambda: row["run"],
        "nothing": lambda: f"NO-{draw.randint(1, 10**9)}",
    }[kind]()


def _mib(env, table):
    [[size]] = env.execute_query(SQL("SELECT pg_total_relation_size(%s)", table))
    return round(size / 2**20)
