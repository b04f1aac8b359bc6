"""What bench_bank_post measures, done inside forked Odoo workers, so that each has a memory of its own."""

import base64

from meter import Meter, unhurried

CHUNK = 500
BEFORE = ("extract", "validate", "map", "gate")


def flow(env, folder, iban, code):
    """A flow that books in chunks; that its statements do not follow each other is not what is measured."""
    import scenes

    options = {"limits": {"deliver_batch": CHUNK}}
    return scenes.bank(env, folder, iban=iban, code=code, options=options, bank_gap="tell", bank_break="tell")


def stage(env, flow_id):
    """From the file to items that may be delivered, by the engine's own steps."""
    import scenes

    run_id = scenes.start(env, flow_id)
    env.cr.commit()
    engine, run = _taken(env, run_id)
    engine._start(run)
    with Meter() as meter:
        for stage_ in BEFORE:
            engine._pass(run, stage_, unhurried())
    return meter.told(run_id=run_id)


def _taken(env, run_id):
    """The engine, and the run as it takes it: locked, and no other one that waits."""
    env = env(su=True, context={"lang": "en_US"})
    run = env["fin.run"].browse(run_id)
    run.lock_for_update(allow_referencing=True)
    return env["fin.engine"], run


def _warm(env, run_id):
    """A server that has posted lines before remembers what a process reads once; a fork has to read it first."""
    business = env(su=True, context={"lang": "en_US"})["fin.run"].browse(run_id)._object()
    journal = business.env["account.journal"].search([("type", "=", "bank")], limit=1)
    vals = [{"journal_id": journal.id, "date": "2026-01-01", "amount": n, "payment_ref": "x"} for n in range(20)]
    business.env["account.bank.statement.line"].create(vals)
    business.env.flush_all()
    env.cr.rollback()


def post(env, run_id):
    """From the staged items of the run to posted lines, and the totals of both sides."""
    _warm(env, run_id)
    engine, run = _taken(env, run_id)
    with Meter() as meter:
        engine._pass(run, "deliver", unhurried())
    engine._pass(run, "reconcile", unhurried())
    env.cr.commit()
    return meter.told(state=run.state, tied=run.reconciliation_state, lines=_posted(env, run))


def _posted(env, run):
    lines = env["fin.binding"].search([("run_id", "=", run.id), ("res_model", "=", "account.bank.statement.line")])
    moves = env["account.bank.statement.line"].browse(lines.mapped("res_id")).move_id
    return len(moves.filtered(lambda move: move.state == "posted"))


def stock(env, run_id):
    """The lines of the run on its journal by Odoo's own `create`: same values, same chunks, one commit each."""
    _warm(env, run_id)
    _engine, run = _taken(env, run_id)
    business = run._object()
    items = [item for batch in env["fin.item"]._batches(run, CHUNK) for item in batch]
    journals = business._journals(items)
    documents = [item for item in items if not item.parent_key]
    known = dict(zip([one.key for one in documents], business._statements(documents, journals), strict=True))
    vals = business._lines(run, [item for item in items if item.parent_key], journals, known)
    lines = business.env["account.bank.statement.line"]
    business.env.cr.commit()
    with Meter() as meter:
        for start in range(0, len(vals), CHUNK):
            lines.create(vals[start : start + CHUNK])
            lines.env.flush_all()
            lines.env.cr.commit()
    return meter.told(lines=len(vals))


def oca_journal(env, iban):
    """What OCA's import asks of whoever imports: full accounting, and a journal with the account."""
    env["res.users"].browse(2).group_ids |= env.ref("account.group_account_user")
    env["account.journal"].create({"name": "Bank", "type": "bank", "code": "OCAB", "bank_acc_number": iban})


def oca(env, path):
    """OCA's wizard, from the file to posted lines, in the one transaction in which it does that."""
    env = env(user=2)
    with open(path, "rb") as file:
        content = base64.b64encode(file.read())
    wizard = env["account.statement.import"].create({"statement_file": content, "statement_filename": "a.xml"})
    env.flush_all()
    with Meter() as meter:
        made = wizard._import_file()
        env.flush_all()
        env.cr.commit()
    lines = env["account.bank.statement.line"].search_count([("statement_id", "in", made["statement_ids"])])
    return meter.told(lines=lines)
