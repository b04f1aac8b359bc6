import os
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MappingError

from .common import LawScene, ListSource, fact

ENGINE = "odoo.addons.finance_integration_governance.models.run.fin_engine"


@tagged("post_install", "-at_install")
class TestLaw8(LawScene, TransactionCase):
    """In doubt, stop: a copied database, an unknown account, a locked period."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.database = self.env["fin.database"]

    def copy_database(self):
        """As Odoo marks a duplicate."""
        self.env["ir.config_parameter"].set_param("database.uuid", "another")

    def test_law8_this_database_is_released(self):
        self.assertTrue(self.database._is_released())

    def test_law8_a_copied_database_is_not_released(self):
        self.copy_database()
        self.assertFalse(self.database._is_released())

    def test_law8_another_installation_is_not_released(self):
        with patch.dict(os.environ, {"FIN_RELEASE_KEY": "elsewhere"}):
            self.assertFalse(self.database._is_released())

    def test_law8_a_release_that_is_not_sealed_is_none(self):
        self.copy_database()
        self.database._release_by_command("test")
        self.assertFalse(self.database._is_released())
        self.seal()
        self.assertTrue(self.database._is_released())

    def test_law8_a_release_row_written_by_sql_is_none(self):
        self.copy_database()
        self.without_triggers("fin_approval")
        self.sql(
            "UPDATE fin_approval SET digest = %s WHERE purpose = 'release' AND state = 'approved'",
            self.database._fingerprint(),
        )
        self.assertFalse(self.database._is_released())

    def test_law8_a_released_database_is_released_by_two_persons(self):
        self.copy_database()
        self.by("administrator", "fin.database")._request_release()
        waiting = self.database._open_release()
        with self.assertRaises(AccessError):
            waiting.with_user(self.people["administrator"])._decide("approve")
        waiting.with_user(self.people["approver"])._decide("approve")
        self.seal()
        self.assertTrue(self.database._is_released())

    def test_law8_a_copied_database_starts_no_run(self):
        ListSource.told["one.txt"] = [fact("a")]
        run = self.by("operator", self.flow)._request_run("hand").with_user(self.env.user)
        self.copy_database()
        with mute_logger(ENGINE):
            self.env["fin.engine"]._cron_advance(run.lane)
        self.env.invalidate_all()
        self.assertEqual((run.state, bool(run.payload_ids)), ("queued", False))

    def test_law8_a_copied_database_settles_nothing(self):
        self.copy_database()
        run = self.start(fact("a"))
        self.assertEqual((run.state, ListSource.settled), ("failed", []))
        self.assertEqual(run.exception_ids.mapped("code"), ["not_released"])

    def test_law8_a_copied_database_sends_nothing(self):
        run = self.start(fact("a"))
        self.copy_database()
        with self.assertRaises(ConfigurationError) as refused:
            run._must_be_released()
        self.assertEqual(refused.exception.code, "not_released")

    def test_law8_a_copied_database_books_nothing(self):
        self.patch(type(self.env["fin.run"]), "_must_be_released", lambda self: None)
        self.copy_database()
        run = self.start(fact("a"))
        self.assertEqual((run.state, run.stage), ("failed", "gate"))

    def test_law8_what_nobody_can_map_is_held(self):
        def nowhere(_self, _run, item):
            raise MappingError(f"no journal for {item.key}", account=item.key)

        with patch.object(type(self.env["fin.object"]), "_map", nowhere):
            run = self.start(fact("a"))
        self.assertEqual((run.state, run.delivered), ("held", 0))
        self.assertEqual(run.exception_ids.mapped("code"), ["mapping_gap"])
        with self.assertRaises(UserError):
            run.exception_ids._request_waiver("book it")

    def test_law8_a_locked_period_is_held(self):
        # By SQL, because Odoo asks for reconciled lines first.
        self.sql("UPDATE res_company SET fiscalyear_lock_date = '2026-12-31' WHERE id = %s", self.company.id)
        run = self.start(fact("a"))
        self.assertEqual((run.state, run.exception_ids.mapped("code")), ("held", ["period_locked"]))

    def test_law8_changed_bytes_are_seen(self):
        run = self.start(fact("a"))
        payload = run.payload_ids
        path = payload._path(payload.digest)
        self.addCleanup(path.write_bytes, path.read_bytes())
        path.write_bytes(b"other")
        self.assertFalse(payload._is_intact())

    def test_s20_more_than_twenty_runs_within_an_hour_are_refused(self):
        flow = self.by("operator", self.flow)
        for _run in range(20):
            flow._request_run("hand")
        with self.assertRaises(UserError):
            flow.action_run()

    def test_s20_the_quota_is_each_persons_own(self):
        for _run in range(20):
            self.by("operator", self.flow)._request_run("hand")
        self.assertTrue(self.by("administrator", self.flow)._request_run("hand"))
