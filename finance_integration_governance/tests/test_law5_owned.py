import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    MalformedPayload,
    TransientError,
)

from .common import LawScene, fact, trouble

ENGINE = "odoo.addons.finance_integration_governance.models.run.fin_engine"


@tagged("post_install", "-at_install")
class TestLaw5(LawScene, TransactionCase):
    """Nothing unowned: every failure has somebody and a day; every flow has an owner and a deputy."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def owned(self, run, code):
        """The one open exception of the run has all that law 5 asks for."""
        exception = run.exception_ids
        self.assertEqual((exception.code, exception.state), (code, "open"))
        self.assertTrue(exception.user_id.active and exception.text)
        self.assertGreater(exception.due_at, fields.Datetime.now())
        self.assertEqual(exception.activity_ids.user_id, exception.user_id)
        return exception

    def test_law5_every_error_of_a_source_is_owned(self):
        errors = {
            "folder_gone": ConfigurationError("no folder", code="folder_gone"),
            "unexpected": ZeroDivisionError("division"),
            "odd_data": DataError("odd", code="odd_data"),
        }
        for number, (code, error) in enumerate(errors.items()):
            flow = self.new_flow(f"law-trouble-{number}")
            self.approve(flow)
            with self.subTest(code), trouble(error), mute_logger(ENGINE):
                run = self.start(flow=flow)
                self.assertEqual(run.state, "failed")
                self.owned(run, code)

    def test_law5_what_is_tried_again_is_owned_at_the_end(self):
        with trouble(TransientError("away")):
            run = self.start()
            self.assertEqual((run.state, run.tries, bool(run.exception_ids)), ("queued", 1, False))
            for hours in range(1, 40):
                with freeze_time(fields.Datetime.now() + dt.timedelta(hours=2 * hours)):
                    self.advance(run)
                # Meanwhile the connection is somebody's, once it has failed too often.
                down = self.env["fin.exception"].search([("code", "=", "connection_down")])
                self.assertEqual(bool(down.user_id), self.env["fin.circuit"].search([]).state != "closed")
        self.assertEqual(run.state, "failed")
        self.assertEqual(run.exception_ids.mapped("code"), ["transient"])

    def test_law5_half_a_file_is_owned(self):
        self.owned(self.start(fact("a"), MalformedPayload("half a file")), "malformed_payload")

    def test_law5_a_finding_is_owned(self):
        run = self.start(fact("a"), Finding("odd", "looks odd", document="a"))
        self.owned(run, "odd")

    def test_law5_a_rejected_item_points_to_an_owned_exception(self):
        run = self.start(fact("a"), fact("poison"))
        rejected = run.item_ids.filtered(lambda item: item.outcome == "rejected")
        self.assertEqual(rejected.exception_id, self.owned(run, "poison"))

    def test_law5_no_flow_without_owner_and_deputy_is_submitted(self):
        for missing in (("deputy",), ("owner",), ()):
            flow = self.new_flow("law-without-" + "-".join(missing or ("anybody",)), roles=missing)
            version = self.propose(flow, submit=False)
            with self.subTest(missing), self.assertRaises(UserError):
                version.action_submit()

    def test_law5_what_counts_is_who_stands_in_the_document(self):
        flow = self.new_flow("law-late", roles=())
        version = self.propose(flow, submit=False)
        flow.role_ids.create({"flow_id": flow.id, "role": "owner", "user_id": self.people["operator"].id})
        flow.role_ids.create({"flow_id": flow.id, "role": "deputy", "user_id": self.people["operator"].id})
        with self.assertRaises(UserError):
            version.action_submit()

    def test_law5_somebody_who_left_owns_nothing(self):
        self.people["administrator"].active = False
        flow = self.new_flow("law-left")
        version = self.propose(flow, submit=False)
        with self.assertRaises(UserError):
            version.action_submit()

    def test_law5_without_owner_and_deputy_the_exception_still_has_an_owner(self):
        run = self.by("operator", self.flow)._request_run("hand").with_user(self.env.user)
        (self.people["operator"] | self.people["administrator"]).active = False
        self.assertRefused(self.advance(run), "unowned")

    def test_law5_an_owner_whose_time_is_over_owns_nothing(self):
        self.flow.role_ids.date_to = fields.Date.today() + dt.timedelta(days=1)
        self.approve(self.flow)
        run = self.by("operator", self.flow)._request_run("hand").with_user(self.env.user)
        with freeze_time(fields.Datetime.now() + dt.timedelta(days=3)):
            self.advance(run)
            self.assertEqual(run.state, "failed")

    def test_law5_one_open_exception_for_a_cause(self):
        for name in ("one", "two"):
            self.start(fact("poison"), name=name)
        found = self.env["fin.exception"].search([("flow_id", "=", self.flow.id), ("code", "=", "poison")])
        self.assertEqual(len(found), 1)

    def test_law5_it_closes_when_everything_went_through(self):
        with trouble(ConfigurationError("no folder", code="folder_gone")):
            run = self.start()
        exception = self.owned(run, "folder_gone")
        self.by("operator", run).action_requeue()
        self.advance(run)
        self.assertEqual((run.state, exception.state), ("done", "resolved"))

    def test_law5_a_person_closes_it_with_a_reason(self):
        run = self.start(fact("a"), Finding("odd", "looks odd", document="a"))
        decision = self.by("operator", "fin.exception.resolve").create(
            {"exception_id": run.exception_ids.id, "decision": "reject", "reason": "not ours"}
        )
        decision.action_decide()
        self.advance(run)
        self.assertEqual((run.state, run.rejected, run.exception_ids.reason), ("done", 1, "not ours"))

    def test_law5_a_colleague_may_close_it(self):
        """Its reminder is somebody else's; that does not stand in the way."""
        colleague = self.person("operator", "colleague")
        run = self.start(fact("a"), Finding("odd", "looks odd", document="a"))
        decision = (
            self.env["fin.exception.resolve"]
            .with_user(colleague)
            .create({"exception_id": run.exception_ids.id, "decision": "reject", "reason": "not ours"})
        )
        decision.action_decide()
        self.assertEqual(run.exception_ids.state, "resolved")

    def test_law5_a_waiver_needs_a_second_person(self):
        run = self.start(fact("a"), Finding("odd", "looks odd", document="a"))
        exception = run.exception_ids
        decision = self.by("operator", "fin.exception.resolve").create(
            {"exception_id": exception.id, "decision": "waive", "reason": "it is right"}
        )
        decision.action_decide()
        self.assertEqual(exception.state, "open")
        with self.assertRaises(AccessError):
            self.by("operator", exception)._approve_waiver()
        self.by("approver", exception)._approve_waiver()
        self.assertEqual(exception.state, "waived")
        self.advance(run)
        self.assertEqual((run.state, run.delivered), ("done", 1))

    def test_law3_a_waiver_forged_in_the_table_lets_nothing_through(self):
        run = self.start(fact("a"), Finding("odd", "looks odd", document="a"))
        self.sql("UPDATE fin_exception SET state = 'waived' WHERE id = %s", run.exception_ids.id)
        self.by("operator", run).action_release()
        self.advance(run)
        self.assertEqual((run.state, run.delivered), ("held", 0))

    def test_law5_over_a_hundred_causes_hold_the_stage(self):
        run = self.start(
            *(fact(f"k{n}") for n in range(102)), *(Finding(f"odd{n}", "x", document=f"k{n}") for n in range(102))
        )
        self.assertEqual(run.state, "failed")
        self.assertIn("too_many_causes", run.exception_ids.mapped("code"))
