"""What matching does to the books, by Odoo's own means, and that it can be undone."""

import json

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .match_scene import MatchCase


@tagged("post_install", "-at_install")
class TestMatchPosting(MatchCase):
    def test_one_line_pays_one_invoice(self):
        invoice = self.invoice(self.anna, 119.0)
        line = self.line(119.0, f"Rechnung {invoice.name}", self.anna)
        self.take(line)
        self.assert_matched(line, invoice)
        _liquidity, suspense, others = line._seek_for_lines()
        self.assertFalse(suspense)
        self.assertEqual(others.account_id, self.receivable)

    def test_undo_gives_the_suspense_item_back_and_opens_the_invoice(self):
        invoice = self.invoice(self.anna, 119.0)
        line = self.line(119.0, invoice.name, self.anna)
        before = sorted(line.line_ids.mapped(lambda one: (one.account_id.code, one.balance)))
        self.take(line)
        self.screen.undo(line.id)
        self.env.invalidate_all()
        self.assertFalse(line.is_reconciled)
        self.assertEqual(invoice.amount_residual, 119.0)
        self.assertEqual(sorted(line.line_ids.mapped(lambda one: (one.account_id.code, one.balance))), before)
        self.assertEqual(len(self.evidence(line, "undone")), 1)

    def test_one_line_pays_many_invoices(self):
        invoices = [self.invoice(self.anna, amount) for amount in (100.0, 40.5, 9.5)]
        line = self.line(150.0, " ".join(one.name for one in invoices), self.anna)
        self.assertEqual(self.first(line)["kind"], "many")
        self.take(line)
        self.assert_matched(line, *invoices)

    def test_many_lines_pay_one_invoice_and_parts_stay_open(self):
        invoice = self.invoice(self.anna, 300.0)
        lines = [self.line(100.0, f"{invoice.name} part {place}", self.anna) for place in (1, 2)]
        for line in lines:
            self.assertEqual(self.first(line)["kind"], "partial")
            self.take(line, rest="keep")
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (100.0, "partial"))
        self.assertTrue(all(line.is_reconciled for line in lines))

    def test_marked_lines_pay_one_document_together(self):
        invoice = self.invoice(self.anna, 300.0)
        lines = [self.line(amount, "part", self.anna) for amount in (120.0, 180.0)]
        self.screen.together([line.id for line in lines], self.item(invoice).id)
        self.env.invalidate_all()
        for line in lines:
            self.assert_matched(line, invoice)

    def test_undo_takes_back_what_the_same_person_did_last(self):
        first, second = self.invoice(self.anna, 300.0), self.invoice(self.anna, 50.0)
        lines = [self.line(move.amount_total, move.name, self.anna) for move in (first, second)]
        for line in lines:
            self.take(line)
        self.assertEqual([self.screen.undo_last()["id"] for _each in lines], [lines[1].id, lines[0].id])
        with self.assertRaises(UserError):
            self.screen.undo_last()
        self.env.invalidate_all()
        self.assertEqual((first.amount_residual, second.amount_residual), (300.0, 50.0))

    def test_what_is_left_over_stays_on_the_line(self):
        invoice = self.invoice(self.anna, 100.0)
        line = self.line(130.0, invoice.name, self.anna)
        told = self.take(line, rest="keep")
        self.assertFalse(told["is_done"])
        self.assertEqual(told["line"]["left"], 30.0)
        self.assert_books_balance(line)
        self.screen.book(line.id, "on_account", self.anna.id)
        self.env.invalidate_all()
        self.assert_matched(line, invoice)

    def assert_books_balance(self, line):
        self.assertAlmostEqual(sum(line.line_ids.mapped("balance")), 0)

    def test_a_difference_is_written_off_within_the_approved_limit_only(self):
        invoice = self.invoice(self.anna, 100.0)
        line = self.line(95.0, f"{invoice.name} less charges", self.anna)
        self.assertEqual(self.first(line)["kind"], "partial")
        limit = {"name": "Differences", "kind": "write_off", "account_id": self.fees.id, "most": 10.0}
        self.rules(limit)
        self.assertEqual(self.first(line)["kind"], "less")
        self.take(line)
        self.assert_matched(line, invoice)
        self.assertEqual(line._seek_for_lines()[2].filtered(lambda one: one.account_id == self.fees).balance, 5.0)
        other = self.invoice(self.anna, 200.0)
        far = self.line(180.0, other.name, self.anna)
        with self.assertRaises(UserError):
            self.screen.apply(far.id, [[self.item(other).id, "200.0"]], "less", "write_off")
        self.assertEqual(other.amount_residual, 200.0)

    def test_a_payment_in_another_currency_books_the_difference(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].create(
            [
                {"name": day, "rate": rate, "currency_id": dollar.id, "company_id": self.company.id}
                for day, rate in (("2026-03-01", 1.25), ("2026-03-10", 1.0))
            ]
        )
        invoice = self.invoice(self.anna, 1000.0, currency=dollar)
        line = self.line(990.0, invoice.name, self.anna, foreign_currency_id=dollar.id, amount_currency=1000.0)
        self.take(line)
        self.assert_matched(line, invoice)
        self.assertEqual(invoice.amount_residual, 0.0)
        booked = self.env["account.move.line"].search([("journal_id", "=", self.exchange.id)])
        self.assertIn(self.gain, booked.account_id)
        self.assertAlmostEqual(sum(booked.filtered(lambda one: one.account_id == self.gain).mapped("balance")), -190.0)

    def test_an_invoice_in_dollars_is_settled_by_euros_that_a_person_chose(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].create(
            {"name": "2026-03-01", "rate": 1.25, "currency_id": dollar.id, "company_id": self.company.id}
        )
        invoice = self.invoice(self.anna, 1000.0, currency=dollar)
        line = self.line(790.0, "thanks", self.anna)
        self.screen.apply(line.id, [[self.item(invoice).id, "1000.00"]])
        self.env.invalidate_all()
        self.assert_matched(line, invoice)

    def test_a_payment_in_process_is_matched_on_its_outstanding_account(self):
        bill = self.invoice(self.bert, 70.0, "in_invoice", ref="R-4711")
        method = self.german.outbound_payment_method_line_ids[:1]
        method.payment_account_id = self.outstanding
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.bert.id, "payment_type": "outbound", "partner_type": "supplier", "amount": 70.0,
                "journal_id": self.german.id, "payment_method_line_id": method.id, "date": "2026-03-10",
            }
        )  # fmt: skip
        payment.action_post()
        (self.item(bill) | payment.move_id.line_ids.filtered(lambda one: one.account_id == self.payable)).reconcile()
        line = self.line(-70.0, "R-4711", self.bert, told={"end_to_end": payment.name})
        self.take(line)
        self.assertTrue(line.is_reconciled)
        self.assertTrue(payment.is_matched)

    def test_a_line_of_a_locked_period_stays_as_it_is_with_a_reason(self):
        invoice = self.invoice(self.anna, 119.0)
        line = self.line(119.0, invoice.name, self.anna)
        self.lock("2026-03-31")
        with self.assertRaisesRegex(UserError, "locked period"):
            self.take(line)
        self.assertEqual((line.is_reconciled, line.date), (False, fields.Date.to_date("2026-03-15")))
        self.lock(None)
        self.take(line)
        self.lock("2026-03-31")
        with self.assertRaisesRegex(UserError, "locked period"):
            self.screen.undo(line.id)
        self.assert_matched(line, invoice)

    def lock(self, day):
        """Odoo asks for matched lines before it locks; an exception to a lock that has run out leaves them so."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_company SET fiscalyear_lock_date = %s WHERE id = %s", (day, self.company.id))
        self.env.invalidate_all()

    def test_nothing_is_settled_beyond_what_is_open(self):
        invoice = self.invoice(self.anna, 119.0)
        line, other = (self.line(119.0, invoice.name, self.anna) for _each in range(2))
        proposal = self.first(other)
        self.take(line)
        with self.assertRaises(UserError):
            self.take(other, proposal)
        with self.assertRaises(UserError):
            self.screen.apply(other.id, [[self.item(self.invoice(self.anna, 5.0)).id, "119.00"]])

    def test_a_preset_books_what_is_left(self):
        booked = {"account_id": self.fees.id, "amount_string": "100", "label": "fee"}
        preset = self.env["account.reconcile.model"].create(
            {
                "name": "Bank fees", "company_id": self.company.id,
                "line_ids": [fields.Command.create(booked)],
            }
        )  # fmt: skip
        line = self.line(-12.9, "Kontofuehrung 03/2026", name="Hausbank")
        self.assertIn("Bank fees", [one["name"] for one in self.screen.proposals(line.id)["presets"]])
        self.screen.preset(line.id, preset.id)
        self.env.invalidate_all()
        self.assertTrue(line.is_reconciled)
        booked = line._seek_for_lines()[2]
        self.assertEqual((booked.account_id, booked.balance, booked.name), (self.fees, 12.9, "fee"))

    def taxed_preset(self):
        self.company.account_fiscal_country_id = self.env.ref("base.de")
        taxes = self.env["account.tax"].create(
            {
                "name": "Input tax 19 %", "amount": 19.0, "type_tax_use": "purchase", "company_id": self.company.id,
                "country_id": self.env.ref("base.de").id,
                "tax_group_id": self.env["account.tax.group"].create(
                    {"name": "VAT", "company_id": self.company.id}).id,
            }
        )  # fmt: skip
        booked = {"account_id": self.fees.id, "amount_string": "100", "label": "fee", "tax_ids": taxes.ids}
        preset = self.env["account.reconcile.model"].create(
            {"name": "Fees with tax", "company_id": self.company.id, "line_ids": [fields.Command.create(booked)]}
        )
        return preset, taxes

    def test_a_preset_splits_off_the_taxes_that_lie_in_the_amount(self):
        preset, taxes = self.taxed_preset()
        line = self.line(-11.9, "Kontofuehrung 03/2026", name="Hausbank")
        self.assertIn("Fees with tax", [one["name"] for one in self.screen.proposals(line.id)["presets"]])
        self.screen.preset(line.id, preset.id)
        self.env.invalidate_all()
        self.assertTrue(line.is_reconciled)
        base, tax = line._seek_for_lines()[2].sorted("balance", reverse=True)
        self.assertEqual((base.account_id, base.balance, base.tax_ids), (self.fees, 10.0, taxes))
        self.assertEqual((tax.balance, tax.tax_line_id, tax.tax_base_amount), (1.9, taxes, 10.0))
        self.screen.undo(line.id)
        self.assertFalse(line.is_reconciled)
        self.assertFalse(line.move_id.line_ids.tax_line_id)

    def test_what_a_refunded_fee_gives_back_is_split_by_the_refunds_side_of_its_tax(self):
        preset, _taxes = self.taxed_preset()
        line = self.line(11.9, "Erstattung Kontofuehrung", name="Hausbank")
        self.screen.preset(line.id, preset.id)
        self.env.invalidate_all()
        tax = line._seek_for_lines()[2].filtered("tax_line_id")
        self.assertEqual((tax.balance, tax.tax_repartition_line_id.document_type), (-1.9, "refund"))
        self.assertTrue(line.is_reconciled)

    def test_taxes_of_a_line_in_another_currency_add_up_in_both(self):
        preset, _taxes = self.taxed_preset()
        line = self.line(-10.01, "Fee of the card", name="Hausbank")
        line.write({"foreign_currency_id": self.env.ref("base.USD").id, "amount_currency": -11.57})
        self.screen.preset(line.id, preset.id)
        self.env.invalidate_all()
        self.assertTrue(line.is_reconciled)
        _bank, suspense, booked = line._seek_for_lines()
        self.assertFalse(suspense)
        self.assertEqual(len(booked), 2)
        self.assertAlmostEqual(sum(booked.mapped("balance")), 10.01)
        self.assertAlmostEqual(sum(booked.mapped("amount_currency")), 11.57)

    def test_all_of_a_line_in_another_currency_goes_on_account(self):
        dollar = self.env.ref("base.USD")
        line = self.line(-10.01, "Down payment", foreign_currency_id=dollar.id, amount_currency=-11.57)
        self.screen.book(line.id, "on_account", self.anna.id)
        self.env.invalidate_all()
        self.assertTrue(line.is_reconciled)
        booked = line._seek_for_lines()[2]
        self.assertEqual((booked.balance, booked.amount_currency, booked.currency_id), (10.01, 11.57, dollar))

    def test_candidates_are_searched_set_by_set_and_not_line_by_line(self):
        moves = [self.invoice(self.anna, 100.0 + place) for place in range(12)]
        lines = [self.line(100.0 + place, move.name, self.anna) for place, move in enumerate(moves)]
        counts = []
        for few in (lines[:2], lines):
            together = self.env["account.bank.statement.line"].browse([line.id for line in few])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["fin.match.search"]._matching(self.company, together)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_who_matched_and_why_is_kept_and_nobody_changes_it(self):
        invoice = self.invoice(self.anna, 119.0)
        line = self.line(119.0, invoice.name, self.anna)
        self.take(line)
        kept = self.evidence(line)
        self.assertEqual((kept.user_id, kept.run_id.id, kept.rule), (self.accountant, False, False))
        told = json.loads(kept.content)
        self.assertEqual([one["name"] for one in told["parts"]], [invoice.name])
        self.assertIn("named_number", [code for code, _facts in told["reasons"]])
        self.assertIn(invoice.name, kept.text)
        for attempt in (lambda: kept.with_user(self.accountant).write({"rule": "x"}), lambda: kept.unlink()):
            with self.assertRaises(AccessError):
                attempt()

    def test_a_viewer_sees_matches_and_only_an_operator_makes_some(self):
        viewer = self.person("looks", "group_viewer")
        line = self.line(119.0, "x", self.anna)
        with self.assertRaises(AccessError):
            self.env["fin.match.screen"].with_user(viewer).proposals(line.id)
        with self.assertRaises(AccessError):
            self.env["fin.match.screen"].with_user(viewer).undo(line.id)
        self.env["fin.match"].with_user(viewer).search([]).read(["text"])
        bookkeeper = new_test_user(
            self.env, "books-only", "base.group_user,account.group_account_user", company_id=self.company.id
        )
        for act in ("proposals", "undo"):
            with self.assertRaises(AccessError):
                getattr(self.env["fin.match.screen"].with_user(bookkeeper), act)(line.id)

    def test_another_company_sees_none_of_it(self):
        other = self.new_company("Elsewhere GmbH")
        stranger = self.person("stranger", "group_administrator", company=other)
        line = self.line(119.0, "x", self.anna)
        self.screen.book(line.id, "on_account", self.anna.id)
        theirs = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(theirs["fin.match"].search([("line_id", "=", line.id)]))
        with self.assertRaises(AccessError):
            theirs["fin.match.screen"].proposals(line.id)
