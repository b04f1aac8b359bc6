"""What scenes play on: people at their screens, the outside world's folders, and the watch. Plain Python."""

import datetime as dt
import os
import time

from client import Client, Refusal
from place import say
from watch import Watch

PATIENCE = 60


class Stage:
    """The demo as a scene sees it. `stem` is in every name that a scene gives, so that all are new at each start."""

    def __init__(self, place):
        self.place, self._people = place, {}
        self.watch = Watch(place, self.by("auditor"))
        number = self.by("auditor").call("fin.payload", "search_count", []) + 1
        self.today = dt.datetime.now(dt.UTC).date()
        self.stem = f"{self.today:%Y%m%d}-{number:04d}"

    def by(self, login):
        """The session of that person, whose password is the login."""
        if login not in self._people:
            self._people[login] = Client(self.place.url, self.place.database, login, login)
        return self._people[login]

    # Runs

    def expect(self, case, run_id=None):
        """Put the case's files where they belong, and have its run watched."""
        put(self.place.files / case.folder, case.files)
        self.watch.expect(case, run_id)

    def start(self, case):
        """The case from beginning to end: its files, the operator's button, its run; returns the run's id."""
        put(self.place.files / case.folder, case.files)
        self.watch.expect(case, self._pressed(case.flow))
        return self.watch.wait(case)

    def _pressed(self, code):
        """Where Odoo refuses (a quota), the schedule brings the run."""
        operator = self.by("operator")
        flow = operator.call("fin.flow", "search", [("code", "=", code)])
        if not flow:
            raise Refusal(f"the database has no flow {code}: start anew with `make demo RESET=1`")
        try:
            return operator.press("fin.flow", "action_run", flow[0])["res_id"]
        except Refusal as refusal:
            return say(f"{code}: {refusal} Waiting for its schedule.")

    # What people do, and what is so afterwards

    def fact(self, login, subject, words, found, wanted):
        """Tell what this person sees of what was done, beside what it should be."""
        self.watch.fact(login, subject, words, found, wanted)

    def refusal(self, login, model, method, record):
        """What Odoo says when that person presses a button that is not theirs; empty where it lets them."""
        try:
            self.by(login).press(model, method, record)
        except Refusal as refusal:
            return str(refusal)
        return ""

    def until(self, ask):
        """What `ask` returns, as soon as that is something; the last answer where it never is."""
        end = time.monotonic() + PATIENCE
        while not (found := ask()) and time.monotonic() < end:
            self.place.wake()
            time.sleep(1)
        return found


def put(folder, files):
    """Complete files, seen from the first moment as old enough to be read."""
    hour_ago = time.time() - 3600
    for name, content in files.items():
        path = folder / f".{name}"
        path.write_bytes(content)
        os.utime(path, (hour_ago, hour_ago))
        path.rename(folder / name)
