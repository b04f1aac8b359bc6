"""What bench_bank measures, done inside forked Odoo workers, so that each has a memory of its own."""

import json
from decimal import Decimal
from pathlib import Path

from meter import Meter, unhurried


def stage(env, flow_id):
    """From the stored payload to committed items, by the engine's own steps; then the same bytes once more."""
    import scenes

    scenes.start(env, flow_id)
    env.cr.commit()
    engine = env["fin.engine"].with_env(env(su=True, context={"lang": "en_US"}))
    run = engine._claim("batch")
    engine._start(run)
    pace = unhurried()
    engine._pass(run, "extract", pace)
    with Meter() as meter:
        engine._pass(run, "validate", pace)
    items = _count(env, run)
    again = _read_again(env, engine, run, pace)
    run._transition("cancel")
    return meter.told(entries=items - 1, added_again=_count(env, run) - items, again=again)


def _read_again(env, engine, run, pace):
    """As after a kill: the payload counts as unread, its rows are there."""
    env.cr.execute("UPDATE fin_payload SET reading = 'unread' WHERE run_id = %s", (run.id,))
    env.invalidate_all()
    with Meter() as meter:
        engine._pass(run, "validate", pace)
    return meter.seconds


def _count(env, run):
    return env["fin.item"].search_count([("run_id", "=", run.id)])


def oca(env, path):
    """OCA's camt parser alone: no database, no keys, no digests."""
    content = Path(path).read_bytes()
    parser = env["account.statement.import.camt.parser"]
    with Meter() as meter:
        _currency, _account, statements = parser.parse(content)
    return meter.told(entries=len(statements[0]["transactions"]))


def oca_counts(env, samples):
    """What OCA's camt parser makes of the published files: right, refused, or silently other than they say."""
    found = {"right": 0, "refused": 0, "wrong": 0}
    for kind in ("camt.052", "camt.053", "camt.054"):
        told = json.loads((Path(samples) / "oracle" / f"{kind}.json").read_text())
        for name, one in told.items():
            found[_oca_verdict(env, (Path(samples) / name).read_bytes(), one)] += 1
    return found


def _oca_verdict(env, content, told):
    parser = env["account.statement.import.camt.parser"]
    try:
        with env.cr.savepoint():
            _currency, _account, statements = parser.parse(content)
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, SyntaxError):
        return "refused"
    # It books every entry, also those that are not booked yet.
    sums = [round(sum(line["amount"] for line in one["transactions"]), 2) for one in statements]
    wanted = [
        round(float(sum(Decimal(side["credit"]) - Decimal(side["debit"]) for side in one["by_currency"].values())), 2)
        for one in told.get("stmts", [])
    ]
    is_final = all(set(one["status"]) <= {"", "BOOK"} for one in told.get("stmts", []))
    return "right" if sums == wanted and wanted and (is_final or not any(sums)) else "wrong"


def floor(_env, path):
    """The least that any reader does: walk the entries with lxml, take fourteen fields, free each entry."""
    from lxml import etree

    etree.fromstring(b"<warm/>")
    with Meter() as meter:
        rows = [_fields(entry) for _event, entry in etree.iterparse(path, events=("end",), tag="{*}Ntry")]
    return meter.told(entries=len(rows))


def _fields(entry):
    namespace = entry.tag[: entry.tag.index("}") + 1]
    found = {}
    for child in entry:
        name = child.tag[len(namespace) :]
        if name == "Amt":
            found["amount"], found["currency"] = Decimal(child.text), child.get("Ccy")
        elif name in ("BookgDt", "ValDt"):
            found[name] = child[0].text
        elif name == "BkTxCd":
            found[name] = "-".join(part.text for part in child.iter() if part.text and part.text.strip())
        elif name == "NtryDtls":
            for detail in child.iterchildren(f"{namespace}TxDtls"):
                found |= _detail(detail, namespace)
        else:
            found[name] = child.text
    entry.clear()
    while entry.getprevious() is not None:
        del entry.getparent()[0]
    return found


def _detail(detail, namespace):
    found = {}
    for part in detail:
        name = part.tag[len(namespace) :]
        if name == "Refs":
            found |= {reference.tag[len(namespace) :]: reference.text for reference in part}
        elif name == "RltdPties":
            found["name"] = part.findtext(f".//{namespace}Nm")
            found["iban"] = part.findtext(f".//{namespace}IBAN")
        elif name == "RmtInf":
            found["text"] = part.findtext(f"{namespace}Ustrd")
    return found
