"""Scenes of banks: whatever accounts a file names, what it became in Odoo, and how to forget it again."""

import scenes
from odoo.tools import SQL

NOBODY = ("NOBODY0001", "EUR")  # an account that no file names: a flow without any is not submitted
ENDED = ("done", "held", "failed", "cancelled")


def flow_of_samples(env, folder):
    """A flow of the folder's files that knows none of their accounts yet."""
    settings = {"location": f"file://{folder}", "pattern": "*"}
    kind, journals = "fin.object.bank_statement", _journal(env, *NOBODY).ids
    made = scenes.flow(env, "Sample statements", "samples", "bank.camt053", settings, kind, journal_ids=journals)
    # Files of all banks and years stand side by side: that they do not follow each other is not what is tried.
    made.write({"bank_gap": "tell", "bank_break": "tell"})
    scenes.approve(env, made)
    scenes.release(env)
    return made.id


def name_accounts(env, flow_id, accounts):
    """The flow's live version knows these accounts, (number, currency) pairs, and nobody's."""
    flow = env["fin.flow"].browse(flow_id)
    journals = env["account.journal"].union(*(_journal(env, *account) for account in (NOBODY, *accounts)))
    flow.journal_ids.fin_flow_id = False
    journals.fin_flow_id = flow
    flow.invalidate_recordset()
    if flow.is_changed:
        scenes.approve(env, flow)


def _journal(env, number, currency):
    account = env["res.partner.bank"].search([("acc_number", "=", number)], limit=1)
    account = account or account.create({"acc_number": number, "partner_id": env.company.partner_id.id})
    money = env["res.currency"].with_context(active_test=False).search([("name", "=", currency)])
    money.active = True
    # In the company's own currency a journal bears none.
    own = False if money == env.company.currency_id else money.id
    journals = env["account.journal"]
    found = journals.search([("bank_account_id", "=", account.id), ("currency_id", "=", own)], limit=1)
    return found or journals.create(
        {
            "name": f"Bank {number} {currency}",
            "code": f"S{journals.search_count([]):04}",
            "type": "bank",
            "bank_account_id": account.id,
            "currency_id": own,
        }
    )


def import_now(env, flow_id):
    """Let the cron book what waits, as often as it takes; what became of it."""
    flow = env["fin.flow"].browse(flow_id)
    run = env["fin.run"]._queue(flow, "schedule")
    for _slice in range(20):
        env.cr.commit()  # also: see what the engine's own transactions have done
        env.invalidate_all()
        if run.state in ENDED:
            break
        scenes.advance(env)
    told = _told(env, run)
    (run | run.child_ids).filtered(lambda r: r.state in ("held", "failed"))._transition("cancel")
    env.cr.commit()
    return told


def _told(env, run):
    runs = run | run.child_ids
    return {
        "state": run.state,
        "error": run.last_error,
        "codes": sorted(set(runs.exception_ids.mapped("code"))),
        "readings": run.payload_ids.mapped("reading"),
        "documents": _rows(env, _DOCUMENTS, runs),
        "entries": _rows(env, _ENTRIES, runs),
        "lines": scenes.lines(env)[0],
    }


# Every fact once: where it was left in the parent, or where a child has it now.
_DOCUMENTS = """SELECT i.key, i.outcome, i.scope, s.balance_start::text, s.balance_end_real::text
    FROM fin_item i LEFT JOIN fin_binding b ON b.item_id = i.id AND b.res_model = 'account.bank.statement'
    LEFT JOIN account_bank_statement s ON s.id = b.res_id
    WHERE i.run_id = ANY(%s) AND i.outcome <> 'held' AND i.parent_key IS NULL ORDER BY i.row"""

_ENTRIES = """SELECT i.parent_key, i.outcome, count(l.id),
        sum(greatest(1, COALESCE((i.content::json->>'details')::int, 1))),
        c.name, sum(greatest(l.amount, 0))::text, sum(greatest(-l.amount, 0))::text
    FROM fin_item i LEFT JOIN fin_binding b ON b.item_id = i.id AND b.res_model = 'account.bank.statement.line'
    LEFT JOIN account_bank_statement_line l ON l.id = b.res_id LEFT JOIN res_currency c ON c.id = l.currency_id
    WHERE i.run_id = ANY(%s) AND i.outcome <> 'held' AND i.parent_key IS NOT NULL
    GROUP BY i.parent_key, i.outcome, c.name ORDER BY i.parent_key, i.outcome"""


def _rows(env, query, runs):
    return env.execute_query(SQL(query, runs.ids))


def forget(env, flow_id):
    """As after an undo: what was booked is bound no more, so that another file may tell the same entries."""
    env["fin.binding"].search([("run_id.flow_id", "=", flow_id), ("live", "=", True)])._end()
