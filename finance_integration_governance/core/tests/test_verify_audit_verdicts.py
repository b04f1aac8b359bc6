"""The verifier's verdicts over exports that are made here line by line, as docs/audit-log.md says."""

import hashlib
import importlib.util
import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "verify_audit.py"
GENESIS = "0" * 64


@pytest.fixture(scope="module")
def verifier():
    spec = importlib.util.spec_from_file_location("verify_audit", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def text_of(number):
    return (
        f'{{"actor":"anna#2","at":"2026-01-01T00:00:0{number}Z","code":"c{number}","facts":{{}},"subject":["m","k"]}}'
    )


class Export:
    """An export behind row `after`, with so many rows, to be tampered with."""

    def __init__(self, count=6, after=0, head=GENESIS):
        self.after, self.head, self.heads = after, head, {after: head}
        self.texts = {after + n: text_of(n) for n in range(1, count + 1)}
        self.end = {"waiting": 0}
        self.rows = []
        for position, text in self.texts.items():
            head = self.heads[position] = sha(head + sha(text))
            self.rows.append(self.row(position, head, sha(text), text))

    @staticmethod
    def row(position, head, digest, text):
        return f'{{"position":{position},"head":"{head}","digest":"{digest}","event":{text}}}'

    def unusual(self, position, **more):
        told = {"position": position, "head": self.heads[position], "digest": sha(self.texts[position])}
        self.rows[position - self.after - 1] = json.dumps({**told, "text": self.texts[position], **more})

    def lines(self, opening=None, end=None):
        last = max(self.heads)
        opening = opening or {"format": "fin.audit/1", "after": self.after, "head": self.head}
        end = end or {"position": last, "head": self.heads[last], **self.end}
        return [json.dumps(opening), *self.rows, json.dumps({"end": end})]

    def anchor(self, position, **more):
        return {"position": position, "head": self.heads[position], **more}


@pytest.fixture
def said(verifier, tmp_path, capsys):
    """What the script says of these lines, given anchors (a file) and places (from a mail)."""

    def say(export, anchors=(), at=()):
        lines = export.lines() if isinstance(export, Export) else export
        path, kept = tmp_path / "export.jsonl", tmp_path / "anchors.jsonl"
        path.write_text("".join(f"{line}\n" for line in lines))
        kept.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in anchors))
        more = ["--anchors", str(kept)] if anchors else []
        code = verifier.main([str(path), "--json", *more, *(word for place in at for word in ("--at", place))])
        found = json.loads(capsys.readouterr().out)
        assert found["exit"] == code
        assert list(found) == sorted(found), "two runs are compared line by line"
        return SimpleNamespace(**{"position": None, "code": None, "notes": [], **found})

    return say


def altered(found):
    assert (found.verdict, found.exit) == ("altered", 1)
    return found.position, found.code


# What is as it was


def test_an_untouched_log_is_proven_by_its_last_anchor(said):
    export = Export()
    found = said(export, [export.anchor(2), export.anchor(6)])
    assert (found.verdict, found.exit, found.anchored, found.end) == ("proven", 0, 6, 6)
    assert found.words == "rows 1 to 6 are as they were sealed; anchored up to row 6"
    assert found.notes == []


def test_it_is_anchored_up_to_the_newest_anchor_that_it_holds(said):
    export = Export()
    found = said(export, [export.anchor(2), export.anchor(4)])
    assert (found.verdict, found.anchored, found.end) == ("proven", 4, 6)


def test_an_anchor_from_a_mail_counts_like_one_from_the_file(said):
    export = Export()
    assert said(export, at=[f"6:{export.heads[6]}"]).verdict == "proven"
    assert altered(said(export, at=[f"6:{'a' * 64}"])) == (1, "rewritten")


def test_without_an_anchor_nothing_is_proven(said):
    found = said(Export())
    assert (found.verdict, found.exit) == ("not provable", 2)
    assert found.words.startswith("6 rows fit together")
    found = said(Export(count=3, after=4, head="e" * 64))
    assert found.words.startswith("3 rows fit together")


def test_an_empty_log_is_anchored_by_its_beginning(said):
    export = Export(count=0)
    assert said(export).verdict == "not provable"
    assert said(export, [export.anchor(0)]).verdict == "proven"


def test_what_waits_for_its_seal_is_told(said):
    export = Export()
    export.end["waiting"] = 3
    assert said(export, [export.anchor(6)]).notes == ["3 events were not sealed yet when this was exported"]


