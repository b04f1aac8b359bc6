"""Clock and memory of a block, and the lines that benchmarks print."""

import gc
import json
import os
import statistics
import sys
import time
from pathlib import Path


class Meter:
    """Wall and CPU seconds, and by how many MiB the process grew at most, of a `with` block."""

    def __enter__(self):
        gc.collect()
        self.before, self.began, self.cpu = reset_peak(), time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_error):
        self.seconds = time.perf_counter() - self.began
        self.cpu = time.process_time() - self.cpu
        self.peak = round(peak_of() - self.before, 1)

    def told(self, **more):
        return {"seconds": self.seconds, "cpu": self.cpu, "peak": self.peak, **more}


def unhurried():
    """The pace of a worker that has the whole day, and keeps each stage by itself."""
    from odoo.addons.finance_integration_governance.models.run.fin_engine import Pace  # within a worker only

    return Pace(time.monotonic() + 86400, may_join=False)


def reset_peak(process="self"):
    """What the process holds now, in MiB; its high-water mark begins there anew (proc(5), clear_refs)."""
    Path(f"/proc/{process}/clear_refs").write_text("5")
    return _status(process, "VmRSS")


def peak_of(process="self"):
    """The most that the process has held since, in MiB."""
    return _status(process, "VmHWM")


def _status(process, name):
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(name))
    return int(line.split()[1]) / 1024


def median(rounds, name):
    return statistics.median(one[name] for one in rounds)


def figure(bench, name, value, unit, **more):
    """Print one figure as a JSON line; `peer`, `peer_value`, `floor`, `floor_value` where they exist.

    `load` is what the machine was doing beside it: a time that was taken under load is no figure of the code.
    """
    told = {"bench": bench, "figure": name, "value": round(value, 3), "unit": unit, **more}
    print(json.dumps({**told, "load": round(os.getloadavg()[0], 1)}), flush=True)


def saying(text):
    """What is being done now, beside the figures."""
    print(f"[{time.strftime('%T')}] {text}", file=sys.stderr, flush=True)
