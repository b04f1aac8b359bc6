"""Actuals to Anaplan through the engine's stages: loaded whole, held in part, and whole again after any kill."""

from decimal import Decimal

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, DataError, TransientError
from odoo.addons.finance_integration_governance.core.stages import STAGES
from odoo.addons.finance_integration_governance.models.retry import fin_rate
from odoo.addons.finance_integration_governance.tests.forgotten import forgotten

from ..core.anaplan import AnaplanActuals
from ..core.anaplan_system import AnaplanSystem
from .anaplan_scene import AnaplanMixin
from .common import PlanningCase
from .loading import LoadingCase

PASSWORD = "canary-anaplan-password"
RATE = AnaplanSystem.rate  # as it is where no test has taken it away


@tagged("post_install", "-at_install")
class TestAnaplanRun(AnaplanMixin, LoadingCase):
    def setUp(self):
        super().setUp()
        for month in range(1, 5):
            self.entry(f"2026-0{month}-10", 100 * month)
        self.start_anaplan()
        # Two rows a chunk, so that there are several.
        self.patch(AnaplanActuals, "_chunk_size", lambda _connector: 150)
        self.actuals = self.to_anaplan()

    def to_anaplan(self, code="anaplan", **vals):
        return self.flow_to("anaplan.actuals", self.anaplan_import(), code, **vals)

    def fault(self, **faults):
        self.double.ask("/control/faults", faults=faults)

    def there(self):
        cells = self.double.ask("/control/cells")["cells"]
        return {(cell["Account"], cell["Period"]): Decimal(cell["Balance"]) for cell in cells}

    def test_actuals_are_loaded_read_back_and_tie(self):
        run = self.engine(self.begun(self.actuals))
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 8))
        self.assertGreater(len(run.payload_ids), 2)
        self.assertEqual(run.load_ids.mapped("state"), ["loaded"])
        self.assertEqual(set(run.attempt_ids.mapped("state")), {"confirmed"})
        self.assertEqual(self.there()["550000", "2026-04"], Decimal(400))

    def test_an_unchanged_ledger_makes_no_call(self):
        self.engine(self.begun(self.actuals))
        self.double.ask("/control/reset", all=True)
        self.assertEqual(self.engine(self.begun(self.actuals)).unchanged, 8)
        self.assertEqual(self.double.ask("/control/log")["log"], [])

    def test_r20_a_row_that_was_ignored_and_named_is_one_too_many_where_the_version_allows_none(self):
        self.fault(ignore_row=1)
        self.actuals.left_out_rows = 1  # nobody has approved it
        run = self.engine(self.begun(self.actuals))
        self.assertEqual((run.state, run.rejected, run.delivered), ("held", 0, 0))
        self.assertEqual((run.load_ids.state, run.load_ids.ignored, run.load_ids.rejected), ("partly", 1, 1))
        self.assertIn("Account not in list", run.load_ids.dump_id.text)
        self.env.invalidate_all()
        [case] = run.exception_ids
        self.assertEqual((case.code, case.state, case.user_id), ("partly_loaded", "open", self.operator))
        first = run.item_ids.sorted("row")[0]
        self.assertIn(f"rows left out: 1, and the version allows 0: {first.key} (E; Account not in list)", case.text)

    def test_r20_the_account_is_there_now_and_all_of_it_is_sent_again(self):
        self.fault(ignore_row=1)
        run = self.engine(self.begun(self.actuals))
        run.exception_ids.with_user(self.operator)._close("resolve", "the account is in the list now")
        run._release()
        self.engine(run)
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 8))

    def test_r20_within_what_a_second_person_has_approved_the_rest_ties(self):
        self.allow(1)
        self.fault(ignore_row=1)
        run = self.engine(self.begun(self.actuals))
        self.assertEqual((run.state, run.rejected, run.delivered), ("done", 1, 7))
        load = run.load_ids
        self.assertEqual((load.state, load.ignored, load.rejected), ("loaded", 1, 1))
        self.assertIn("Account not in list", load.dump_id.text)

    def test_r20_a_held_load_goes_on_once_the_version_allows_its_rows(self):
        self.fault(ignore_row=2)
        run = self.engine(self.begun(self.actuals))
        self.assertEqual(run.state, "held")
        self.allow(1)
        run.exception_ids.with_user(self.operator)._close("resolve", "one row is nothing this month")
        run._release()
        self.engine(run)
        self.assertEqual((run.state, run.rejected, run.delivered), ("done", 1, 7))

    def test_r20_rows_that_nobody_names_are_within_no_tolerance(self):
        self.allow(5)
        self.fault(ignore_silently=1)
        self.assertEqual(self.engine(self.begun(self.actuals)).state, "held")

    def allow(self, rows):
        self.actuals.left_out_rows = rows
        self.approve(self.actuals)
        self.env["fin.audit.seal"]._seal_waiting()

    def test_r20_a_load_in_part_waits_for_a_person_and_totals_block(self):
        self.fault(ignore_silently=1)
        run = self.engine(self.begun(self.actuals))
        self.assertEqual((run.state, run.load_ids.state, run.delivered), ("held", "partly", 0))
        self.assertEqual(run.exception_ids.filtered(lambda e: e.code == "partly_loaded").state, "open")
        run.exception_ids.with_user(self.operator)._close("resolve", "the account is in the list now")
        run._release()
        self.engine(run)
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 8))
        self.assertEqual(run.load_ids.mapped("state"), ["partly", "loaded"])

    def test_r21_the_harvested_dump_is_kept_when_the_other_side_has_forgotten_it(self):
        self.fault(ignore_row=1)
        run = self.engine(self.begun(self.actuals))
        self.double.ask("/control/age", hours=49)
        self.env.invalidate_all()
        self.assertIn("2026-01", run.load_ids.dump_id.text)
        self.assertTrue(run.load_ids.dump_id._is_intact())

    def test_law_4_a_row_that_is_lost_in_silence_holds_the_run(self):
        self.fault(lose_one_row=1)
        run = self.engine(self.begun(self.actuals))
        self.assertEqual((run.state, run.reconciliation_state), ("held", "not_tied"))

    def test_a_load_that_failed_has_delivered_nothing(self):
        self.fault(fail_import=1)
        run = self.begun(self.actuals)
        with self.assertRaisesRegex(DataError, "refused the load"):
            self.engine(run)
        self.env.invalidate_all()
        self.assertEqual(run.load_ids.state, "failed")
        self.assertEqual(set(run.item_ids.mapped("outcome")), {"open"})

    def test_trap_a_start_that_a_busy_or_locked_model_refused_is_announced_anew_and_made_once(self):
        """Before the first task ever: an empty list would not tell that none was started."""
        self.fault(busy_once=1)
        run = self.begun(self.actuals)
        self.assertEqual(self.broken_off(run).facts["status"], 409)
        self.assertEqual((run.load_ids.state, run.load_ids.reference), ("uploading", False))
        self.engine(run)
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 8))
        self.assertEqual(len(self.double.ask("/control/tasks")["tasks"]), 1)

    def test_trap_no_access_looks_like_no_task_and_starts_no_second_load(self):
        self.fault(drop_after_start=1, no_tasks=1)
        run = self.begun(self.actuals)
        self.assertTrue(self.broken_off(run).facts["sent"])
        self.assertEqual(run.load_ids.state, "starting")
        with self.assertRaisesRegex(ConfigurationError, "no access to them"), self.env.cr.savepoint():
            self.engine(run)
        self.env.invalidate_all()
        self.assertEqual(len(self.double.ask("/control/tasks")["tasks"]), 1)
        self.engine(run)
        self.assertEqual((run.state, run.delivered), ("done", 8))
        self.assertEqual(len(self.double.ask("/control/tasks")["tasks"]), 1)

    def test_law_2_two_flows_do_not_load_the_same_file_at_once(self):
        first, other = self.begun(self.actuals), self.to_anaplan("second")
        self.fault(never_ends=None)
        self.until(first, "loading")
        second = self.begun(other)
        with self.assertRaisesRegex(TransientError, "loading the same place") as raised:
            self.engine(second)
        self.assertEqual((raised.exception.code, raised.exception.facts["sent"]), ("conflict", False))
        self.fault(hang=0)
        self.engine(first)
        self.engine(second)
        self.assertEqual((first.state, second.state), ("done", "done"))

    def test_a_load_whose_run_has_ended_is_in_nobodys_way(self):
        first, other = self.begun(self.actuals), self.to_anaplan("second")
        self.until(first, "uploading")
        first._transition("cancel")
        self.assertEqual(first.load_ids.state, "failed")
        self.assertEqual(self.engine(self.begun(other)).state, "done")

    def until(self, run, state):
        """Bring the run so far that its load is in this state."""
        for stage in STAGES:
            run._reached(stage)
            for _kept in getattr(self.env["fin.pipeline.outbound"], f"_{stage}")(run):
                self.env.flush_all()
                if run.load_ids.state == state and run.attempt_ids:
                    return

    def test_a_load_takes_its_time_without_using_up_tries(self):
        self.fault(never_ends=3)
        run = self.begun(self.actuals)
        self.engine(run)
        self.assertEqual((run.state, run.tries), ("done", 0))
        self.assertGreaterEqual(run.load_ids.polls, 3)

    def test_law8_a_copy_of_a_run_that_has_uploaded_starts_no_load(self):
        run = self.begun(self.actuals)
        self.go_on(run, STAGES[: STAGES.index("deliver")])
        run._reached("deliver")
        delivery = self.env["fin.pipeline.outbound"]._deliver(run)
        while run.load_ids.state != "starting":
            next(delivery)
            self.env.flush_all()
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        with self.assertRaises(ConfigurationError) as refused:
            next(delivery)
        self.assertEqual((refused.exception.code, self.double.ask("/control/tasks")["tasks"]), ("not_released", []))

    def test_law_2_killed_after_any_call_it_goes_on_without_losing_or_doubling_a_chunk(self):
        """After each exchange in turn the worker dies: what it had not kept is gone, what it did outside is done."""
        expected, calls = None, 1
        while calls:
            with self.subTest(killed_after=calls), forgotten(self.env):
                run, was_killed = self.begun(self.actuals), False
                was_killed = self.kill(run, calls)
                self.engine(run)
                self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 8))
                self.assertEqual(len(self.double.ask("/control/tasks")["tasks"]), 1, "one task, whatever was cut off")
                expected = expected or self.there()
                self.assertEqual(self.there(), expected)
            self.double.ask("/control/reset", all=True)
            calls = calls + 1 if was_killed else 0

    def test_who_sees_loads(self):
        self.engine(self.begun(self.actuals))
        self.assertTrue(self.env["fin.load"].with_user(self.operator).search([]))
        with self.assertRaises(AccessError):
            self.env["fin.load"].with_user(self.operator).search([], limit=1).write({"state": "failed"})


