"""The verifier's verdicts over exports that are whole, or were tampered with."""

import pytest
from audit_export import Export, altered, sha, text_of

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
