import datetime as dt
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.models.writer import by_program

from .rate_scene import RateCase


def dollars(*told):
    return [(f"2026-{day}", "USD", rate) for day, rate in told]


@tagged("post_install", "-at_install")
class TestRateGuards(RateCase):
    """A day without a rate is told, a rate that jumps waits, and both end by themselves."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def at(self, moment):
        """What Odoo takes for now; days of files stay days, which a frozen clock would put its own in the place of."""
        return patch.object(fields.Datetime, "now", lambda *_args: dt.datetime.fromisoformat(moment))

    # Gaps

    def test_a_publication_day_without_a_rate_is_a_case_until_its_rate_comes(self):
        flow = self.rate_flow()
        with self.at("2026-03-05 18:00:00"):
            self.bring(flow, *dollars(("03-02", "1.08"), ("03-05", "1.09")))
            case = self.cases("rate_gap")
            self.assertIn("no rate of USD from 2026-03-03 to 2026-03-04, 2 publication days", case.text)
            self.assertTrue(case.user_id and case.due_at)
            self.bring(flow, *dollars(("03-03", "1.08"), ("03-04", "1.08")), name="late.csv")
            self.assertEqual(case.state, "resolved")

    def test_a_holiday_of_the_publisher_is_no_gap_and_a_working_day_is(self):
        """Good Friday and Easter Monday of 2026 are 3 and 6 April."""
        flow = self.rate_flow()
        with self.at("2026-04-07 18:00:00"):
            self.bring(flow, *dollars(("04-02", "1.08"), ("04-07", "1.09")))
        self.assertFalse(self.cases("rate_gap"))
        flow.options = {}
        self.approve(flow)
        self.env["fin.audit.seal"]._seal_waiting()
        with self.at("2026-04-07 18:00:00"):
            self.bring(flow)
        self.assertIn("from 2026-04-03 to 2026-04-06", self.cases("rate_gap").text)

    def test_law6_a_run_that_brings_nothing_says_which_day_is_missing(self):
        flow = self.rate_flow()
        with self.at("2026-03-02 18:00:00"):
            self.bring(flow, *dollars(("03-02", "1.08")))
        with self.at("2026-03-03 12:00:00"):
            self.bring(flow)
            self.assertFalse(self.cases("rate_gap"), "the bank publishes in the afternoon")
        with self.at("2026-03-03 18:00:00"):
            self.bring(flow)
        self.assertIn("no rate of USD of 2026-03-03", self.cases("rate_gap").text)

    def test_a_gap_that_a_person_has_closed_is_not_told_again(self):
        flow = self.rate_flow()
        with self.at("2026-03-04 18:00:00"):
            self.bring(flow, *dollars(("03-02", "1.08"), ("03-04", "1.09")))
            self.cases("rate_gap")._close("resolve", "the bank did not publish")
            self.bring(flow)
        self.assertEqual(self.cases("rate_gap").mapped("state"), ["resolved"])

    def test_a_rate_that_is_taken_away_again_is_a_gap_again(self):
        flow = self.rate_flow()
        with self.at("2026-03-03 18:00:00"):
            self.bring(flow, *dollars(("03-02", "1.08")))
            self.bring(flow, *dollars(("03-03", "1.09")), name="late.csv")
            self.assertEqual(self.cases("rate_gap").mapped("state"), ["resolved"])
            self.env["res.currency.rate"].search([("name", "=", "2026-03-03")]).unlink()
            self.bring(flow)
        self.assertEqual(sorted(self.cases("rate_gap").mapped("state")), ["open", "resolved"])

    def test_a_currency_that_was_asked_for_and_is_not_published_is_told(self):
        self.env.ref("base.GBP").active = True
        with self.at("2026-03-02 18:00:00"):
            self.bring(self.rate_flow({"currencies": ["USD", "GBP"]}), *dollars(("03-02", "1.08")))
        self.assertIn("no rate of GBP of 2026-03-02", self.cases("rate_gap").text)

    # Jumps

    def test_law3_a_rate_that_jumps_waits_for_another_persons_yes(self):
        flow = self.rate_flow({"jump": "2"})
        with self.at("2026-03-03 18:00:00"):
            run = self.bring(flow, *dollars(("03-02", "1.08"), ("03-03", "1.18")), by=self.operator)
        child = run.child_ids
        self.assertEqual((run.state, run.delivered, child.state, child.waits_for), ("done", 1, "held", "yes"))
        self.assertIn("USD of 2026-03-03: 1.18 after 1.08", child.waits_reason)
        self.assertEqual(self.rates(), {("USD", "2026-03-02"): 1.08})
        self.assertFalse(self.cases("rate_gap"), "what waits is no gap")
        by_program(child.with_user(self.approver))._approve()
        self.env["fin.audit.seal"]._seal_waiting()
        child._transition("start", digest=child.version_digest)
        self.through(child, "map")
        self.assertEqual((child.state, self.rates()["USD", "2026-03-03"]), ("done", 1.18))

    def test_a_rate_is_held_against_the_last_one_in_odoo(self):
        flow = self.rate_flow({"jump": "2"})
        with self.at("2026-03-02 18:00:00"):
            self.bring(flow, *dollars(("03-02", "1.08")))
        with self.at("2026-03-03 18:00:00"):
            run = self.bring(flow, *dollars(("03-03", "108")), name="next.csv")
        self.assertEqual((run.state, run.waits_for, len(self.rates())), ("held", "yes", 1))

    def test_a_change_of_just_the_approved_percentage_passes(self):
        with self.at("2026-03-03 18:00:00"):
            run = self.bring(self.rate_flow({"jump": "10"}), *dollars(("03-02", "1.0"), ("03-03", "1.1")))
        self.assertEqual((run.state, run.delivered), ("done", 2))

    def test_law8_an_option_that_means_nothing_stops_before_anything_lands(self):
        self.unchecked()
        flow = self.rate_flow()
        for name, told in (("jump", "a little"), ("jump", "0"), ("days", "moon"), ("published_at", "noon")):
            with self.subTest(name):
                flow.options = {name: told}
                self.approve(flow)
                self.env["fin.audit.seal"]._seal_waiting()
                self.publish(*dollars(("03-02", "1.0")), name=f"{name}-{told}.csv")
                run = self.queue(flow)
                run._transition("start", digest=run.version_digest)
                with self.assertRaises(ConfigurationError) as caught:
                    self.go_on(run, ("extract", "validate", "map", "gate"))
                self.assertEqual((caught.exception.facts["option"], self.rates()), (name, {}))
                run._transition("fail")
                self.env.flush_all()

    # What depends on them

    def test_what_waits_for_a_rate_goes_on_when_it_lands(self):
        """The kernel's own gate: an entry in another currency waits for the rate of its day."""
        calls = []
        runs = self.env.registry["fin.run"]
        self.patch(runs, "_let_go", lambda _runs, kind, key: calls.append((kind, key)))
        with self.at("2026-03-02 18:00:00"):
            self.bring(self.rate_flow(), *dollars(("03-02", "1.08")))
        self.assertIn(("rate", "USD"), calls)
