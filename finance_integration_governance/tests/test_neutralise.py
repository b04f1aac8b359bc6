import datetime as dt
import os

import psycopg2
from freezegun import freeze_time
from odoo.exceptions import UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..core.errors import ConfigurationError
from .common import MODULE, LawScene, fact


@tagged("post_install", "-at_install")
class TestNeutralise(LawScene, TransactionCase):
    """What Odoo's neutralisation does to the suite, played in one transaction (R35)."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.database = self.env["fin.database"]

    def neutralise(self, *modules):
        self.env.flush_all()
        for query in get_neutralization_queries(modules or ("base", MODULE)):
            self.env.cr.execute(query)
        self.env.registry.clear_cache()
        self.env.invalidate_all()

    def test_r35_a_neutralised_database_is_not_released_any_more(self):
        self.assertTrue(self.database._is_released())
        self.neutralise()
        self.assertFalse(self.database._is_released())

    def test_r35_taking_the_flag_away_brings_no_release_back(self):
        self.neutralise()
        self.env["ir.config_parameter"].set_param("database.is_neutralized", False)
        self.assertFalse(self.database._is_released())

    def test_r35_a_release_for_tests_ends_with_it_too(self):
        self.database._release_by_command("test", "test")
        self.seal()
        self.neutralise()
        self.assertFalse(self.database._is_released())

    def test_r35_the_flag_alone_rules_production_out(self):
        self.neutralise("base")
        self.assertFalse(self.database._is_released())

    def test_r35_a_neutralised_database_is_released_for_tests_only(self):
        self.neutralise()
        with self.assertRaises(UserError):
            self.database._release_by_command("test", "production")
        # The log tells in whole seconds, rounded up, when it was neutralised.
        with freeze_time(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)):
            self.database._release_by_command("test", "test")
        self.seal()
        self.assertEqual(self.database._environment(), "test")

    def test_r35_nothing_that_somebody_wrote_can_be_read_any_more(self):
        secret = self.env["fin.secret"].create({"name": "law", "value": "canary-hidden"})
        partner = self.env["res.partner"].create(
            {"name": "Somebody", "street": "Hidden Street 1", "email": "hidden@example.com"}
        )
        bank = self.env["res.partner.bank"].create({"acc_number": "DE89HIDDEN", "partner_id": partner.id})
        run = self.start(fact("a", words="hidden words"), name="hidden.txt")
        before = run.item_ids.mapped("digest"), run.item_ids.mapped("amount"), run.delivered
        self.neutralise()
        self.assertNotIn("hidden", str(run.item_ids.mapped("content")) + str(run.payload_ids.mapped("name")))
        with self.assertRaises(ConfigurationError):
            run.payload_ids._open()
        self.assertEqual((run.item_ids.mapped("digest"), run.item_ids.mapped("amount"), run.delivered), before)
        self.assertFalse(secret.token)
        told = f"{partner.street} {partner.email} {bank.acc_number} {bank.sanitized_acc_number}"
        self.assertNotIn("hidden", told.lower())

    def test_r35_the_log_says_that_it_was_neutralised_and_still_verifies(self):
        run = self.start(fact("a"))
        self.neutralise()
        self.seal()
        self.assertIsNone(self.env["fin.audit.seal"]._verify())
        [event] = self.env["fin.audit.event"].search([("code", "=", "fin.database.neutralise")])
        self.assertIn('"payloads":', event.facts)
        self.assertEqual(run.item_ids.purge_id.kind, "neutralise")
        self.assertEqual(run.payload_ids.purge_id, run.item_ids.purge_id)

    def test_r35_the_bytes_go_when_the_copy_is_opened(self):
        run = self.start(fact("a"))
        path = run.payload_ids._path(run.payload_ids.digest)
        os.utime(path, (1, 1))
        self.neutralise()
        self.env["fin.payload"]._register_hook()
        self.assertFalse(path.exists())
        self.assertTrue(run.payload_ids.is_swept)

    def test_law7_content_goes_with_a_certificate_only(self):
        run = self.start(fact("a"))
        certificate = self.env["fin.purge"]._purge("retention", self.company, run.payload_ids.browse(), [], "test")
        for statement in (
            "UPDATE fin_item SET content = '{}'",
            f"UPDATE fin_item SET content = 'other', purge_id = {certificate.id}",
            "UPDATE fin_payload SET name = 'other'",
            "UPDATE fin_payload SET name = 'purged ' || uid",
            "UPDATE fin_purge SET item_count = 0",
            "DELETE FROM fin_purge",
        ):
            with (
                self.subTest(statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
            ):
                self.sql(statement)
