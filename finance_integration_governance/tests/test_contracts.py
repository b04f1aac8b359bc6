import dataclasses
import datetime as dt
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, tagged

from .common import Fact, LawScene, ListSource, fact

TODAY = dt.datetime.now(dt.UTC).date()
YESTERDAY, TOMORROW = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class NextFact(Fact):
    """The same fact by a contract that no version of the flow names."""

    contract = "test.fact/2.0"


@tagged("post_install", "-at_install")
class TestContracts(LawScene, TransactionCase):
    """A flow stands on contracts: its versions pin them, and with them the day on which they end."""

    def setUp(self):
        super().setUp()
        self.env["fin.contract"]._refresh()
        self.contract = self.env["fin.contract"].search([("name", "=", Fact.contract)])
        self.enterContext(self.enter_registry_test_mode())

    def ends(self, deprecated, sunset):
        """The contract gets its dates, and a version with them becomes live."""
        self.by("administrator", self.contract).write({"deprecated_on": deprecated, "sunset_on": sunset})
        self.say_why("administrator", self.by("administrator", self.contract).action_propose())
        version = self.flow.version_ids.filtered(lambda v: v.state == "proposed")
        version.with_user(self.people["administrator"]).action_submit()
        self.by("approver", version)._approve()
        self.seal()
        return version

    def warned(self):
        return self.env["fin.exception"].search([("flow_id", "=", self.flow.id), ("code", "=", "contract_deprecated")])

    def test_a_version_pins_its_contracts(self):
        self.assertEqual(self.version._read_document()["contracts"], {Fact.contract: {}})

    def test_an_unknown_contract_version_refuses_the_payload_as_a_whole(self):
        run = self.start(fact("1"), fact("2"), NextFact("3", fact("3").value))
        self.assertEqual(run.payload_ids.reading, "refused")
        self.assertEqual(run.payload_ids.exception_id.code, "unknown_contract")
        self.assertIn(NextFact.contract, run.payload_ids.exception_id.text)
        self.assertFalse(run.item_ids.filtered(lambda item: item.outcome != "rejected"))
        self.assertFalse(run.item_ids.binding_ids)

    def test_a_contract_that_the_code_no_longer_keeps_starts_no_run(self):
        with patch.object(Fact, "contract", "test.fact/2.0"):
            run = self.start(fact("1"))
        self.assertRefused(run, "unknown_contract")

    def test_a_newer_minor_version_serves_what_was_approved(self):
        with patch.object(Fact, "contract", "test.fact/1.1"):
            run = self.start(fact("1"))
        self.assertEqual(run.state, "done")

    def test_after_its_sunset_a_contract_starts_no_run(self):
        self.ends(YESTERDAY, YESTERDAY)
        self.assertRefused(self.start(fact("1")), "contract_sunset")

    def test_on_its_last_day_a_contract_is_still_used(self):
        self.ends(YESTERDAY, TODAY)
        self.assertEqual(self.start(fact("1")).state, "done")

    def test_dates_without_an_approved_version_change_no_run(self):
        self.by("administrator", self.contract).write({"deprecated_on": YESTERDAY, "sunset_on": YESTERDAY})
        self.assertEqual(self.start(fact("1")).state, "done")
        self.assertFalse(self.warned())

    def test_the_owner_is_told_once_that_a_contract_ends(self):
        self.ends(YESTERDAY, TOMORROW)
        self.start(fact("1"))
        self.env["fin.flow"]._cron_watch()
        self.assertEqual(len(self.warned()), 1)
        self.assertEqual(self.warned().user_id, self.people["operator"])
        self.assertEqual(self.warned().due_at.date(), TOMORROW)
        self.assertTrue(self.warned().activity_ids)
        self.warned()._close("resolve", "we know")
        self.start(fact("2"), name="two.txt")
        self.assertEqual(self.warned().mapped("state"), ["resolved"])

    def test_a_flow_that_does_not_run_hears_of_it_too(self):
        self.ends(YESTERDAY, TOMORROW)
        self.env["fin.flow"]._cron_watch()
        self.env["fin.flow"]._cron_watch()
        self.assertEqual(len(self.warned()), 1)

    def test_the_dates_of_all_flows_are_one_change_request(self):
        other = self.new_flow("other")
        self.approve(other)
        self.by("administrator", self.contract).write({"deprecated_on": TODAY})
        self.assertTrue(self.contract.has_changed_flows)
        self.say_why("administrator", self.by("administrator", self.contract).action_propose())
        proposed = (self.flow | other).version_ids.filtered(lambda v: v.state == "proposed")
        self.assertEqual(len(proposed), 2)
        self.assertEqual(len(proposed.change_id), 1)

    def test_a_sunset_follows_a_deprecation(self):
        with self.assertRaises(ValidationError):
            self.contract.write({"sunset_on": TODAY})

    def test_only_an_administrator_sets_dates_and_nobody_renames_a_contract(self):
        with self.assertRaises(AccessError):
            self.by("operator", self.contract).write({"deprecated_on": TODAY})
        with self.assertRaises(UserError):
            self.by("administrator", self.contract).write({"name": "test.fact/9.0"})
        with self.assertRaises(AccessError):
            self.by("administrator", "fin.contract").create({"name": "test.fact/9.0"})
        self.assertEqual(self.by("viewer", self.contract).standing, "active")

    def test_what_the_code_has_no_more_stays_in_the_register(self):
        with patch.object(ListSource, "carries", ()):
            self.env["fin.contract"]._refresh()
        self.assertFalse(self.contract.is_here)
        self.env["fin.contract"]._refresh()
        self.assertTrue(self.contract.is_here)
