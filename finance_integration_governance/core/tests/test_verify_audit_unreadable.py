"""What the verifier says of files that are no export, and how it says it."""

import importlib.util
import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from audit_export import GENESIS, SCRIPT, Export


@pytest.mark.parametrize(
    "opening",
    [
        {"format": "fin.audit/2", "after": 0, "head": GENESIS},
        {"format": "fin.audit/0", "after": 0, "head": GENESIS},
        {"format": "fin.audit/1", "after": "0", "head": GENESIS},
        {"format": "fin.audit/1", "head": GENESIS},
        {"format": "fin.audit/1", "after": 0, "head": "1" * 64},
        {"format": "fin.audit/1", "after": 0, "head": ""},
        {"format": "fin.audit/1", "after": -1, "head": GENESIS},
        ["format"],
    ],
)
def test_what_does_not_begin_like_an_export_is_unreadable(said, opening):
    found = said(Export().lines(opening=opening))
    assert (found.verdict, found.exit) == ("unreadable", 3)


def test_an_empty_or_foreign_file_is_unreadable(said):
    for lines in ([], ["hello"], ["{"]):
        found = said(lines)
        assert (found.exit, "line 1 " in found.words) == (3, True)


@pytest.mark.parametrize("number", [2, 4])
def test_a_row_that_is_none_is_unreadable_and_named(said, number):
    for row in ("x", "{}", "[]", '{"position":1,"head":2,"digest":"","text":""}'):
        export = Export()
        export.rows[number - 2] = row
        found = said(export)
        assert (found.exit, f"line {number} " in found.words) == (3, True), row


def test_a_row_that_pretends_to_be_usual_is_unreadable(said):
    export = Export()
    export.unusual(3, event={}, columns=None)
    found = said(export)
    assert (found.exit, found.words) == (3, "line 4 is spelled unusually")


def test_a_row_with_letters_behind_it_is_unreadable(said):
    export = Export()
    export.rows[2] += " "
    assert said(export).exit == 3


def test_an_export_that_was_not_written_to_its_end_is_unreadable(said):
    lines = Export().lines()
    assert said(lines[:-1]).words.startswith("the export has no last line")


def test_nothing_stands_behind_the_last_line(said):
    lines = Export().lines()
    assert said([*lines, lines[-1]]).exit == 3


@pytest.mark.parametrize("end", [{"position": 5}, {"position": 7}, {"head": "f" * 64}, {"head": GENESIS}])
def test_the_last_line_fits_the_rows(said, end):
    export = Export()
    lines = export.lines(end={"position": 6, "head": export.heads[6], **end})
    assert (said(lines).exit, said(lines).words[:13]) == (3, "the last line")


@pytest.mark.parametrize(
    "line", ["x", "[]", '{"position":"1","head":"a"}', '{"position":1}', '{"position":1,"head":"a","restored":1}']
)
def test_an_anchor_file_with_another_line_is_refused(said, line):
    export = Export()
    found = said(export, [export.anchor(6), line])
    assert (found.exit, "is no anchor" in found.words) == (3, True)


def test_blank_lines_between_anchors_are_nothing(said):
    export = Export()
    assert said(export, [export.anchor(2), "", export.anchor(6)]).anchored == 6


@pytest.mark.parametrize("place", ["6", "x:" + "a" * 64, "6:" + "a" * 63, "6:" + "g" * 64])
def test_a_place_that_is_no_anchor_is_refused(said, place):
    assert said(Export(), at=[place]).exit == 3


# What is printed


def test_it_is_said_in_words(verifier, tmp_path, capsys, monkeypatch):
    export = Export(after=4, head="e" * 64)
    path = tmp_path / "export.jsonl"
    path.write_text("".join(f"{line}\n" for line in export.lines()))
    assert verifier.main([str(path), "--at", f"10:{export.heads[10]}"]) == 0
    first, note = capsys.readouterr().out.splitlines()
    assert first == "PROVEN: rows 5 to 10 are as they were sealed; anchored up to row 10"
    assert note.startswith("note: the export begins behind row 4")
    assert verifier.main([str(path), "--at", f"10:{'f' * 64}"]) == 1
    assert capsys.readouterr().out.startswith("ALTERED: row 5: from here on this is another history")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(path.read_bytes())))
    assert verifier.main(["-"]) == 2
    assert capsys.readouterr().out.startswith("NOT PROVABLE: ")


@pytest.mark.parametrize("name", ["!export", "~export"])
def test_a_file_is_read_whatever_its_name_sorts_like(verifier, tmp_path, capsys, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("".join(f"{line}\n" for line in Export().lines()))
    assert verifier.main([name]) == 2
    assert capsys.readouterr().out.startswith("NOT PROVABLE: ")


def test_a_file_that_is_not_there_is_unreadable(verifier, tmp_path, capsys):
    assert verifier.main([str(tmp_path / "nothing")]) == 3
    assert capsys.readouterr().out.startswith("UNREADABLE: ")


def test_a_wrong_option_is_no_verdict_about_the_log(verifier, capsys):
    with pytest.raises(SystemExit) as ended:
        verifier.main(["--nothing"])
    assert ended.value.code == 3


def test_called_as_a_script_it_ends_with_its_verdict(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sys, "argv", ["verify_audit.py", str(tmp_path / "not there.jsonl")])
    spec = importlib.util.spec_from_file_location("__main__", SCRIPT)
    with pytest.raises(SystemExit) as ended:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    assert (ended.value.code, bool(capsys.readouterr().out)) == (3, True)
