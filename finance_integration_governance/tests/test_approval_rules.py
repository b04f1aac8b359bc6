import itertools
import time
from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.models.change.fin_approval import PROOF_SECONDS, FinApproval
from odoo.addons.finance_integration_governance.models.writer import by_program

from .common import LawScene

HERE = "odoo.addons.finance_integration_governance.models.change.fin_approval"
DIGEST = "a" * 64


class Session(dict):
    uid = None


@tagged("post_install", "-at_install")
class TestApprovalRules(LawScene, TransactionCase):
    """Who is a second person, rule by rule, without the rest of the act."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.author = cls.person("operator+approver", "author")
        cls.asking = cls.person("operator+approver", "asking")
        cls.flow.with_user(cls.author).purpose = "changed"
        cls.version = cls.env["fin.change"].with_user(cls.author)._propose(cls.flow.with_user(cls.author)).version_ids
        cls.version.with_user(cls.asking).action_submit()
        cls.seal()
        cls.approval = cls.version._open_approval().with_user(cls.env.user)

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.approver = self.people["approver"]

    def why(self, user, approval=None):
        return (approval or self.approval).with_user(user)._why_not()

    def other(self, **more):
        """A request that is about no version."""
        asked = self.env["fin.approval"].with_user(self.people["operator"])
        return asked._request("run", "fin.run", "RUN-1", DIGEST, self.flow, **more)

    def told(self, approval, code):
        events = self.env["fin.audit.event"].search([("subject_key", "=", approval.name), ("code", "=", code)])
        return events.mapped("facts")

    def test_an_approver_is_a_second_person(self):
        self.assertIsNone(self.why(self.approver))
        self.assertIsNone(self.why(self.approver, self.other()))

    def test_whoever_lacks_the_right_is_none(self):
        for group in ("viewer", "operator", "administrator", "auditor", "support"):
            with self.subTest(group):
                self.assertEqual(self.why(self.people[group]), "no_approver")

    def test_whoever_asked_and_whoever_wrote_it_are_none(self):
        self.assertEqual(self.approval.requested_by, self.asking)
        self.assertEqual(self.why(self.asking), "own_request")
        self.assertEqual(self.why(self.author), "own_request")

    def test_other_logins_of_theirs_are_none(self):
        for user in (self.asking, self.author):
            with self.subTest(user.login):
                second = self.person("approver", f"{user.login}-again")
                self.seal()
                self.assertIsNone(self.why(second))
                second.partner_id = user.partner_id
                self.assertEqual(self.why(second), "own_request")

    def test_behind_sudo_nobody_is_a_second_person(self):
        self.assertEqual(self.approval.with_user(self.approver).sudo()._why_not(), "own_request")

    def test_a_service_user_is_no_person(self):
        self.sql("UPDATE res_company SET fin_service_user_id = %s WHERE id = %s", self.approver.id, self.company.id)
        self.assertEqual(self.why(self.approver), "no_approver")

    def test_an_editor_is_none_where_a_version_is_decided(self):
        editor = self.person("operator+approver", "editor")
        self.flow.with_user(editor).purpose = "edited"
        version = self.propose(self.flow)
        self.seal()
        self.assertEqual(self.why(editor, version._open_approval()), "own_edit")
        self.assertIsNone(self.why(editor, self.other()))

    def test_who_depends_on_whoever_asked_or_wrote_it_is_none(self):
        for person in (self.asking, self.author):
            with (
                self.subTest(person.login),
                patch.object(
                    type(self.env["fin.grant"]), "_is_dependent", lambda grant, user, on, person=person: person in on
                ),
            ):
                self.assertEqual(self.why(self.approver), "dependent")

    def test_whoever_has_spoken_is_not_asked_twice(self):
        first, again = self.other(), self.other()
        first.with_user(self.approver)._decide("approve")
        self.assertEqual(self.why(self.approver, again), "spoken")
        second = self.person("approver", "second")
        self.seal()
        self.assertIsNone(self.why(second, again))
        second.partner_id = self.approver.partner_id
        self.assertEqual(self.why(second, again), "spoken")

    def here(self, uid, proven_at=None, as_=lambda approval: approval):
        """Why not here, in a session of this user, who has proved themselves so many seconds ago."""
        session = Session({"identity-check-last": time.time() - proven_at} if proven_at is not None else {})
        session.uid = uid
        with patch(f"{HERE}.request", SimpleNamespace(session=session)):
            return FinApproval._why_not_here(as_(self.approval.with_user(self.approver)))

    def test_an_approval_is_given_in_a_session_of_that_person_only(self):
        uid = self.approver.id
        self.assertIsNone(self.here(uid, proven_at=0))
        for other in (uid - 1, uid + 1, None):
            with self.subTest(other):
                self.assertEqual(self.here(other, proven_at=0), "no_session")
        self.assertEqual(FinApproval._why_not_here(self.approval.with_user(self.approver)), "no_session")

    def test_who_has_not_been_asked_for_the_password_lately_approves_nothing(self):
        uid = self.approver.id
        self.assertIsNone(self.here(uid, proven_at=PROOF_SECONDS - 9))
        self.assertEqual(self.here(uid, proven_at=PROOF_SECONDS + 9), "no_session")
        self.assertEqual(self.here(uid), "no_session")
        self.assertEqual(PROOF_SECONDS, 660)

    def test_a_command_at_the_server_needs_no_screen(self):
        self.assertIsNone(self.here(None, as_=by_program))

    def test_every_refusal_has_its_words(self):
        words = {why: self.approval._refusal(why) for why in ("no_approver", "own_request", "own_edit", "no_session")}
        self.assertEqual(len({*words.values()}), 4)
        self.assertEqual(words["own_edit"], "Nobody approves what they have edited.")

    def test_a_refused_attempt_is_told_with_its_reason(self):
        with self.assertRaisesRegex(AccessError, "what they asked for"):
            self.approval.with_user(self.author)._decide("approve")
        self.assertEqual(self.approval.state, "requested")
        approval = self.other()
        try:
            approval.with_user(self.people["operator"])._decide("approve")
        except AccessError:
            self.assertIn('"why":"no_approver"', self.told(approval, "fin.approval.refused")[0])
        else:
            self.fail("it was approved")

    def test_nothing_waits_is_said(self):
        with self.assertRaisesRegex(UserError, "Nothing waits"):
            self.env["fin.approval"].with_user(self.approver)._decide("approve")

    def test_the_company_of_a_request_is_the_flows_or_the_named_one_or_ones_own(self):
        company = self.env["res.company"].create({"name": "Other"})
        asked = self.env["fin.approval"]
        self.assertEqual(asked._request("run", "m", "k", DIGEST, self.flow, company=company).company_id, self.company)
        self.assertEqual(asked._request("run", "m", "k", DIGEST, None, company=company).company_id, company)
        self.assertEqual(asked._request("run", "m", "k", DIGEST, None).company_id, self.company)
        self.assertFalse(asked._request("run", "m", "k", DIGEST, None).flow_id)

    def test_a_request_names_its_version_and_its_flow(self):
        self.assertEqual((self.approval.version_id, self.approval.flow_id), (self.version, self.flow))
        other = self.other()
        self.assertEqual((other.version_id.id, other.flow_id), (False, self.flow))
        self.assertTrue(self.told(other, "fin.approval.request"))

    def test_as_many_people_as_are_needed_stand_in_the_sealed_log(self):
        asked = ("run", "fin.run", "RUN-1", DIGEST)
        sealed = self.env["fin.approval"]._is_sealed
        one, two = self.other(), self.other()
        one.with_user(self.approver)._decide("approve")
        self.assertFalse(sealed(*asked))
        self.seal()
        self.assertTrue(sealed(*asked))
        self.assertFalse(sealed(*asked, needed=2))
        self.assertFalse(sealed("run", "fin.run", "RUN-1", "b" * 64))
        second = self.person("approver", "second")
        self.seal()
        two.with_user(second)._decide("approve")
        self.seal()
        self.assertEqual([sealed(*asked, needed=needed) for needed in (1, 2, 3)], [True, True, False])

    def test_a_row_that_names_another_person_than_the_log_is_none(self):
        approval = self.other()
        approval.with_user(self.approver)._decide("approve")
        self.seal()
        self.assertTrue(approval._is_in_the_log())
        self.without_triggers("fin_approval")
        # Made before and after the right ones: neither a smaller nor a greater number is theirs.
        others = [self.env.ref("base.user_root"), self.author, self.people["viewer"], self.person("viewer", "later")]
        for column, person in itertools.product(("person_id", "requested_by"), others):
            with self.subTest(column, person=person.login), self.env.cr.savepoint() as savepoint:
                self.sql(f"UPDATE fin_approval SET {column} = %s WHERE id = %s", person.id, approval.id)
                self.assertFalse(approval._is_in_the_log())
                savepoint.rollback()
                self.env.invalidate_all()

    def test_the_same_person_twice_is_not_two(self):
        approval = self.other()
        approval.with_user(self.approver)._decide("approve")
        self.seal()
        self.approver.partner_id = self.people["operator"].partner_id
        self.assertFalse(approval._is_in_the_log())

    def test_a_right_is_needed_by_its_name(self):
        approval = self.approval.with_user(self.people["operator"])
        approval._need_group("group_operator")
        approval._need_any(f"{self.group('approver')}", f"{self.group('operator')}")
        with self.assertRaisesRegex(AccessError, "right approver"):
            approval._need_group("group_approver")
        with self.assertRaises(AccessError):
            approval._need_any(self.group("approver"), self.group("auditor"))

    def group(self, name):
        return f"finance_integration_governance.group_{name}"
