"""Twenty seeded faults on a real database: is each detected in time, owned, and explained with what comes next?

chaos.py [seed]        prints a line for each and "20 of 20"; ends with 1 where one is missing
"""

import os
import sys
import tempfile
import time

import harness

TOKEN = "chaos-token"


def main(seed="2026", *only):
    os.environ |= {"PLANNING_TOKEN": TOKEN, "PLANNING_WRONG": "wrong"}
    with tempfile.TemporaryDirectory() as folder:
        database = harness.Database("fig_chaos", folder).create().configure()
        state = database.folder / "planning.sqlite"
        with harness.double("planning_server.py", "--state", state, "--token", TOKEN) as planning:
            worker = harness.Worker(database)
            try:
                names = only or worker.result("scenes_chaos:names")
                passed = [one(worker, name, seed, folder, planning["url"]) for name in names]
            finally:
                worker.stop()
                database.drop()
    print(f"{sum(passed)} of {len(passed)} (seed {seed})")
    return 0 if all(passed) and len(passed) == (len(only) or 20) else 1


def one(worker, name, seed, folder, url):
    """Play a fault and print what became of it."""
    began = time.perf_counter()
    answer = worker.do("scenes_chaos:play", fault="none", name=name, seed=seed, folder=str(folder), url=url)
    told = answer["result"] or {"words": name, "minutes": 0, "code": "-", "others": f"ended with {answer['exit']}"}
    missing = [what for what in ("text", "owner", "due", "next") if not told.get(what)]
    seconds = time.perf_counter() - began
    print(f"{'FAILED' if missing else 'ok':6} {told['words']}: {told['code']}, within {told['minutes']} min and a tick")
    if missing:
        print(f"       no {', '.join(missing)}: {told.get('others')} {told.get('runs', '')}")
    else:
        print(f"       {told['owner']}: {told['text']}\n       Next: {told['next']} ({seconds:.0f} s)")
    sys.stdout.flush()
    return not missing


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
