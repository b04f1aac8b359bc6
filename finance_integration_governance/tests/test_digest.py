from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..core.contract import Finding
from ..models.digest import fin_digest_told
from ..models.writer import as_writer
from .common import MODULE, LawScene, fact


class DigestScene(LawScene):
    """People with an address, each in UTC, and a morning after something has happened."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for group in ("operator", "administrator", "approver"):
            cls.people[group].write({"email": f"{group}@example.com", "tz": "UTC", "lang": "en_US"})

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.morning = fields.Datetime.add(fields.Datetime.now(), days=1, hour=7, minute=30, second=0, microsecond=0)

    def send(self, days=0, **at):
        """The mails that this makes: address -> mail."""
        before = self.env["mail.mail"].search([], order="id desc", limit=1).id or 0
        self.env["fin.digest"]._cron_send(fields.Datetime.add(self.morning, days=days, **at))
        mails = self.env["mail.mail"].search([("id", ">", before), ("headers", "like", "X-Finance")])
        return {mail.email_to.partition("<")[2].strip(">"): mail for mail in mails}

    def trouble(self, flow=None):
        return self.start(fact("a"), Finding("odd", "looks odd at 1,234.56", document="a"), flow=flow)

    def rule(self, **vals):
        policy = self.by("administrator", self.env["fin.policy"]._of(self.company))
        policy.write(vals)
        change = self.by("administrator", "fin.change")._propose(policy)
        change.action_submit()
        self.by("approver", change)._approve()
        self.seal()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestDigest(DigestScene, TransactionCase):
    """One mail a day to whom it concerns, in the morning of where they are, and no word more than they may see."""

    # When, and to whom

    def test_nothing_happened_and_nothing_is_sent(self):
        self.start(fact("a"))
        self.assertEqual(self.send(), {})

    def test_it_is_sent_all_the_same_where_that_was_asked_for(self):
        self.start(fact("a"))
        self.rule(digest_quiet=True)
        told = self.send()
        self.assertIn("operator@example.com", told)
        self.assertIn("nothing to tell", told["operator@example.com"].subject)

    def test_once_a_day_and_not_before_its_hour(self):
        self.trouble()
        self.assertNotIn("operator@example.com", self.send(hour=6))
        self.assertIn("operator@example.com", self.send())
        self.assertNotIn("operator@example.com", self.send(hour=12))
        self.assertIn("operator@example.com", self.send(days=1, minute=0))

    def test_after_days_off_there_is_one_mail(self):
        self.trouble()
        self.send()
        self.assertIn("operator@example.com", self.send(days=4, hour=22))
        self.assertNotIn("operator@example.com", self.send(days=4, hour=23))

    def test_the_hour_is_that_of_the_persons_day(self):
        self.trouble()
        self.people["operator"].tz = "Asia/Tokyo"  # nine hours earlier
        self.assertNotIn("operator@example.com", self.send(days=-1, hour=21))
        self.assertIn("operator@example.com", self.send(days=-1, hour=22))

    def test_whom_the_policy_does_not_name_gets_nothing(self):
        self.trouble()
        self.rule(digest_people=False)
        self.assertNotIn("operator@example.com", self.send())

    def test_who_is_gone_has_no_role_or_no_address_gets_nothing(self):
        self.trouble()
        self.people["operator"].email = False
        self.people["administrator"].group_ids -= self.env.ref(f"{MODULE}.group_administrator")
        self.people["administrator"].group_ids -= self.env.ref(f"{MODULE}.group_operator")
        self.people["administrator"].group_ids -= self.env.ref(f"{MODULE}.group_viewer")
        self.assertFalse({"administrator@example.com", "operator@example.com"} & set(self.send()))

    # What stands in it

    def test_who_answers_for_a_flow_is_told_what_is_held_and_why(self):
        run = self.trouble()
        mail = self.send()["operator@example.com"]
        self.assertIn(f"{self.flow.name}: {run.name}", mail.body_html)
        self.assertIn("held: Odd", mail.body_html)
        self.assertIn(f"/odoo/finance-runs/{run.id}", mail.body_html)
        self.assertIn(f"/odoo/finance-exceptions/{run.exception_ids.id}", mail.body_html)

    def test_no_amount_and_no_word_of_what_was_received(self):
        self.trouble()
        mail = self.send()["operator@example.com"]
        self.assertNotIn("1,234", mail.body_html)
        self.assertNotIn("10.00", mail.body_html)

    def test_an_approver_is_told_what_waits_for_their_yes_and_nobody_elses_matters(self):
        self.trouble()
        self.propose(self.new_flow("asked"))
        mail = self.send()["approver@example.com"]
        self.assertIn("Your yes: ", mail.body_html)
        self.assertIn("Flow asked", mail.body_html)
        self.assertNotIn("held: ", mail.body_html)
        self.assertNotIn(self.flow.name, mail.body_html)

    def test_what_is_late_or_missed_is_told(self):
        slots = as_writer(self.env["fin.slot"])
        due = {"flow_id": self.flow.id, "company_id": self.company.id, "version_id": self.version.id}
        due = {name: value for name, value in due.items() if name in slots._fields}
        waits = slots.create({**due, "due_at": fields.Datetime.subtract(self.morning, hours=3)})
        missed = slots.create({**due, "due_at": fields.Datetime.subtract(self.morning, hours=20)})
        old = slots.create({**due, "due_at": fields.Datetime.subtract(self.morning, days=9)})
        self.sql("UPDATE fin_slot SET promised_at = due_at + interval '1 hour' WHERE id = %s", waits.id)
        self.sql("UPDATE fin_slot SET state = 'missed' WHERE id IN %s", (missed.id, old.id))
        mail = self.send()["operator@example.com"]
        self.assertIn("not done yet", mail.body_html)
        self.assertIn(f"/odoo/finance-schedule/{missed.id}", mail.body_html)
        self.assertNotIn(f"/odoo/finance-schedule/{old.id}", mail.body_html)

    def test_a_broken_promise_is_told_to_whoever_answers_although_another_owns_it(self):
        told = self.env["fin.exception"]._raise_for_flow(self.flow, "data_stale", "older than promised", family="data")
        as_writer(told).write({"user_id": self.people["administrator"].id})
        mail = self.send()["operator@example.com"]
        self.assertIn("Promises that are broken", mail.body_html)
        self.assertIn(self.people["administrator"].name, mail.body_html)
        self.assertIn("older than promised", mail.body_html)

    def test_how_old_the_data_are_is_told_with_the_rest(self):
        run = self.start(fact("a"))
        self.sql(
            "UPDATE fin_run SET finished_at = %s WHERE id = %s", fields.Datetime.subtract(self.morning, days=3), run.id
        )
        self.trouble(self._another())
        self.assertIn("3 days", self.send()["operator@example.com"].body_html)

    def _another(self):
        flow = self.new_flow("troubled")
        self.approve(flow)
        return flow

    def test_the_controller_is_told_of_every_flow_and_only_where_the_policy_says_so(self):
        self.trouble()
        boss = self.person("viewer", "controller", email="controller@example.com", tz="UTC")
        self.assertNotIn("controller@example.com", self.send())
        self.company.fin_controller_id = boss
        self.assertIn(self.flow.name, self.send(days=1)["controller@example.com"].body_html)
        self.rule(digest_controller=False)
        self.assertNotIn("controller@example.com", self.send(days=2))

    def test_others_are_named_in_the_policy_and_told_of_every_flow(self):
        self.trouble()
        other = self.person("viewer", "auditor-general", email="other@example.com", tz="UTC")
        self.rule(digest_user_ids=[fields.Command.set(other.ids)])
        self.assertIn("law-auditor-general", self.company._fin_policy()["digest"]["also"])
        self.assertIn(self.flow.name, self.send()["other@example.com"].body_html)

    def test_more_than_a_few_are_counted(self):
        exceptions = self.env["fin.exception"]
        for number in range(7):
            exceptions._raise_for_flow(self.flow, "slot_missed", f"missed {number}", number=number)
        owner = exceptions.search([("code", "=", "slot_missed")], limit=1).user_id
        with patch.object(fin_digest_told, "MOST", 3):
            mail = self.send()[owner.email]
        self.assertIn("and 4 more", mail.body_html)
        self.assertIn("7 things concern you", mail.subject)

    # In their rights, language and zone

    def test_s11_of_another_company_nobody_is_told(self):
        self.trouble()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        outsider = self.person(
            "viewer", "outsider", email="outsider@example.com", company_id=other.id, company_ids=other.ids
        )
        self.rule(digest_user_ids=[fields.Command.set(outsider.ids)])
        self.assertNotIn("outsider@example.com", self.send())

    def test_it_is_written_in_the_persons_language_and_zone(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        body = self.env.ref(f"{MODULE}.digest_body")
        body.update_field_translations("arch_db", {"fr_FR": {"Open the control tower": "Ouvrir la tour"}})
        self.trouble()
        self.people["operator"].write({"lang": "fr_FR", "tz": "Asia/Tokyo"})
        due = self.env["fin.exception"].search([("code", "=", "odd")]).due_at
        sent = self.send(hour=1)
        self.assertIn("Ouvrir la tour", sent["operator@example.com"].body_html)
        there = fields.Datetime.add(due, hours=9)
        self.assertIn(f"{there:%d/%m/%Y %H:%M}", sent["operator@example.com"].body_html)

    # When it does not work

    def test_a_mail_that_cannot_be_sent_is_somebodys(self):
        self.trouble()
        self.send()["operator@example.com"].state = "exception"
        self.send(days=1)
        told = self.env["fin.exception"].search([("code", "=", "digest_unsent"), ("state", "=", "open")])
        self.assertEqual(len(told), 1)
        self.assertTrue(told.user_id)
        self.sql("UPDATE mail_mail SET state = 'sent'")
        self.send(days=2)
        self.assertEqual(told.state, "resolved")

    def test_the_scheduled_action_sends_it(self):
        self.trouble()
        job = self.env.ref(f"{MODULE}.ir_cron_digest")
        self.assertEqual((job.active, job.model_id.model), (True, "fin.digest"))
        with patch.object(fields.Datetime, "now", lambda *_args: self.morning):
            job.method_direct_trigger()
        self.assertTrue(self.env["mail.mail"].search([("email_to", "ilike", "operator@example.com")]))
