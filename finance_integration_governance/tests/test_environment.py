import os
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from .common import LawScene, ListSource, fact


@tagged("post_install", "-at_install")
class TestEnvironment(LawScene, TransactionCase):
    """A connection belongs to production, test or sandbox, and so does the database that uses it."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.database = self.env["fin.database"]

    def as_a(self, environment):
        self.database._release_by_command("test", environment)
        self.seal()

    def of_a(self, environment):
        """The flow's live version says that its connection belongs there."""
        self.flow.connection_id.environment = environment
        self.approve(self.flow)

    def test_law8_a_test_database_does_not_use_a_production_connection(self):
        self.as_a("test")
        run = self.start(fact("a"))
        self.assertRefused(run, "environment")
        self.assertEqual(ListSource.settled, [])

    def test_law8_a_production_database_does_not_use_a_test_connection(self):
        self.of_a("sandbox")
        self.assertRefused(self.start(fact("a")), "environment")

    def test_law8_a_test_database_uses_test_and_sandbox_connections(self):
        self.as_a("test")
        for environment in ("test", "sandbox"):
            self.of_a(environment)
            with self.subTest(environment):
                self.assertEqual(self.start(fact(environment), name=environment).state, "done")

    def test_law8_the_pinned_version_says_where_a_connection_belongs(self):
        self.flow.connection_id.environment = "test"
        self.assertEqual(self.start(fact("a")).state, "done")

    def test_law8_a_release_for_another_environment_meanwhile_stops_the_sending(self):
        run = self.start(fact("a"))
        self.as_a("test")
        with self.assertRaisesRegex(Exception, "production connection"):
            run._must_be_released()

    def test_law8_the_environment_changes_by_two_persons_only(self):
        self.company.fin_environment = "test"
        self.assertEqual(self.database._environment(), "production")
        self.by("administrator", "fin.database")._request_release()
        self.assertEqual(self.database._environment(), "production")
        self.database._open_release().with_user(self.people["approver"])._decide("approve")
        self.seal()
        self.assertEqual(self.database._environment(), "test")

    def test_law8_what_the_installation_says_is_what_it_is_released_as(self):
        with patch.dict(os.environ, {"FIN_ENVIRONMENT": "test"}):
            self.assertIsNone(self.database._environment())
            with self.assertRaises(UserError):
                self.by("administrator", "fin.database")._request_release("production")

    def test_law8_a_copy_does_not_even_try_its_connections(self):
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        connection = self.by("administrator", self.flow.connection_id)
        for call in (connection.action_test, connection.action_preview):
            with self.assertRaises(UserError):
                call()

    def test_law8_a_database_that_was_never_released_may_try_its_connections(self):
        self.without_triggers("fin_approval")
        self.sql("DELETE FROM fin_approval WHERE purpose = 'release'")
        self.by("administrator", self.flow.connection_id).action_test()
        self.assertEqual(self.flow.connection_id.last_test, "It answered.")
