import dataclasses
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.finance_integration_governance.core.canonical import told

from .authority_scene import AuthorityScene, PartnerTold
from .common import ListSource

NEW = "BE0428759497"


@dataclasses.dataclass(frozen=True)
class PartnerState(PartnerTold):
    """A partner as it is now, under one key for ever."""

    contract = "test.partner.state/1.0"
    key = property(lambda self: self.ref)


def state(ref="P1", name="Old Name", **more):
    return PartnerState(ref, name, **more)


@tagged("post_install", "-at_install")
class TestAuthorityEcho(AuthorityScene, HttpCase):
    """Circular updates: what comes back as we sent it is dropped and counted; what is new is not."""

    @classmethod
    def _patch(cls):
        super()._patch()
        cls.classPatch(type(cls.env["fin.object"]), "_tells_states", True)
        cls.classPatch(ListSource, "carries", (PartnerState,))

    def sent(self, one):
        """A fact that left Odoo with a run of a flow of its own, as an outbound binding keeps it."""
        text, digest = told(one)
        [[run_id]] = self.sql(
            """INSERT INTO fin_run (name, flow_id, direction, company_id, state, stage, lane, trigger, concurrency_key)
            VALUES ('OUT', %s, 'outbound', %s, 'queued', 'extract', 'batch', 'hand', 'out') RETURNING id""",
            self.flow.id,
            self.company.id,
        )
        [[item_id]] = self.sql(
            """INSERT INTO fin_item (uid, run_id, company_id, row, contract, object, scope, key, alt_key, key_hash,
                digest, content, outcome)
            VALUES (gen_random_uuid()::text, %s, %s, 1, %s, 'fin.object', 'target', %s, %s, 0, %s, %s, 'delivered')
            RETURNING id""",
            run_id, self.company.id, one.contract, one.key, one.key, digest, text,
        )  # fmt: skip
        self.env["fin.binding"]._supersede([item_id])
        self.sql(
            """INSERT INTO fin_binding (object, scope, key, alt_key, digest, rule, live, item_id, run_id, company_id)
            VALUES ('fin.object', 'target', %s, %s, %s, 1, TRUE, %s, %s, %s)""",
            one.key, one.key, digest, item_id, run_id, self.company.id,
        )  # fmt: skip
        self.sql("UPDATE fin_run SET state = 'cancelled' WHERE id = %s", run_id)

    def test_an_echo_of_what_we_sent_is_dropped_and_counted(self):
        self.sent(state(vat="BE0477472701"))
        self.partner.vat = NEW  # changed here since it was sent: the echo must not turn it back
        run = self.start(state(vat="BE0477472701"), state("P2", "Two"))
        self.assertEqual((run.state, run.received, run.skipped, run.delivered), ("done", 2, 1, 1))
        self.assertEqual(run.item_ids.filtered(lambda i: i.outcome == "skipped").reason, "echo")
        self.assertEqual(self.partner.vat, NEW)

    def test_other_content_under_the_same_key_is_no_echo(self):
        self.sent(state(vat="BE0477472701"))
        run = self.start(state(vat=NEW))
        self.assertEqual((run.delivered, run.skipped, self.partner.vat), (1, 0, NEW))

    def test_a_change_back_to_what_we_sent_is_news_once_something_else_came_in_between(self):
        self.sent(state(vat="BE0477472701"))
        self.start(state(vat=NEW))
        run = self.start(state(vat="BE0477472701"), name="two.txt")
        self.assertEqual((run.delivered, run.skipped, self.partner.vat), (1, 0, "BE0477472701"))

    def test_what_we_sent_of_another_company_is_no_echo(self):
        self.sent(state(vat=NEW))
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.without_triggers("fin_binding")
        self.sql("UPDATE fin_binding SET company_id = %s WHERE scope = 'target'", other.id)
        self.assertEqual(self.start(state(vat=NEW)).delivered, 1)

    def test_a_new_state_of_a_known_key_is_delivered(self):
        self.start(state(vat=NEW))
        run = self.start(state(vat="BE0477472701"), name="two.txt")
        self.assertEqual((run.state, run.delivered, self.partner.vat), ("done", 1, "BE0477472701"))
        live = self.env["fin.binding"].search([("key", "=", "P1"), ("live", "=", True)])
        self.assertEqual((len(live), live.run_id), (1, run))

    def test_the_same_state_again_is_unchanged(self):
        self.start(state(vat=NEW))
        run = self.start(state(vat=NEW), name="two.txt")
        self.assertEqual((run.state, run.unchanged, run.delivered), ("done", 1, 0))

    def test_of_two_states_in_one_run_the_later_counts(self):
        run = self.start(state(vat="BE0477472701", name="Once"), state(vat=NEW, name="Twice"))
        self.assertEqual((run.state, run.superseded, run.delivered), ("done", 1, 1))
        self.assertEqual((self.partner.name, self.partner.vat), ("Twice", NEW))

    def test_where_facts_are_told_other_content_stays_a_contradiction(self):
        self.start(state(vat=NEW))
        with patch.object(type(self.env["fin.object"]), "_tells_states", False):
            run = self.start(state(vat="BE0477472701"), name="two.txt")
        self.assertEqual((run.state, run.exception_ids.mapped("code")), ("held", ["duplicate_conflict"]))
