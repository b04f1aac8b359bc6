from odoo.tests import TransactionCase, tagged

from ..models.gate.fin_run_rates import Rates, Unrated
from .common import fact
from .test_version_gates import GateScene


@tagged("post_install", "-at_install")
class TestRateGate(GateScene, TransactionCase):
    """What is in another currency is booked at a rate of its day, or waits for one."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def rate(self, day, name="CHF", company=None, rate=0.9):
        money = self.env["res.currency"].with_context(active_test=False).search([("name", "=", name)])
        company = self.company.id if company is None else company
        vals = {"currency_id": money.id, "name": day, "rate": rate, "company_id": company}
        return self.env["res.currency.rate"].create(vals)

    def rated(self):
        """A flow that asks for rates, where none are but those that the test gives."""
        self.env["res.currency.rate"].search([]).unlink()
        self.asking(gate_rates=True)

    def test_an_entry_without_a_rate_of_its_day_waits_and_goes_on_with_it(self):
        """The fact is of Monday 2026-03-02; Odoo would take a rate of February, or one to one."""
        self.rated()
        self.rate("2026-02-20")
        run = self.start(fact("a", "10", "CHF"), fact("b", "7"))
        child = run.child_ids
        self.assertEqual((run.state, run.delivered, child.waits_for, child.waits_key), ("done", 1, "rate", "CHF"))
        told = self.answer(run, "Rates")
        self.assertEqual((told.answer, told.count), ("hold", 1))
        self.assertIn("from CHF to USD is young enough for 2026-03-02: the last one is of 2026-02-20", told.reason)
        case = child.exception_ids.filtered(lambda one: one.code == "waits_for_rate")
        self.assertTrue(case.user_id and case.due_at)
        self.assertIn("Enter the rate of that day", case.text)
        self.rate("2026-03-02")
        self.advance(child)
        self.assertEqual((child.state, child.delivered, case.state), ("done", 1, "resolved"))

    def test_a_rate_of_the_working_day_before_is_young_enough_for_one_day(self):
        """Friday's rate on Monday: one working day; no rate of after the entry is of its day."""
        self.rated()
        self.rate("2026-02-27")
        self.assertEqual(self.start(fact("a", "10", "CHF")).state, "done")
        self.asking(gate_rate_days=0)
        self.rate("2026-03-03")
        run = self.start(fact("b", "10", "CHF"), name="two.txt")
        self.assertEqual((run.state, run.waits_for), ("held", "rate"))

    def test_no_rate_at_all_is_not_one_to_one(self):
        self.rated()
        run = self.start(fact("a", "10", "CHF"))
        self.assertEqual((run.state, run.waits_for), ("held", "rate"))
        self.assertIn("there is none before", self.answer(run, "Rates").reason)

    def test_a_rate_of_another_currency_or_company_lets_nothing_go(self):
        self.rated()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        run = self.start(fact("a", "10", "CHF"), fact("b", "10", "GBP"))
        self.rate("2026-03-02", "EUR")
        self.rate("2026-03-02", "GBP")
        self.assertEqual((run.state, run.waits_key), ("held", "CHF"))
        self.rate("2026-03-02", company=other.id)
        self.advance(run)
        child = run.child_ids
        self.assertEqual((run.delivered, child.state, child.waits_key), (1, "held", "CHF"))
        self.rate("2026-03-02")
        self.advance(child)
        self.assertEqual((child.state, child.delivered), ("done", 1))

    def test_a_rate_for_all_companies_counts_where_the_company_has_none_of_its_own(self):
        """Odoo takes the company's own however old it is, and only then the one of all."""
        self.rated()
        old = self.rate("2010-01-01")
        run = self.start(fact("a", "10", "CHF"))
        self.rate("2026-03-02", company=False)
        self.advance(run)
        self.assertEqual((run.state, run.delivered), ("held", 0))
        old.unlink()
        self.rate("2026-02-27", company=False)
        self.advance(run)
        self.assertEqual((run.state, run.delivered), ("done", 1))

    def test_where_the_other_currency_is_the_measure_the_rates_of_the_companys_own_count(self):
        self.rated()
        self.rate("2010-01-01", rate=1)
        self.rate("2026-02-02", "USD")
        run = self.start(fact("a", "10", "CHF"))
        self.assertEqual((run.state, run.waits_key), ("held", "USD"))
        self.rate("2026-03-02", "USD")
        self.advance(run)
        self.assertEqual(run.state, "done")

    def test_where_a_third_currency_measures_both_an_old_rate_of_either_waits(self):
        self.rated()
        for old, new in (("CHF", "USD"), ("USD", "CHF")):
            with self.subTest(old):
                self.env["res.currency.rate"].search([]).unlink()
                self.rate("2026-02-02", old, rate=1.2)
                self.rate("2026-03-02", new)
                run = self.start(fact(f"old {old}", "10", "CHF"), name=f"{old}.txt")
                self.assertEqual((run.state, run.waits_key), ("held", old))
                self.rate("2026-03-02", old, rate=1.2)
                self.advance(run)
                self.assertEqual((run.state, run.delivered), ("done", 1))

    def test_where_both_rates_are_old_one_of_them_is_named(self):
        self.rated()
        for name in ("CHF", "USD"):
            self.rate("2026-02-02", name, rate=1.2)
        run = self.start(fact("a", "10", "CHF"))
        self.assertEqual(run.waits_key, "CHF")
        self.assertTrue(self.answer(run, "Rates").reason.endswith("approved are 1 working days"))

    def test_the_companys_own_currency_is_one_where_the_company_says_so(self):
        """Others measure it; this company's own rates count before everybody's."""
        self.rated()
        self.rate("2026-02-02", "USD", company=False, rate=1.2)
        self.rate("2010-01-01", "USD", rate=1)
        self.rate("2026-03-02")
        self.assertEqual(self.start(fact("a", "10", "CHF")).state, "done")

    def test_a_rate_that_is_moved_to_the_day_lets_go(self):
        self.rated()
        old = self.rate("2026-02-20")
        run = self.start(fact("a", "10", "CHF"))
        old.name = "2026-03-02"
        self.advance(run)
        self.assertEqual(run.state, "done")

    def test_releasing_by_hand_brings_no_rate(self):
        self.rated()
        run = self.start(fact("a", "10", "CHF"))
        self.by("operator", run).action_release()
        self.advance(run)
        self.assertEqual((run.state, run.waits_for, run.delivered), ("held", "rate", 0))

    def test_currencies_before_and_behind_the_companys_wait_together_and_one_is_named(self):
        self.rated()
        run = self.start(fact("a", "10", "ZAR"), fact("b", "10", "CHF"), fact("c", "10"))
        told = self.answer(run, "Rates")
        self.assertEqual((run.delivered, run.child_ids.waits_key, told.count), (1, "CHF", 2))
        self.assertTrue(told.reason.startswith("no rate from CHF to USD"))
        self.assertTrue(told.reason.endswith("approved are 1 working days; and 1 more"))

    def test_one_currency_that_waits_is_all_that_is_told(self):
        self.rated()
        run = self.start(fact("a", "10", "CHF"))
        self.assertTrue(self.answer(run, "Rates").reason.endswith("approved are 1 working days"))

    def test_rates_of_the_companys_own_currency_below_and_above_one_are_rates(self):
        self.rated()
        for rate in (0.9, 1.1):
            with self.subTest(rate):
                self.env["res.currency.rate"].search([]).unlink()
                self.rate("2010-01-01", rate=1)
                self.rate("2026-03-02", "USD", rate=rate)
                run = self.start(fact(f"at {rate}", "10", "CHF"), name=f"{rate}.txt")
                self.assertEqual(run.state, "done")

    def test_two_companies_without_and_with_an_old_rate_wait_together(self):
        """Which of them is named first does not depend on what cannot be compared."""
        self.rated()
        self.rate("2010-01-01")
        run = self.start(fact("a", "10", "CHF"))
        day, ids = run.item_ids.on, run.item_ids.ids
        found = [Unrated("CHF", "USD", "CHF", day, newest, ids) for newest in (None, day)]
        self.patch(type(run), "_unrated", lambda _run, _days: iter(found))
        self.assertEqual(Rates(1).ask(run).ids, tuple(sorted(ids * 2)))