def test_an_export_behind_an_anchor_is_proven_by_it(said):
    export = Export(count=3, after=4, head="e" * 64)
    found = said(export, [export.anchor(4)])
    assert (found.verdict, found.anchored, found.end) == ("proven", 4, 7)
    assert found.notes == ["the export begins behind row 4; what is before it was not looked at"]
    assert found.words == "rows 5 to 7 are as they were sealed; anchored up to row 4"


def test_an_export_that_begins_at_another_head_than_its_anchor_is_rewritten(said):
    assert altered(said(Export(after=4, head="e" * 64), [{"position": 4, "head": "f" * 64}])) == (5, "rewritten")


def test_an_anchor_before_the_export_says_nothing_about_it(said):
    export = Export(after=4, head="e" * 64)
    assert said(export, [{"position": 3, "head": "f" * 64}]).verdict == "not provable"
    assert said(export, [{"position": 3, "head": "f" * 64}, export.anchor(6)]).verdict == "proven"


def test_a_row_that_is_spelled_unusually_is_held_to_its_columns(said):
    columns = {"at": "2026-01-01T00:00:03", "code": "c3", "actor": "anna#2", "company": None, "subject": ["m", "k"]}
    export = Export()
    export.unusual(3, columns={**columns, "facts": "{}"})
    assert said(export, [export.anchor(6)]).verdict == "proven"
    for name, value in {"code": "c4", "actor": "x", "company": "C", "subject": ["m", "x"], "at": "2027"}.items():
        export.unusual(3, columns={**columns, "facts": "{}", name: value})
        assert altered(said(export, [export.anchor(6)])) == (3, "event_changed"), name


def test_there_is_one_spelling_of_columns(verifier):
    shown = {"at": "2026-01-01T00:00:03.5", "code": "c", "actor": "ä", "company": "C", "subject": ["m", "k"]}
    assert verifier.spelled({**shown, "facts": '{"a":1}'}) == (
        '{"actor":"ä","at":"2026-01-01T00:00:03.500000Z","code":"c","company":"C","facts":{"a":1},"subject":["m","k"]}'
    )


# What is not


@pytest.mark.parametrize("at", [1, 3, 6])
def test_an_edited_event_is_named(said, at):
    export = Export()
    export.rows[at - 1] = export.rows[at - 1].replace('"anna#2"', '"bert#2"')
    assert altered(said(export, [export.anchor(6)])) == (at, "event_changed")


def test_an_edited_event_is_named_whatever_its_text_is_spelled_like(said):
    export = Export()
    columns = {"at": "2026-01-01T00:00:03", "code": "c3", "actor": "anna#2", "company": None, "subject": ["m", "k"]}
    export.unusual(3, columns={**columns, "facts": "{}"}, text=text_of(3).replace("c3", "c4"))
    assert altered(said(export)) == (3, "event_changed")


def test_a_deleted_event_is_named(said):
    export = Export()
    export.unusual(4, digest=None, text=None, columns=None)
    assert altered(said(export)) == (4, "event_missing")


@pytest.mark.parametrize("missing", ["digest", "text"])
def test_an_event_without_its_digest_or_its_text_was_changed(said, missing):
    export = Export()
    export.unusual(4, **{missing: None, "columns": None})
    assert altered(said(export)) == (4, "event_changed")


def test_a_missing_row_is_a_gap(said):
    export = Export()
    del export.rows[2]
    assert altered(said(export)) == (4, "gap")


def test_rows_that_changed_places_are_a_gap(said):
    export = Export()
    export.rows[1], export.rows[3] = export.rows[3], export.rows[1]
    assert altered(said(export)) == (4, "gap")


def test_a_row_that_comes_twice_is_a_gap(said):
    export = Export()
    export.rows.insert(2, export.rows[1])
    assert altered(said(export)) == (2, "gap")


def test_an_event_that_was_changed_with_its_digest_breaks_the_chain(said):
    export = Export()
    export.rows[2] = export.row(3, export.heads[3], sha("{}"), "{}")
    assert altered(said(export)) == (3, "chain_broken")


def test_a_cut_tail_is_found_with_its_anchor_only(said):
    long, short = Export(), Export(count=4)
    assert altered(said(short, [long.anchor(2), long.anchor(6)])) == (5, "tail_missing")
    assert said(short, [long.anchor(2)]).verdict == "proven"
    assert said(short).verdict == "not provable"


