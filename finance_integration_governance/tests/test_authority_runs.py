from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .authority_scene import AuthorityScene, partner

NEW = "BE0428759497"


@tagged("post_install", "-at_install")
class TestAuthorityRuns(AuthorityScene, TransactionCase):
    """What a flow brings against the matrix: refused, held, or put to the steward, with both values."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def told(self, run):
        """The open exception of the run over what the matrix refuses."""
        found = run.exception_ids.filtered(lambda e: e.code == "authority_conflict")
        self.assertEqual(len(found), 1)
        return found

    def test_the_system_of_record_brings_what_it_owns(self):
        self.rule()
        self.pinned()
        run = self.start(partner(vat=NEW))
        self.assertEqual((run.state, self.partner.vat), ("done", NEW))

    def test_another_connection_to_the_system_of_record_is_that_system(self):
        system = self.env["fin.system"].create({"name": "SAP", "code": "sap", "company_id": self.company.id})
        self.flow.connection_id.system_id = system
        self.rule(ours=True, outside_system_id=system.id)
        self.pinned()
        self.assertEqual(self.start(partner(vat=NEW)).delivered, 1)

    def test_a_flow_makes_new_records_of_what_its_system_owns(self):
        self.rule("partner/*")
        self.pinned()
        run = self.start(partner("P2", "New One", vat=NEW))
        self.assertEqual(run.state, "done")
        self.assertEqual(self.env["res.partner"].search([("ref", "=", "P2")]).vat, NEW)

    def test_what_odoo_owns_is_refused_with_both_values_and_who_corrects_it(self):
        self.rule(ours=True)
        self.pinned()
        run = self.start(partner(vat=NEW), partner("P1", "Old Name", revision=2))
        self.assertEqual((run.state, run.rejected, run.delivered, run.received), ("done", 1, 1, 2))
        self.assertEqual(self.partner.vat, "BE0477472701")
        exception = self.told(run)
        owner, steward = self.people["operator"].login, self.people["operator"].login
        self.assertIn("Odoo is the system of record for Contact, Tax ID", exception.text)
        self.assertIn(f"list-law has to be corrected, by {owner}", exception.text)
        self.assertIn(f"{steward} changes it in Odoo", exception.text)
        conflict = exception.conflict_ids
        self.assertEqual((conflict.ours, conflict.theirs, conflict.key), ("BE0477472701", NEW, "P1/1"))
        self.assertEqual(conflict.action_open_record()["res_id"], self.partner.id)

    def test_one_exception_stands_for_all_items_of_one_rule(self):
        self.rule(ours=True)
        self.pinned()
        self.env["res.partner"].create({"name": "Second", "ref": "P2", "vat": "BE0477472701"})
        run = self.start(partner(vat=NEW), partner("P2", "Second", vat=NEW))
        self.assertEqual(len(self.told(run).conflict_ids), 2)
        self.assertEqual(run.rejected, 2)

    def test_the_same_value_is_no_conflict(self):
        self.rule(ours=True)
        self.pinned()
        run = self.start(partner(vat="BE0477472701"))
        self.assertEqual((run.state, run.delivered), ("done", 1))

    def test_what_reaches_a_person_is_kept_in_part_only(self):
        self.rule("partner/phone", ours=True)
        self.pinned()
        run = self.start(partner(phone="+32 470 123456"))
        conflict = self.told(run).conflict_ids
        self.assertEqual(conflict.theirs, "+3…56")
        [[content]] = self.sql("SELECT string_agg(content, '') FROM fin_audit_event WHERE code LIKE 'fin.exception.%%'")
        self.assertNotIn("470 123456", content)

    def test_a_rule_that_holds_waits_until_the_values_agree(self):
        self.rule(ours=True, conflict="hold")
        self.pinned()
        run = self.start(partner(vat=NEW))
        exception = self.told(run)
        told = run.answer_ids.filtered(lambda one: one.gate == "Authority").sorted("id")[:1]
        self.assertEqual((told.answer, told.reason), ("hold", "a rule names another system of record"))
        self.assertEqual((run.state, exception.is_waivable, self.partner.vat), ("held", False, "BE0477472701"))
        self.by("operator", run).action_release()
        self.assertEqual(self.advance(run).state, "held")
        self.partner.vat = NEW
        self.by("operator", run).action_release()
        self.assertEqual(self.advance(run).state, "done")
        self.assertEqual(exception.state, "resolved")

    def test_a_rule_that_asks_lets_it_in_after_a_second_persons_yes(self):
        self.rule(ours=True, conflict="ask")
        self.pinned()
        run = self.start(partner(vat=NEW))
        exception = self.told(run)
        self.assertEqual((run.state, exception.is_waivable), ("held", True))
        self.by("operator", exception)._request_waiver("the customer moved")
        self.by("approver", exception)._approve_waiver()
        self.assertEqual((self.advance(run).state, self.partner.vat), ("done", NEW))

    def test_a_rule_that_asks_is_not_answered_by_closing_the_question(self):
        self.rule(ours=True, conflict="ask")
        self.pinned()
        run = self.start(partner(vat=NEW))
        self.by("operator", self.told(run))._close("resolve", "looks fine")
        self.by("operator", run).action_release()
        self.assertEqual((self.advance(run).state, self.partner.vat), ("held", "BE0477472701"))

    def test_a_yes_to_one_field_opens_no_other(self):
        self.rule(ours=True, conflict="ask")
        self.rule("partner/name", ours=True, conflict="hold")
        self.pinned()
        run = self.start(partner(name="New Name", vat=NEW))
        self.assertEqual(set(run.exception_ids.conflict_ids.mapped("field")), {"name", "vat"})
        asks = run.exception_ids.filtered(lambda e: e.conflict_ids.field == "vat")
        self.by("operator", asks)._request_waiver("fine")
        self.by("approver", asks)._approve_waiver()
        self.by("operator", run)._release() if run.state == "held" else None
        self.advance(run)
        self.assertEqual((run.state, self.partner.vat, self.partner.name), ("held", "BE0477472701", "Old Name"))

    def test_the_rest_of_the_run_goes_on(self):
        self.rule(ours=True, conflict="hold")
        self.pinned()
        run = self.start(partner(vat=NEW), partner("P9", "Nine"))
        self.assertEqual((run.state, run.held, run.delivered), ("done", 1, 1))
        self.assertEqual(run.child_ids.state, "held")

    def test_another_kind_of_data_is_another_matter(self):
        self.rule("journal_entry/*", ours=True)
        self.rule(ours=True)
        with patch.multiple(type(self.env["fin.object"]), _entity="journal_entry", _kind="adjustment"):
            self.pinned()
            self.assertEqual(self.start(partner("P7", "Seven", vat=NEW)).state, "done")

    def test_records_of_another_kind_are_refused_as_a_whole(self):
        self.rule("journal_entry/*", ours=True)
        business = type(self.env["fin.object"])
        nothing = lambda self, run, items: ((item.id, self.browse(), {}) for item in items)  # noqa: E731
        with patch.multiple(business, _entity="journal_entry", _kind="actual", _writes=nothing):
            self.pinned()
            run = self.start(partner("P8", "Eight"))
        self.assertEqual((run.state, run.rejected), ("done", 1))
        self.assertIn("Journal entry, every field", self.told(run).text)

    # The pinned version, and the edge

    def test_r26_a_run_obeys_the_rules_that_its_version_pins(self):
        self.rule(ours=True)
        self.in_force()
        run = self.start(partner(vat=NEW))
        self.assertEqual((run.state, self.partner.vat), ("done", NEW))
        self.assertTrue(self.flow.is_changed)
        self.approved_change(self.by("operator", self.flow))
        self.partner.vat = "BE0477472701"
        self.assertEqual(self.start(partner(vat=NEW, revision=2), name="two.txt").rejected, 1)

    def test_a_flow_without_a_rule_for_its_entity_keeps_its_document(self):
        before = self.flow._written()
        self.rule("account/code")
        self.in_force()
        self.assertEqual(self.flow._written(), before)

    def test_an_object_that_writes_more_than_it_tells_is_stopped_at_the_records_edge(self):
        self.rule(ours=True)
        self.pinned()
        nothing = lambda self, run, items: ((item.id, self.env["res.partner"].browse(1), {}) for item in items)  # noqa: E731
        with patch.object(type(self.env["fin.object"]), "_writes", nothing):
            run = self.start(partner(vat=NEW))
        self.assertEqual((run.state, run.rejected, self.partner.vat), ("done", 1, "BE0477472701"))
        self.assertIn("has to be corrected", self.told(run).text)

    def test_only_the_listed_flow_writes(self):
        other = self.new_flow("other")
        self.rule(flow=other)
        self.pinned()
        run = self.start(partner(vat=NEW))
        self.assertEqual(run.rejected, 1)
        self.assertIn("from list-law by other", self.told(run).text)

    # Who sees it, and who does not

    def test_conflicts_are_evidence(self):
        self.rule(ours=True)
        self.pinned()
        conflict = self.told(self.start(partner(vat=NEW))).conflict_ids
        for group in self.people:
            mine = self.by(group, conflict)
            for act in (lambda m=mine: m.write({"theirs": "x"}), mine.unlink, lambda m=mine: m.create({"key": "x"})):
                with self.subTest(group=group), self.assertRaises(AccessError):
                    act()
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(Exception, "is evidence"):
            self.sql("UPDATE fin_conflict SET theirs = 'x'")

    def test_s11_conflicts_of_another_company_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.rule(ours=True)
        self.pinned()
        conflict = self.told(self.start(partner(vat=NEW))).conflict_ids
        theirs = self.person("viewer", "theirs", company_id=other.id, company_ids=[Command.set(other.ids)])
        self.assertNotIn(conflict, conflict.with_user(theirs).search([]))
        with self.assertRaises(AccessError):
            conflict.with_user(theirs).read(["theirs"])
        with self.assertRaises(AccessError):
            self.by("support", conflict).read(["theirs"])
        self.assertEqual(self.by("viewer", conflict).theirs, NEW)
