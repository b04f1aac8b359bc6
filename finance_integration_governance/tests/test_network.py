"""Hosts inside and gateways stand in the policy; the way of a connection stands in its flows' versions."""

from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from ..models.flow.fin_connection_network import FinConnection
from .common import LawScene, ListSource
from .wire import OverTheWire

HOST = {"address": "erp.intern:8443", "reason": "Consolidation runs here"}
GATEWAY = {"kind": "gateway", "name": "dmz", "address": "http://proxy.intern:3128", "reason": "The way out"}


class NetworkScene(LawScene):
    @classmethod
    def policy(cls, by="administrator"):
        return cls.by(by, "fin.policy")._of(cls.company)

    @classmethod
    def in_force(cls, *hosts):
        policy = cls.policy()
        policy.host_ids = [Command.clear(), *map(Command.create, hosts)]
        change = policy.env["fin.change"]._propose(policy)
        change.action_submit()
        for version in change.version_ids:
            cls.by("approver", version)._approve()
        cls.seal()

    def build(self):
        connection = self.flow.connection_id
        return connection._build(connection._document(), self.company)


@tagged("post_install", "-at_install")
class TestNetwork(NetworkScene, TransactionCase):
    def test_s06_a_host_inside_may_be_called_once_a_second_person_has_approved_it(self):
        self.policy().host_ids = [Command.create(HOST)]
        self.assertNotIn(HOST["address"], self.build().allowed_hosts)
        self.in_force(HOST)
        self.assertIn(HOST["address"], self.build().allowed_hosts)
        self.in_force()
        self.assertNotIn(HOST["address"], self.build().allowed_hosts)

    def test_s06_what_one_company_allows_no_other_may_call(self):
        self.in_force(HOST)
        other = self.env["res.company"].create({"name": "Other Network"})
        connection = self.flow.connection_id
        self.assertNotIn(HOST["address"], connection._build(connection._document(), other).allowed_hosts)

    def test_s06_the_list_holds_hosts_and_nothing_else(self):
        for address in ("https://erp.intern", "erp.intern/path", "*.intern", "erp intern", "0x7f.1", "ERP.intern", ""):
            with self.subTest(address), self.assertRaises(ValidationError):
                self.policy().host_ids = [Command.create({**HOST, "address": address or " "})]
        for address in ("erp.intern", "10.1.2.3", "10.1.2.3:8080", "fd00::1"):
            self.policy().host_ids = [Command.create({**HOST, "address": address})]

    def test_a_gateway_is_chosen_by_its_name(self):
        self.in_force(GATEWAY)
        self.flow.connection_id.gateway = "dmz"
        self.assertEqual(self.build().network.gateway, "http://proxy.intern:3128")

    def test_law8_a_gateway_that_the_policy_does_not_name_stops(self):
        self.flow.connection_id.gateway = "dmz"
        with self.assertRaisesRegex(ConfigurationError, "gateway dmz is not in the policy"):
            self.build()

    @mute_logger("odoo.sql_db")
    def test_a_gateway_without_a_name_is_none(self):
        with self.assertRaises(CheckViolation):
            self.policy().host_ids = [Command.create({**GATEWAY, "name": False})]
            self.env.flush_all()

    def test_law3_the_way_of_a_connection_stands_in_the_version(self):
        before = self.flow._written()[1]
        self.flow.connection_id.write({"client_certificate": "env:CERTIFICATE", "gateway": "dmz"})
        told = self.flow._compose()["connection"]["network"]
        self.assertEqual(told, {"certificate": "env:CERTIFICATE", "gateway": "dmz"})
        self.assertNotEqual(self.flow._written()[1], before)

    def test_s08_a_certificate_with_its_key_is_given_by_reference(self):
        for name in ("client_certificate", "gateway_login"):
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "never the secret itself"):
                self.flow.connection_id[name] = "-----BEGIN PRIVATE KEY-----"

    def test_an_authority_that_cannot_be_read_is_refused_on_the_form(self):
        with self.assertRaisesRegex(ValidationError, "cannot be read"):
            self.flow.connection_id.authority_certificates = "my authority"

    def test_a_limit_of_the_engine_has_its_place_before_each_call(self):
        with patch.object(FinConnection, "_before_call", lambda *_args: len):
            self.assertIs(self.build().network.before, len)
        self.assertIsNone(self.build().network.before)

    def test_a_secret_that_its_use_changes_is_kept_apart_from_the_run(self):
        self.enterContext(self.enter_registry_test_mode())
        secret = self.env["fin.secret"].create(
            {"name": "turning", "company_id": self.company.id, "value": "canary-first"}
        )
        self.flow.connection_id.settings = {**self.flow.connection_id.settings, "password": "stored:turning"}
        self.env.flush_all()
        connector = self.build()
        self.assertEqual(connector.password, "canary-first")
        connector.keepers["password"]("canary-second")
        self.env.invalidate_all()
        self.assertEqual(self.env["fin.secret"]._resolve("turning", self.company), "canary-second")
        self.assertTrue(secret.is_set)

    def test_a_secret_outside_the_store_has_no_keeper(self):
        self.flow.connection_id.settings = {**self.flow.connection_id.settings, "password": "env:PASSWORD_OF_TEST"}
        with patch.dict("os.environ", {"PASSWORD_OF_TEST": "x"}):
            self.assertEqual(dict(self.build().keepers), {})
        self.assertEqual(dict(ListSource().keepers), {})


@tagged("post_install", "-at_install")
class TestNetworkOverTheWire(NetworkScene, OverTheWire, HttpCase):
    def test_s06_only_an_administrator_edits_the_list(self):
        vals = {**HOST, "policy_id": self.policy().id}
        for group in ("viewer", "operator", "approver", "auditor", "support"):
            self.login(group)
            with self.subTest(group):
                self.assertIn("AccessError", self.refused("fin.policy.host", "create", [vals]))
        self.login("administrator")
        self.assertTrue(self.call("fin.policy.host", "create", [vals]))

    def test_s06_who_listed_a_host_does_not_approve_it(self):
        self.in_force(GATEWAY)
        policy = self.policy()
        policy.host_ids = [Command.create(HOST)]
        change = policy.env["fin.change"]._propose(policy)
        change.action_submit()
        with self.assertRaises(AccessError):
            self.by("administrator", change.version_ids)._approve()
        self.assertNotIn(HOST["address"], self.build().allowed_hosts)
