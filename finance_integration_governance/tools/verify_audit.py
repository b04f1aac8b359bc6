#!/usr/bin/env python3
"""Verify an exported audit log. Needs Python 3.9 or later and nothing else: no Odoo, no database, no network.

    verify_audit.py EXPORT [--anchors FILE ...] [--at POSITION:HEAD ...] [--json]

EXPORT is what "Export for verification" gave (JSON Lines; `-` reads standard input). Anchors are what was kept outside
of the database: the anchor file (one JSON object a line), or position and head as the mail to the auditor says them.

Every event must have its digest, and every seal must be SHA-256 over the seal before and that digest. This shows an
edit, a deletion, an insertion and a change of order, and names the first bad row. That the end was cut off, that all of
it was written anew, or that an older backup was restored, only an anchor shows; without one the log is not provable.

Exit codes
    0  proven: the chain is whole, and it holds the last anchor
    1  altered: the first bad row is named
    2  not provable: the chain is whole in itself, but no anchor says that it is the one
    3  unreadable: this is no such export, or not all of it, or the options are wrong
"""

import argparse
import hashlib
import json
import re
import sys

FORMAT = "fin.audit/1"
GENESIS = "0" * 64
PROVEN, ALTERED, NOT_PROVABLE, UNREADABLE = range(4)
LINE = re.compile(rb'\{"position":([0-9]+),"head":"([0-9a-f]{64})","digest":"([0-9a-f]{64})","event":(.*)\}\n')
WORDS = {
    "gap": "a seal is missing before this row, or was put in",
    "event_missing": "the event of this row was deleted",
    "event_changed": "the event of this row was edited",
    "chain_broken": "this row is not what was sealed here: edited, inserted, or moved from another place",
    "rewritten": "from here on this is another history than the one that was anchored",
    "tail_missing": "the log ends before its anchor: its end was cut off, or an older backup was restored",
}


class Unreadable(Exception):
    """The file is no export, or not all of it."""


def sha256(content):
    return hashlib.sha256(content).hexdigest().encode()


def main(arguments=None):
    options = parse(arguments)
    try:
        anchors = read_anchors(options)
        with sys.stdin.buffer if options.export == "-" else open(options.export, "rb") as stream:
            found = verify(stream, anchors)
    except (Unreadable, OSError) as error:
        found = {"verdict": "unreadable", "exit": UNREADABLE, "words": str(error)}
    say(found, options.json)
    return found["exit"]


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", help="the exported log, or - for standard input")
    parser.add_argument("--anchors", action="append", default=[], metavar="FILE", help="an anchor file")
    parser.add_argument("--at", action="append", default=[], metavar="POSITION:HEAD", help="one anchor, from a mail")
    parser.add_argument("--json", action="store_true", help="the verdict as JSON")
    parser.error = lambda message: parser.exit(UNREADABLE, message + "\n")
    return parser.parse_args(arguments)


def say(found, as_json):
    if as_json:
        return print(json.dumps(found, sort_keys=True))
    place = f"row {found['position']}: " if "position" in found else ""
    print(f"{found['verdict'].upper()}: {place}{found['words']}")
    for note in found.get("notes", ()):
        print("note: " + note)
    return None


# The chain


def verify(stream, anchors):
    """The verdict over the lines of an export, which are read once and not kept."""
    lines = iter(stream)
    opening = header(next(lines, b""))
    after, head = opening["after"], opening["head"].encode()
    wanted = {anchor["position"] for anchor in anchors}
    heads = {after: head} if after in wanted else {}
    wrong, last, end = walk(lines, after, head, wanted, heads)
    other = against(anchors, after, last, heads, wrong is None)
    notes = remarks(anchors, after, end)
    first = min(filter(None, (wrong, other)), default=None)
    if first:
        position, code = first
        words = f"{WORDS[code]} ({code})"
        return {"verdict": "altered", "exit": ALTERED, "position": position, "code": code, "words": words}
    if not any(position in heads for position in wanted):
        words = f"{last - after} rows fit together, but no anchor says so: a rewritten or shortened log would, too"
        return {"verdict": "not provable", "exit": NOT_PROVABLE, "words": words, "notes": notes}
    proven = max(heads)
    words = f"rows {after + 1} to {last} are as they were sealed; anchored up to row {proven}"
    return {"verdict": "proven", "exit": PROVEN, "anchored": proven, "end": last, "words": words, "notes": notes}


def header(line):
    told = an_object(line, 1)
    if told.get("format") != FORMAT or not isinstance(told.get("after"), int) or told["after"] < 0:
        raise Unreadable("this is no export of an audit log in the format " + FORMAT)
    if told["after"] == 0 and told.get("head") != GENESIS:
        raise Unreadable("the export does not begin where a log begins")
    return told


