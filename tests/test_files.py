"""Files over the command line: bundles, crosswalks and field maps, in whole or not at all."""

import os
import subprocess

import harness
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A database with an approved flow that has a crosswalk, one that has a field map, and a key for bundles."""
    database = harness.Database("fig_files", tmp_path_factory.mktemp("files")).create()
    database.configure()
    keys = dict(line.split(" = ") for line in command(database, "bundle-key").stdout.strip().splitlines()[-2:])
    database.configure(**keys)
    worker = harness.Worker(database)
    worker.result("scenes_files:made", folder=str(database.inbox))
    yield database, worker
    worker.stop()
    database.drop()


def command(database, what, *args):
    """The command as a shell starts it."""
    ran = [os.environ["FIG_ODOO_BIN"], "finance", what, "-c", str(database.config), "-d", database.name, *args]
    return subprocess.run(ran, capture_output=True, text=True, timeout=300, check=False)


def done(world, what, *args):
    """What the command prints; in the worker, which has its registry loaded."""
    code, told, complained = asked(world, what, *args)
    assert code == 0, complained
    return told


def asked(world, what, *args):
    database, worker = world
    args = [what, "-c", str(database.config), "-d", database.name, *args]
    return worker.result("scenes_files:command", args=args)


def refused(world, reason, what, path, *args):
    """The command fails with this reason, and nothing in the database is other than before."""
    _database, worker = world
    before = worker.result("scenes_files:there")
    code, told, complained = asked(world, what, "--file", str(path), "--as", "finadmin", *args)
    assert code == 1, told
    assert reason in complained, complained
    assert worker.result("scenes_files:there") == before


def test_r26_a_bundle_goes_out_is_verified_and_comes_in(world, tmp_path):
    _database, worker = world
    path = tmp_path / "flow.yaml"
    assert "v1" in done(world, "export-flow", "--flow", "files-list", "--file", str(path))
    before = worker.result("scenes_files:there")
    worker.do("scenes_files:edited")
    edited = worker.result("scenes_files:there")
    assert edited != before
    assert "fits" in done(world, "verify-flow", "--file", str(path), "--as", "finadmin")
    assert worker.result("scenes_files:there") == edited
    assert "waits to be submitted" in done(world, "import-flow", "--file", str(path), "--as", "finadmin")
    assert worker.result("scenes_files:there")["purpose"] == before["purpose"]


def test_r26_a_bundle_that_was_changed_cut_off_or_of_another_contract_is_refused(world, tmp_path):
    _database, worker = world
    path, bad = tmp_path / "flow.yaml", tmp_path / "bad.yaml"
    done(world, "export-flow", "--flow", "files-list", "--file", str(path))
    text = path.read_text()
    line = text.splitlines().index("  flow:") + 1
    bad.write_text(text.replace("files-list", "files-lost"))
    refused(world, f"line {line}: the part flow is not what its digest says", "import-flow", bad)
    bad.write_text(text[: len(text) // 2])
    refused(world, "cut off", "import-flow", bad)
    bad.write_text(text.replace("format:", "format: &a", 1).replace("digest", "*a", 1))
    refused(world, "line", "import-flow", bad)
    bad.write_text(worker.result("scenes_files:with_another_contract", text=text))
    refused(world, "is unknown here", "import-flow", bad)
    refused(world, "is unknown here", "verify-flow", bad)


def test_a_crosswalk_goes_out_and_comes_in(world, tmp_path):
    _database, worker = world
    for kind in ("csv", "xlsx"):
        path = tmp_path / f"accounts.{kind}"
        assert "2 lines" in done(world, "export-crosswalk", "--crosswalk", "files", "--file", str(path))
        before = worker.result("scenes_files:there")
        told = done(world, "import-crosswalk", "--crosswalk", "files", "--file", str(path), "--as", "finadmin")
        assert "2 lines" in told
        assert worker.result("scenes_files:there") == before
    path = tmp_path / "more.csv"
    path.write_text("kind,source,target\nexact,400000,COST\n")
    told = done(world, "import-crosswalk", "--crosswalk", "files", "--file", str(path), "--as", "finadmin")
    assert "1 lines" in told


BAD_LINES = {
    "line 3": "kind,source,target\nexact,700000,REV\nexact,700000,OTHER\n",
    "line 3: ": "source,target,valid_from,valid_to\n7,A,2026-01-01,2026-06-30\n7,B,2026-06-30,\n",
    "line 2: valid_from is no date": "source,target,valid_from\n7,A,tomorrow\n",
    "line 2: the kind is none of": "kind,source,target\nregex,7,A\n",
    "Nothing was imported": "nothing of this\n",
}


@pytest.mark.parametrize("reason", BAD_LINES)
def test_a_crosswalk_with_a_bad_line_is_refused_as_a_whole(world, tmp_path, reason):
    path = tmp_path / "bad.csv"
    path.write_text(BAD_LINES[reason])
    refused(world, reason, "import-crosswalk", path, "--crosswalk", "files")


def test_a_field_map_goes_out_and_comes_in(world, tmp_path):
    _database, worker = world
    path = tmp_path / "map.yaml"
    done(world, "export-field-map", "--flow", "files-rows", "--file", str(path))
    before = worker.result("scenes_files:there")
    told = done(world, "import-field-map", "--flow", "files-rows", "--file", str(path), "--as", "finadmin")
    assert "lines now" in told
    assert worker.result("scenes_files:there") == before
    path.write_text(path.read_text().replace("value: EUR", "value: USD"))
    done(world, "import-field-map", "--flow", "files-rows", "--file", str(path), "--as", "finadmin")
    assert "USD" in str(worker.result("scenes_files:there")["map"])


BAD_MAPS = {
    "nowhere": ("to: amount", "to: nowhere"),
    "there is no contract": ("budget.line/1.0", "budget.line/9.0"),
    "line 1: this is no field map": ("field-map/1", "field-map/9"),
    "python": ("do: number", "do: python"),
    "comes twice": ("flow: files-rows", "flow: files-rows\nflow: files-list"),
    "column Elsewhere": ("- Month", "- Elsewhere"),
}


@pytest.fixture(scope="module")
def field_map(world, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "map.yaml"
    done(world, "export-field-map", "--flow", "files-rows", "--file", str(path))
    return path.read_text()


@pytest.mark.parametrize("reason", BAD_MAPS)
def test_a_field_map_that_cannot_stand_is_refused_as_a_whole(world, tmp_path, field_map, reason):
    path, text = tmp_path / "map.yaml", field_map
    old, new = BAD_MAPS[reason]
    assert old in text, text
    path.write_text(text.replace(old, new))
    refused(world, reason, "import-field-map", path, "--flow", "files-rows")


def test_who_may_not_configure_imports_nothing(world, tmp_path):
    path = tmp_path / "accounts.csv"
    done(world, "export-crosswalk", "--crosswalk", "files", "--file", str(path))
    ran = command(world[0], "import-crosswalk", "--crosswalk", "files", "--file", str(path), "--as", "viewer")
    assert ran.returncode == 1, ran.stdout
    assert "Traceback" not in ran.stderr