@tagged("post_install", "-at_install")
class TestAnaplanRate(PlanningCase):
    """Anaplan counts 600 requests a minute for all of a tenant, whichever connection makes them."""

    def setUp(self):
        super().setUp()
        self.patch(AnaplanSystem, "rate", RATE)
        self.enterContext(self.enter_registry_test_mode())

    def connection(self, code, **vals):
        connector = self.env["fin.connector"].search([("code", "=", "anaplan.actuals")])
        told = {"name": code, "code": code, "company_id": self.company.id, "connector_id": connector.id}
        settings = vals.pop("settings", {})
        return self.env["fin.connection"].create({**told, **vals, "settings": settings})

    def before(self, connection):
        return self.env["fin.connection"]._before_call(connection._document(), connection.company_id)

    def test_trap_600_requests_a_minute_are_shared_by_the_connections_of_a_tenant(self):
        self.patch(AnaplanActuals, "rate", (2, 3600))
        self.patch(fin_rate, "PATIENCE", 0)
        actuals, members = self.connection("one-model"), self.connection("another", settings={"model": "B" * 32})
        elsewhere = self.connection("elsewhere", settings={"base_url": "https://eu3.api.anaplan.com"})
        self.before(actuals)(None)
        self.before(members)(None)
        self.assertEqual((actuals.rate_left, members.rate_left, elsewhere.rate_left), (0, 0, 2))
        with self.assertRaisesRegex(TransientError, "used up") as raised:
            self.before(actuals)(None)
        self.assertFalse(raised.exception.facts["sent"])
        self.before(elsewhere)(None)

    def test_a_connection_may_take_less_of_what_is_shared(self):
        slow, other = self.connection("slow", rate_calls=1, rate_seconds=60), self.connection("other")
        limits = [self.env["fin.connection"]._limit(one._document()) for one in (slow, other)]
        self.assertEqual({code for code, _rate in limits}, {"anaplan/api.anaplan.com"})
        self.assertEqual([rate["calls"] / rate["seconds"] for _code, rate in limits], [1 / 60, 10])

    def test_a_connection_of_another_system_has_a_bucket_of_its_own_or_none(self):
        connector = self.env["fin.connector"].search([("code", "=", "planning.api")])
        one = self.connection("rest", connector_id=connector.id)
        self.assertEqual(self.env["fin.connection"]._limit(one._document()), ("rest", None))
        self.assertIsNone(self.before(one))
