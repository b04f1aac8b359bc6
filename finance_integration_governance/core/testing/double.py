"""Simulated outside systems as processes: started, talked to, stopped; tests and demo use them alike."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]


class Double:
    """A program below `tests/doubles/` that prints one line of JSON when it is ready.

    >>> with Double("planning_server.py", "--token", "t") as double:    # doctest: +SKIP
    ...     double.url, double.ask("/control/log")
    """

    def __init__(self, program, *arguments):
        command = [sys.executable, str(REPOSITORY / "tests" / "doubles" / program), *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.ready = json.loads(self.process.stdout.readline() or "{}")
        if not self.ready:
            raise RuntimeError(f"{program} did not start")

    @property
    def url(self):
        return self.ready["url"]

    def ask(self, path, **content):
        """GET, or POST where there is content, on the double's own interface; returns the JSON answer."""
        body = json.dumps(content).encode() if content else None
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.request.Request(self.url + path, body), timeout=10) as answer:
            return json.load(answer)

    def stop(self):
        """End the process and wait for it; what it keeps in files stays."""
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.stop()
