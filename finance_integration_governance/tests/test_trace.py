import dataclasses
from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from ..core.contract import Finding
from ..core.masking import FreeText
from ..core.trace import terms, words
from .common import Fact, LawScene, ListSource, fact


@dataclasses.dataclass(frozen=True)
class Paid(Fact):
    """A fact with free text, which is masked for those who need not know it."""

    contract = "test.fact/1.0"
    told: FreeText | None = None


@dataclasses.dataclass(frozen=True)
class Older(Paid):
    """The same under a contract of its own, and a minor version on: what was stored before stays as it is."""

    contract = "test.paid/1.0"


@dataclasses.dataclass(frozen=True)
class Later(Older):
    contract = "test.paid/1.1"


def paid(kind=Paid):
    return kind(**{**dataclasses.asdict(fact("INV-2026/0007", "1234.56")), "told": "Azure 77123"})


@tagged("post_install", "-at_install")
class TestTrace(LawScene, TransactionCase):
    """One box that says where a thing is, to whoever may know."""

    def setUp(self):
        super().setUp()
        self.patch(ListSource, "carries", (Paid,))
        self.flow.purpose = "With words"
        self.approve(self.flow)
        self.seal()
        self.enterContext(self.enter_registry_test_mode())

    def index(self):
        """As the cron does, in the one transaction of the test."""
        self.env.flush_all()
        [[last]] = self.env.execute_query(SQL("SELECT max(id) FROM fin_item"))
        while self.env["fin.trace.index"]._write_until(last):
            pass

    def test_what_was_stored_under_an_older_minor_contract_is_found_by_its_words(self):
        self.patch(ListSource, "carries", (Older,))
        self.flow.purpose = "Under an older contract"
        self.approve(self.flow)
        self.seal()
        self.start(paid(Older))
        self.patch(ListSource, "carries", (Later,))
        self.assertEqual(self.keys("77123"), ["INV-2026/0007"], "not in the index yet")
        self.index()
        self.assertEqual(self.keys("77123"), ["INV-2026/0007"])

    def find(self, text, group="operator"):
        return self.by(group, "fin.trace").find(text)["hits"]

    def keys(self, text, group="operator"):
        return [hit["key"] for hit in self.find(text, group) if hit["key"]]

    def mask(self, **vals):
        """The company's policy, approved."""
        policy = self.env["fin.policy"]._of(self.company)
        policy.with_user(self.people["administrator"]).write(vals)
        change = self.env["fin.change"].with_user(self.people["administrator"])._propose(policy)
        change.action_submit()
        change.with_user(self.people["approver"])._approve()
        self.seal()
        self.env.invalidate_all()

    def test_a_booked_fact_leads_to_run_file_item_and_entry(self):
        run = self.start(paid())
        self.index()
        [hit] = self.find("inv 2026 0007")
        models = [link["model"] for link in hit["links"]]
        self.assertEqual(models, ["fin.item", "fin.run", "fin.payload", "account.bank.statement.line"])
        line = self.env["account.bank.statement.line"].browse(hit["links"][-1]["id"])
        self.assertEqual(hit["links"][-1]["entry"], line.move_id.id)
        self.assertEqual((hit["state"], hit["text"]), ("good", f"Booked by {run.name}."))

    def test_it_is_found_by_amount_reference_and_words(self):
        self.start(paid(), fact("other", "5"))
        self.index()
        for text in ("1,234.56", "1234.56 USD", "-1234.56", "INV-2026/0007", "77123"):
            with self.subTest(text):
                self.assertEqual(self.keys(text), ["INV-2026/0007"])
        self.assertEqual(self.keys("1234"), [])

    def test_what_is_not_in_the_index_yet_is_found_all_the_same(self):
        self.start(fact("before"))
        self.index()
        self.start(paid(), name="two.txt")
        for text in ("1234.56", "inv 20260007", "77123"):
            with self.subTest(text):
                self.assertEqual(self.keys(text), ["INV-2026/0007"])

    def test_what_is_held_or_rejected_says_where_and_whose_it_is(self):
        self.start(fact("poison"), fact("waits"), Finding("odd", "looks odd", document="waits"))
        self.index()
        [rejected], [held] = self.find("poison"), self.find("waits")
        self.assertEqual((rejected["state"], held["state"]), ("bad", "attention"))
        self.assertIn(": Poison. EXC-", rejected["text"])  # a word, not a code
        self.assertIn("fin.exception", [link["model"] for link in held["links"]])
        self.assertIn("On its way: RUN-", held["text"])

    def test_a_thing_that_came_twice_is_told_once_by_its_last_coming(self):
        self.start(fact("again"))
        last = self.start()
        self.index()
        [hit] = self.find("again")
        self.assertIn(last.name, hit["text"])
        self.assertIn("booked once", hit["text"])

    def test_runs_exceptions_and_files_are_found_by_their_names(self):
        run = self.start(fact("a"), Finding("odd", "looks odd", document="a"), name="march.txt")
        names = {run.name: "fin.run", run.exception_ids.name: "fin.exception", "march.txt": "fin.payload"}
        for text, model in names.items():
            with self.subTest(text):
                self.assertIn(model, [link["model"] for hit in self.find(text) for link in hit["links"]])

    def test_a_journal_entry_is_found_by_its_number(self):
        run = self.start(fact("a"))
        move = self.env[run.item_ids.binding_ids.res_model].browse(run.item_ids.binding_ids.res_id).move_id
        self.assertIn(move.id, [link["id"] for hit in self.find(move.name) for link in hit["links"]])

    def test_s24_a_viewer_finds_nothing_by_what_is_masked(self):
        """Remittance is free text, which viewers see masked: its words find nothing; the reference does."""
        self.start(paid())
        for _indexed in (False, True):
            self.assertEqual(self.keys("77123", "viewer"), [])
            self.assertEqual(self.keys("INV-2026/0007", "viewer"), ["INV-2026/0007"])
            self.index()
        self.assertEqual(self.keys("77123", "auditor"), ["INV-2026/0007"])

    def test_s24_a_viewer_who_sees_no_amounts_finds_nothing_by_amount(self):
        self.start(fact("INV-2026/0007", "1234.56"))
        self.assertEqual(self.keys("1234.56", "viewer"), ["INV-2026/0007"])
        self.mask(amounts_viewer=False)
        for _indexed in (False, True):
            self.assertEqual(self.keys("1234.56", "viewer"), [])
            self.index()
        [hit] = self.find("INV-2026/0007", "viewer")
        self.assertNotIn("1,234", str(hit))

    def test_s11_another_company_finds_nothing(self):
        self.start(fact("INV-2026/0007", "1234.56"), name="march.txt")
        self.index()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.person("administrator+approver+auditor", "trace", company_id=other.id, company_ids=other.ids)
        for text in ("INV-2026/0007", "1234.56", "march.txt", "law"):
            with self.subTest(text):
                self.assertEqual(self.env["fin.trace"].with_user(stranger).find(text)["hits"], [])

    def test_access_support_is_refused(self):
        with self.assertRaises(AccessError):
            self.find("1234", "support")

    def test_what_was_purged_is_not_found_by_what_it_said(self):
        run = self.start(paid())
        self.index()
        self.env["fin.purge"]._purge("erasure", self.company, run.payload_ids, run.item_ids.ids, "test")
        self.assertEqual(self.keys("77123"), [])
        [[count]] = self.sql("SELECT count(*) FROM fin_trace, unnest(terms)")
        self.assertEqual(self.keys("INV-2026/0007"), ["INV-2026/0007"])
        kept = terms(words(None, "INV-2026/0007", Decimal("1234.56"), {}))
        self.assertEqual(count, len(kept))

    def test_each_item_stands_in_the_index_once(self):
        self.start(*(fact(f"number-{i}") for i in range(70)))
        self.index()
        self.start(fact("later"), name="two.txt")
        self.index()
        [[items, different]] = self.sql("SELECT count(*), count(DISTINCT i) FROM fin_trace, unnest(item_ids) i")
        [[all_items]] = self.sql("SELECT count(*) FROM fin_item")
        self.assertEqual((items, different), (all_items, all_items))

    def test_nothing_typed_finds_nothing(self):
        self.start(fact("a"))
        for text in ("", "  ", "a", "%", "'", None):
            self.assertEqual(self.find(text), [])

    def test_who_writes_items_is_waited_for(self):
        """A number that was drawn and not committed yet is below one that was."""
        index = self.env["fin.trace.index"]
        self.assertFalse(index._writers())
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("LOCK TABLE fin_item IN ROW EXCLUSIVE MODE")
            self.assertTrue(index._writers())
            with patch("odoo.addons.finance_integration_governance.models.tower.fin_trace_index.PATIENCE", 0):
                self.assertEqual(index._settled(), 0)
        self.assertFalse(index._writers())
