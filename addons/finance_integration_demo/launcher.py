#!/usr/bin/env python3
"""The demo's outside world: simulated systems, files from banks, and a look at what the flows made of them.

    make demo                sets everything up, starts Odoo, calls this, and stays until it is stopped
    make demo ONCE=1         the same with --once: ends when every flow has run; exit 0 if each run is as it should be

Works on a running Odoo (FIG_URL) and leaves the running of flows to Odoo's own cron. Stops what it started.
"""

import argparse
import configparser
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from itertools import takewhile
from pathlib import Path

import cases
import psycopg2
import runs
from client import Client, Gone, Refusal, answers

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "finance_integration_governance" / "core" / "testing"))
from double import Double  # noqa: E402

LOGINS = {
    "admin": "Odoo's own administrator",
    "finadmin": "administrator: connections, defaults, flows",
    "operator": "operator: proposes, starts, releases, decides on exceptions",
    "approver": "approver: the second person's yes",
    "auditor": "auditor: sees everything, changes nothing",
    "viewer": "viewer: sees flows and runs",
}
PATIENCE = 180
BANK_PASSWORD, PLANNING_TOKEN = "demo-bank", "planning-demo-token"


def main():
    given = _options()
    signal.signal(signal.SIGTERM, lambda *_args: sys.exit(143))
    place = Place()
    with ExitStack() as stack:
        systems = start_systems(stack, place)
        place.connect(systems)
        is_fine = run_all(place)
        if given.once:
            return 0 if is_fine else 1
        stay(place, systems)
    return 0


def _options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--once", action="store_true", help="end when every flow has run")
    return parser.parse_args()


