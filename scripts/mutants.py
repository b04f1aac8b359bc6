"""Mutants: every guard of a law, taken out in a copy of the checkout, must make its test fail.

They stand in tests/mutants.toml, one table each:

    [[mutant]]
    name = "approve-own-version"
    law = 3
    file = "finance_integration_governance/models/change/fin_approval.py"
    old = "if self._asked_by(person):"
    new = "if False:"
    tests = ["finance_integration_governance/tests/test_approval.py::TestApproval::test_nobody_approves_alone"]

`old` stands exactly once in the file. A mutant whose tests pass has survived: the guard is unproved. Tests run on the
database of the unchanged code, so a mutant changes what code does, not what the database holds.
"""

import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN = Path(os.environ.get("FIG_RUN") or ROOT / ".run")
TABLE = ROOT / "tests" / "mutants.toml"


def main(wanted):
    if not TABLE.exists():
        sys.exit("tests/mutants.toml is not there: it lists the guards and the tests that prove them.")
    mutants = [
        mutant for mutant in tomllib.loads(TABLE.read_text())["mutant"] if not wanted or mutant["name"] in wanted
    ]
    strangers = set(wanted) - {mutant["name"] for mutant in mutants}
    if strangers:
        sys.exit(f"No such mutant: {', '.join(sorted(strangers))}")
    results = [show(mutant, outcome(mutant)) for mutant in mutants]
    print(f"{results.count('killed')} of {len(results)} mutants killed")
    return results.count("killed") != len(results)


def outcome(mutant):
    """killed, survived, or why it cannot be told."""
    source = (ROOT / mutant["file"]).read_text()
    if source.count(mutant["old"]) != 1:
        return f"stale: `old` stands {source.count(mutant['old'])} times in {mutant['file']}"
    copy = RUN / "mutant"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(
        ROOT, copy, ignore=shutil.ignore_patterns(".git", ".run", "node_modules", "__pycache__"), symlinks=True
    )
    (copy / mutant["file"]).write_text(source.replace(mutant["old"], mutant["new"]))
    return verdict(tests(copy, mutant["tests"]))


def tests(copy, names):
    folders = [str(folder) for folder in (copy, copy / "addons") if any(folder.glob("*/__manifest__.py"))]
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("FIG_ROOT", "ODOO_HOME")},
        "FIG_RUN": str(RUN), "FIG_KEEP_TEMPLATE": "1", "ODOO_ADDONS_PATH": ",".join(folders),
    }  # fmt: skip
    command = ["bash", "scripts/test.sh", "mutant", "-x", *names]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


def verdict(ran):
    if ran.returncode == 0:
        return "survived"
    if ran.returncode == 1 and " failed" in ran.stdout:
        return "killed"
    return "broken: " + (ran.stdout + ran.stderr).strip()[-600:]


def show(mutant, result):
    print(f"[{time.strftime('%T')}] law {mutant['law']}: {mutant['name']}: {result}", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
