"""Actuals to TM1, Adaptive Planning, Pigment, Vena, a REST table and files, through the engine's stages."""

import os
from decimal import Decimal
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import DataError
from odoo.addons.finance_integration_governance.core.testing.double import Double
from odoo.addons.finance_integration_governance.tests.forgotten import forgotten

from .loading import LoadingCase

SECRET = "canary-planning-secret"
REFERENCE = "conf:table_secret"


class SystemCase(LoadingCase):
    """`program`, `connector`, `below` (what stands behind the address) and `settings` of the system."""

    program = connector = below = ""
    settings = {}

    def setUp(self):
        super().setUp()
        self.enterContext(patch.dict(os.environ, {"FIN_TABLE_SECRET": SECRET}))
        for month in range(1, 5):
            self.entry(f"2026-0{month}-10", 100 * month)
        self.double = Double(self.program)
        self.addCleanup(self.double.stop)
        told = {"base_url": self.double.url + self.below, **self.settings}
        self.actuals = self.flow_to(self.connector, told, "system")

    def fault(self, **faults):
        self.double.ask("/control/faults", faults=faults)

    def there(self):
        """(account, year and month) -> amount."""
        return {self.place(cell): Decimal(cell["Balance"]) for cell in self.double.ask("/control/cells")}

    def place(self, cell):
        return cell["Account"], cell["Period"]


class EverySystem:
    """What holds for each of them."""

    def test_actuals_are_told_read_back_and_tie(self):
        run = self.engine(self.begun(self.actuals))
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 8))
        self.assertEqual(self.there()["550000", "2026-04"], Decimal(400))
        self.assertEqual(len(self.there()), 8)

    def test_what_has_changed_replaces_what_was_there_and_what_is_gone_is_zero(self):
        self.engine(self.begun(self.actuals))
        self.entry("2026-02-11", 3)
        self.env["account.move"].search(
            [("date", "=", "2026-03-10"), ("journal_id", "=", self.journal.id)]
        ).button_draft()
        run = self.engine(self.begun(self.actuals))
        self.assertEqual((run.state, run.reconciliation_state), ("done", "tied"))
        self.assertEqual((run.unchanged, run.delivered), (4, 4))
        self.assertEqual(self.there()["550000", "2026-02"], Decimal(203))
        self.assertEqual(self.there().get(("550000", "2026-03"), Decimal()), Decimal())

    def test_law_4_a_row_that_is_lost_in_silence_holds_the_run(self):
        self.fault(lose_one_row=1)
        run = self.engine(self.begun(self.actuals))
        self.assertEqual((run.state, run.reconciliation_state), ("held", "not_tied"))


class PartsAreHeld:
    """Of systems that tell that rows were left out."""

    def test_r20_ignored_rows_that_nobody_names_hold_the_run_until_they_are_there(self):
        self.fault(ignore_silently=1)
        run = self.engine(self.begun(self.actuals))
        self.assertEqual(run.state, "held")
        [case] = run.exception_ids.filtered(lambda one: one.code == "partly_loaded")
        self.assertEqual((case.state, set(run.attempt_ids.mapped("state")) - {"accepted"}), ("open", {"refused"}))
        case.with_user(self.operator)._close("resolve", "the account is there now")
        run._release()
        self.engine(run)
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 8))


class RowsAreNamed:
    """Of systems that name the rows that they left out: as many as the approved version allows."""

    def test_r20_a_named_row_holds_the_run_where_the_version_allows_none(self):
        self.fault(ignore_row=1)
        run = self.engine(self.begun(self.actuals))
        self.assertEqual((run.state, run.rejected), ("held", 0))
        self.env.invalidate_all()
        [case] = run.exception_ids
        self.assertEqual((case.code, case.state), ("partly_loaded", "open"))
        self.assertTrue([key for key in run.item_ids.mapped("key") if f"allows 0: {key} (" in case.text], case.text)
        self.dump(run)
        case.with_user(self.operator)._close("resolve", "the member is there now")
        run._release()
        self.engine(run)
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 8))

    def test_r20_within_what_the_version_allows_it_is_rejected_and_the_rest_ties(self):
        self.actuals.left_out_rows = 1
        self.approve(self.actuals)
        self.env["fin.audit.seal"]._seal_waiting()
        self.fault(ignore_row=1)
        run = self.engine(self.begun(self.actuals))
        self.assertEqual((run.state, run.rejected, run.delivered), ("done", 1, 7))
        self.dump(run)

    def dump(self, run):
        """What the other side said of it is kept; each looks where."""


class Killable:
    """Law 2 at any call."""

    def test_law_2_killed_after_any_call_it_goes_on_without_losing_or_doubling_a_figure(self):
        calls = 1
        while calls:
            with self.subTest(killed_after=calls), forgotten(self.env):
                run = self.begun(self.actuals)
                was_killed = self.kill(run, calls)
                self.engine(run)
                self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 8))
                self.assertEqual((len(self.there()), sum(self.there().values())), (8, 0))
            self.double.ask("/control/reset", all=True)
            calls = calls + 1 if was_killed else 0


