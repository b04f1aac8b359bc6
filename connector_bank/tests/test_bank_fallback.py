import shutil

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SAMPLES, BankCase


@tagged("post_install", "-at_install")
class TestBankFallback(BankCase):
    """The first channel does not answer: somebody brings the file, and nothing is booked twice when it is back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french)
        cls.by_hand = cls.env["fin.connection"].create(
            {
                "name": "By hand",
                "code": "by-hand",
                "company_id": cls.company.id,
                "connector_id": cls.env["fin.connector"].search([("code", "=", "bank.camt053")]).id,
                "environment": cls.flow.connection_id.environment,
                "settings": {"location": cls.inbox.as_uri()},
            }
        )
        cls.flow.fallback_connection_id = cls.by_hand
        cls.name_journals(cls.flow, cls.german | cls.french)

    def bring(self, sample, name="by-hand.xml", by=None):
        content = (SAMPLES / f"{sample}.xml").read_bytes()
        flow = self.flow.with_user(by or self.operator)
        run = flow.env["fin.run"]._bring(flow, name, content, "the bank's server is down").with_env(self.env)
        self.advance()
        self.env.invalidate_all()
        return run

    def test_a_file_by_hand_makes_the_same_items_and_keys(self):
        by_hand = self.bring("two_accounts")
        self.assertEqual((by_hand.state, by_hand.is_fallback), ("done", True), by_hand.last_error)
        booked = self.amounts()
        again = self.import_file(self.flow, "two_accounts")
        self.assertEqual((again.state, again.delivered, again.duplicate), ("done", 0, by_hand.delivered))
        self.assertEqual(self.amounts(), booked)
        self.assertEqual(again.item_ids.sorted("row").mapped("key"), by_hand.item_ids.sorted("row").mapped("key"))
        self.assertEqual(again.item_ids.sorted("row").mapped("digest"), by_hand.item_ids.sorted("row").mapped("digest"))

    def test_the_first_channel_is_not_asked_for_anything(self):
        shutil.rmtree(self.inbox)
        try:
            self.assertEqual(self.bring("two_accounts").state, "done")
        finally:
            self.inbox.mkdir()

    def test_only_an_operator_brings_a_file_and_only_where_the_version_says_so(self):
        with self.assertRaises(AccessError):
            self.bring("two_accounts", by=self.second)
        self.flow.fallback_connection_id = False
        self.name_journals(self.flow, self.german | self.french)
        with self.assertRaises(UserError):
            self.bring("two_accounts")

    def test_a_channel_that_brings_other_facts_is_not_proposed(self):
        code = [("code", "like", "planning")]
        other = self.env["fin.connector"].search(code, limit=1)
        self.by_hand.connector_id = other
        with self.assertRaises(UserError):
            self.name_journals(self.flow, self.german | self.french)
