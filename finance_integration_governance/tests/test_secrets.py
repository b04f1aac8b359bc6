import base64
import json
import logging
import os
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MalformedPayload
from odoo.addons.finance_integration_governance.core.secretbox import SecretBox

from .common import GROUPS, LawScene, ListSource, fact

CANARY = "canary-7f3a-Zq!9"
ENGINE = "odoo.addons.finance_integration_governance.models.run.fin_engine"


def spellings(secret):
    return [secret, base64.b64encode(secret.encode()).decode(), json.dumps(secret)[1:-1]]


@tagged("post_install", "-at_install")
class TestSecrets(LawScene, TransactionCase):
    """No secret leaves the vault fields."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def stored(self, name="law", value=CANARY, **more):
        return self.by("administrator", "fin.secret").create({"name": name, "value": value, **more})

    # Written, never read

    def test_s08_a_stored_secret_is_resolved_and_never_read(self):
        secret = self.stored()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.env["fin.secret"]._resolve("law", self.company), CANARY)
        fields_ = [name for name in secret._fields if name != "token"]
        self.assertNotIn(CANARY, json.dumps(secret.read(fields_), default=str))
        with self.assertRaises(AccessError):
            secret.read(["token"])
        with self.assertRaises(AccessError):
            secret.search([("token", "like", "a")])
        with self.assertRaises(AccessError):
            secret.export_data(["name", "value"])

    def test_s08_the_database_holds_no_clear_text(self):
        self.stored()
        [[token]] = self.sql("SELECT token FROM fin_secret WHERE name = 'law'")
        self.assertNotIn(CANARY, token)

    def test_s08_a_token_is_not_written_by_hand(self):
        secret = self.stored()
        for attempt in (
            lambda: secret.write({"token": "x"}),
            lambda: secret.sudo().write({"token": "x"}),
            lambda: secret.create({"name": "two", "token": "x"}),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_s08_only_administrators_touch_secrets(self):
        self.stored()
        for group in ("viewer", "operator", "approver", "auditor", "support"):
            with self.subTest(group), self.assertRaises(AccessError):
                self.by(group, "fin.secret").search([]).read(["name"])

    def test_s08_a_copy_of_a_secret_is_empty(self):
        copied = self.stored().copy({"name": "two"})
        self.assertFalse(copied.is_set)

    def test_s22_rotation_keeps_the_secret_and_drops_the_old_key(self):
        self.stored()
        old, new = SecretBox.generate(), SecretBox.generate()
        with patch.dict(os.environ, {"FIN_SECRET_KEY": old}):
            self.stored("two", "second-canary")
        with patch.dict(os.environ, {"FIN_SECRET_KEY": f"{new},{old}"}):
            self.env["fin.secret"].search([("name", "=", "law")]).unlink()
            self.env["fin.secret"]._rotate()
        with patch.dict(os.environ, {"FIN_SECRET_KEY": new}):
            self.assertEqual(self.env["fin.secret"]._resolve("two", self.company), "second-canary")
        with patch.dict(os.environ, {"FIN_SECRET_KEY": old}), self.assertRaises(ConfigurationError):
            self.env["fin.secret"]._resolve("two", self.company)

    def test_s11_a_secret_of_another_company_is_not_resolved(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["fin.secret"].create({"name": "theirs", "value": CANARY, "company_id": other.id})
        flow = self.new_flow("law-thief", settings={"password": "stored:theirs"})
        self.approve(flow)
        run = self.start(fact("a"), flow=flow)
        self.assertEqual((run.state, bool(run.payload_ids)), ("failed", False))

    # Only references in settings

    def test_s08_a_secret_setting_takes_a_reference_only(self):
        connection = self.by("administrator", self.flow.connection_id)
        with self.assertRaises(ValidationError) as caught:
            connection.write({"settings": {"password": CANARY}})
        self.assertNotIn(CANARY, str(caught.exception))
        connection.write({"settings": {"password": "env:LAW_PASSWORD"}})

    def test_s08_a_renamed_secret_setting_takes_a_reference_only(self):
        class Renamed(ListSource):
            settings = ListSource.settings
            renamed = {"passphrase": "password"}

        document = {"connector": ListSource.code, "settings": {"passphrase": CANARY}}
        classes = {ListSource.code: ("x", Renamed)}
        patched = patch.object(type(self.env["fin.connector"]), "_classes", lambda self: classes)
        with patched, self.assertRaises(ConfigurationError) as caught:
            self.env["fin.connection"]._build(document, self.company)
        self.assertNotIn(CANARY, str(caught.exception))

    # The canary flies through a failing run

    def failing_run(self, reference, error):
        """A run whose source fails with its secret in the error's text."""
        flow = self.new_flow(
            f"law-{reference.replace(':', '-').replace('_', '-').lower()}-{error.__name__.lower()}",
            settings={"password": reference},
        )
        self.approve(flow)

        def fail(source):
            raise error(f"the login with {source.password} was refused")

        with patch.object(ListSource, "trouble", fail):
            return self.start(flow=flow)

    def everywhere(self):
        """(table, column) of every text column of the database that holds the canary; the vault is left out."""
        columns = self.sql(
            """SELECT c.table_name, c.column_name FROM information_schema.columns c
            JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name <> 'fin_secret'
                AND c.data_type IN ('text', 'character varying', 'jsonb', 'json')"""
        )
        found = []
        for table, column in columns:
            for text in spellings(CANARY):
                if self.sql(f'SELECT 1 FROM "{table}" WHERE strpos("{column}"::text, %s) > 0 LIMIT 1', text):
                    found.append(f"{table}.{column}")
        return sorted(set(found))

    def test_s08_a_canary_in_a_failing_run_is_nowhere(self):
        self.stored()
        os.environ["LAW_CANARY"] = os.environ["FIN_LAW_CANARY"] = CANARY
        self.addCleanup(os.environ.pop, "LAW_CANARY")
        self.addCleanup(os.environ.pop, "FIN_LAW_CANARY")
        for reference in ("env:LAW_CANARY", "stored:law", "conf:law_canary"):
            for error in (ConfigurationError, RuntimeError, MalformedPayload):
                with self.subTest(f"{reference} {error.__name__}"), self.assertLogs(level=logging.DEBUG) as logs:
                    run = self.failing_run(reference, error)
                    logging.getLogger("law").debug("at least one record")
                self.assertEqual(run.state, "failed")
                self.assertFalse([line for line in logs.output if CANARY in line], reference)
        self.assertEqual(self.everywhere(), [])
        self.assertNotIn(CANARY, self.all_that_people_read())

    def all_that_people_read(self):
        """Every field of every record of the suite, computed ones too, and what lists and exports show."""
        everything = self.person("+".join((*GROUPS, "administrator")), "everything")
        everything.group_ids += self.env.ref("base.group_allow_export")
        told = []
        for name in sorted(self.env.registry):
            model = self.env[name].with_user(everything)
            if name.startswith("fin.") and not model._abstract and not model._transient:
                records = model.search([])
                told += [records.read(), model.name_search(limit=None)]
                if name != "fin.secret":
                    # A view has no table of its own, and so no external identifiers.
                    told.append(records.export_data(["display_name", *(["id"] if model._auto else [])]))
        return json.dumps(told, default=str)

    def test_s08_a_canary_is_not_in_what_a_test_of_the_connection_answers(self):
        self.stored()
        flow = self.new_flow("law-probe", settings={"password": "stored:law"})

        def probe(source):
            raise ConfigurationError(f"{source.password} was refused")

        with patch.object(ListSource, "probe", probe):
            self.assertNotIn(CANARY, self.by("administrator", flow.connection_id)._answer())

    def test_s08_a_canary_in_what_a_source_tells_is_masked_where_people_read(self):
        """Payloads are kept as they came; what the suite says about them is not."""
        self.stored()
        flow = self.new_flow("law-teller", settings={"password": "stored:law"})
        self.approve(flow)
        run = self.start(
            fact("a"), Finding("odd", f"{CANARY} looks odd", document="a", facts={"seen": CANARY}), flow=flow
        )
        self.assertEqual(run.state, "held")
        self.assertEqual(self.everywhere(), [])

    # S21

    def test_s21_hostile_values_are_one_line_in_the_log(self):
        hostile = "first\nsecond\r\n2026-01-01 INFO forged\x1b[31m\u2028third"

        def fail(_source):
            raise RuntimeError(hostile)

        with patch.object(ListSource, "trouble", fail), self.assertLogs(ENGINE, logging.ERROR) as logs:
            run = self.start()
        for record in logs.records:
            self.assertNotRegex(record.getMessage(), r"[\n\r\x1b\u2028]")
        self.assertNotRegex(run.last_error, r"[\n\r\x1b\u2028]")

    def test_s21_no_control_character_reaches_the_evidence(self):
        with mute_logger(ENGINE):
            run = self.start(Finding("odd", "a\nb\x1b[0m", facts={"x": "c\nd"}), fact("a"))
        self.assertNotRegex(run.exception_ids.text, r"[\n\r\x1b]")
