from odoo.tests import tagged

from .common import PlanningCase


@tagged("post_install", "-at_install")
class TestR08Late(PlanningCase):
    """Out of Odoo there is no cursor to be behind: what was delivered is compared with what the books say now."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.double = self.start_double()

    def test_r08_an_entry_that_is_posted_after_younger_ones_is_sent_with_the_next_run(self):
        late = self.entry("2026-01-05", 70, post=False)
        self.entry("2026-02-10", 100)
        planned = self.flow(self.double.url)
        first = self.complete(self.queue(planned))
        self.assertEqual(first.state, "done")
        late.action_post()
        second = self.complete(self.queue(planned))
        self.assertEqual((second.state, second.reconciliation_state), ("done", "tied"))
        sent = {key for key, _amount, outcome in self.rows(second) if outcome == "delivered"}
        self.assertTrue(sent and all("2026-01" in key for key in sent), sent)
