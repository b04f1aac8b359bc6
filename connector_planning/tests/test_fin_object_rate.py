from odoo.tests import tagged

from .rate_scene import RateCase

MONDAY = [("2026-03-02", "USD", "1.0837"), ("2026-03-02", "CHF", "0.9498"), ("2026-03-02", "JPY", "170.1")]


@tagged("post_install", "-at_install")
class TestFinObjectRate(RateCase):
    """Rates land once, as they were published, and tie."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def test_what_is_published_lands_and_ties_and_what_is_not_in_use_is_left_aside(self):
        run = self.bring(self.rate_flow(), *MONDAY)
        self.assertEqual((run.state, run.reconciliation_state, run.delivered, run.skipped), ("done", "tied", 2, 1))
        self.assertEqual(self.rates(), {("USD", "2026-03-02"): 1.0837, ("CHF", "2026-03-02"): 0.9498})
        self.assertEqual(self.env["res.currency.rate"].search([]).company_id, self.company)
        self.assertEqual(self.company.currency_id._get_conversion_rate(
            self.company.currency_id, self.dollar, self.company, run.item_ids[0].on), 1.0837)  # fmt: skip

    def test_law2_the_same_file_twice_makes_no_rate_twice(self):
        flow = self.rate_flow()
        self.bring(flow, *MONDAY)
        run = self.bring(flow, *MONDAY, name="again.csv")
        self.assertEqual((run.state, run.delivered, run.duplicate), ("done", 0, 2))

    def test_another_figure_for_a_known_day_waits_and_changes_nothing(self):
        flow = self.rate_flow()
        self.bring(flow, *MONDAY)
        run = self.bring(flow, ("2026-03-02", "USD", "1.0838"), name="again.csv")
        self.assertEqual((run.state, self.rates()["USD", "2026-03-02"]), ("held", 1.0837))
        self.assertTrue(self.cases("duplicate_conflict"))
        self.assertFalse(self.cases("other_rate"), "one cause, one case")

    def test_a_rate_that_somebody_has_entered_is_not_written_over(self):
        day = {"name": "2026-03-02", "company_id": self.company.id}
        self.env["res.currency.rate"].create({"currency_id": self.dollar.id, "rate": 1.1, **day})
        run = self.bring(self.rate_flow(), *MONDAY)
        self.assertEqual((run.state, run.delivered, self.rates()["USD", "2026-03-02"]), ("done", 1, 1.1))
        self.assertEqual(run.child_ids.state, "held")
        self.assertIn("USD of 2026-03-02 stands in Odoo with another rate", self.cases("other_rate").text)

    def test_a_company_of_another_currency_gets_its_rates_by_way_of_its_own(self):
        self.company.currency_id = self.franc
        run = self.bring(self.rate_flow({"currencies": ["USD", "EUR"]}), *MONDAY)
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 2))
        self.assertEqual(self.rates(), {("USD", "2026-03-02"): 1.14097704780, ("EUR", "2026-03-02"): 1.05285323226})

    def test_without_the_companys_own_currency_in_the_file_nothing_lands(self):
        self.company.currency_id = self.franc
        run = self.bring(self.rate_flow(), ("2026-03-02", "USD", "1.0837"))
        self.assertEqual((run.state, self.rates()), ("held", {}))
        self.assertIn("the file has no rate of CHF", self.cases("no_cross_rate").text)

    def test_shared_rates_are_nobodys(self):
        run = self.bring(self.rate_flow({"shared": True}), *MONDAY)
        self.assertEqual((run.state, self.rates()), ("done", {}))
        self.assertEqual(len(self.rates(self.company.browse())), 2)

    def test_a_currency_that_was_asked_for_and_is_not_in_use_is_a_gap(self):
        run = self.bring(self.rate_flow({"currencies": ["USD", "JPY"]}), *MONDAY)
        self.assertEqual((run.state, run.delivered, run.skipped), ("done", 1, 1))
        self.assertIn("JPY is no active currency", self.cases("inactive_currency").text)

    def test_law4_a_rate_that_was_changed_meanwhile_does_not_tie(self):
        flow = self.rate_flow()
        self.publish(*MONDAY)
        run = self.queue(flow)
        run._transition("start", digest=run.version_digest)
        self.go_on(run, ("extract", "validate", "map", "gate", "deliver"))
        self.env["res.currency.rate"].search([("currency_id", "=", self.dollar.id)]).rate = 1.2
        self.env.flush_all()
        self.go_on(run, ("reconcile",))
        self.assertEqual((run.state, run.reconciliation_state), ("held", "not_tied"))

    def test_law1_half_a_file_brings_nothing(self):
        flow = self.rate_flow()
        self.publish(*MONDAY)
        path = self.folder / "rates.csv"
        path.write_bytes(path.read_bytes()[:-3])
        self.settled(path)
        run = self.bring(flow)
        self.assertEqual((run.state, self.rates()), ("held", {}))
        self.assertTrue(self.cases("cut_off"))


@tagged("post_install", "-at_install")
class TestRateAuthority(RateCase):
    """Rates stand under the authority rules like any other record."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def rule(self, **vals):
        rules = self.env["fin.authority"].with_user(self.operator)
        rule = rules.create({"subject": "rate/rate", "steward_id": self.operator.id, **vals})
        policy = self.env["fin.policy"].with_user(self.operator)._of(self.company)
        change = policy.env["fin.change"]._propose(policy)
        change.action_submit()
        change.with_user(self.approver)._approve()
        self.env["fin.audit.seal"]._seal_waiting()
        self.env.invalidate_all()
        return rule

    def test_a_flow_of_another_system_than_that_of_record_brings_no_rate(self):
        treasury = self.env["fin.system"].create(
            {"name": "Treasury", "code": "treasury", "company_id": self.company.id}
        )
        self.rule(outside_system_id=treasury.id)
        run = self.bring(self.rate_flow(), *MONDAY)
        self.assertEqual((run.delivered, self.rates()), (0, {}))
        self.assertIn("treasury is the system of record for Exchange rate", self.cases("authority_conflict")[:1].text)

    def test_the_flow_of_the_system_of_record_brings_them(self):
        flow = self.rate_flow()
        self.rule(connection_id=flow.connection_id.id)
        self.approve(flow)
        self.env["fin.audit.seal"]._seal_waiting()
        self.assertEqual(self.bring(flow, *MONDAY).delivered, 2)