@tagged("post_install", "-at_install")
class TestTm1Run(EverySystem, PartsAreHeld, RowsAreNamed, Killable, SystemCase):
    program, connector, below = "tm1_server.py", "tm1.actuals", "/api/v1"
    settings = {
        "user": "planner",
        "password": REFERENCE,
        "process": "Load Actuals",
        "mdx": "SELECT {Measures} ON 0, {Keys} ON 1 FROM [GL]",
    }

    def dump(self, run):
        self.assertIn("Invalid key", run.load_ids.dump_id.text)

    def test_a_process_that_was_rolled_back_has_delivered_nothing(self):
        self.fault(rolled_back=1)
        run = self.begun(self.actuals)
        with self.assertRaisesRegex(DataError, "refused the load"):
            self.engine(run)
        self.assertEqual(run.load_ids.state, "failed")


@tagged("post_install", "-at_install")
class TestPigmentRun(EverySystem, PartsAreHeld, RowsAreNamed, Killable, SystemCase):
    program, connector, below = "pigment_server.py", "pigment.actuals", "/api"
    settings = {
        "token": REFERENCE,
        "configuration": "6f1f0f0e-0000-4000-8000-000000000001",
        "block": "6f1f0f0e-0000-4000-8000-000000000002",
    }


@tagged("post_install", "-at_install")
class TestVenaRun(EverySystem, PartsAreHeld, SystemCase):
    program, connector = "vena_server.py", "vena.actuals"
    settings = {
        "user": "planner",
        "api_key": REFERENCE,
        "template": "700000000000000001",
        "model": "800000000000000001",
    }


@tagged("post_install", "-at_install")
class TestAdaptiveRun(EverySystem, PartsAreHeld, Killable, SystemCase):
    program, connector, below = "adaptive_server.py", "adaptive.actuals", "/api/v40"

    @property
    def settings(self):
        return {"login": "planner", "password": REFERENCE, "currency": self.company.currency_id.name}

    def there(self):
        return {self.place(cell): Decimal(cell["Amount"]) for cell in self.double.ask("/control/cells")}

    def place(self, cell):
        return cell["Account"], f"{cell['Period'][3:]}-{cell['Period'][:2]}"

    def test_law_2_older_figures_do_not_pass_for_an_answer_that_was_lost(self):
        self.engine(self.begun(self.actuals))
        self.entry("2026-01-11", 5)
        self.fault(drop_connection=1)
        run = self.begun(self.actuals)
        self.assertTrue(self.broken_off(run).facts["sent"])
        self.engine(run)
        self.assertEqual((run.state, run.reconciliation_state), ("done", "tied"))
        self.assertEqual(self.there()["550000", "2026-01"], Decimal(105))
        self.assertEqual(sorted(run.attempt_ids.mapped("state")), ["accepted", "refused"])

    def test_law_2_figures_that_are_there_in_part_are_sent_again_and_stand_once(self):
        self.fault(lose_one_row=1, drop_after_start=1)
        run = self.begun(self.actuals)
        self.assertTrue(self.broken_off(run).facts["sent"])
        self.assertEqual(len(self.there()), 1, "one of the two figures of the first month")
        self.engine(run)
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 8))
        self.assertEqual((len(self.there()), sum(self.there().values())), (8, 0))
        self.assertEqual(sorted(run.attempt_ids.mapped("state")), ["accepted"] * 4 + ["refused"])

    def test_law_2_an_answer_that_was_lost_is_settled_by_what_is_there(self):
        self.fault(drop_after_start=1)
        run = self.begun(self.actuals)
        self.assertTrue(self.broken_off(run).facts["sent"])
        self.engine(run)
        self.assertEqual((run.state, run.delivered), ("done", 8))
        self.assertEqual(sorted(run.attempt_ids.mapped("state")), ["accepted"] * 3 + ["confirmed"])
        asked = [call for call in self.double.ask("/control/log") if call["method"] == "POST"]
        self.assertEqual(len(asked), 6, "four imports, and two exports: one for the doubt, one for the totals")

    def test_a_call_without_success_has_delivered_nothing(self):
        self.fault(refused=1)
        run = self.begun(self.actuals)
        with self.assertRaisesRegex(DataError, "refused"):
            self.engine(run)
        self.assertEqual(run.delivered, 0)


@tagged("post_install", "-at_install")
class TestRestTableRun(EverySystem, RowsAreNamed, SystemCase):
    program, connector, below = "rest_table_server.py", "planning.rest_table", "/service"
    settings = {"secret": REFERENCE, "table": "Actuals", "chunk": 3}

    def test_law_2_a_payload_that_was_cut_off_between_its_rows_is_sent_again(self):
        self.fault(drop_after_start=1)
        run = self.begun(self.actuals)
        self.assertTrue(self.broken_off(run).facts["sent"])
        self.engine(run)
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 8))
        self.assertEqual(sorted(run.attempt_ids.mapped("state")), ["accepted"] * 3 + ["refused"])


@tagged("post_install", "-at_install")
class TestActualFilesRun(LoadingCase):
    def test_actuals_are_files_with_control_files(self):
        folder = self.folder_of_files()
        self.entry("2026-01-10", 100)
        for kind in ("csv", "parquet", "xlsx"):
            flow = self.flow_to("planning.actual_files", {"location": folder.as_uri(), "format": kind}, kind)
            run = self.engine(self.begun(flow))
            self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 2))
        self.assertEqual(len(list(folder.glob("actuals_*.csv"))), 1)
        self.assertEqual(len(list(folder.glob("actuals_*.parquet"))), 1)
        self.assertEqual(len(list(folder.glob("actuals_*.xlsx"))), 1)
        self.assertEqual(len(list(folder.glob("*.control.json"))), 3)
