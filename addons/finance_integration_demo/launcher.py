#!/usr/bin/env python3
"""The demo's outside world: simulated systems, files from banks, and a look at what the flows made of them.

    make demo                sets everything up, starts Odoo, calls this, and stays until it is stopped
    make demo ONCE=1         the same with --once: ends when every scene is over; exit 0 if each run is as it should be

Works on a running Odoo (FIG_URL) and leaves the running of flows to Odoo's own cron. Stops what it started.
"""

import argparse
import json
import signal
import socket
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import bank_case
import payments_case
import planning_case
import psycopg2
from client import Gone, Refusal, answers
from place import Place, say
from stage import Stage
from systems import AT_BANK, BANK_PASSWORD, PLANNING_PASSWORD, PLANNING_USER, located

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
    "bookkeeper": "bookkeeper: posts, knows nothing of flows",
    "preparer": "payments: prepares batches",
    "payapprover": "payments: the second person's yes",
    "sender": "payments: releases to the bank",
}
SCENES = (bank_case, planning_case, payments_case)


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
    parser.add_argument("--once", action="store_true", help="end when every scene is over")
    return parser.parse_args()


# The outside world


def start_systems(stack, place):
    """Start the simulated systems; returns the settings by which their connections reach them."""
    ports = Ports(place.kept / "ports.json")
    bank = stack.enter_context(
        Double("sftp_server.py", "--root", place.bank, "--user", "bank", "--password", BANK_PASSWORD,
               "--host-key", place.kept / "host_key", "--port", ports.free("bank", 2222))
    )  # fmt: skip
    # A load that takes its time is asked for by the minute, so here it is done when it is asked for first.
    planning = stack.enter_context(
        Double("anaplan_server.py", "--state", place.kept / "planning.json", "--user", PLANNING_USER,
               "--password", PLANNING_PASSWORD, "--polls", 0, "--fault", "429_with_retry_after:1",
               "--port", ports.free("planning", 8090))
    )  # fmt: skip
    ports.keep(bank=bank.ready["port"], planning=planning.ready["port"])
    say(f"The bank's SFTP server listens at {bank.url}, a planning system like Anaplan at {planning.url}")
    hostkey = {"hostkey": bank.ready["hostkey"]}
    places = located(f"{place.files.as_uri()}/", bank.url)
    settings = {code: {"location": place, **(hostkey if code in AT_BANK else {})} for code, place in places.items()}
    return {**settings, "demo-planning": {"base_url": planning.url, "auth_url": planning.url}}


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


# What the flows make of it


def run_all(place):
    """Every scene, one after the other; True when each run and each look was as it should be."""
    place.tidy()
    stage = Stage(place)
    for scene in SCENES:
        say(scene.TITLE)
        scene.play(stage)
    stage.watch.finish()
    return stage.watch.is_fine


def stay(place, systems):
    """Say where everything is and keep the outside systems up as long as Odoo is."""
    print(f"\n  {place.url}    (each password is the login)")
    for login, words in LOGINS.items():
        print(f"    {login:11} {words}")
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
