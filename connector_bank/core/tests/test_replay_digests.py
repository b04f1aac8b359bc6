"""A stored payload says the same whoever reads it, wherever and whenever: keys, hashes and digests, byte for byte."""

import os
import subprocess
import sys
from pathlib import Path

import oracle
import pytest

ROOT = Path(__file__).resolve().parents[3]
OURS = sorted((Path(__file__).parent / "samples").glob("*.xml"))
PUBLISHED = sorted(oracle.SAMPLES.glob("camt.053/**/*.xml")) if oracle.SAMPLES.exists() else []
READER = """
import sys
sys.path.insert(0, {scripts!r})
import core_namespaces
from odoo.addons.connector_bank.core.camt053 import Camt053
from odoo.addons.finance_integration_governance.core.canonical import told
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import IntegrationError
for path in sys.argv[1:]:
    try:
        for one in Camt053(location="file:///").parse(Payload("x", lambda: open(path, "rb"))):
            print(one.code if isinstance(one, Finding) else (one.key, told(one)[1]))
    except IntegrationError as error:
        print(error.code)
"""
ELSEWHERE = (
    {"TZ": "UTC", "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"},
    {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "4711", "LC_ALL": "C", "PYTHONUTF8": "0"},
    {"TZ": "America/Adak", "PYTHONHASHSEED": "99", "LANG": "tr_TR.UTF-8", "PYTHONOPTIMIZE": "1"},
)


def _read(paths, surroundings):
    script = READER.format(scripts=str(ROOT / "scripts"))
    env = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8", **surroundings}
    made = subprocess.run(
        [sys.executable, "-c", script, *map(str, paths)], env=env, cwd="/", capture_output=True, check=True
    )
    return made.stdout


@pytest.mark.parametrize("paths", [pytest.param(OURS, id="ours"), pytest.param(PUBLISHED, id="published")])
def test_a_replayed_payload_has_the_same_digests_on_another_machine_and_another_day(paths):
    if not paths:
        pytest.skip("no sample files: set FIG_SAMPLES to their folder")
    first, *others = (_read(paths, one) for one in ELSEWHERE)
    assert first.count(b"\n") > len(paths)
    assert all(other == first for other in others)
