import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, freeze_time, tagged

from odoo.addons.finance_integration_governance.core.canonical import digest

from .common import MODULE, LawScene, ListSource, fact


@tagged("post_install", "-at_install")
class TestLaw3(LawScene, TransactionCase):
    """Nothing unapproved: who may say yes, to what, and what a yes is worth that nobody gave."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def change(self, name="changed"):
        """Another content of the working copy."""
        self.flow.purpose = name
        return self.flow

    def refused_by(self, user, version):
        with self.assertRaises(AccessError):
            version.with_user(user)._approve()
        self.assertEqual(version.with_user(self.env.user).state, "review")

    def test_law3_an_approved_version_runs(self):
        run = self.start(fact("a"))
        self.assertEqual((run.state, run.version_id), ("done", self.version))

    def test_law3_no_run_without_an_approved_version(self):
        flow = self.new_flow("law-unapproved")
        self.propose(flow)
        with self.assertRaises(UserError):
            self.by("operator", flow)._request_run("hand")

    def test_law3_nobody_approves_what_they_asked_for(self):
        both = self.person("operator+approver", "both")
        version = self.env["fin.version"].with_user(both)._propose(self.change().with_user(both))
        version.action_submit()
        self.refused_by(both, version)

    def test_law3_a_second_login_of_the_same_person_approves_nothing(self):
        author = self.person("operator", "author")
        version = self.env["fin.version"].with_user(author)._propose(self.change().with_user(author))
        version.with_user(self.people["operator"]).action_submit()
        for asked in (author, self.people["operator"]):
            second = self.person("approver", f"second-{asked.login}")
            second.partner_id = asked.partner_id
            with self.subTest(asked.login):
                self.refused_by(second, version)

    def test_law3_the_author_does_not_approve_what_a_colleague_submitted(self):
        author = self.person("operator", "author")
        version = self.env["fin.version"].with_user(author)._propose(self.change().with_user(author))
        version.with_user(self.people["operator"]).action_submit()
        author.group_ids += self.env.ref(f"{MODULE}.group_approver")
        self.refused_by(author, version)

    def test_law3_superuser_and_sudo_approve_nothing(self):
        version = self.propose(self.change())
        self.people["approver"].group_ids += self.env.ref("base.group_system")
        for env in (self.env, self.env(user=1), version.with_user(self.people["approver"]).sudo().env):
            with self.subTest(su=env.su, user=env.user.login), self.assertRaises(AccessError):
                version.with_env(env)._approve()
        self.assertEqual(version.state, "review")

    def test_law3_a_service_user_approves_nothing(self):
        service = self.company._fin_service_user()
        service.group_ids += self.env.ref(f"{MODULE}.group_approver")
        self.refused_by(service, self.propose(self.change()))

    def test_law3_only_approvers_approve(self):
        version = self.propose(self.change())
        for group in ("viewer", "administrator", "auditor", "support"):
            with self.subTest(group):
                self.refused_by(self.people[group], version)

    def test_law3_a_refused_attempt_is_in_the_log(self):
        version = self.propose(self.change())
        for group in ("operator", "administrator"):
            try:
                self.by(group, version)._approve()
            except AccessError:
                continue
        found = self.env["fin.audit.event"].search([("code", "=", "fin.approval.refused")])
        self.assertEqual({event.actor.partition("#")[0] for event in found}, {"law-operator", "law-administrator"})

    def test_law3_a_newer_proposal_takes_the_older_ones_place(self):
        first = self.propose(self.change("first"))
        self.propose(self.change("second"))
        self.assertEqual(first.state, "superseded")
        with self.assertRaises(UserError):
            self.by("approver", first)._approve()

    def test_law3_the_request_of_a_superseded_proposal_expires(self):
        first = self.propose(self.change("first"))
        self.propose(self.change("second"))
        self.assertEqual(first.approval_ids.mapped("state"), ["expired"])

    def test_law3_editing_a_proposal_drops_its_approvals(self):
        version = self.propose(self.change("proposed"))
        self.change("edited behind the approver's back")
        with self.assertRaises(UserError):
            self.by("approver", version)._approve()
        self.assertEqual((version.state, version.approval_ids.mapped("state")), ("superseded", ["expired"]))
        self.assertEqual(self.flow.live_version_id, self.version)

    def test_law3_the_working_copy_changes_no_run(self):
        self.flow.connection_id.settings = {"location": "somewhere else"}
        run = self.start(fact("a"))
        self.assertEqual(run._connector().location, "nowhere")

    def test_law3_another_connection_in_the_working_copy_changes_no_run(self):
        other = self.flow.connection_id.copy({"code": "list-other", "settings": {"location": "somewhere else"}})
        self.env["fin.connector"].search([("code", "=", ListSource.code)]).direction = "outbound"
        self.flow.connection_id = other
        run = self.start(fact("a"))
        self.assertEqual((run.state, run.delivered), ("done", 1))

    def test_law3_another_company_in_the_working_copy_changes_no_run(self):
        other = self.env["res.company"].create({"name": "Other"})
        connection = self.flow.connection_id.copy({"code": "list-other", "company_id": other.id})
        self.flow.write({"company_id": other.id, "connection_id": connection.id})
        ListSource.told["one.txt"] = [fact("a")]
        run = self.advance(self.env["fin.run"]._queue(self.flow, "schedule").with_user(self.env.user))
        self.assertEqual((run.state, run.company_id), ("done", self.company))

    def test_law3_an_approval_row_without_its_sealed_event_starts_nothing(self):
        version = self.propose(self.change())
        self.without_triggers("fin_approval")
        self.sql(
            "UPDATE fin_approval SET state = 'approved', person_id = %s WHERE version_id = %s",
            self.people["approver"].id,
            version.id,
        )
        self.sql("UPDATE fin_version SET state = 'superseded' WHERE id = %s", self.version.id)
        self.sql("UPDATE fin_version SET state = 'live' WHERE id = %s", version.id)
        self.assertRefused(self.start(fact("a")), "configuration")

    def test_law3_a_changed_document_starts_nothing(self):
        run = self.by("operator", self.flow)._request_run("hand").with_user(self.env.user)
        self.without_triggers("fin_document")
        self.sql(
            "UPDATE fin_document SET text = replace(text, 'Flow law', 'Flow two') WHERE id = %s",
            self.version.document_id.id,
        )
        self.assertRefused(self.advance(run), "configuration")

    def test_law3_a_changed_document_with_its_digest_starts_nothing(self):
        run = self.by("operator", self.flow)._request_run("hand").with_user(self.env.user)
        document = self.version.document_id
        text = document.text.replace("Flow law", "Flow two")
        self.without_triggers("fin_document")
        self.sql("UPDATE fin_document SET text = %s, digest = %s WHERE id = %s", text, digest(text), document.id)
        self.assertRefused(self.advance(run), "configuration")

    # Emergency

    def emergency(self):
        """An emergency version, applied by the administrator alone."""
        version = self.propose(self.change(f"at once {self.flow.version_ids[:1].number}"), "administrator")
        # Without the identity check, which is a matter of the web client; see test_law3_in_the_web_client.py.
        type(version).action_apply_emergency.__wrapped__(self.by("administrator", version))
        return version.with_user(self.env.user)

    def exception_of(self, version):
        return self.env["fin.exception"].search([("code", "=", "emergency_version"), ("flow_id", "=", self.flow.id)])

    def test_law3_an_emergency_version_runs_at_once(self):
        version = self.emergency()
        self.assertEqual(self.start(fact("a")).version_id, version)
        self.assertEqual(self.flow.live_version_id, version)

    def test_law3_an_emergency_version_stops_after_72_hours(self):
        version = self.emergency()
        run = self.by("operator", self.flow)._request_run("hand").with_user(self.env.user)
        with freeze_time(fields.Datetime.now() + dt.timedelta(hours=72, seconds=1)):
            self.assertFalse(version._is_approved())
            self.advance(run)
        self.assertEqual(run.state, "failed")

    def test_law3_an_emergency_version_is_an_open_exception_until_it_was_reviewed(self):
        version = self.emergency()
        self.assertEqual(self.exception_of(version).state, "open")
        self.by("approver", version)._approve()
        self.seal()
        self.assertEqual(self.exception_of(version).state, "resolved")
        self.assertTrue(version._is_approved())

    def test_law3_nobody_closes_the_exception_of_an_emergency_version_by_hand(self):
        version = self.emergency()
        decision = self.by("administrator", "fin.exception.resolve").create(
            {"exception_id": self.exception_of(version).id, "decision": "resolve", "reason": "fine by me"}
        )
        with self.assertRaises(UserError):
            decision.action_decide()

    def test_law3_an_emergency_version_that_was_replaced_is_still_reviewed(self):
        version = self.emergency()
        self.approve(self.change("the next"))
        self.by("approver", version)._approve()
        self.assertEqual((version.state, self.exception_of(version).state), ("superseded", "resolved"))

    def test_law3_an_emergency_version_that_nobody_reviewed_ends_and_is_still_reviewed(self):
        version = self.emergency()
        self.env["fin.version"]._expire(fields.Datetime.now() + dt.timedelta(hours=73))
        self.assertEqual((version.state, self.exception_of(version).state), ("expired", "open"))
        with self.assertRaises(UserError):
            self.by("operator", self.flow)._request_run("hand")
        self.by("approver", version)._approve()
        self.assertEqual(self.exception_of(version).state, "resolved")

    def test_law3_an_emergency_version_that_is_rejected_ends(self):
        version = self.emergency()
        self.by("approver", version)._reject()
        self.assertEqual((version.state, self.exception_of(version).state), ("expired", "resolved"))

    def test_law3_an_emergency_that_nobody_declared_starts_nothing(self):
        version = self.propose(self.change())
        self.sql("UPDATE fin_version SET state = 'superseded' WHERE id = %s", self.version.id)
        self.sql(
            "UPDATE fin_version SET state = 'live', emergency_until = now() + interval '1 day' WHERE id = %s",
            version.id,
        )
        self.assertRefused(self.start(fact("a")), "configuration")

    def test_law3_emergencies_do_not_follow_each_other_without_a_review(self):
        first = self.emergency()
        self.env["fin.version"]._expire(fields.Datetime.now() + dt.timedelta(hours=73))
        with self.assertRaises(UserError):
            self.emergency()
        self.by("approver", first)._approve()
        self.assertEqual(self.emergency().state, "live")

    def test_law3_an_emergency_is_not_made_longer_by_sql(self):
        version = self.emergency()
        self.seal()
        self.sql("UPDATE fin_version SET emergency_until = now() + interval '1 year' WHERE id = %s", version.id)
        with freeze_time(fields.Datetime.now() + dt.timedelta(hours=73)):
            self.assertFalse(version._is_approved())
