import json
import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import MODULE, LawScene, fact

ANCHOR = f"odoo.addons.{MODULE}.models.watch.fin_audit_anchor"


@tagged("post_install", "-at_install")
class TestAnchor(LawScene, TransactionCase):
    """The head of the chain outside of the database, and what follows from it."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.anchors, self.seals = self.env["fin.audit.anchor"], self.env["fin.audit.seal"]
        # The folder is given by odoo.conf here, as it is where no policy may lose it.
        self.enterContext(
            patch.dict(os.environ, {"FIN_ANCHORS": f"file://{self.folder}", "FIN_FILE_ROOTS": str(self.folder)})
        )
        self.anchors._forget()
        self.addCleanup(self.anchors._forget)

    def keep_up(self, events=1):
        for _event in range(events):
            self.env["fin.audit.event"]._append("test.code", "test", "x")
        self.seal()
        self.anchors._keep_up()

    @property
    def file(self):
        return self.folder / f"{self.anchors._uuid()}.anchors.jsonl"

    def lines(self):
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def a_while_passes(self):
        """The newest anchor is an hour old."""
        self.without_triggers("fin_audit_anchor")
        self.sql("UPDATE fin_audit_anchor SET at = at - interval '1 hour'")

    def test_law7_the_head_is_kept_outside(self):
        self.keep_up()
        position, head = self.seals._head()
        self.assertEqual([(line["position"], line["head"]) for line in self.lines()], [(position, head)])
        self.assertIsNone(self.seals._verify(anchors=self.anchors._all()))

    def test_law7_an_anchor_is_written_after_minutes_or_events_and_not_before(self):
        self.keep_up()
        self.keep_up(10)
        self.assertEqual(len(self.lines()), 1)
        self.a_while_passes()
        self.keep_up()
        self.assertEqual(len(self.lines()), 2)
        self.keep_up(1000)
        self.assertEqual(len(self.lines()), 3)

    def test_law7_a_log_that_stands_still_is_not_anchored_again(self):
        self.keep_up()
        self.a_while_passes()
        self.anchors._keep_up()
        self.assertEqual(len(self.lines()), 1)

    def failures(self):
        return self.env["fin.exception"].search([("code", "=", "audit_anchor"), ("state", "=", "open")])

    def test_law7_an_anchor_that_cannot_be_written_is_owned_and_stops_no_seal(self):
        before = self.failures()
        with patch.dict(os.environ, {"FIN_ANCHORS": f"file://{self.folder}/gone"}), mute_logger(ANCHOR):
            self.keep_up()
            position, _head = self.seals._head()
            self.keep_up()
        self.assertGreater(self.seals._head()[0], position)
        found = self.failures() - before
        self.assertEqual((len(found), bool(found.user_id)), (1, True))

    def test_law7_a_folder_that_nobody_allowed_is_refused(self):
        with patch.dict(os.environ, {"FIN_ANCHORS": "file:///etc"}), mute_logger(ANCHOR):
            self.keep_up()
        self.assertIn("none of the folders", self.failures()[0].text)

    def test_law7_what_could_not_be_written_is_closed_once_it_can(self):
        gone = self.folder / "gone"
        with patch.dict(os.environ, {"FIN_ANCHORS": f"file://{gone}"}), mute_logger(ANCHOR):
            self.keep_up()
            found = self.failures()[0]
            gone.mkdir()
            self.keep_up()
        self.assertEqual(found.state, "resolved")

    # What the policy says

    def test_law3_a_folder_counts_once_a_second_person_has_approved_it(self):
        with patch.dict(os.environ, {"FIN_ANCHORS": ""}):
            policy = self.env["fin.policy"]._of(self.company)
            policy.with_user(self.people["administrator"]).write(
                {"anchor_location": f"file://{self.folder}", "anchor_events": 1}
            )
            self.keep_up()
            self.assertFalse(self.file.exists())
            change = self.by("administrator", "fin.change")._propose(self.by("administrator", policy))
            change.version_ids.action_submit()
            self.by("approver", change.version_ids)._approve()
            self.seal()
            self.keep_up()
            self.assertEqual(len(self.lines()), 1)

    def test_law7_a_policy_holds_no_secret_and_no_other_kind_of_place(self):
        policy = self.env["fin.policy"]._of(self.company)
        for values in ({"anchor_location": "s3://bucket"}, {"anchor_credentials": "secret"}):
            with self.subTest(values), self.assertRaises(ValidationError):
                policy.write(values)

    def test_law7_the_auditor_gets_a_mail(self):
        told = {"mail": "auditor@example.com", "events": 1, "minutes": 1}
        with (
            patch.dict(os.environ, {"FIN_ANCHORS": ""}),
            patch.object(type(self.anchors), "_targets", lambda _self: [(self.company, told)]),
        ):
            self.keep_up()
        mail = self.env["mail.mail"].search([("email_to", "=", "auditor@example.com")])
        self.assertIn(self.seals._head()[1], mail.body_html)

    # R4: an older backup was restored

    def restore(self, cut=3):
        """As from a backup of some events ago, into the same database."""
        for table in ("fin_audit_event", "fin_audit_seal"):
            self.without_triggers(table)
        position = self.seals._head()[0] - cut
        self.sql("DELETE FROM fin_audit_event WHERE id IN "
                 "(SELECT event_id FROM fin_audit_seal WHERE position > %s)", position)  # fmt: skip
        self.sql("DELETE FROM fin_audit_seal WHERE position > %s", position)
        self.sql("DELETE FROM fin_audit_event e WHERE NOT EXISTS "
                 "(SELECT 1 FROM fin_audit_seal s WHERE s.event_id = e.id)")  # fmt: skip
        self.anchors._forget()

    def test_r04_a_restored_backup_sends_nothing(self):
        self.keep_up(5)
        self.assertTrue(self.env["fin.database"]._is_released())
        self.restore()
        self.assertFalse(self.env["fin.database"]._is_released())
        run = self.start(fact("a"))
        self.assertEqual((run.state, run.delivered), ("failed", 0))

    def test_r04_a_restored_backup_is_noticed_although_it_was_looked_at_before(self):
        """The look is remembered for some seconds; a chain that became shorter is looked at anew."""
        self.keep_up(5)
        self.env["fin.database"]._is_released()
        with patch.object(type(self.anchors), "_forget", lambda _self: None):
            self.restore()
        self.assertFalse(self.env["fin.database"]._is_released())

    def test_r04_work_that_went_on_after_a_restore_sends_nothing_either(self):
        self.keep_up(5)
        self.restore()
        for _event in range(9):
            self.env["fin.audit.event"]._append("test.code", "test", "another history")
        self.seal()
        self.anchors._forget()
        self.assertFalse(self.env["fin.database"]._is_released())

    def test_r04_a_restored_backup_writes_no_anchor_over_the_true_ones(self):
        self.keep_up(5)
        before = self.lines()
        self.restore()
        self.a_while_passes()
        self.keep_up(20)
        self.assertEqual(self.lines(), before)

    def test_r04_a_restored_backup_is_told(self):
        self.keep_up(5)
        self.restore()
        self.keep_up()
        found = self.env["fin.exception"].search([("code", "=", "audit_restored")])
        self.assertTrue(found.user_id)
        check = self.env["fin.audit.check"]._check("hand")
        self.assertEqual(check.verdict, "altered")
        # By the anchor, which names the row; rows that disagree with the log would not.
        self.assertIn(check.wrong_code, ("tail_missing", "rewritten"))

    def test_r04_a_second_person_lets_a_restored_backup_go_on_and_the_file_says_so(self):
        self.keep_up(5)
        self.restore()
        self.by("administrator", "fin.database")._request_release()
        waiting = self.env["fin.database"]._open_release()
        waiting.with_user(self.people["approver"])._decide("approve")
        self.seal()
        self.anchors._forget()
        self.assertTrue(self.env["fin.database"]._is_released())
        self.a_while_passes()
        self.keep_up()
        self.assertEqual(self.lines()[-1]["restored"]["approval"], waiting.name)
        self.assertTrue(self.env["fin.database"]._is_released())
        self.assertIsNone(self.seals._verify(anchors=self.anchors._all()))

    def test_law7_a_copy_writes_nothing_among_the_anchors_of_its_original(self):
        with patch.object(type(self.env["fin.database"]), "_is_released", lambda _self: False):
            self.keep_up(5)
        self.assertFalse(self.file.exists())

    def test_law8_an_anchor_that_cannot_be_read_stops_nothing(self):
        self.keep_up(5)
        self.file.write_text("garbage\n")
        self.anchors._forget()
        with mute_logger(ANCHOR):
            self.assertTrue(self.env["fin.database"]._is_released())

    # The nightly check

    def test_law7_a_check_of_an_untouched_log_is_proven_by_its_anchor_and_kept(self):
        with patch.object(type(self.env["fin.audit.watch"]), "_look", lambda *_args, **_more: []):
            self.keep_up()
            check = self.env["fin.audit.check"]._check("nightly")
            self.assertEqual((check.verdict, check.anchored), ("proven", self.lines()[-1]["position"]))
            self.file.unlink()
            self.assertEqual(self.env["fin.audit.check"]._check("nightly").verdict, "not_provable")
