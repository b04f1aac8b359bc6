import io
import zipfile
from email.message import EmailMessage

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.incoming.mail_thread import KEY
from .common import SAMPLES, BankCase

BANK = "statements@bank.example"


@tagged("post_install", "-at_install")
class TestBankMail(BankCase):
    """Statements by mail: taken in from whom the version lists, and everything else is a case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "statements.example"})
        cls.company.alias_domain_id = domain
        told = {"mail_alias": "giro", "mail_senders": f"{BANK}\n@partner.example", "mail_bounce": "senders"}
        cls.flow = cls.new_flow(cls.german | cls.french, **told)

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.number = 0

    def mail(self, *files, sender=BANK, to="giro@statements.example", headers=(), identity=None):
        """A mail that came, as the mail server hands it over, and the work of the cron after it."""
        message = EmailMessage()
        self.number += 1
        message["From"], message["To"], message["Subject"] = sender, to, "Statement"
        message["Message-Id"] = identity or f"<{self._testMethodName}-{self.number}@bank.example>"
        for name, value in headers:
            message[name] = value
        message.set_content("Dear customer, here it is.")
        for name, content in files:
            message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, message.as_bytes())
        self.env["fin.engine"]._cron_advance("batch")
        self.env.invalidate_all()
        return self.env["fin.statement.mail"].search([], limit=1)

    def file(self, name="statement.xml", sample="two_accounts"):
        return name, (SAMPLES / f"{sample}.xml").read_bytes()

    def assert_refused(self, mail, code):
        self.assertEqual((mail.state, mail.reason, mail.run_id.id), ("refused", code, False))
        self.assertEqual((mail.exception_id.code, mail.exception_id.state), (code, "open"))
        self.assertTrue(mail.exception_id.user_id)
        self.assertFalse(self.lines())

    # Taken in

    def test_an_attachment_becomes_a_payload_of_the_flow(self):
        mail = self.mail(self.file())
        self.assertEqual((mail.state, mail.flow_id, mail.sender), ("taken", self.flow, BANK))
        self.assert_state(mail.run_id, "done", rejected=0, held=0)
        self.assertEqual((mail.run_id.brought_by, mail.run_id.requested_by.id), ("mail", False))
        self.assertIn(mail.run_id.payload_ids.digest, mail.files)
        with mail.run_id.payload_ids._open() as stream:
            self.assertEqual(stream.read(), self.file()[1])
        event = self.env["fin.audit.event"].search([("code", "=", "fin.run.bring")], limit=1)
        self.assertIn(mail.digest, event.content)

    def test_nothing_of_the_mail_is_kept_beside_the_payload(self):
        mail = self.mail(self.file())
        self.assertFalse(self.env["ir.attachment"].search([("res_model", "=", mail._name), ("res_id", "=", mail.id)]))
        self.assertNotIn("Dear customer", "".join(str(one.body) for one in mail.message_ids))

    def test_the_same_mail_or_the_same_file_again_doubles_nothing(self):
        self.mail(self.file(), identity="<same@bank.example>")
        booked = self.amounts()
        self.mail(self.file(), identity="<same@bank.example>")
        again = self.mail(self.file())
        self.assertEqual((again.state, again.run_id.delivered, self.amounts()), ("taken", 0, booked))
        self.assertEqual(self.env["fin.statement.mail"].search_count([]), 2)

    def test_a_whole_domain_may_be_listed(self):
        self.assertEqual(self.mail(self.file(), sender="anybody@partner.example").state, "taken")

    def test_what_is_no_statement_is_a_case_and_the_rest_is_taken_in(self):
        mail = self.mail(self.file(), ("advert.pdf", b"%PDF-1.7"))
        self.assertEqual((mail.state, mail.reason, mail.run_id.state), ("partly", "mail_unreadable", "done"))
        self.assertIn("advert.pdf", mail.exception_id.text)

    def test_half_a_statement_is_kept_and_becomes_a_case_of_its_run(self):
        name, content = self.file()
        mail = self.mail((name, content[: len(content) * 3 // 4]))
        self.assertEqual(mail.run_id.payload_ids.reading, "refused")
        self.assertTrue(mail.run_id.exception_ids)
        self.assertFalse(self.lines())

    # Refused

    def test_r15_of_an_unknown_sender_nothing_is_taken(self):
        self.assert_refused(self.mail(self.file(), sender="statements@bank.example.evil.example"), "mail_sender")

    def test_r15_two_senders_are_none(self):
        self.assert_refused(self.mail(self.file(), sender=f"evil@evil.example, {BANK}"), "mail_sender")

    def test_a_mail_without_an_attachment_is_a_case(self):
        self.assert_refused(self.mail(), "mail_empty")

    def test_an_archive_is_refused_or_taken_apart_as_approved(self):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(*self.file())
        self.assert_refused(self.mail(("all.zip", content.getvalue())), "mail_unreadable")
        self.flow.mail_archives = True
        self.name_journals(self.flow, self.german | self.french)
        mail = self.mail(("all.zip", content.getvalue()))
        self.assertEqual((mail.state, mail.run_id.state), ("taken", "done"))

    def test_a_mail_that_the_servers_checks_do_not_prove_is_refused(self):
        self.flow.mail_server = "mx.example.com"
        self.name_journals(self.flow, self.german | self.french)
        forged = [("Authentication-Results", "mx.evil.example; dkim=pass")]
        self.assert_refused(self.mail(self.file(), headers=forged), "mail_unproven")
        proven = [("Authentication-Results", "mx.example.com; dkim=pass header.d=bank.example")]
        mail = self.mail(self.file(), headers=proven)
        self.assertEqual((mail.state, mail.results), ("taken", proven[0][1]))

    # Who is told

    def answers(self):
        return self.env["mail.mail"].search([("subject", "=", "Not taken in")])

    def test_whoever_is_told_is_told_once_and_machines_never(self):
        self.mail(sender="stranger@evil.example")
        self.mail(headers=[("Auto-Submitted", "auto-replied")])
        self.assertFalse(self.answers())
        self.mail()
        self.assertEqual(self.answers().mapped("email_to"), [BANK])

    # Change control

    def test_it_is_off_unless_somebody_asks_for_it(self):
        flow = self.new_flow(self.new_journal("ELSE", "DE02 1203 0000 0000 2020 51"), code="no-mail")
        self.assertNotIn("mail", flow._compose())
        alias = [("alias_parent_thread_id", "=", flow.id), ("alias_model_id.model", "=", "fin.statement.mail")]
        self.assertFalse(self.env["mail.alias"].search(alias))

    def test_law3_a_sender_counts_when_a_second_person_has_agreed(self):
        self.flow.mail_senders = "new@bank.example"
        self.assert_refused(self.mail(self.file(), sender="new@bank.example"), "mail_sender")
        self.name_journals(self.flow, self.german | self.french)
        self.assertEqual(self.mail(self.file(), sender="new@bank.example").state, "taken")

    def test_the_address_follows_the_version_in_force(self):
        mine = [("alias_parent_thread_id", "=", self.flow.id), ("alias_model_id.model", "=", "fin.statement.mail")]
        aliases = self.env["mail.alias"]
        self.flow.mail_alias = "other"
        self.assertEqual(aliases.search(mine).alias_name, "giro")
        self.name_journals(self.flow, self.german | self.french)
        self.assertEqual(aliases.search(mine).alias_name, "other")
        self.flow.with_user(self.operator).action_retire()
        self.assertFalse(aliases.search(mine))

    def test_a_flow_that_reads_no_files_takes_no_mails(self):
        self.flow.refuses_files = True
        with self.assertRaises(UserError):
            self.name_journals(self.flow, self.german | self.french)

    def test_an_address_needs_senders(self):
        for senders in ("", "nobody", f"{BANK}, nobody"):
            with self.assertRaises(ValidationError):
                self.flow.mail_senders = senders

    # Other doors

    def test_s18_nobody_forges_a_mail_over_rpc(self):
        message = EmailMessage()
        message["From"], message["To"], message["Message-Id"] = BANK, "giro@statements.example", "<forged@bank.example>"
        message.add_attachment(self.file()[1], maintype="application", subtype="xml", filename="a.xml")
        # Odoo itself would refuse to say that a new address works; one that is known to work asks nothing more.
        self.env["mail.alias"].search([("alias_name", "=", "giro")]).alias_status = "valid"
        with self.assertRaises(AccessError), mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].with_user(self.operator).message_process(None, message.as_bytes())
        mails = self.env["fin.statement.mail"].with_user(self.operator)
        with self.assertRaises(AccessError):
            mails.message_new({"from": BANK}, {"flow_id": self.flow.id})
        with self.assertRaises(AccessError):
            mails.with_context(**{KEY: {"sender": BANK}}).message_new({}, {"flow_id": self.flow.id})
        self.assertFalse(self.env["fin.statement.mail"].search([]))

    def test_nobody_writes_a_mail_by_hand(self):
        mail = self.mail(self.file())
        for change in (lambda one: one.write({"state": "refused"}), lambda one: one.unlink()):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                change(mail.with_user(self.operator))

    def test_mails_are_for_their_company(self):
        mail = self.mail(self.file())
        other = self.new_company("Other GmbH")
        stranger = self.person("stranger", "group_viewer", company=other)
        with self.assertRaises(AccessError):
            mail.with_user(stranger).with_context(allowed_company_ids=other.ids).read(["sender"])
        self.assertEqual(mail.with_user(self.operator).sender, BANK)
