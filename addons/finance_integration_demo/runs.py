"""Runs as the auditor sees them: how each ended, its control totals, and whether that is what the demo says."""

from dataclasses import dataclass
from decimal import Decimal

FIELDS = ["name", "flow_id", "state", "parent_id", "trigger", "reconciliation_state", "shown_error", "received"]
OUTCOMES = ["delivered", "unchanged", "duplicate", "superseded", "skipped", "rejected", "held"]
OVER = ("done", "held", "failed", "cancelled")


@dataclass(frozen=True)
class Seen:
    """One run with what stands around it; `lines`: measure -> (source, target) of its last reconciliation."""

    run: dict
    payloads: tuple
    lines: dict
    exceptions: tuple

    @property
    def is_over(self):
        return self.run["state"] in OVER


def since(auditor, last):
    """Every run that was made after the run with that id, oldest first."""
    found = auditor.read("fin.run", [("id", ">", last)], FIELDS + OUTCOMES, order="id")
    return [_seen(auditor, run) for run in found]


def last_id(auditor):
    return max((run["id"] for run in auditor.read("fin.run", [], ["id"], order="id desc", limit=1)), default=0)


def _seen(auditor, run):
    payloads = auditor.read("fin.payload", [("run_id", "=", run["id"])], ["name"])
    compared = auditor.read("fin.reconciliation", [("run_id", "=", run["id"])], ["id"], order="id desc", limit=1)
    wanted = [("reconciliation_id", "in", [one["id"] for one in compared])]
    lines = auditor.read("fin.reconciliation.line", wanted, ["measure", "source", "target"])
    # What holds a part was noticed by the run that it was split from.
    noticed = [run["id"], *(run["parent_id"] or [])[:1]]
    exceptions = auditor.read("fin.exception", [("run_ids", "in", noticed)], ["code", "shown_text"])
    return Seen(
        run,
        tuple(payload["name"] for payload in payloads),
        {line["measure"]: (line["source"], line["target"]) for line in lines},
        tuple((one["code"], one["shown_text"]) for one in exceptions),
    )


def differences(seen, case):
    """How the run differs from what the case says; `case` None: nothing special was expected."""
    if seen.run["parent_id"]:
        return _of_held_part(seen, case)
    wanted = {"state": "done", "reconciliation_state": "tied"}
    wanted |= case.expected if case else {"rejected": 0}
    wrong = [f"{name} is {seen.run[name]}, not {value}" for name, value in wanted.items() if seen.run[name] != value]
    wrong += [f"nothing is {name}" for name in (case.some if case else ()) if not seen.run[name]]
    if case and case.amount is not None and Decimal(seen.lines.get("EUR", ("0",))[0]) != case.amount:
        wrong.append(f"the amount is not {case.amount}")
    return wrong


def _of_held_part(seen, case):
    if not case or not case.held:
        return ["something was held that should have gone through"]
    if seen.run["state"] != "held":
        return [f"the held part is {seen.run['state']}"]
    codes = [code for code, _text in seen.exceptions]
    return [] if case.held in codes else [f"it is held because of {', '.join(codes) or 'nothing'}, not {case.held}"]


def told(seen, words, wrong):
    """The run as one line."""
    return line(seen.run["name"], seen.run["flow_id"][1], words, _totals(seen), wrong)


def line(name, subject, words, found, wrong):
    """One line in the demo's columns: what it is, what happened, what was found, and whether that is right."""
    verdict = "NOT AS EXPECTED: " + "; ".join(wrong) if wrong else "as expected"
    return f"{name:11} {subject[:46]:46}  {words[:56]:56}  {found}  -> {verdict}"


def _totals(seen):
    run = seen.run
    outcomes = ", ".join(f"{run[name]} {name}" for name in OUTCOMES if run[name]) or "nothing arrived"
    if run["state"] != "done":
        return f"{run['state']}: {_reason(seen)}"
    pairs = [_pair(measure, *sides) for measure, sides in seen.lines.items() if measure != "hash"]
    return f"done, {run['reconciliation_state']}: {', '.join(pairs)} ({outcomes})"


def _pair(measure, ours, theirs):
    if measure == "count":
        return f"count {ours} = {theirs}"
    return f"{measure} {Decimal(ours):,.2f} = {Decimal(theirs):,.2f}"


def _reason(seen):
    return seen.run["shown_error"] or "; ".join(text for _code, text in seen.exceptions) or "no reason given"
