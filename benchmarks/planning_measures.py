"""What bench_planning measures, done inside an Odoo worker: a ledger made by SQL, and what leaves it."""

import json
import os
import time
from functools import partial
from operator import itemgetter

from dateutil.relativedelta import relativedelta
from meter import Meter
from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.connector_planning.core.cell import Cell
from odoo.addons.connector_planning.core.item_query import COLUMNS as ITEM_COLUMNS
from odoo.addons.connector_planning.models.fin_object_actual import COLUMNS
from odoo.addons.finance_integration_governance.core.reading import stored

ACCOUNTS, MONTHS, PARTNERS = 150, 36, 21
_GROUPED = """SELECT account_id, date_trunc('month', date), company_id, partner_id,
        sum(debit) AS debit, sum(credit) AS credit, sum(balance) AS balance
    FROM account_move_line WHERE parent_state = 'posted' AND company_id = %s GROUP BY 1, 2, 3, 4"""


def seed(env, lines=1_000_000):
    """A ledger of so many posted items in about 113,000 cells, and a flow that tells them by partner."""
    import scenes

    journal = env["account.journal"].create({"name": "Bench", "code": "BNCH", "type": "general"})
    accounts = env["account.account"].create(
        [{"code": f"X{n:05d}", "name": f"Account {n}", "account_type": "expense"} for n in range(ACCOUNTS)]
    )
    partners = env["res.partner"].create([{"name": f"Partner {n}", "ref": f"B-{n}"} for n in range(PARTNERS)])
    shares = zip(accounts, (100, -60, -30, -10), strict=False)
    items = [{"account_id": account.id, "balance": share, "partner_id": partners[0].id} for account, share in shares]
    entry = {"journal_id": journal.id, "date": "2024-01-15", "line_ids": list(map(Command.create, items))}
    move = env["account.move"].create(entry)
    move.action_post()
    env.flush_all()
    _copies(env, move.id, accounts.ids, partners.ids, lines // 4)
    env.cr.commit()
    env.cr.execute("ANALYZE account_move; ANALYZE account_move_line")
    options = {"dimensions": ["partner"], "delta": True}
    settings = {"secret": "env:FIN_BENCH", "workspace": "W1", "model": "M1", "import_action": "Actuals", "view": "V1"}
    flow = scenes.flow(env, "Bench actuals", "bench", "anaplan.actuals", settings, "fin.object.cell", options=options)
    scenes.release(env)
    return {"flow": flow.id, "company": env.company.id, "move": move.id}


def _columns(env, table, without):
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", [table]
    )
    return [name for (name,) in env.cr.fetchall() if name not in without]


def _copies(env, move, accounts, partners, count, first=1, day=None):
    """Copies of the entry over accounts, months and partners, below the ORM: this is about reading them."""
    moves = _columns(env, "account_move", {"id", "name", "date", "sequence_number", "access_token"})
    items = _columns(
        env, "account_move_line", {"id", "move_id", "move_name", "date", "account_id", "partner_id", "date_maturity"}
    )
    env.cr.execute("SELECT current_setting('is_superuser')")
    may_skip = env.cr.fetchone()[0] == "on"
    if may_skip:
        env.cr.execute("SET LOCAL session_replication_role = replica")  # copies of what is sound need no checks
    date = "%(day)s::date" if day else "'2023-12-01'::date + (g %% 1095)"
    env.cr.execute("SELECT max(id) FROM account_move")
    base = env.cr.fetchone()[0]
    told = {"move": move, "first": first, "last": first + count - 1, "base": base - first + 1, "day": day}
    env.cr.execute(
        f"""INSERT INTO account_move (id, name, date, sequence_number, {", ".join(moves)})
        SELECT %(base)s + g, 'BENCH/' || g, {date}, g, {", ".join(f"m.{name}" for name in moves)}
        FROM account_move m CROSS JOIN generate_series(%(first)s, %(last)s) g
        WHERE m.id = %(move)s""",  # noqa: S608 - names of columns
        told,
    )
    env.cr.execute(
        f"""INSERT INTO account_move_line (id, move_id, move_name, date, account_id, partner_id, {", ".join(items)})
        SELECT nextval('account_move_line_id_seq'), %(base)s + g, 'BENCH/' || g, {date},
            (%(accounts)s::int[])[1 + (g * 7 + l.id * 13) %% {len(accounts)}],
            (%(partners)s::int[])[1 + (g / 3 + l.id) %% {len(partners)}], {", ".join(f"l.{name}" for name in items)}
        FROM account_move_line l CROSS JOIN generate_series(%(first)s, %(last)s) g
        WHERE l.move_id = %(move)s""",  # noqa: S608 - names of columns
        {**told, "accounts": accounts, "partners": partners},
    )
    env.cr.execute("SELECT setval('account_move_id_seq', (SELECT max(id) FROM account_move))")
    if may_skip:
        env.cr.execute("SET LOCAL session_replication_role = DEFAULT")


def turns(env, flow, company, names, rounds=3):
    """Name -> the middle one of its rounds: all of them in turns, by one worker, and nothing of it stays.

    A round before them is told by its peak only: it pays for memory that a worker and its backend have at other times.
    """
    told = {name: [] for name in names}
    for _round in range(rounds + 1):
        for name in names:
            told[name].append(_TURNS[name](env, flow, company))
            env.cr.rollback()
            env.invalidate_all()
    return {name: _middle(*found) for name, found in told.items()}


