"""A bank's interface end to end: consent, pull, statements in the books, and what keeps a run waiting."""

import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .api_scene import IBAN, TODAY, ApiCase, balance, booked


@tagged("post_install", "-at_install")
class TestBankApi(ApiCase):
    def test_what_the_bank_tells_is_booked_by_day(self):
        self.consent()
        self.has(booked("2026-03-05", "150.00", "A1"), booked("2026-03-06", "-40.00", "A2"))
        run = self.pull()
        self.assert_state(run, "done", delivered=4, skipped=1)
        self.assertEqual(self.amounts(), [150.0, -40.0])
        self.assertEqual(sorted(self.statements().mapped("name")), ["2026-03-05", "2026-03-06"])
        line = self.lines()[:1]
        self.assertEqual((line.date, line.payment_ref), (dt.date(2026, 3, 5), "Invoice 17"))

    def test_law_2_overlapping_windows_book_nothing_twice(self):
        self.consent()
        self.has(booked("2026-03-05", "5.00", words="Coffee"), booked("2026-03-05", "5.00", words="Coffee"))
        self.pull()
        self.has(
            booked("2026-03-05", "9.00", words="Late"),
            *[booked("2026-03-05", "5.00", words="Coffee") for _time in range(2)],
        )
        run = self.pull()
        self.assert_state(run, "done", delivered=1, duplicate=3, skipped=1)
        self.assertEqual(sorted(self.amounts()), [5.0, 5.0, 9.0])
        self.assertEqual(len(self.statements()), 1)

    def test_pending_is_never_booked_and_booked_once_when_it_is_final(self):
        self.consent()
        self.has(pending=[booked("2026-03-09", "-8.00", "P1")])
        self.pull()
        self.assertEqual(self.amounts(), [])
        # This bank gives it another number when it is booked.
        self.has(booked("2026-03-09", "-8.00", "B1"))
        self.pull()
        self.assertEqual(self.amounts(), [-8.0])

    def test_identifiers_that_come_twice_name_nothing(self):
        self.consent()
        self.has(booked("2026-03-05", "5.00", "SAME", words="One"), booked("2026-03-05", "6.00", "SAME", words="Two"))
        for _time in range(2):
            self.pull()
        self.assertEqual(sorted(self.amounts()), [5.0, 6.0])

    def test_a_page_for_people_postpones_the_run_and_books_nothing(self):
        self.consent()
        self.fails(html=1)
        run = self.pull()
        self.assertEqual((run.state, run.tries, self.amounts()), ("queued", 1, []))

    def test_a_run_that_goes_on_does_not_pull_again_what_it_has(self):
        self.consent()
        self.has(booked("2026-03-05", "150.00", "A1"))
        run = self.start(self.flow)
        self.go_on(run, ["extract"])
        self.go_on(run, ["extract"])
        self.assertEqual((len(run.payload_ids), self.used()), (1, {(IBAN, 10): 1}))

    def test_an_account_that_the_consent_does_not_cover_is_told(self):
        self.consent()
        self.has(booked("2026-03-05", "150.00", "A1"))
        self.name_journals(self.flow, self.german | self.french)
        self.pull()
        found = self.env["fin.exception"].search([("flow_id", "=", self.flow.id), ("code", "=", "account_not_shared")])
        self.assertIn("…0189", found.text)

    # Consent

    def test_a_consent_is_asked_for_and_stands_as_the_bank_says(self):
        consent = self.ask()
        self.assertEqual((consent.state, consent.accounts, consent.frequency), ("asked", "…3000", 0))
        self.assertEqual(consent.valid_until, fields.Date.today() + dt.timedelta(days=180))
        self.go_to_the_bank(consent.link)
        consent.with_user(self.operator).action_look()
        self.assertEqual((consent.state, consent.frequency, consent.told, consent.link), ("valid", 4, "valid", False))
        self.assertEqual(self.connection.consent_id, consent)

    def test_s08_what_the_bank_knows_a_consent_by_is_stored_like_a_secret(self):
        consent = self.consent()
        told = str(consent.with_user(self.operator).read())
        known = consent._resolved()
        self.assertNotIn(known, told)
        with self.assertRaises(AccessError):
            consent.with_user(self.operator).read(["reference"])

    def test_a_holder_who_says_no_is_told(self):
        consent = self.ask()
        self.go_to_the_bank(f"{consent.link}?no=1")
        consent.with_user(self.operator).action_look()
        self.assertEqual(consent.state, "refused")

    def test_a_new_consent_takes_the_place_of_the_one_before(self):
        first = self.consent()
        second = self.consent()
        self.assertEqual((first.state, second.state), ("replaced", "valid"))

    def test_a_consent_is_revoked_at_the_bank_and_here(self):
        consent = self.consent()
        consent.with_user(self.operator).action_revoke()
        self.assertEqual(consent.state, "revoked")
        self.assertEqual([one["method"] for one in self.calls("/v1/consents/")][-1], "DELETE")

    def test_only_an_administrator_asks_for_a_consent(self):
        bookkeeper = self.person("bookkeeper", "group_operator")
        with self.assertRaises(AccessError):
            self.connection.with_user(bookkeeper).action_ask_consent()
        consent = self.consent()
        for act in (consent.action_look, consent.action_revoke):
            with self.assertRaises(AccessError):
                act.__func__(consent.with_user(bookkeeper))

    def test_access_a_viewer_of_the_company_sees_and_nobody_writes(self):
        self.consent()
        self.has(booked("2026-03-05", "10.00", "A1"))
        self.pull()
        viewer = self.person("viewer", "group_viewer")
        other = self.new_company("Elsewhere")
        stranger = self.person("stranger", "group_administrator", company=other)
        for model in ("fin.consent", "fin.bank.quota", "fin.bank.day"):
            with self.subTest(model):
                records = self.env[model].search([])
                self.assertTrue(records.with_user(viewer).read(["display_name"]))
                context = {"allowed_company_ids": other.ids}
                self.assertFalse(self.env[model].with_user(stranger).with_context(**context).search([]))
                for write in (lambda of: of.write({"company_id": False}), lambda of: of.unlink(), lambda of: of.copy()):
                    with self.assertRaises(AccessError):
                        write(records[:1].with_user(self.operator))
        self.assertFalse(self.env["fin.consent"].with_user(viewer).search([]).has_access("write"))

    def test_law_8_a_database_that_was_not_released_asks_no_bank(self):
        database = type(self.env["fin.database"])
        self.patch(database, "_is_released", lambda _self: False)
        with self.assertRaisesRegex(UserError, "never released"):
            self.ask()
        self.assertEqual(self.calls("/v1/consents"), [])

    def test_a_consent_that_ends_is_one_matter_and_the_flow_does_not_fail_in_a_loop(self):
        consent = self.consent()
        self.fails(consent_expired=1)
        run = self.pull()
        self.assertEqual((run.state, consent.state, self.codes(run)), ("failed", "expired", ["consent_expired"]))
        exception = run.exception_ids
        self.assertEqual((exception.user_id, exception.family), (self.operator, "configuration"))
        self.assertIn("Ask for Consent", exception.text)
        # The clock goes on; nothing runs, and what was due says why.
        for minute in range(6):
            moment = fields.Datetime.to_datetime(f"2026-03-10 13:0{minute}:00")
            slot = self.env["fin.slot"]._event(self.flow, self.flow._document(), "clock", moment)
            self.assertEqual((slot.state, len(slot.run_ids)), ("skipped", 0))
        self.assertEqual((self.flow.state, exception.run_ids), ("active", run))
        circuit = self.env["fin.circuit"].search([("code", "=", self.connection.code)])
        self.assertIn(circuit.state, (False, "closed"))
        with self.assertRaisesRegex(UserError, "Ask for Consent"):
            self.pull()

    def test_a_renewed_consent_closes_the_matter_and_pulls_what_was_missed(self):
        self.consent()
        self.fails(consent_expired=1)
        failed = self.pull()
        self.has(booked("2026-03-08", "3.00", "A8"))
        self.consent()
        self.assertEqual(failed.exception_ids.state, "resolved")
        self.assertEqual(self.amounts(), [3.0])

    def test_reminders_come_at_30_14_7_and_1_days_once_each(self):
        consent = self.consent()
        told = []
        for left in (31, 30, 29, 20, 14, 14, 7, 3, 1, 0):
            self.days_left(consent, left)
            before = len(consent.activity_ids)
            self.flow._watch()
            told += [left] * (len(consent.activity_ids) - before)
        self.assertEqual(told, [30, 14, 7, 1])
        self.assertEqual(consent.activity_ids.user_id, self.operator)

    def days_left(self, consent, left):
        until = fields.Date.today() + dt.timedelta(days=left)
        self.env.cr.execute("UPDATE fin_consent SET valid_until = %s WHERE id = %s", [until, consent.id])
        self.env.invalidate_all()

    def test_after_its_last_day_a_consent_is_over_without_asking_the_bank(self):
        consent = self.consent()
        self.days_left(consent, -1)
        self.flow._watch()
        self.assertEqual(consent.state, "expired")
        found = self.env["fin.exception"].search([("flow_id", "=", self.flow.id), ("code", "=", "consent_expired")])
        self.assertEqual(found.state, "open")

    # Quota

    def test_four_pulls_a_day_are_counted_and_the_fifth_waits_for_the_next_day(self):
        self.consent()
        # The bank would not mind: it is we who count.
        self.double.ask("/control/bank", quota=99)
        for _time in range(4):
            self.assertEqual(self.pull().state, "done")
        run = self.pull()
        self.assertEqual((run.state, run.tries, self.used()), ("queued", 0, {(IBAN, 10): 4}))
        self.assertEqual(self.env["fin.bank.quota"].search([]).left, 0)
        self.assertEqual(len(self.calls("/transactions")), 4)
        self.assertFalse(run.exception_ids)
        # Twelve o'clock in March, and a quarter of an hour in Berlin: the next day begins eleven hours later.
        wait = (run.not_before - fields.Datetime.now()).total_seconds() / 3600
        self.assertTrue(10.9 < wait < 11.3, wait)

    def test_the_next_day_has_pulls_of_its_own(self):
        self.consent()
        for _time in range(4):
            self.pull()
        self.today(TODAY + dt.timedelta(days=1))
        self.assertEqual(self.pull().state, "done")
        self.assertEqual(self.used(), {(IBAN, 10): 4, (IBAN, 11): 1})

    def test_where_the_bank_has_counted_more_the_day_is_over(self):
        self.consent()
        self.pull()
        self.fails(access_exceeded=1)
        run = self.pull()
        self.assertEqual((run.state, run.tries), ("queued", 0))
        self.assertTrue(self.env["fin.bank.quota"].search([]).is_told)
        circuit = self.env["fin.circuit"].search([("code", "=", self.connection.code)])
        self.assertFalse(circuit.failures)

    # Proven days

    def test_days_are_proven_by_the_banks_balances(self):
        self.consent()
        self.has(balances=[balance("closingBooked", "100.00", "2026-03-04")])
        self.pull()
        self.today(dt.date(2026, 3, 11))
        self.has(booked("2026-03-05", "10.00", "A1"), balances=[balance("closingBooked", "110.00", "2026-03-10")])
        self.pull()
        found = self.env["fin.bank.day"].search([("flow_id", "=", self.flow.id), ("proven_by", "=", "balances")])
        self.assertEqual(sorted(day.on.day for day in found), [5, 6, 7, 8, 9, 10])
        # The two days before the first balance: by pulls of two days that agree.
        self.assertEqual((self.days("proven")[:2], self.days("open")), ([3, 4], [11]))

    def test_a_day_lost_in_an_outage_is_asked_for_until_it_is_told(self):
        self.consent()
        self.has(balances=[balance("closingBooked", "100.00", "2026-03-02")])
        self.today(dt.date(2026, 3, 3))
        self.pull()
        everything = [booked("2026-03-03", "10.00", "A1"), booked("2026-03-04", "5.00", "A2")]
        for day in range(5, 16):
            self.today(dt.date(2026, 3, day))
            self.has(everything[1], balances=[balance("closingBooked", "115.00", "2026-03-04")])
            self.pull()
        self.assertEqual(self.days("open")[:2], [3, 4])
        exception = self.env["fin.exception"].search([("flow_id", "=", self.flow.id), ("code", "=", "days_unproven")])
        self.assertIn("2026-03-03", exception.text)
        self.today(dt.date(2026, 3, 16))
        self.has(*everything, balances=[balance("closingBooked", "115.00", "2026-03-04")])
        self.pull()
        self.assertEqual(self.calls("/transactions")[-1]["query"]["dateFrom"], "2026-03-03")
        self.assertNotIn(3, self.days("open"))
        self.assertEqual((sorted(self.amounts()), exception.state), ([5.0, 10.0], "resolved"))

    def test_days_that_were_asked_for_once_are_nobodys_matter_yet(self):
        self.consent()
        self.has(booked("2026-03-05", "10.00", "A1"))
        self.pull()
        self.assertEqual(self.days("proven"), [])
        self.assertFalse(self.env["fin.exception"].search([("flow_id", "=", self.flow.id), ("state", "=", "open")]))

    def test_an_entry_that_is_booked_late_opens_its_day_again(self):
        self.consent()
        self.has(booked("2026-03-05", "10.00", "A1"))
        for day in (10, 11):
            self.today(dt.date(2026, 3, day))
            self.pull()
        self.assertIn(5, self.days("proven"))
        self.today(dt.date(2026, 3, 12))
        self.has(booked("2026-03-05", "10.00", "A1"), booked("2026-03-05", "7.00", "A2"))
        self.pull()
        self.assertEqual((self.days("open")[0], sorted(self.amounts())), (5, [7.0, 10.0]))

    def test_the_windows_of_a_version_are_those_that_were_approved(self):
        self.flow.write({"bank_look_back": 3, "bank_begin_on": "2026-03-08"})
        self.name_journals(self.flow, self.german)
        self.consent()
        self.pull()
        query = self.calls("/transactions")[-1]["query"]
        self.assertEqual((query["dateFrom"], query["dateTo"]), ("2026-03-08", "2026-03-10"))
        self.flow.bank_look_back = 9
        self.pull()
        self.assertEqual(self.calls("/transactions")[-1]["query"]["dateFrom"], "2026-03-08")
