"""Mutants: every guard of a law, taken out, must make its test fail.

They stand in tests/mutants.toml, one table each:

    [[mutant]]
    name = "approve-own-version"
    law = 3
    file = "finance_integration_governance/models/change/fin_approval.py"
    old = "if self._asked_by(person):"
    new = "if False:"
    tests = ["finance_integration_governance/tests/test_approval.py::TestApproval::test_nobody_approves_alone"]

`old` stands exactly once in the file. A mutant whose tests pass has survived: the guard is unproved. Tests run on the
database of the unchanged code, so a mutant changes what code does, not what the database holds. It is put into a fork
of a process that has everything loaded (mutant_fork.py), or, where that cannot be, into a copy of the checkout: for
tests of the suite, and with `copied = true` for code that is read from its file (an evidence pack carries some).
"""

import os
import shutil
import subprocess
import sys
import time
import tomllib
from contextlib import nullcontext
from pathlib import Path

from mutant_fork import Loaded, Plain, database, in_fork

ROOT = Path(__file__).resolve().parent.parent
RUN = Path(os.environ.get("FIG_RUN") or ROOT / ".run")
TABLE = ROOT / "tests" / "mutants.toml"
SECONDS = 120


def main(wanted):
    began = time.monotonic()
    mutants = [
        mutant for mutant in tomllib.loads(TABLE.read_text())["mutant"] if not wanted or mutant["name"] in wanted
    ]
    strangers = set(wanted) - {mutant["name"] for mutant in mutants}
    if strangers:
        sys.exit(f"No such mutant: {', '.join(sorted(strangers))}")
    sorts = {sort: [mutant for mutant in mutants if sort_of(mutant) == sort] for sort in ("plain", "loaded", "copied")}
    results = {}
    with database() if sorts["loaded"] else nullcontext():
        for judge, sort in ((Plain, "plain"), (Loaded, "loaded")):
            code, told = in_fork(judged, judge, sorts[sort]) if sorts[sort] else (0, {})
            if code:
                sys.exit(f"The guards whose tests are {sort} could not be judged")
            results |= told
    for mutant in mutants:
        result = results.get(mutant["name"], "untried")
        show(mutant, in_a_copy(mutant) if result == "untried" else result, results)
    killed = [*results.values()].count("killed")
    print(f"{killed} of {len(mutants)} guards proved: {time.monotonic() - began:.0f} s")
    return killed != len(mutants)


def sort_of(mutant):
    if all("/core/tests/" in test for test in mutant["tests"]):
        return "plain"
    is_copied = mutant.get("copied") or any(test.startswith(("tests/", "addons/")) for test in mutant["tests"])
    return "copied" if is_copied else "loaded"


def judged(judge, mutants):
    """The verdict on each mutant, by its name."""
    verdicts = {mutant["name"]: stale(mutant) for mutant in mutants if stale(mutant)}
    good = [mutant for mutant in mutants if not stale(mutant)]
    judge = judge()
    told = judge.watch((), without_parts({test for mutant in good for test in mutant["tests"]}))
    if not told or "failed" in told:
        sys.exit(f"They fail without a mutant:\n{told and told['failed']}")
    jobs = [(mutant["file"], changed(mutant), named(mutant, told["tests"]), SECONDS) for mutant in good]
    return verdicts | dict(zip([mutant["name"] for mutant in good], judge.judge(jobs), strict=True))


def without_parts(names):
    """Without what is inside of another one: asked for a file and one of its tests, pytest takes that test alone."""
    return sorted(name for name in names if not any(name.startswith(f"{other}::") for other in names))


def stale(mutant):
    stands = (ROOT / mutant["file"]).read_text().count(mutant["old"])
    return "" if stands == 1 else f"stale: `old` stands {stands} times in {mutant['file']}"


def changed(mutant):
    return (ROOT / mutant["file"]).read_text().replace(mutant["old"], mutant["new"])


def named(mutant, known):
    """The tests, each by its own name."""
    return [
        test
        for test in known
        if any(test == name or test.startswith((f"{name}::", f"{name}[")) for name in mutant["tests"])
    ]


def in_a_copy(mutant):
    """killed, survived, or why it cannot be told; by a copy of the checkout, and a database of its own."""
    copy = RUN / "mutant"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(
        ROOT, copy, ignore=shutil.ignore_patterns(".git", ".run", "node_modules", "__pycache__"), symlinks=True
    )
    (copy / mutant["file"]).write_text(changed(mutant))
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


def show(mutant, result, results):
    results[mutant["name"]] = result
    if result != "killed":
        print(f"law {mutant['law']}: {mutant['name']}: {result}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
