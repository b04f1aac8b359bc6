"""The documents name what is there: tests, files and pages."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
OURS = ("finance_integration_governance", "connector_bank", "connector_planning", "addons", "tests")


def test_every_test_that_a_promise_names_exists():
    named = set(re.findall(r"\btest_\w+\b(?!\.py)", (ROOT / "docs" / "promises.md").read_text()))
    there = {
        name
        for folder in OURS
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text())
    }
    assert sorted(named - there) == []


def test_every_promise_has_its_chapter():
    chapters = re.findall(r"^## P(\d+) ", (ROOT / "docs" / "promises.md").read_text(), re.M)
    assert chapters == [str(number) for number in range(1, 11)]


CASES = (
    "Law 3",
    "Law 7",
    "R26",
    "R28",
    "S5",
    "S9",
    "S10",
    "S11",
    "S16",
    "S22",
    "S23",
    "S24",
    "Law 1",
    "Law 4",
    "Law 5",
    "Law 8",
    "R7",
    "R8",
    "R10",
    "R11",
    "R12",
    "R15",
    "R18",
    "R19",
    "R25",
    "R36",
    "R22",
)


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_tests_of_its_name(case):
    """`| S5 | ... | tests |` names tests, each of which begins with `test_s05_`."""
    [row] = re.findall(rf"^\| {case} \|.*$", (ROOT / "docs" / "promises.md").read_text(), re.M)
    letter, number = re.fullmatch(r"(Law |[RS])(\d+)", case).groups()
    begin = f"test_law{number}_" if letter == "Law " else f"test_{letter.lower()}{int(number):02d}_"
    named = re.findall(r"\btest_\w+", row)
    assert len(named) > 1
    assert [name for name in named if not name.startswith(begin)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_something(page):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/**/*.md")), ids=lambda page: page.name)
def test_files_that_are_named_exist(page):
    """`fin_flow.py` or `core/xml.py` in backticks is a file of ours."""
    named = {name for name in re.findall(r"`([\w./<>-]+\.(?:py|xml|toml|sh))`", page.read_text()) if "<" not in name}
    files = [str(path.relative_to(ROOT)) for folder in (*OURS, "scripts") for path in (ROOT / folder).rglob("*.*")]
    assert sorted(name for name in named if not any(f"/{file}".endswith(f"/{name}") for file in files)) == []


def test_decisions_are_all_on_their_list():
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (folder / "README.md").read_text())
    assert sorted(listed) == sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")


def test_no_document_names_a_place_of_one_machine():
    wrong = re.compile(r"(?<![\w.])/(home|root|Users|mnt)/\w")
    assert [str(page.relative_to(ROOT)) for page in PAGES if wrong.search(page.read_text())] == []
