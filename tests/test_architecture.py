"""What the shape of the code promises, read from the code itself: who may know whom, and what stands nowhere."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KERNEL = "finance_integration_governance"
ADDONS = {
    manifest.parent.name: manifest.parent
    for manifest in (*ROOT.glob("*/__manifest__.py"), *ROOT.glob("addons/*/__manifest__.py"))
}
PRODUCT = {name: folder for name, folder in ADDONS.items() if folder.parent == ROOT}
CONNECTORS = {name: folder for name, folder in PRODUCT.items() if name != KERNEL}


def sources(*suffixes, tests=False):
    """(name below the repository, text) of every source file of the addons."""
    for folder in ADDONS.values():
        for path in sorted(folder.rglob("*")):
            if path.suffix in suffixes and (tests or "tests" not in path.parts) and "lib" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text()


def lines(pattern, *suffixes, tests=False):
    """The places where a pattern stands, comments left out."""
    found = re.compile(pattern)
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in sources(*(suffixes or (".py",)), tests=tests)
        for number, line in enumerate(text.splitlines(), 1)
        if found.search(line.split("#")[0] if name.endswith(".py") else line)
    ]


def imports(path):
    """Every absolute module name that a file imports, with the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_addons(folder):
    """The addons of ours that a folder's code, tests included, imports."""
    for path in folder.rglob("*.py"):
        for name in imports(path):
            found = re.match(r"odoo\.addons\.(\w+)", name)
            if found and found[1] in ADDONS:
                yield path, found[1]


def names(expression):
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def manifest(folder):
    return ast.literal_eval((folder / "__manifest__.py").read_text())


def test_the_kernel_depends_on_stock_odoo_only():
    assert not set(manifest(PRODUCT[KERNEL])["depends"]) & set(ADDONS)


@pytest.mark.parametrize("name", sorted(CONNECTORS))
def test_a_connector_depends_on_the_kernel_and_on_no_other_connector(name):
    assert set(manifest(CONNECTORS[name])["depends"]) & set(ADDONS) == {KERNEL}


@pytest.mark.parametrize("name", sorted(PRODUCT))
def test_a_product_addon_imports_itself_and_the_kernel_only(name):
    strangers = {
        f"{path.relative_to(ROOT)} imports {other}"
        for path, other in imported_addons(PRODUCT[name])
        if other not in (name, KERNEL)
    }
    assert not strangers


@pytest.mark.parametrize("name", sorted(PRODUCT))
def test_a_product_addon_mentions_no_other_addon_by_external_id(name):
    others = set(ADDONS) - {name, KERNEL}
    if not others:
        return
    spoken = re.compile(rf"\b({'|'.join(sorted(others))})\.\w")
    found = [f for f, text in sources(".py", ".xml", ".csv") if f.startswith(f"{name}/") and spoken.search(text)]
    assert not found


@pytest.mark.parametrize("name", sorted(ADDONS))
def test_every_addon_is_lgpl_and_for_odoo_19(name):
    facts = manifest(ADDONS[name])
    assert facts["license"] == "LGPL-3"
    assert facts["version"].startswith("19.0.")


def test_core_imports_no_odoo_but_other_cores():
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for folder in ADDONS.values()
        for path in (folder / "core").rglob("*.py")
        for name in imports(path)
        if name.split(".")[0] == "odoo"
        and not re.match(r"odoo\.addons\.\w+\.core(\.|$)", name)
        and not path.name.startswith("test_")
    ]
    assert not found


def test_cores_load_without_any_library(tmp_path):
    """As a pack's script loads them: a library of files is imported where such a file is read."""
    for name, folder in PRODUCT.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "core").symlink_to(folder / "core")
    script = PRODUCT[KERNEL] / "core/reperform_script.py"
    code = "import pathlib, runpy, sys; runpy.run_path(sys.argv[1])['load'](pathlib.Path(sys.argv[2]))"
    command = [sys.executable, "-I", "-S", "-c", code, str(script), str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_core_does_not_reach_out_of_core_by_dots():
    found = []
    for folder in ADDONS.values():
        core = folder / "core"
        for path in core.rglob("*.py"):
            depth = len(path.relative_to(core).parts)
            found += [
                str(path.relative_to(ROOT)) for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.ImportFrom) and node.level > depth
            ]  # fmt: skip
    assert not found


