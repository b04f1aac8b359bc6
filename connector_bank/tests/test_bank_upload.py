import io
import zipfile
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..wizard import fin_statement_bring
from .common import SAMPLES, BankCase


@tagged("post_install", "-at_install")
class TestBankUpload(BankCase):
    """A person brings files with statements: told what is in them first, handed to the flow, known when they return."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french)

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def file(self, sample="two_accounts"):
        return (SAMPLES / f"{sample}.xml").read_bytes()

    def dialog(self, *files, by=None, journal=None):
        """The dialog with these files, (name, bytes), after it has looked into them."""
        by = by or self.operator
        env = self.env(user=by, context={"allowed_company_ids": by.company_ids.ids})
        attached = env["ir.attachment"].create([{"name": name, "raw": content} for name, content in files])
        bring = env["fin.statement.bring"].create({"attachment_ids": attached.ids, "journal_id": journal})
        bring.action_look()
        return bring

    def bring(self, *files, by=None):
        before = self.env["fin.run"].search([])
        self.dialog(*files, by=by).action_bring()
        self.env["fin.engine"]._cron_advance("batch")
        self.env.invalidate_all()
        return self.env["fin.run"].search([]) - before

    def test_what_is_in_a_file_is_told_before_anything_happens(self):
        runs = self.env["fin.run"].search_count([])
        content = self.file() + b"<!-- of this test alone -->"
        seen = self.dialog(("bank.xml", content))
        self.assertEqual((seen.file_ids.state, seen.file_ids.flow_id), ("ready", self.flow))
        self.assertEqual(seen.statement_ids.journal_id, self.german | self.french)
        told = seen.statement_ids[0]
        self.assertEqual((told.state, told.has_balances, told.known, told.held), ("new", True, 0, 0))
        self.assertEqual(told.fresh, told.entries)
        self.assertTrue(told.date_to and told.currency_id)
        self.assertEqual((self.env["fin.run"].search_count([]), self.lines()), (runs, self.lines().browse()))
        self.assertFalse(self.env["fin.payload"].search([("digest", "=", seen.file_ids.digest)]))
        self.assertFalse(self.env["fin.payload"]._path(seen.file_ids.digest).exists())

    def test_it_becomes_a_run_with_the_person_as_its_origin(self):
        run = self.bring(("bank.xml", self.file()))
        self.assert_state(run, "done", rejected=0, held=0)
        self.assertEqual((run.brought_by, run.requested_by, run.is_fallback), ("upload", self.operator, False))
        self.assertEqual(run.payload_ids.mapped("name"), ["bank.xml"])
        self.assertEqual(self.lines()[0].fin_run_id, run)
        event = self.env["fin.audit.event"].search([("code", "=", "fin.run.bring")], order="id desc", limit=1)
        self.assertIn(run.payload_ids.digest, event.content)

    def test_nothing_of_the_files_stays_beside_the_payload(self):
        seen = self.dialog(("bank.xml", self.file()))
        attached = seen.attachment_ids
        seen.action_bring()
        self.assertFalse(attached.exists() or seen.exists())

    def test_the_same_file_again_is_known_and_nothing_is_doubled(self):
        self.bring(("bank.xml", self.file()))
        booked = self.amounts()
        again = self.dialog(("again.xml", self.file()))
        self.assertEqual((again.file_ids.state, again.can_bring), ("known", False))
        with self.assertRaises(UserError):
            again.action_bring()
        flow = self.flow.with_user(self.operator)
        run = flow.env["fin.run"]._upload(flow, [("again.xml", self.file())]).with_env(self.env)
        self.env["fin.engine"]._cron_advance("batch")
        self.env.invalidate_all()
        self.assertEqual((run.state, run.delivered, self.amounts()), ("done", 0, booked))

    def test_the_same_statement_in_other_bytes_is_known_too(self):
        self.bring(("bank.xml", self.file()))
        seen = self.dialog(("again.xml", self.file() + b"\n"))
        self.assertEqual(seen.file_ids.state, "known")
        self.assertEqual(set(seen.statement_ids.mapped("state")), {"known"})
        self.assertEqual(sum(seen.statement_ids.mapped("fresh")), 0)

    def test_what_would_wait_is_said_with_its_reason(self):
        closing = self.file().replace(b'<Amt Ccy="EUR">', b'<Amt Ccy="EUR">9', 1)
        seen = self.dialog(("odd.xml", closing))
        self.assertIn("held", seen.statement_ids.mapped("state"))
        self.assertIn("closing balance", " ".join(filter(None, seen.statement_ids.mapped("text"))))
        run = self.bring(("odd.xml", closing))
        self.assertEqual(sum(run.mapped("held")) > 0 or "held" in run.mapped("state"), True)

    def test_a_file_that_waits_does_not_stand_in_the_way_of_the_next(self):
        odd = self.file().replace(b'<Amt Ccy="EUR">', b'<Amt Ccy="EUR">9').replace(b"STM", b"ODD")
        first = self.bring(("odd.xml", odd))
        self.assertEqual(first.state, "held", self.codes(first))
        self.assertEqual(self.bring(("bank.xml", self.file())).state, "done")

    def test_a_file_in_another_format_is_refused_with_its_reason(self):
        seen = self.dialog(("notes.txt", b"dear bank"), ("broken.xml", self.file()[:900]), ("empty.xml", b""))
        self.assertEqual(seen.file_ids.mapped("state"), ["refused"] * 3)
        self.assertIn("no format", seen.file_ids[0].text)
        self.assertTrue(seen.file_ids[1].text)
        with self.assertRaises(UserError):
            seen.action_bring()

    def test_a_file_of_an_account_without_a_flow_says_so_and_offers_a_draft(self):
        other = self.file().replace(b"DE89370400440532013000", b"DE02120300000000202051")
        other = other.replace(b"FR7630006000011234567890189", b"DE02120300000000202052")
        seen = self.dialog(("bank.xml", other))
        self.assertEqual((seen.file_ids.state, seen.can_bring), ("homeless", False))
        action = seen.file_ids.action_draft()
        self.assertEqual(action["res_model"], "fin.flow.new")
        self.assertEqual(action["context"]["default_connection_id"], self.flow.connection_id.id)

    def test_several_files_and_an_archive_come_in_one_run(self):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("a/one.xml", self.file())
        run = self.bring(("all.zip", content.getvalue()), ("same.xml", self.file()))
        self.assertEqual((len(run), run.state), (1, "done"), run.last_error)
        self.assertEqual(sorted(run.payload_ids.mapped("name")), ["one.xml", "same.xml"])
        self.assertEqual(len(self.statements()), 2)

    def test_too_large_is_refused(self):
        with patch.object(fin_statement_bring, "LARGEST", 100):
            self.assertEqual(self.dialog(("bank.xml", self.file())).file_ids.state, "refused")

    def test_only_an_operator_brings_files(self):
        with self.assertRaises(AccessError):
            self.dialog(("bank.xml", self.file()), by=self.second)
        flow = self.flow.with_user(self.second)
        with self.assertRaises(AccessError):
            flow.env["fin.run"]._upload(flow, [("bank.xml", self.file())])
        with self.assertRaises(AccessError):
            self.german.with_user(self.second).action_fin_bring()

    def test_nobody_brings_files_to_a_flow_of_another_company(self):
        other = self.new_company("Other GmbH")
        stranger = self.person("stranger", "group_operator", company=other)
        seen = self.dialog(("bank.xml", self.file()), by=stranger)
        self.assertEqual(seen.file_ids.state, "homeless")
        self.assertFalse(seen.file_ids.flow_id or seen.statement_ids)
        flow = self.flow.with_user(stranger).with_context(allowed_company_ids=other.ids)
        with self.assertRaises(AccessError):
            flow.env["fin.run"]._upload(flow, [("bank.xml", self.file())])

    def test_what_the_dialog_shows_decides_nothing(self):
        """Rows that somebody writes over RPC do not lead files to another flow."""
        seen = self.dialog(("notes.txt", b"dear bank"))
        seen.file_ids.write({"state": "ready", "flow_id": self.flow.id})
        with self.assertRaises(UserError):
            seen.action_bring()

    def test_a_version_may_refuse_files_by_hand(self):
        self.flow.refuses_files = True
        self.name_journals(self.flow, self.german | self.french)
        self.assertEqual(self.flow._document().get("files"), "refused")
        seen = self.dialog(("bank.xml", self.file())).file_ids
        self.assertEqual((seen.state, seen.flow_id), ("refused", self.flow))
        flow = self.flow.with_user(self.operator)
        with self.assertRaises(UserError):
            flow.env["fin.run"]._upload(flow, [("bank.xml", self.file())])

    def test_files_dropped_on_the_card_of_the_journal_open_the_dialog(self):
        journal = self.german.with_user(self.operator)
        attached = journal.env["ir.attachment"].create({"name": "bank.xml", "raw": self.file()})
        action = journal.create_document_from_attachment(attached.ids)
        self.assertEqual(action["res_model"], "fin.statement.bring")
        seen = journal.env["fin.statement.bring"].browse(action["res_id"])
        self.assertEqual((seen.file_ids.state, seen.is_read), ("ready", True))

    def test_amounts_are_hidden_from_whom_they_are_hidden(self):
        seen = self.dialog(("bank.xml", self.file()))
        with patch.object(type(self.env["res.company"]), "_fin_hidden", lambda _companies: {"amount"}):
            with self.assertRaises(AccessError):
                seen.statement_ids.read(["closing"])
            self.assertNotIn("closing", seen.statement_ids.fields_get())
