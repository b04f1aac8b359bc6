"""Members of dimensions, balances and rates to planning systems, through the engine's stages."""

import os
from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.testing.double import Double

from .anaplan_scene import AnaplanMixin
from .loading import LoadingCase

SECRET = "canary-planning-secret"


class CarriedCase(AnaplanMixin, LoadingCase):
    def setUp(self):
        super().setUp()
        self.enterContext(patch.dict(os.environ, {"FIN_TABLE_SECRET": SECRET}))

    def start(self, *arguments):
        self.double = Double(*arguments)
        self.addCleanup(self.double.stop)

    def fault(self, **faults):
        self.double.ask("/control/faults", faults=faults)

    def to_anaplan(self, business, **vals):
        self.start_anaplan()
        return self.flow_to("anaplan.actuals", self.anaplan_import(), "to-anaplan", object=business, **vals)

    def to_table(self, business, table, login=None, **vals):
        self.start("rest_table_server.py")
        settings = {"base_url": f"{self.double.url}/service", "secret": "conf:table_secret", "table": table}
        if login:
            settings |= {"login": login, "user": "planner", "auth_url": f"{self.double.url}/oauth/token"}
        return self.flow_to("planning.rest_table", settings, "to-table", object=business, **vals)

    def told(self, flow):
        run = self.engine(self.begun(flow))
        self.assertEqual((run.state, run.reconciliation_state), ("done", "tied"))
        return run

    def cells(self):
        found = self.double.ask("/control/cells")
        return found["cells"] if isinstance(found, dict) else found


ACCOUNTS = {"options": {"kinds": ["account"]}}


@tagged("post_install", "-at_install")
class TestMembersToAnaplan(CarriedCase):
    def test_members_are_loaded_by_an_import_read_back_by_key_and_tie(self):
        self.env["account.group"].create({"name": "Turnover", "code_prefix_start": "70", "company_id": self.company.id})
        run = self.told(self.to_anaplan("fin.object.dimension", **ACCOUNTS))
        cells = {cell["Code"]: cell for cell in self.cells()}
        self.assertEqual((cells["700000"]["Name"], cells["700000"]["Parent"]), ("Sales", "70"))
        self.assertEqual((cells["70"]["Level"], run.delivered), ("group", len(cells)))
        self.assertEqual(run.load_ids.mapped("state"), ["loaded"])

    def test_only_what_has_changed_travels_and_what_retires_is_told(self):
        spare = self.account("640000", "Spare", "expense")
        flow = self.to_anaplan("fin.object.dimension", **ACCOUNTS)
        self.told(flow)
        spare.active = False
        run = self.told(flow)
        self.assertEqual(run.delivered, 1)
        self.assertEqual({cell["State"] for cell in self.cells() if cell["Code"] == "640000"}, {"retired"})
        self.double.ask("/control/reset", all=True)
        self.assertEqual(self.told(flow).delivered, 0)
        self.assertEqual(self.double.ask("/control/log")["log"], [], "what is unchanged makes no call")

    def test_r20_a_member_that_was_left_out_is_rejected_by_name_and_the_rest_ties(self):
        flow = self.to_anaplan("fin.object.dimension", left_out_rows=1, **ACCOUNTS)
        self.fault(ignore_row=1)
        run = self.told(flow)
        self.assertEqual((run.rejected, run.load_ids.rejected), (1, 1))

    def test_law_4_a_member_that_is_lost_in_silence_holds_the_run(self):
        flow = self.to_anaplan("fin.object.dimension", **ACCOUNTS)
        self.fault(lose_one_row=1)
        run = self.engine(self.begun(flow))
        self.assertEqual((run.state, run.reconciliation_state), ("held", "not_tied"))

    def test_what_may_leave_is_what_the_flow_moves(self):
        flow = self.to_anaplan("fin.object.dimension", **ACCOUNTS)
        self.assertEqual(set(flow.scope_ids.mapped("entity")), {"planning.member"})
        self.assertEqual(set(flow._document()["contracts"]), {"planning.member/1.0"})

    def test_rates_are_loaded_and_read_back_to_the_last_digit(self):
        euro = self.env.ref("base.EUR")
        dollar = self.env.ref("base.USD")
        other = dollar if self.company.currency_id == euro else euro
        other.active = True
        rate = {"currency_id": other.id, "company_id": self.company.id, "name": "2026-01-05", "rate": 0.9127418}
        self.env["res.currency.rate"].create(rate)
        self.told(self.to_anaplan("fin.object.rate", options={"since": "2026-01-05"}))
        found = {(cell["Currency"], cell["Dated On"]): Decimal(cell["Rate"]) for cell in self.cells()}
        self.assertEqual(found[other.name, "2026-01-05"], Decimal("0.9127418"))