def test_core_test_files_have_names_of_their_own_and_no_package():
    files = [path for folder in ADDONS.values() for path in folder.glob("core/tests/**/*.py")]
    found = [path.name for path in files if path.name != "conftest.py"]
    assert sorted(found) == sorted(set(found))
    assert "__init__.py" not in found


def test_every_sudo_says_why():
    silent = []
    for name, text in sources(".py"):
        before = ""
        for number, line in enumerate(text.splitlines(), 1):
            if "sudo(" in line.split("#")[0] and "# sudo:" not in line and "# sudo:" not in before:
                silent.append(f"{name}:{number}: {line.strip()}")
            before = line
    assert not silent


MAY_COMMIT = {
    f"{KERNEL}/models/run/fin_engine.py",
    f"{KERNEL}/cli/finance.py",  # a command is the top of its own transaction
    "addons/finance_integration_demo/place.py",  # outside Odoo: code for `odoo shell`
}


def test_only_the_engine_commits():
    assert {place.split(":")[0] for place in lines(r"\.commit\(\)")} <= MAY_COMMIT


def test_everything_is_caught_in_one_place_only():
    """What tidies up and raises again catches nothing."""
    wide = [
        f"{name}:{node.lineno}"
        for name, text in sources(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or names(node.type) & {"Exception", "BaseException"})
        and not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    ]
    assert len(wide) <= 1, wide


def test_an_except_never_passes():
    silent = [
        f"{name}:{node.lineno}"
        for name, text in sources(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ExceptHandler) and all(isinstance(statement, ast.Pass) for statement in node.body)
    ]
    assert not silent


NOWHERE = {
    "code from data": r"\b(safe_eval|literal_eval_unsafe)\b|(?<![.\w])(eval|exec)\(",
    "an unchecked certificate": r"verify\s*=\s*False|CERT_NONE|_create_unverified_context|AutoAddPolicy",
    "constraints that Odoo 19 ignores": r"_sql_constraints",
    "group_operator, now aggregator": r"\bgroup_operator\s*=",
    "a name that Odoo 19 has dropped": r"\bname_get\(|\bread_group\(|\bfields_view_get\(|\.check_access_rights\(",
    "SQL by f-string or percent": r"""\.execute\(\s*(f["']|[rb]?["'][^"']*["']\s*%\s|.*\.format\()""",
    "SQL() by f-string": r"""\bSQL\(\s*f["']""",
    "pickle": r"\bpickle\.(load|loads)\(",
    "yaml.load": r"\byaml\.load\(",
    "a shell": r"shell\s*=\s*True|os\.system\(",
}


@pytest.mark.parametrize("what", NOWHERE)
def test_nowhere_stands(what):
    assert not lines(NOWHERE[what])


VIEWS_NOWHERE = {
    "tree, now list": r"<tree\b|view_mode\"?>[^<]*\btree\b",
    "kanban-box, now card": r"kanban-box",
    "attrs and states, now expressions": r"\b(attrs|states)\s*=\s*[\"']",
    "raw output of a value": r"\bt-raw\b",
}


@pytest.mark.parametrize("what", VIEWS_NOWHERE)
def test_no_view_has(what):
    assert not lines(VIEWS_NOWHERE[what], ".xml")


def test_no_execute_takes_a_built_string_over_several_lines():
    built = []
    for name, text in sources(".py"):
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("execute", "execute_query")
            ):
                built += [
                    f"{name}:{node.lineno}"
                    for argument in node.args[:1]
                    if isinstance(argument, ast.JoinedStr | ast.BinOp)
                ]
    assert not built


def test_no_source_file_holds_a_private_key_or_a_long_token():
    secret = re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bghp_\w{36}\b")
    assert not [name for name, text in sources(".py", ".xml", ".csv", ".js") if secret.search(text)]