def an_object(line, number):
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Unreadable(f"line {number} is not readable: the file was cut off or is no export")
    return told


def walk(lines, position, head, wanted, heads):
    """((first bad row, code) or None, last good row, what the last line says); fills `heads` at wanted positions."""
    fits, sha, number = LINE.fullmatch, hashlib.sha256, 1
    for line in lines:
        number += 1
        row = fits(line)
        if row:
            told, sealed, digest, content = row.groups()
            told, is_same = int(told), sha(content).hexdigest().encode() == digest
        else:
            other = an_object(line, number)
            if "end" in other:
                return None, position, closing(other["end"], position, head, next(lines, None))
            told, sealed, digest, is_same = unusual(other, number)
        position += 1
        if told != position:
            return (told, "gap"), position - 1, None
        if digest is None:
            return (told, "event_missing"), position - 1, None
        if not is_same:
            return (told, "event_changed"), position - 1, None
        head = sha(head + digest).hexdigest().encode()
        if head != sealed:
            return (told, "chain_broken"), position - 1, None
        if position in wanted:
            heads[position] = head
    raise Unreadable("the export has no last line: it was not written or copied to its end")


def unusual(told, number):
    """A row that is not spelled as others are: its event is gone, or its text and its columns differ."""
    try:
        position, head, digest, text = told["position"], told["head"].encode(), told["digest"], told.get("text")
        if "event" in told:
            raise Unreadable(f"line {number} is spelled unusually")
        if digest is None or text is None:
            return int(position), head, None if digest is text else b"", False
        is_same = sha256(text.encode()) == digest.encode() and text == spelled(told["columns"])
        return int(position), head, digest.encode(), is_same
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Unreadable(f"line {number} is no row of an audit log") from None


def spelled(shown):
    """The sealed text, given what the searchable columns say: there is one spelling."""
    at = shown["at"] if "." not in shown["at"] else shown["at"].ljust(26, "0")
    company = "" if shown["company"] is None else ',"company":' + quoted(shown["company"])
    subject = ",".join(map(quoted, shown["subject"]))
    before = f'"actor":{quoted(shown["actor"])},"at":"{at}Z","code":{quoted(shown["code"])}{company}'
    return f'{{{before},"facts":{shown["facts"]},"subject":[{subject}]}}'


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def closing(end, position, head, more):
    if more is not None or end.get("position") != position or end.get("head", "").encode() != head:
        raise Unreadable("the last line does not fit the rows: the file is not one export")
    return end


# Anchors


def read_anchors(options):
    anchors = []
    for name in options.anchors:
        with open(name, encoding="utf-8") as lines:
            anchors += [an_anchor(line, name) for line in lines if line.strip()]
    for text in options.at:
        position, _colon, head = text.partition(":")
        if not position.isdigit() or not re.fullmatch("[0-9a-f]{64}", head):
            raise Unreadable(f"{text} is no anchor: POSITION:HEAD is expected")
        anchors.append({"position": int(position), "head": head})
    return effective(anchors)


def an_anchor(line, name):
    try:
        anchor = json.loads(line)
    except ValueError:
        anchor = None
    restored = anchor.get("restored", {}) if isinstance(anchor, dict) else None
    if isinstance(restored, dict) and isinstance(anchor.get("position"), int) and isinstance(anchor.get("head"), str):
        return anchor
    raise Unreadable(f"{name} has a line that is no anchor")


def effective(anchors):
    """The anchors that still count: two persons may know that a backup was restored, and the file says so."""
    kept = []
    for anchor in anchors:
        since = anchor.get("restored", {}).get("since")
        if since is not None:
            kept = [one for one in kept if one["position"] <= since]
        kept.append(anchor)
    return kept


def against(anchors, after, end, heads, is_whole):
    """(first row that is not as it was anchored, code), or None; rows up to `end` are known."""
    agreed = after
    for anchor in sorted(anchors, key=lambda one: one["position"]):
        position = anchor["position"]
        if position < after:
            continue
        if position > end:
            return (end + 1, "tail_missing") if is_whole else None
        if heads.get(position, b"").decode() != anchor["head"]:
            return agreed + 1, "rewritten"
        agreed = position
    return None


def remarks(anchors, after, end):
    notes = []
    if after:
        notes.append(f"the export begins behind row {after}; what is before it was not looked at")
    if end and end.get("waiting"):
        notes.append(f"{end['waiting']} events were not sealed yet when this was exported")
    for told in (anchor["restored"] for anchor in anchors if anchor.get("restored")):
        notes.append(f"history behind row {told.get('since')} was replaced, released by {told.get('approval')}")
    return notes


if __name__ == "__main__":
    sys.exit(main())
