import json
import subprocess
import sys
import tempfile
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.canonical import canonical

from .common import LawScene, fact

SCRIPT = Path(__file__).resolve().parent.parent / "tools" / "verify_audit.py"


def script(path, *options):
    """The stand-alone verifier as an auditor runs it: without site packages, without our folder."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(path), "--json", *map(str, options)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    found = json.loads(told.stdout)
    assert told.returncode == found["exit"], told
    return found


@tagged("post_install", "-at_install")
class TestVerifier(LawScene, TransactionCase):
    """The script for auditors, and the check inside the database: the same verdict over the same tampering."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.run_ = self.start(fact("a"), fact("b", words='Grüße \x7f\u0085 „x“ \\ " \t\n'))
        self.seals = self.env["fin.audit.seal"]
        for number in range(12):
            facts = {"words": 'e\u0301 \x7f\u0085 \\ "\n\t\u2028', "number": number, "none": None}
            self.env["fin.audit.event"]._append("test.code", "test", "Ärger \x7f", self.company, facts)
        self.env["fin.audit.event"]._append("test.code", "test", "no company")
        self.seal()
        for table in ("fin_audit_event", "fin_audit_seal"):
            self.without_triggers(table)
        self.at = self.seals._head()[0] - 5
        self.middle = self.anchor(self.at - 3)
        self.last = self.anchor(self.seals._head()[0])

    def anchor(self, position):
        return {"position": position, "head": self.seals._head_at(position), "at": "2026-11-22T00:00:00Z"}

    def event(self, position):
        return self.sql("SELECT event_id FROM fin_audit_seal WHERE position = %s", position)[0][0]

    def exported(self, after=0):
        self.env.flush_all()
        path = self.folder / "export.jsonl"
        path.write_text("".join(f"{line}\n" for line in self.seals._export(after)))
        return path

    def verdicts(self, *anchors):
        """What both say; both are held to the same."""
        kept = self.folder / "anchors.jsonl"
        kept.write_text("".join(canonical(anchor) + "\n" for anchor in anchors))
        here = self.seals._verify(anchors=anchors)
        there = script(self.exported(), *(["--anchors", kept] if anchors else []))
        self.assertEqual((there.get("position"), there.get("code")), here or (None, None))
        return here, there

    def tampered(self, *statements, anchors=()):
        for statement in statements:
            self.sql(statement)
        return self.verdicts(*anchors)

    def rewrite_from(self, position):
        """All heads anew, as somebody who knows how would write them."""
        self.sql(
            """CREATE OR REPLACE FUNCTION pg_temp.again(since int) RETURNS void LANGUAGE plpgsql AS $$
            DECLARE h text; r record; BEGIN
                SELECT COALESCE((SELECT head FROM fin_audit_seal WHERE position = since - 1), repeat('0', 64)) INTO h;
                FOR r IN SELECT s.id, e.digest FROM fin_audit_seal s JOIN fin_audit_event e ON e.id = s.event_id
                    WHERE s.position >= since ORDER BY s.position LOOP
                    h := encode(sha256(convert_to(h || r.digest, 'UTF8')), 'hex');
                    UPDATE fin_audit_seal SET head = h WHERE id = r.id;
                END LOOP; END $$"""
        )
        self.sql("SELECT pg_temp.again(%s)", position)

    # What is as it was

    def test_law7_an_untouched_log_is_proven_by_its_anchor(self):
        here, there = self.verdicts(self.middle, self.last)
        self.assertIsNone(here)
        self.assertEqual((there["verdict"], there["end"]), ("proven", self.last["position"]))

    def test_law7_without_an_anchor_the_log_is_not_provable(self):
        _here, there = self.verdicts()
        self.assertEqual((there["verdict"], there["exit"]), ("not provable", 2))

    def test_law7_an_export_behind_an_anchor_is_proven_by_it(self):
        path = self.exported(after=self.middle["position"])
        found = script(path, "--at", f"{self.middle['position']}:{self.middle['head']}")
        self.assertEqual(found["verdict"], "proven")
        self.assertIn("was not looked at", found["notes"][0])
        found = script(path, "--at", f"{self.middle['position']}:{'a' * 64}")
        self.assertEqual(found["code"], "rewritten")

    # R28: each way of tampering, by the owner of the table with its triggers disabled

    def edit(self, column, value):
        return f"UPDATE fin_audit_event SET {column} = {value} WHERE id = {self.event(self.at)}"

    digest_again = "encode(sha256(convert_to({}, 'UTF8')), 'hex')"

    def test_r28_every_edit_of_a_row_is_named_by_both(self):
        edits = {
            "content": "replace(content, 'test', 'text')",
            "code": "'other'",
            "actor": "'other'",
            "company": "NULL",
            "subject_model": "'other'",
            "subject_key": "'other'",
            "facts": "'{}'",
            "at": "at + interval '1 microsecond'",
            "digest": "repeat('a', 64)",
        }
        for column, value in edits.items():
            with self.subTest(column), self.env.cr.savepoint() as savepoint:
                here, _there = self.tampered(self.edit(column, value))
                self.assertEqual(here, (self.at, "event_changed"))
                savepoint.rollback()

    def test_r28_another_spelling_is_named_by_both(self):
        """The same content for a JSON reader, but not the same bytes: key order, a float, the zone of a time."""
        spellings = {
            "key order": "(content::jsonb)::text",
            "float": """replace(content, '"number":', '"number":1.0,"number":')""",
            "time zone": 'replace(content, \'Z","code"\', \'+00:00","code"\')',
            "a line break": "content || chr(10)",
            "a blank": "content || ' '",
        }
        for name, value in spellings.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.assertEqual(self.tampered(self.edit("content", value))[0], (self.at, "event_changed"))
                savepoint.rollback()
            with self.subTest(f"{name} with its digest"), self.env.cr.savepoint() as savepoint:
                edits = [self.edit("content", value), self.edit("digest", self.digest_again.format("content"))]
                self.assertEqual(self.tampered(*edits)[0][0], self.at)
                savepoint.rollback()

    def test_r28_an_edit_of_text_columns_and_digest_is_named_by_both(self):
        edits = [
            self.edit("code", "'test.cope'"),
            self.edit("content", "replace(content, 'test.code', 'test.cope')"),
            self.edit("digest", self.digest_again.format("content")),
        ]
        self.assertEqual(self.tampered(*edits)[0], (self.at, "chain_broken"))

    def test_r28_a_deleted_event_is_named_by_both(self):
        deleted = self.tampered(f"DELETE FROM fin_audit_event WHERE id = {self.event(self.at)}")
        self.assertEqual(deleted[0], (self.at, "event_missing"))

    def test_r28_a_deleted_row_is_named_by_both(self):
        deleted = self.tampered(f"DELETE FROM fin_audit_seal WHERE position = {self.at}")
        self.assertEqual(deleted[0], (self.at + 1, "gap"))

    def test_r28_a_deleted_row_with_the_others_moved_up_is_named_by_both(self):
        deleted = self.tampered(
            f"DELETE FROM fin_audit_seal WHERE position = {self.at}",
            f"UPDATE fin_audit_seal SET position = -position WHERE position > {self.at}",
            "UPDATE fin_audit_seal SET position = -position - 1 WHERE position < 0",
        )
        self.assertEqual(deleted[0], (self.at, "chain_broken"))

    def insert(self, at):
        columns = "at, code, actor, company, company_ref, subject_model, subject_key, facts, content, digest"
        source = self.event(at)
        return [
            f"UPDATE fin_audit_seal SET position = -position WHERE position > {at}",
            "UPDATE fin_audit_seal SET position = -position + 1 WHERE position < 0",
            f"INSERT INTO fin_audit_event ({columns}) SELECT {columns} FROM fin_audit_event WHERE id = {source}",
            f"INSERT INTO fin_audit_seal (event_id, position, head) SELECT (SELECT max(id) FROM fin_audit_event), "
            f"{at + 1}, head FROM fin_audit_seal WHERE position = {at}",
        ]

    def test_r28_an_inserted_row_is_named_by_both(self):
        self.assertEqual(self.tampered(*self.insert(self.at))[0], (self.at + 1, "chain_broken"))

    def swap(self, one, two):
        first, second = self.event(one), self.event(two)
        return [
            f"UPDATE fin_audit_seal SET event_id = -1 WHERE position = {one}",
            f"UPDATE fin_audit_seal SET event_id = {first} WHERE position = {two}",
            f"UPDATE fin_audit_seal SET event_id = {second} WHERE position = {one}",
        ]

    def test_r28_two_rows_that_changed_places_are_named_by_both(self):
        # Two events that say the same at another time.
        self.assertEqual(self.tampered(*self.swap(self.at, self.at + 1))[0], (self.at, "chain_broken"))

    def test_r28_another_order_of_positions_is_named_by_both(self):
        found = self.tampered(
            f"UPDATE fin_audit_seal SET position = -position WHERE position IN ({self.at}, {self.at + 2})",
            f"UPDATE fin_audit_seal SET position = {self.at + 2} WHERE position = -{self.at}",
            f"UPDATE fin_audit_seal SET position = {self.at} WHERE position = -{self.at + 2}",
        )
        self.assertEqual(found[0], (self.at, "chain_broken"))

    # R28: what only an anchor shows

    def test_r28_a_cut_tail_is_found_with_the_anchor_and_not_provable_without(self):
        cut = f"DELETE FROM fin_audit_seal WHERE position > {self.at}"
        here, there = self.tampered(cut)
        self.assertEqual((here, there["verdict"]), (None, "not provable"))
        here, there = self.verdicts(self.middle, self.last)
        self.assertEqual(here, (self.at + 1, "tail_missing"))
        self.assertIn("older backup", there["words"])

    def test_r28_a_whole_rewrite_is_found_with_the_anchor_and_not_provable_without(self):
        self.sql(self.edit("code", "'test.cope'"))
        self.sql(self.edit("content", "replace(content, 'test.code', 'test.cope')"))
        self.sql(self.edit("digest", self.digest_again.format("content")))
        self.rewrite_from(1)
        here, there = self.verdicts()
        self.assertEqual((here, there["verdict"]), (None, "not provable"))
        self.assertEqual(self.verdicts(self.middle, self.last)[0], (self.middle["position"] + 1, "rewritten"))
        self.assertEqual(self.verdicts(self.last)[0], (1, "rewritten"))

    def test_r28_a_broken_row_before_an_anchor_is_the_one_that_is_named(self):
        self.sql(self.edit("content", "content || ' '"))
        self.assertEqual(self.verdicts(self.middle, {**self.last, "head": "a" * 64})[0], (self.at, "event_changed"))

    def restored(self):
        """As from a backup that ended at `self.at`, and work has gone on since."""
        self.sql(
            "DELETE FROM fin_audit_event e USING fin_audit_seal s WHERE s.event_id = e.id AND s.position > %s", self.at
        )
        self.sql("DELETE FROM fin_audit_seal WHERE position > %s", self.at)
        for _event in range(9):
            self.env["fin.audit.event"]._append("test.other", "test", "after the restore")
        self.seal()

    def test_r04_work_on_a_restored_backup_is_found_with_the_anchor(self):
        self.restored()
        self.assertGreater(self.seals._head()[0], self.last["position"])
        self.assertEqual(self.verdicts(self.middle, self.last)[0], (self.middle["position"] + 1, "rewritten"))
        self.assertEqual(self.verdicts()[1]["verdict"], "not provable")

    def test_r04_a_restore_that_two_persons_released_counts_from_there(self):
        self.restored()
        known = {"since": self.middle["position"], "approval": "APR/1"}
        released = {**self.anchor(self.seals._head()[0]), "restored": known}
        here, there = self.verdicts(self.middle, self.last, released)
        self.assertEqual((here, there["verdict"]), (None, "proven"))
        self.assertIn("APR/1", " ".join(there["notes"]))

    # Files that are no export

    def test_law7_half_a_file_is_unreadable_and_never_proven(self):
        whole = self.exported().read_bytes().splitlines(keepends=True)
        damaged = {
            "no last line": whole[:-1],
            "half a line": [*whole[:5], whole[5][:40]],
            "a row after the end": [*whole, whole[3]],
            "no head": whole[1:],
            "nothing": [],
            "two exports": [*whole[:-1], *whole[1:]],
        }
        anchor = f"{self.last['position']}:{self.last['head']}"
        for name, lines in damaged.items():
            path = self.folder / "damaged.jsonl"
            path.write_bytes(b"".join(lines))
            with self.subTest(name):
                self.assertIn(script(path, "--at", anchor)["exit"], (1, 3))

    def test_law7_an_edited_export_is_named(self):
        whole = self.exported().read_bytes().splitlines(keepends=True)
        path = self.folder / "edited.jsonl"
        whole[self.at] = whole[self.at].replace(b"number", b"numper")
        path.write_bytes(b"".join(whole))
        found = script(path)
        self.assertEqual((found["code"], found["position"]), ("event_changed", self.at))
