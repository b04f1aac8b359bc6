"""Twenty seeded faults, as `make chaos` plays them: each detected in time, owned, explained."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.faults]


def test_twenty_of_twenty():
    script = Path(__file__).with_name("chaos.py")
    ran = subprocess.run([sys.executable, "-W", "ignore", script], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.splitlines()[-1:]) == (0, ["20 of 20 (seed 2026)"]), ran.stdout + ran.stderr
