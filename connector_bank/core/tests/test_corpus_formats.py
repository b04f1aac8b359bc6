"""Published statement files of every format against the oracle. FIG_SAMPLES names their folder; `-s` lists them."""

from decimal import Decimal

import pytest
from corpus import SAMPLES, counts, oracle

if not (SAMPLES / "oracle" / "camt.053.json").exists():
    pytest.skip("no sample files: set FIG_SAMPLES to their folder", allow_module_level=True)

from corpus_formats import FORMATS

FILES = [(one, name) for one in FORMATS for name in sorted(oracle(one.kind))]


@pytest.mark.parametrize(("form", "name"), FILES, ids=[name for _form, name in FILES])
def test_a_published_file_is_read_right_or_held_for_a_fact(form, name):
    kind, fact = form.verdict(name)
    print(f"{kind:8} {name}: {fact}")
    assert kind != "wrong", fact


DERIVED = oracle("derived")
SOURCES = {name: one for one in FORMATS for name in oracle(one.kind)}
CHANGED = sorted(name for name in DERIVED if not name.startswith("hostile"))
BROKEN = sorted(name for name in DERIVED if name.startswith("hostile"))


def source_of(name):
    """(format, what the oracle says of it) of the file that a derived one was made of."""
    source = DERIVED[name]["derived_from"]
    form = SOURCES[source]
    return form, oracle(form.kind)[source]


def net_of(told):
    return sum(Decimal(amount) for amount in told["net_by_currency"].values())


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_of_form_changes_nothing(name):
    form, told = source_of(name)
    read, source = form.read(SAMPLES / name), form.read(SAMPLES / DERIVED[name]["derived_from"])
    assert not read.refused and list(form.differences(read, told)) == []
    assert (read.blocking, [one.key for one in read.entries]) == (source.blocking, [one.key for one in source.entries])


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_or_held_as_the_oracle_expects(name):
    form, told = source_of(name)
    expectation, read = DERIVED[name]["expectation"], form.read(SAMPLES / name)
    kind = "refused" if read.refused else "held" if read.blocking else "right"
    print(f"{kind:8} {name}: {read.refused or read.blocking or expectation}")
    if "second copy" in expectation:
        half = len(read.entries) // 2
        assert [one.key for one in read.entries[:half]] == [one.key for one in read.entries[half:]]
    elif "refuse" in expectation:
        assert read.refused or ("quarantine" in expectation and read.blocking)
    elif "quarantine" in expectation or "flag (" in expectation:
        assert read.blocking
    else:
        assert kind == "right"
        assert sum(entry.amount for entry in read.entries) == net_of(told)


def test_nothing_is_silently_wrong():
    found = counts(FORMATS)
    for kind, verdicts in found.items():
        print(f"{kind}: {dict(verdicts)}")
    assert all(verdicts["wrong"] == 0 for verdicts in found.values())


ATTACKS = sorted(
    path
    for folder in ("csv", "json", "strings", "xlsx-poi", "xml-defusedxml", "xml-libxml2", "xxe")
    for path in (SAMPLES / "hostile" / folder).rglob("*")
    if path.is_file()
)


@pytest.mark.parametrize("form", FORMATS, ids=[one.kind for one in FORMATS])
def test_s01_s13_what_is_no_statement_is_refused_by_every_reader(form):
    taken = [str(path) for path in ATTACKS if not form.read(path).refused]
    assert taken == []