@tagged("post_install", "-at_install")
class TestBalancesToATable(CarriedCase):
    def setUp(self):
        super().setUp()
        self.account("999998", "Undistributed", "equity_unaffected")
        self.entry("2025-12-10", 11)
        self.entry("2026-01-10", 100)

    def there(self, *names):
        return {
            (row["Account"], row.get("Period") or row["Year"]): tuple(Decimal(row[name]) for name in names)
            for row in self.cells()
        }

    def test_the_trial_balance_is_put_row_by_row_and_ties(self):
        flow = self.to_table("fin.object.trial_balance", "Balances")
        self.told(flow)
        found = self.there("Opening", "Debit", "Credit", "Balance")
        self.assertEqual(found["550000", "2026-01"], (11, 100, 0, 111))
        self.assertEqual(sum(row[3] for place, row in found.items() if place[1] == "2026-01"), 0)
        self.entry("2026-01-11", 4)
        run = self.told(flow)
        self.assertEqual((run.delivered, self.there("Balance")["550000", "2026-01"]), (2, (115,)))

    def test_the_table_is_told_under_a_token_for_client_credentials(self):
        run = self.told(self.to_table("fin.object.trial_balance", "Balances", login="client_credentials"))
        calls = self.double.ask("/control/log")
        told = [call["headers"]["authorization"] for call in calls if call["path"] != "/oauth/token"]
        self.assertTrue(told and all(one.startswith("Bearer canary-token-") for one in told))
        self.assertEqual(len(calls) - len(told), 2, "one token for each stage that calls")
        self.assertGreater(run.delivered, 0)

    def test_openings_are_put_by_fiscal_year(self):
        self.told(self.to_table("fin.object.opening", "Balances"))
        self.assertEqual(self.there("Balance"), {("550000", "FY2026"): (11,), ("999998", "FY2026"): (-11,)})

    def test_law_4_a_balance_that_is_lost_in_silence_holds_the_run(self):
        flow = self.to_table("fin.object.trial_balance", "Balances")
        self.fault(lose_one_row=1)
        run = self.engine(self.begun(flow))
        self.assertEqual((run.state, run.reconciliation_state), ("held", "not_tied"))


@tagged("post_install", "-at_install")
class TestMembersToATable(CarriedCase):
    def test_law_2_a_member_that_was_there_before_does_not_pass_for_an_answer_that_was_lost(self):
        flow = self.to_table("fin.object.dimension", "Members", **ACCOUNTS)
        self.told(flow)
        self.sales.name = "Turnover"
        self.fault(drop_connection=1)
        run = self.begun(flow)
        self.assertTrue(self.broken_off(run).facts["sent"])
        self.engine(run)
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 1))
        self.assertEqual({row["Name"] for row in self.cells() if row["Code"] == "700000"}, {"Turnover"})
        self.assertEqual(sorted(run.attempt_ids.mapped("state")), ["accepted", "refused"])


@tagged("post_install", "-at_install")
class TestWhatIsNotCarried(CarriedCase):
    def test_what_a_system_does_not_take_is_refused_while_the_flow_is_made(self):
        adaptive = {"login": "planner", "password": "conf:table_secret", "currency": "EUR"}
        vena = {"user": "planner", "api_key": "conf:table_secret", "template": "1", "model": "2"}
        for connector, settings, business in (
            ("adaptive.actuals", adaptive, "fin.object.dimension"),
            ("adaptive.actuals", adaptive, "fin.object.rate"),
            ("adaptive.actuals", adaptive, "fin.object.opening"),
            ("vena.actuals", vena, "fin.object.dimension"),
            ("planning.api", {"token": "conf:table_secret"}, "fin.object.trial_balance"),
        ):
            with self.subTest(connector=connector, business=business), self.env.cr.savepoint() as point:
                settings = {"base_url": "https://planning.example.com", **settings}
                with self.assertRaisesRegex(UserError, "does not carry: .* \\(planning"):
                    self.flow_to(connector, settings, "refused", object=business)
                point.rollback()

    def test_an_operator_is_told_when_proposing_and_nothing_is_proposed(self):
        flow = self.to_table("fin.object.trial_balance", "Balances")
        connection = flow.connection_id
        connection.connector_id = self.env["fin.connector"].search([("code", "=", "planning.api")])
        before = flow.version_ids
        with self.assertRaisesRegex(UserError, "does not carry: Trial Balance by Month"):
            self.env["fin.version"].with_user(self.operator)._propose(flow.with_user(self.operator))
        self.assertEqual(flow.version_ids, before)
