#!/usr/bin/env python3
"""The demo's outside world: simulated systems, files from banks, and a look at what the flows made of them.

    make demo                sets everything up, starts Odoo, calls this, and stays until it is stopped
    make demo ONCE=1         the same with --once: ends when every flow has run; exit 0 if each run is as it should be

Works on a running Odoo (FIG_URL) and leaves the running of flows to Odoo's own cron. Stops what it started.
"""

import argparse
import json
import os
import signal
import socket
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import cases
import psycopg2
from client import Client, Gone, Refusal, answers
from place import Place, say
from systems import BANK_PASSWORD, PLANNING_TOKEN
from watch import Watch

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
    """First what the schedules bring, then the operator's button; True when each run was as it should be."""
    operator, auditor = (Client(place.url, place.database, login, login) for login in ("operator", "auditor"))
    for left in (*place.inbox.glob("*.xml"), *(place.bank / "out").glob("*.xml")):
        left.unlink()
    number, watch = auditor.call("fin.payload", "search_count", []) + 1, Watch(place, auditor)
    scheduled = cases.scheduled(number, lambda account: _balance(auditor, account))
    for case in scheduled:
        watch.expect(case)
        put(place.folder(case.flow == cases.SFTP), case.files)
    place.release()  # until then nothing runs
    for case in scheduled:
        watch.wait(case)
    for case in cases.by_hand(number, scheduled, lambda account: _balance(auditor, account)):
        put(place.folder(case.flow == cases.SFTP), case.files)
        watch.expect(case, _start(operator, case.flow))
        watch.wait(case)
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
    if not flow:
        raise Refusal(f"the database has no flow {code}: start anew with `make demo RESET=1`")
    try:
        return operator.call("fin.flow", "action_run", flow)["res_id"]
    except Refusal as refusal:
        return say(f"{code}: {refusal} Waiting for its schedule.")


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


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Gone, Refusal, RuntimeError, psycopg2.Error) as error:
        sys.exit(f"The demo stops: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
