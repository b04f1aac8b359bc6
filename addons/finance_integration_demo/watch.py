"""Waiting for runs, and telling each of them once. Plain Python."""

import time
from itertools import takewhile

import runs
from place import say

PATIENCE = 180


class Watch:
    """Prints each run once, as soon as it is over, beside what was expected of it."""

    def __init__(self, place, auditor):
        self.place, self.auditor = place, auditor
        self.begin = runs.last_id(auditor)
        self.flows = {flow["code"]: flow["id"] for flow in auditor.read("fin.flow", [], ["code"])}
        self.cases, self.runs_of = [], {}
        self.told, self.is_fine, self.count, self.facts = set(), True, 0, 0

    def expect(self, case, run_id=None):
        """From now on this case may have its run: the one with that id, else the next one of its flow."""
        self.runs_of[case.words] = run_id
        self.cases.append(case)

    def wait(self, case):
        """Wait until the case has its run and that run is over; returns its id, None where it never is."""
        until = time.monotonic() + PATIENCE
        while not (run := self._look(case)):
            if time.monotonic() > until:
                return self._give_up(case)
            self.place.wake()
            time.sleep(1)
        return run

    def fact(self, login, subject, words, found, wanted):
        """Print what a person has done or sees, in the columns of the runs."""
        wrong = [] if found == wanted else [f"wanted was {wanted}"]
        print(runs.line(login, subject, words, _shown(found), wrong), flush=True)
        self.facts, self.is_fine = self.facts + 1, self.is_fine and not wrong

    def finish(self):
        """Scheduled runs that are under way end too."""
        until = time.monotonic() + PATIENCE
        while any(not seen.is_over for seen in self._tell()) and time.monotonic() < until:
            self.place.wake()
            time.sleep(1)
        say(f"{self.count} runs and {self.facts} looks, {'all' if self.is_fine else 'NOT all'} as the demo says")

    def _look(self, case):
        """The id of the case's run, once it and every run before it is over."""
        found = self._tell()
        mine = max((seen.run["id"] for seen in found if self._is_of(seen, case)), default=None)
        return mine if mine and all(seen.is_over for seen in found if seen.run["id"] <= mine) else None

    def _is_of(self, seen, case):
        if case.files:
            return bool(set(case.files) & set(seen.payloads))
        if not self.runs_of[case.words] and seen.run["flow_id"][0] == self.flows[case.flow]:
            self.runs_of[case.words] = seen.run["id"]
        return seen.run["id"] == self.runs_of[case.words]

    def _tell(self):
        found = runs.since(self.auditor, self.begin)
        for seen in takewhile(lambda seen: seen.is_over, found):
            if seen.run["id"] not in self.told:
                self._print(seen, self._case_of(seen, found))
        return found

    def _case_of(self, seen, found):
        parent = seen.run["parent_id"]
        if parent:
            return next((self._case_of(one, found) for one in found if one.run["id"] == parent[0]), None)
        return next((case for case in self.cases if self._is_of(seen, case)), None)

    def _print(self, seen, case):
        wrong = runs.differences(seen, case)
        words = "by its schedule" if not case else "the part that is held" if seen.run["parent_id"] else case.words
        print(runs.told(seen, words, wrong), flush=True)
        self.told.add(seen.run["id"])
        self.count, self.is_fine = self.count + 1, self.is_fine and not wrong

    def _give_up(self, case):
        self.is_fine = False
        say(f"NOT AS EXPECTED: after {PATIENCE} s there is no finished run for: {case.words}")
        for seen in self._tell():
            if not seen.is_over:
                say(
                    f"  {seen.run['name']} is {seen.run['state']}: {seen.run['shown_error'] or 'no error was recorded'}"
                )


def _shown(found):
    if isinstance(found, bool):
        return "yes" if found else "no"
    return ", ".join(map(str, found)) if isinstance(found, list) else str(found)