def _middle(before, *rounds):
    return sorted(rounds, key=itemgetter("seconds"))[len(rounds) // 2] | {"peak": before["peak"]}


def floor(env, company, has_room):
    """The least that anybody does: the same GROUP BY into a temporary table; `has_room`: with the memory of ours."""
    if has_room:
        env["fin.object.cell"]._take_room()
    with Meter() as meter:
        env.cr.execute(f"CREATE TEMP TABLE floor ON COMMIT DROP AS {_GROUPED}", [company])
    env.cr.execute("SELECT count(*) FROM floor")
    return meter.told(cells=env.cr.fetchone()[0])


def load(env, flow, company, is_kept=True):
    """Aggregate, compare, spell, serialise: what comes before the first byte; what is kept counts as delivered then."""
    run = _begun(env, flow, company)
    env, connector, size = run.env, run._connector(), 0
    with Meter() as meter:
        for _kept in run._object()._collect(run):
            env.flush_all()
        collected = time.perf_counter() - meter.began
        for payload in connector.serialize(run._outgoing()):
            size += len(payload.open().read())
    counts = {outcome: total.count for outcome, total in env["fin.item"]._totals_by_outcome(run).items()}
    if is_kept:
        _delivered(env, run)
    return meter.told(collected=collected, size=size, **{"open": 0, "unchanged": 0, **counts})


def spelled(env, flow, company):
    """The same without the run's evidence: into a temporary table, as the floor's, and serialised out of that."""
    run = _begun(env, flow, company)
    env, business, connector, size = run.env, run._object(), run._connector(), 0
    columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
    with Meter() as meter:
        business._take_room()
        told = business._told_cells(run, env.company)
        env.cr.execute(SQL("CREATE TEMP TABLE told (%s) ON COMMIT DROP AS %s", columns, told))
        for payload in connector.serialize(_stored(env)):
            size += len(payload.open().read())
    return meter.told(size=size)


_TURNS = {
    "floor": lambda env, _flow, company: floor(env, company, has_room=False),
    "floor_with_room": lambda env, _flow, company: floor(env, company, has_room=True),
    "spelled": spelled,
    "first": partial(load, is_kept=False),
}


def _stored(env):
    with env.cr._cnx.cursor("told") as cursor:
        cursor.itersize = 5000
        cursor.execute("SELECT content FROM told WHERE outcome = 'open' ORDER BY row")
        for (content,) in cursor:
            yield stored(Cell, json.loads(content))


def _begun(env, flow, company):
    """A run of the flow that has started."""
    env = env(context={**env.context, "allowed_company_ids": [company], "lang": "en_US"})
    env.cr.execute("SET LOCAL jit = off")  # as in the engine's transactions
    os.environ["FIN_BENCH"] = "canary-bench"  # nobody is called: what leaves is spelled only
    run = env["fin.run"]._queue(env["fin.flow"].browse(flow), "schedule")
    run._pin()
    run._transition("start", digest=run.version_digest)
    return run


def _delivered(env, run):
    ids = list(run._open_ids())
    env["fin.binding"]._supersede(ids)
    env["fin.binding"]._bind(run, [(item_id, None) for item_id in ids])
    env["fin.item"]._set_outcome(run, "delivered", ids)
    env.flush_all()
    env.cr.execute("UPDATE fin_run SET state = 'done', reconciliation_state = 'tied' WHERE id = %s", [run.id])
    env.invalidate_all()
    env.cr.execute("ANALYZE fin_item; ANALYZE fin_binding; ANALYZE fin_actual_period")


def day(env, move, entries=1000):
    """A day's entries: posted, all on one day."""
    accounts = env["account.account"].search([("code", "=like", "X0%")]).ids
    partners = env["res.partner"].search([("ref", "=like", "B-%")]).ids
    _copies(env, move, accounts, partners, entries, first=10_000_001, day="2026-11-10")


def without_marks(env, flow):
    """From now on every period is looked at, whether or not anybody touched it."""
    import scenes

    flow = env["fin.flow"].browse(flow)
    flow.options = {name: value for name, value in flow.options.items() if name != "delta"}
    scenes.approve(env, flow)


def mis_builder(env, company, addons):
    """OCA mis_builder's own queries: the balance of each account in each month, as a report of `bal` by account asks.

    Its processor of expressions is plain Python, so it is taken from its folder; nothing of it is installed.
    """
    import odoo.addons

    odoo.addons.__path__.append(addons)
    from odoo.addons.mis_builder.models.aep import AccountingExpressionProcessor

    company = env["res.company"].browse(company)
    expressions, posted, cells = ["bal[%]"], [("parent_state", "=", "posted")], 0
    with Meter() as meter:
        processor = AccountingExpressionProcessor(company)
        for expression in expressions:
            processor.parse_expr(expression)
        processor.done_parsing()
        for first in _months(env, company):
            processor.do_queries(first, first + relativedelta(day=31), posted)
            cells += sum(1 for _told in processor.replace_exprs_by_account_id(expressions))
    return meter.told(cells=cells)


def _months(env, company):
    """The first days of the months that have items."""
    env.cr.execute(
        "SELECT DISTINCT date_trunc('month', date)::date FROM account_move_line WHERE company_id = %s ORDER BY 1",
        [company.id],
    )
    return [first for (first,) in env.cr.fetchall()]


def key(env, company):
    """An accountant's key, and the columns that both ways of reading ask for."""
    rights = {"company_id": company, "company_ids": [company]}
    rights["group_ids"] = [Command.set([env.ref("account.group_account_user").id])]
    users = env["res.users"].with_context(no_reset_password=True)
    user = users.create({"name": "Warehouse", "login": "warehouse", **rights})
    keys = env["res.users.apikeys"].with_user(user).sudo()  # sudo: only the user's own screen makes keys
    made = keys._generate(None, "bench", fields.Datetime.add(fields.Datetime.now(), days=1))
    return {"key": made, "columns": list(ITEM_COLUMNS)}