def test_another_history_is_told_from_the_last_anchor_that_agrees(said):
    export = Export()
    wrong = {"position": 5, "head": "f" * 64}
    assert altered(said(export, [wrong, export.anchor(2)])) == (3, "rewritten")
    assert altered(said(export, [wrong])) == (1, "rewritten")


def test_the_first_bad_row_is_named_and_nothing_behind_it(said):
    export = Export()
    export.rows[3] = export.rows[3].replace('"anna#2"', '"bert#2"')
    assert altered(said(export, [export.anchor(6)])) == (4, "event_changed")
    assert altered(said(export, [{"position": 2, "head": "f" * 64}])) == (1, "rewritten")
    assert altered(said(export, [export.anchor(3), {"position": 9, "head": "f" * 64}])) == (4, "event_changed")


def test_an_anchor_on_the_row_before_the_bad_one_still_counts(said):
    export = Export()
    export.rows[3] = export.rows[3].replace('"anna#2"', '"bert#2"')
    assert altered(said(export, [{"position": 3, "head": "f" * 64}])) == (1, "rewritten")


def edited(export, at):
    export.rows[at - 1] = export.rows[at - 1].replace('"anna#2"', '"bert#2"')


def deleted(export, at):
    export.unusual(at, digest=None, text=None, columns=None)


def left_out(export, at):
    del export.rows[at - 1]


def resealed(export, at):
    export.rows[at - 1] = export.row(at, "f" * 64, sha(export.texts[at]), export.texts[at])


SPOILT = pytest.mark.parametrize("spoil", [edited, deleted, left_out, resealed])


@SPOILT
def test_an_anchor_on_a_bad_row_or_behind_it_says_no_more_than_the_row(said, spoil):
    whole, export = Export(), Export()
    spoil(export, 4)
    told = altered(said(export))
    assert told[0] in (4, 5)
    for at in (4, 5, 6):
        assert altered(said(export, [whole.anchor(at)])) == told


@SPOILT
def test_an_anchor_right_before_a_bad_row_counts_whatever_is_wrong_with_the_row(said, spoil):
    export = Export()
    spoil(export, 4)
    assert altered(said(export, [{"position": 3, "head": "f" * 64}])) == (1, "rewritten")


@pytest.mark.parametrize("head", ["0" * 64, "f" * 64])
def test_another_head_is_another_head_whatever_it_sorts_like(said, head):
    export = Export()
    assert altered(said(export, [{"position": 5, "head": head}])) == (1, "rewritten")
    export.rows[2] = export.row(3, head, sha(export.texts[3]), export.texts[3])
    assert altered(said(export)) == (3, "chain_broken")
    export = Export()
    columns = {"at": "2026-01-01T00:00:03", "code": "c3", "actor": "anna#2", "company": None, "subject": ["m", "k"]}
    export.unusual(3, columns={**columns, "facts": "{}"}, digest=head)
    assert altered(said(export)) == (3, "event_changed")


def test_an_anchor_before_the_export_does_not_hide_those_in_it(said):
    export = Export(after=4, head="e" * 64)
    before = {"position": 3, "head": "f" * 64}
    assert altered(said(export, [before, {"position": 6, "head": "f" * 64}])) == (5, "rewritten")


# Restored backups


def test_an_anchor_before_the_restored_row_still_counts(said):
    export = Export()
    restored = export.anchor(6, restored={"since": 2})
    assert altered(said(export, [{"position": 1, "head": "f" * 64}, restored])) == (1, "rewritten")


def test_a_history_that_was_replaced_knowingly_counts_no_more(said):
    export = Export()
    old = [export.anchor(2), {"position": 5, "head": "f" * 64}]
    assert altered(said(export, old)) == (3, "rewritten")
    restored = export.anchor(6, restored={"since": 2, "approval": "APR/7"})
    found = said(export, [*old, restored])
    assert found.verdict == "proven"
    assert found.notes == ["history behind row 2 was replaced, released by APR/7"]


def test_an_anchor_at_the_restored_row_itself_still_counts(said):
    export = Export()
    restored = export.anchor(6, restored={"since": 2})
    assert altered(said(export, [{"position": 2, "head": "f" * 64}, restored])) == (1, "rewritten")


def test_a_restore_from_the_beginning_leaves_nothing_behind(said):
    export = Export()
    assert said(export, [{"position": 1, "head": "f" * 64}, export.anchor(6, restored={"since": 0})]).exit == 0


# What is no export


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
