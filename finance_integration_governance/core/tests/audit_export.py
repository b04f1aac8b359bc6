"""Exports of the log that are made line by line, as docs/audit-log.md says, to be tampered with."""

import hashlib
import importlib.util
import json
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "verify_audit.py"
GENESIS = "0" * 64


def loaded():
    """The verifier, as a module."""
    spec = importlib.util.spec_from_file_location("verify_audit", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def text_of(number):
    return (
        f'{{"actor":"anna#2","at":"2026-01-01T00:00:0{number}Z","code":"c{number}","facts":{{}},"subject":["m","k"]}}'
    )


class Export:
    """An export behind row `after`, with so many rows, to be tampered with."""

    def __init__(self, count=6, after=0, head=GENESIS):
        self.after, self.head, self.heads = after, head, {after: head}
        self.texts = {after + n: text_of(n) for n in range(1, count + 1)}
        self.end = {"waiting": 0}
        self.rows = []
        for position, text in self.texts.items():
            head = self.heads[position] = sha(head + sha(text))
            self.rows.append(self.row(position, head, sha(text), text))

    @staticmethod
    def row(position, head, digest, text):
        return f'{{"position":{position},"head":"{head}","digest":"{digest}","event":{text}}}'

    def unusual(self, position, **more):
        told = {"position": position, "head": self.heads[position], "digest": sha(self.texts[position])}
        self.rows[position - self.after - 1] = json.dumps({**told, "text": self.texts[position], **more})

    def lines(self, opening=None, end=None):
        last = max(self.heads)
        opening = opening or {"format": "fin.audit/1", "after": self.after, "head": self.head}
        end = end or {"position": last, "head": self.heads[last], **self.end}
        return [json.dumps(opening), *self.rows, json.dumps({"end": end})]

    def anchor(self, position, **more):
        return {"position": position, "head": self.heads[position], **more}


def altered(found):
    assert (found.verdict, found.exit) == ("altered", 1)
    return found.position, found.code
