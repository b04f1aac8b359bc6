"""`docs/add-a-connector.md` is true: its blocks, put where they say, are a connector that keeps the contract."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "add-a-connector.md").read_text()
BLOCKS = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", PAGE, re.M | re.S))
CONNECTOR, TEST = "connector_bank/core/day_csv.py", "connector_bank/core/tests/test_day_csv.py"


@pytest.fixture
def checkout(tmp_path):
    """The cores of kernel and bank connector, without their tests, and what the page adds to them."""
    leave = shutil.ignore_patterns("tests", "__pycache__")
    for folder in ("finance_integration_governance/core", "connector_bank/core", "scripts"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=leave)
    for path, text in BLOCKS.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def ran(checkout, *command):
    environment = {**os.environ, "PYTHONPATH": str(checkout / "scripts"), "PYTHONDONTWRITEBYTECODE": "1"}
    streams = {"capture_output": True, "text": True, "check": False}
    return subprocess.run([sys.executable, *command], cwd=checkout, env=environment, **streams)


def test_the_page_gives_one_file_one_list_entry_one_sample_and_one_test():
    assert sorted(BLOCKS) == sorted(
        [CONNECTOR, "connector_bank/core/__init__.py", "connector_bank/core/tests/samples/day.csv", TEST]
    )


def test_the_connector_is_one_file_under_40_lines():
    assert len(BLOCKS[CONNECTOR].splitlines()) < 40


def test_the_test_is_a_class_of_three_lines():
    assert len(BLOCKS[TEST].partition("class ")[2].strip().splitlines()) == 3


def test_the_list_is_the_addons_own_and_one_more():
    """Where the addon gets another connector, the page has to follow."""
    own, shown = (
        re.findall(r"\w+", re.search(r"CONNECTORS = \[(.*?)\]", text, re.S)[1])
        for text in ((ROOT / "connector_bank/core/__init__.py").read_text(), BLOCKS["connector_bank/core/__init__.py"])
    )
    assert shown == [*own, "DayCsv"]


def test_it_keeps_the_contract_of_every_source(checkout):
    plain = ("-p", "core_namespaces", "-p", "no:odoo", "-p", "no:cacheprovider", "--noconftest")
    answer = ran(checkout, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", ".", *plain, TEST)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert re.search(r"\b1[0-9] passed", answer.stdout)


def test_its_code_keeps_the_rules_of_the_repository(checkout):
    shutil.copy(ROOT / "pyproject.toml", checkout)
    answer = ran(checkout, "-m", "ruff", "check", "connector_bank/core/day_csv.py", TEST)
    assert answer.returncode == 0, answer.stdout + answer.stderr