class Place:
    """Where things are: the server, its database, and the folders that the demo may use."""

    def __init__(self):
        self.url, self.conf = _given("FIG_URL"), _given("ODOO_RC")
        self.odoo, self.run = _given("FIG_ODOO_BIN"), Path(_given("FIG_RUN"))
        config = configparser.RawConfigParser()
        config.read(self.conf)
        self.database = os.environ.get("FIG_DEMO") or config.get("options", "db_name")
        roots = config.get("finance_integration", "file_roots", fallback="").split(",")
        if not roots[0].strip():
            sys.exit(f"{self.conf} names no folder in file_roots: the demo has no place for its files.")
        self.files = Path(roots[0].strip()) / "demo"
        self.kept = self.run / "demo"
        for folder in (self.inbox, self.bank / "out", self.kept):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def inbox(self):
        return self.files / "inbox"

    @property
    def bank(self):
        return self.files / "bank"

    def connect(self, systems):
        """Tell the connections where the systems are, and release this database for sending."""
        code = (
            f"changed = env['fin.demo']._connect({systems!r})\nenv.cr.commit()\n"
            "print('demo:', ', '.join(changed) or 'nothing', env['fin.database']._is_released())\n"
        )
        answer = self._odoo("shell", "--no-http", "--max-cron-threads=0", read=code)
        line = next((line for line in answer.splitlines() if line.startswith("demo: ")), None)
        if line is None:
            sys.exit(f"The connections could not be set. Odoo said:\n{answer[-3000:]}")
        if line.endswith("False"):
            say(self._odoo("finance", "release", "--reason", "the demo", logs=False).strip().splitlines()[-1])

    def _odoo(self, command, *arguments, read="", logs=True):
        known = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        command = [self.odoo, command, "-c", self.conf, "-d", self.database, *arguments]
        if command[1] == "finance":
            command = [self.odoo, "finance", arguments[0], "-c", self.conf, "-d", self.database, *arguments[1:]]
        with (self.kept / "odoo.log").open("a") as log:
            process = subprocess.Popen(command, stderr=subprocess.STDOUT if logs else log, **known)
            answer, _none = process.communicate(read)
        if process.returncode:
            sys.exit(f"{' '.join(command[:3])} failed:\n{answer[-3000:]}")
        return answer

    def wake(self):
        """Tell the cron threads to look now; a server that has just started wakes nobody for up to a minute."""
        connection = psycopg2.connect(dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", (self.database,))
        connection.close()


def _given(name):
    return os.environ.get(name) or sys.exit(f"{name} is not set: start the demo with `make demo`.")


# The outside world


def start_systems(stack, place):
    """Start the simulated systems; returns the settings by which their connections reach them."""
    ports = Ports(place.kept / "ports.json")
    bank = stack.enter_context(
        Double("sftp_server.py", "--root", place.bank, "--user", "bank", "--password", BANK_PASSWORD,
               "--host-key", place.kept / "host_key", "--port", ports.free("bank", 2222))
    )  # fmt: skip
    planning = stack.enter_context(
        Double("planning_server.py", "--state", place.kept / "planning.sqlite", "--token", PLANNING_TOKEN,
               "--port", ports.free("planning", 8090))
    )  # fmt: skip
    ports.keep(bank=bank.ready["port"], planning=planning.ready["port"])
    say(f"The bank's SFTP server listens at {bank.url}, the planning system at {planning.url}")
    return {
        "demo-folder": {"location": place.inbox.as_uri()},
        "demo-bank": {"location": f"{bank.url}out", "hostkey": bank.ready["hostkey"]},
        "demo-planning": {"base_url": planning.url},
    }


class Ports:
    """The ports of last time, because an address is part of what was approved; others only where these are taken."""

    def __init__(self, path):
        self.path = path
        self.known = json.loads(path.read_text()) if path.exists() else {}

    def free(self, name, default):
        port = self.known.get(name, default)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
        return 0

    def keep(self, **ports):
        self.path.write_text(json.dumps(ports))


def put(folder, files):
    """Complete files, seen from the first moment as old enough to be read."""
    hour_ago = time.time() - 3600
    for name, content in files.items():
        path = folder / f".{name}"
        path.write_bytes(content)
        os.utime(path, (hour_ago, hour_ago))
        path.rename(folder / name)


# What the flows make of it


def run_all(place):
    """Go through the cases, one after the other; True when every run was as it should be."""
    operator, auditor = (Client(place.url, place.database, login, login) for login in ("operator", "auditor"))
    for left in (*place.inbox.glob("*.xml"), *(place.bank / "out").glob("*.xml")):
        left.unlink()
    number = auditor.call("fin.payload", "search_count", []) + 1
    watch = Watch(place, auditor)
    for case in cases.cases(number, lambda account: _balance(auditor, account)):
        put(place.bank / "out" if case.flow == cases.SFTP else place.inbox, case.files)
        watch.follow(case, _start(operator, case.flow))
    watch.finish()
    return watch.is_fine


def _balance(auditor, account):
    """Where the last booked statement of the account ended, so that the next one begins there."""
    journal = [("journal_id.bank_account_id.sanitized_acc_number", "=", account)]
    last = auditor.read("account.bank.statement", journal, ["balance_end_real"], order="id desc", limit=1)
    return cases.Decimal(f"{last[0]['balance_end_real']:.2f}") if last else cases.Decimal("10000.00")


def _start(operator, code):
    """Press the operator's button; where Odoo refuses (a quota), the schedule brings the run within a minute."""
    flow = operator.call("fin.flow", "search", [("code", "=", code)])
    try:
        return operator.call("fin.flow", "action_run", flow)["res_id"]
    except Refusal as refusal:
        return say(f"{code}: {refusal} Waiting for its schedule.")


class Watch:
    """Prints each run once, as soon as it is over, beside what was expected of it."""

    def __init__(self, place, auditor):
        self.place, self.auditor = place, auditor
        self.begin = runs.last_id(auditor)
        self.told, self.is_fine, self.count, self.seen_cases = set(), True, 0, []

    def follow(self, case, run_id):
        """Wait until the case has its run and that run is over."""
        self.seen_cases.append((case, run_id))
        until = time.monotonic() + PATIENCE
        while not self._look(case, run_id):
            if time.monotonic() > until:
                return self._give_up(case)
            self.place.wake()
            time.sleep(1)
        return None

    def finish(self):
        """Scheduled runs that are under way end too."""
        until = time.monotonic() + PATIENCE
        while any(not seen.is_over for seen in self._tell()) and time.monotonic() < until:
            self.place.wake()
            time.sleep(1)
        say(f"{self.count} runs, {'all' if self.is_fine else 'NOT all'} as the demo says")

    def _look(self, case, run_id):
        found = self._tell()
        mine = [seen for seen in found if self._is_of(seen, case, run_id)]
        return bool(mine) and all(seen.is_over for seen in found if seen.run["id"] <= max(s.run["id"] for s in mine))

    def _is_of(self, seen, case, run_id):
        return bool(set(case.files) & set(seen.payloads)) if case.files else seen.run["id"] == (run_id or seen.run["id"])

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
        return next((case for case, run_id in self.seen_cases if self._belongs(seen, case, run_id)), None)

    def _belongs(self, seen, case, run_id):
        if case.files:
            return bool(set(case.files) & set(seen.payloads))
        return seen.run["id"] == run_id or (case.flow == cases.PLANNING and not run_id)

    def _print(self, seen, case):
        wrong = runs.differences(seen, case)
        words = "nothing waited" if not case else "the part that is held" if seen.run["parent_id"] else case.words
        print(runs.told(seen, words, wrong), flush=True)
        self.told.add(seen.run["id"])
        self.count, self.is_fine = self.count + 1, self.is_fine and not wrong

    def _give_up(self, case):
        self.is_fine = False
        say(f"NOT AS EXPECTED: after {PATIENCE} s there is no finished run for: {case.words}")
        for seen in self._tell():
            if not seen.is_over:
                say(f"  {seen.run['name']} is {seen.run['state']}: {seen.run['last_error'] or 'no error was recorded'}")


def stay(place, systems):
    """Say where everything is and keep the outside systems up as long as Odoo is."""
    print(f"\n  {place.url}    (each password is the login)")
    for login, words in LOGINS.items():
        print(f"    {login:9} {words}")
    print(f"\n  Bank files go into {place.inbox} (read within a minute, once they are 10 seconds old).")
    print("  Ctrl-C, or `make stop` in another window, ends it.\n", flush=True)
    with suppress(KeyboardInterrupt):
        while answers(place.url):
            time.sleep(2)
    say("The demo ends")


def say(words):
    print(f"[{time.strftime('%T')}] {words}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Gone, Refusal, RuntimeError, psycopg2.Error) as error:
        sys.exit(f"The demo stops: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
