"""What bench_audit measures inside forked Odoo workers."""

import hashlib
import io
import json
import time
from pathlib import Path

from meter import Meter

ROW = (
    '{"actor":"operator#%d","at":"2026-11-22T02:35:46.123456Z","code":"fin.run.call","company":"my-company","facts":'
    '%s,"subject":["fin.run","RUN-%06d"]}'
)
FACTS = (
    '{"duration_ms":12,"host":"127.0.0.1:4443","method":"POST","path":"/v1/loads","request_digest":"%064d",'
    '"request_size":1234,"response_digest":"%064d","sent":true,"status":200}'
)
COLUMNS = "at, code, actor, company, subject_model, subject_key, facts, content, digest"


def run(env, flow_id):
    """One governed run over what lies in the inbox; returns its items and the rows that it left in the log."""
    import scenes

    before = _rows(env)
    scenes.start(env, flow_id)
    env.cr.commit()
    with Meter() as meter:
        while env["fin.engine"]._advance("batch", seconds=600):
            pass
    made = env["fin.run"].search([("flow_id", "=", flow_id)], order="id desc", limit=1)
    return meter.told(items=len(made.item_ids), state=made.state, rows=_rows(env) - before)


def _rows(env):
    env.cr.commit()
    return env["fin.audit.event"].search_count([])


def fill(env, size):
    """That many events of an ordinary length, by COPY; not what is measured."""
    for begin in range(0, size, 50_000):
        lines = "".join(_line(number) for number in range(begin, min(begin + 50_000, size)))
        env.cr.copy_expert(f"COPY fin_audit_event ({COLUMNS}) FROM STDIN", io.StringIO(lines))
    env.cr.commit()
    env.cr.execute("ANALYZE fin_audit_event")
    return size


def _line(number):
    facts = FACTS % (number, number)
    text = ROW % (number % 7, facts, number)
    told = ("2026-11-22 02:35:46.123456", "fin.run.call", f"operator#{number % 7}", "my-company", "fin.run")
    return "\t".join((*told, f"RUN-{number:06d}", facts, text, hashlib.sha256(text.encode()).hexdigest())) + "\n"


def seal(env):
    """Everything that waits, in the batches and transactions of the sealing job."""
    seals, count = env["fin.audit.seal"], 0
    with Meter() as meter:
        while done := seals._seal():
            count += done
    return meter.told(count=count)


def floor(_env, size):
    """The least that a chain costs: SHA-256 over two digests, one after the other."""
    head, digest = "0" * 64, "a" * 64
    with Meter() as meter:
        for _event in range(size):
            head = hashlib.sha256((head + digest).encode()).hexdigest()
    return meter.told(count=size)


def check(env):
    """The whole chain inside the database."""
    with Meter() as meter:
        wrong = env["fin.audit.seal"]._verify()
    return meter.told(wrong=wrong)


def interval(env):
    """What the sealing job looks at each minute."""
    watch = env["fin.audit.watch"]
    with Meter() as meter:
        found = watch._look()
    return meter.told(found=len(found))


def export(env, path):
    seals, began = env["fin.audit.seal"], time.perf_counter()
    with Path(path).open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in seals._export())
    position, head = seals._head()
    return {"position": position, "head": head, "seconds": time.perf_counter() - began}


def hashed(_env, path):
    """The floor of a verifier: read the lines, two SHA-256 each."""
    with Meter() as meter, open(path, "rb") as file:
        head = b"0" * 64
        for line in file:
            digest = hashlib.sha256(line).hexdigest()
            head = hashlib.sha256(head + digest.encode()).hexdigest().encode()
    return meter.told(head=json.dumps(head.decode()))
