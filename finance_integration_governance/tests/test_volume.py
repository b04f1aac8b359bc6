"""Volume guards at work: learned from the flow's own runs, by approved thresholds, with a second person's yes."""

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from .common import LawScene, ListSource, fact


@tagged("post_install", "-at_install")
class TestVolume(LawScene, TransactionCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def learned(self, **thresholds):
        """The flow after five runs of ten items each."""
        if thresholds:
            self.flow.write(thresholds)
            self.approve(self.flow)
        for number in range(5):
            self.brought(10, f"h{number}-")

    def brought(self, count, mark, **more):
        ListSource.told.clear()
        run = self.start(*[fact(f"{mark}{n}", **more) for n in range(count)], name=f"{mark}.txt")
        run.invalidate_recordset()
        return run

    def test_r22_a_shrunk_file_waits_for_a_second_person_and_then_goes_on(self):
        self.learned(volume_deviation=50)
        run = self.brought(3, "shrunk")
        self.assertEqual((run.state, run.delivered, run.waits_for), ("held", 0, "yes"))
        told = run.exception_ids.filtered(lambda exception: exception.code == "volume_deviation")
        self.assertIn("it brings 3 items; the last 5 runs brought 10 to 10", told.text)
        self.assertIn("a second person says yes to the run", told.text)
        self.assertTrue(told.user_id)
        self.by("approver", run)._approve()
        self.advance(run)
        self.assertEqual((run.state, run.delivered, told.state), ("done", 3, "resolved"))

    def test_what_is_as_usual_goes_on(self):
        self.learned(volume_deviation=50, volume_spike=100, volume_duplicates=20, volume_schema=True)
        self.assertEqual(self.brought(12, "usual").state, "done")

    def test_a_sum_that_leaps_waits(self):
        self.learned(volume_spike=100)
        run = self.brought(10, "leap", value="900.00")
        self.assertEqual(run.state, "held")
        self.assertIn("volume_spike", run.exception_ids.mapped("code"))

    def test_another_shape_waits_and_is_named(self):
        self.learned(volume_schema=True, volume_types="money")
        run = self.brought(10, "shape", words="new", money="EUR")
        self.assertEqual(run.state, "held")
        codes = {told.code: told.text for told in run.exception_ids}
        self.assertIn("new: test.fact/1.0.words", codes["volume_schema"])
        self.assertIn("never came before: EUR", codes["volume_new_type"])

    def test_a_file_that_came_twice_is_told_although_nothing_of_it_waits(self):
        """Its run is over at once; what tells of it stays with the owner until somebody closes it."""
        self.learned(volume_duplicates=20)
        run = self.brought(10, "h4-")
        told = self.env["fin.exception"].search(
            [("code", "=", "volume_duplicates"), ("flow_id", "=", self.flow.id), ("state", "=", "open")]
        )
        self.assertEqual((run.state, run.duplicate, len(told)), ("done", 10, 1))
        self.assertIn("10 of its 10 items have come before", told.text)
        self.assertIn("nothing of it is left to book", told.next_step)
        self.assertEqual(self.brought(3, "fresh").state, "done")
        self.assertEqual(told.state, "open")

    def test_nothing_arrived_is_told_and_closes_with_what_comes(self):
        self.learned(volume_nothing=True)
        ListSource.told.clear()
        run = self.start()
        told = self.env["fin.exception"].search([("code", "=", "nothing_arrived"), ("flow_id", "=", self.flow.id)])
        self.assertEqual((run.state, told.state, told.user_id), ("done", "open", self.flow._notify()))
        self.brought(1, "again")
        self.assertEqual(told.state, "resolved")

    def test_law3_thresholds_of_the_working_copy_change_no_run(self):
        self.learned()
        self.flow.volume_deviation = 1
        self.assertEqual(self.brought(100, "many").state, "done")

    def test_s09_nobody_writes_what_guards_learn_from(self):
        self.learned()
        volumes = self.env["fin.volume"].search([("flow_id", "=", self.flow.id)])
        self.assertEqual(volumes.mapped("count"), [10] * 5)
        with self.assertRaises(AccessError):
            self.by("administrator", volumes[:1]).write({"count": 1})
