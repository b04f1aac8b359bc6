import base64
import csv
import gzip
import hashlib
import io
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlparse

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PlanningCase

DOOR = "/finance_integration/journal_items.csv"
WITH_A_KEY = "/finance_integration/api/journal_items.csv"
ACCOUNTANT = "base.group_user,account.group_account_user"
REFUSED = "people who may read the accounting"


@tagged("post_install", "-at_install")
class TestJournalExtract(PlanningCase, HttpCase):
    """Journal items as a file over HTTP: for whom, which ones, and what the log says of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = cls.user("accountant", ACCOUNTANT)
        cls.entry("2026-01-10", 100)
        cls.entry("2026-02-10", 7.5)
        cls.entry("2026-02-11", 1, post=False)

    @classmethod
    def user(cls, name, groups, **more):
        return new_test_user(cls.env, f"extract-{name}", groups, company_id=cls.company.id, **more)

    def get(self, user=None, door=DOOR, headers=None, **asked):
        if headers is None:
            self.authenticate(user and user.login, user and user.login)
        self.env.flush_all()
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        with mute_logger("odoo.http"):
            return self.url_open(f"{door}?{query}", headers=headers, allow_redirects=False)

    def rows(self, answer):
        self.assertEqual(answer.status_code, 200, answer.text[:2000])
        return list(csv.DictReader(io.StringIO(answer.text)))

    def exports(self):
        return self.env["fin.audit.event"].search([("code", "=", "fin.journal_items.export")])

    def key_of(self, user):
        keys = self.env["res.users.apikeys"].with_user(user).sudo()
        return keys._generate(None, "extract", fields.Datetime.now() + timedelta(days=1))

    # Who

    def test_an_accountant_gets_the_posted_items_and_leaves_one_event(self):
        answer = self.get(self.accountant, columns="id,date,account_id.code,balance")
        told = [(row["date"], row["account_id.code"], float(row["balance"])) for row in self.rows(answer)]
        january, february = (("2026-01-10", 100.0), ("2026-02-10", 7.5))
        self.assertEqual(
            sorted(told),
            sorted((day, code, sign * sum_) for day, sum_ in (january, february) for code, sign in self.sides()),
        )
        self.assertIn("no-store", answer.headers["Cache-Control"])
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        [event] = self.exports()
        facts = json.loads(event.facts)
        self.assertEqual((event.actor.partition("#")[0], event.company), (self.accountant.login, self.company.fin_code))
        self.assertEqual((facts["rows"], facts["columns"]), (4, "id,date,account_id.code,balance"))
        self.assertEqual(facts["digest"], hashlib.sha256(answer.content).hexdigest())
        told = base64.b64decode(answer.headers["Repr-Digest"].removeprefix("sha-256=").strip(":"))
        self.assertEqual((told.hex(), answer.headers["X-Row-Count"]), (facts["digest"], "4"))

    def sides(self):
        return (("550000", 1), ("700000", -1))

    def test_a_program_gets_them_with_a_key(self):
        headers = {"Authorization": f"Bearer {self.key_of(self.accountant)}"}
        answer = self.get(door=WITH_A_KEY, headers=headers, date_from="2026-02-01")
        self.assertEqual(len(self.rows(answer)), 2)
        [event] = self.exports()
        self.assertEqual(json.loads(event.facts)["filter"], "date_from=2026-02-01")
        self.assertEqual(event.actor.partition("#")[0], self.accountant.login)

    def test_a_wrong_key_gets_nothing(self):
        for headers in ({"Authorization": "Bearer canary-key"}, {"Authorization": "Basic eDp5"}):
            with self.subTest(headers):
                self.assertEqual(self.get(door=WITH_A_KEY, headers=headers).status_code, 401)
        self.assertFalse(self.exports())

    def test_s11_who_may_not_read_the_accounting_is_told_so(self):
        for name, groups in (("nobody", "base.group_user"), ("biller", "account.group_account_invoice")):
            answer = self.get(self.user(name, groups))
            with self.subTest(name):
                self.assertEqual((answer.status_code, REFUSED in answer.text), (403, True))
        self.assertFalse(self.exports())

    def test_s11_a_portal_user_gets_nothing_neither_way(self):
        portal = self.user("portal", "base.group_portal")
        headers = {"Authorization": f"Bearer {self.key_of(portal)}"}
        for answer in (self.get(portal), self.get(door=WITH_A_KEY, headers=headers)):
            self.assertEqual((answer.status_code, REFUSED in answer.text), (403, True))
        self.assertFalse(self.exports())

    def test_logged_out_there_is_nothing(self):
        answer = self.get()
        self.assertEqual((answer.status_code, "/web/login" in answer.headers["Location"]), (303, True))

    def test_s11_the_company_of_others_stays_shut_and_ones_own_is_one_at_a_time(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        answer = self.get(self.accountant, company=other.fin_code)
        self.assertEqual((answer.status_code, "not yours to read" in answer.text), (403, True))
        stranger = new_test_user(self.env, "extract-stranger", ACCOUNTANT, company_id=other.id)
        self.assertEqual(self.rows(self.get(stranger)), [])
        stranger.company_ids = [Command.link(self.company.id)]
        self.assertEqual(self.rows(self.get(stranger)), [])
        self.assertEqual(len(self.rows(self.get(stranger, company=self.company.fin_code))), 4)

    # What

    def test_the_filter_is_what_is_told(self):
        tax = self.env["account.journal"].create({"name": "Other", "code": "OTHR", "type": "general"})
        self.entry("2026-01-31", 3).journal_id.flush_recordset()
        for expected, asked in (
            (4, {"date_until": "2026-01-31"}),
            (3, {"accounts": "70"}),
            (6, {"accounts": "70,55"}),
            (8, {"posted": "0"}),
            (6, {"journals": self.journal.code}),
            (0, {"journals": tax.code}),
        ):
            with self.subTest(asked):
                self.assertEqual(len(self.rows(self.get(self.accountant, **asked))), expected)

    def test_packed_it_is_the_same(self):
        plain = self.get(self.accountant)
        packed = self.get(self.accountant, gzip="1")
        self.assertIn(".csv.gz", packed.headers["Content-Disposition"])
        self.assertEqual(gzip.decompress(packed.content), plain.content)

    def test_what_is_not_understood_or_not_there_is_refused_with_its_name(self):
        for asked, words in (
            ({"acounts": "70"}, "no parameter acounts"),
            ({"date_from": "yesterday"}, "date_from is a day"),
            ({"columns": "id,tax_ids"}, "tax_ids is not kept"),
            ({"columns": "id,balance.code"}, "balance points to no other record"),
            ({"accounts": "99"}, "has no 99"),
            ({"journals": "NOPE"}, "has no NOPE"),
        ):
            answer = self.get(self.accountant, **asked)
            with self.subTest(asked):
                self.assertEqual((answer.status_code, words in answer.text), (422, True))
        self.assertFalse(self.exports())

    def test_names_are_those_that_this_person_may_see(self):
        """A record that another company's rule hides leaves its column empty; a field of other groups is refused."""
        self.entry("2026-03-01", 9).line_ids.partner_id = partner = self.env["res.partner"].create({"name": "=Partner"})
        asked = {"columns": "partner_id,partner_id.name", "date_from": "2026-03-01"}
        self.assertEqual(
            {row["partner_id.name"] for row in self.rows(self.get(self.accountant, **asked))}, {"'=Partner"}
        )
        self.env.cr.execute(
            "UPDATE res_partner SET company_id = %s WHERE id = %s",
            [self.env["res.company"].create({"name": "Hidden"}).id, partner.id],
        )
        self.env.invalidate_all()
        told = {(row["partner_id"], row["partner_id.name"]) for row in self.rows(self.get(self.accountant, **asked))}
        self.assertEqual(told, {(str(partner.id), "")})
        self.patch(self.env["res.partner"]._fields["name"], "groups", "base.group_system")
        self.assertEqual(self.get(self.accountant, **asked).status_code, 403)

    # In the web client

    def ask(self, **vals):
        wizard = (
            self.env["fin.journal.extract"]
            .with_user(self.accountant)
            .with_context(allowed_company_ids=self.company.ids)
        )
        return wizard.create(vals)

    def test_the_dialog_makes_the_address_that_gives_the_file(self):
        wizard = self.ask(date_from="2026-01-01", date_until="2026-01-31", accounts="70", journal_ids=self.journal.ids)
        address = urlparse(wizard.action_download()["url"])
        asked = {name: value for name, [value] in parse_qs(address.query).items()}
        self.assertEqual((address.path, asked["company"]), (DOOR, self.company.fin_code))
        [row] = self.rows(self.get(self.accountant, **asked))
        self.assertEqual((row["account_id.code"], float(row["balance"])), ("700000", -100.0))
        self.assertEqual(list(row), list(wizard.column_ids.filtered("is_taken").mapped("name")))

    def test_every_column_that_the_dialog_offers_can_be_had(self):
        wizard = self.ask(date_from=False, date_until=False)
        wizard.column_ids.is_taken = True
        self.assertGreater(len(wizard.column_ids), 30)
        [url] = [wizard.action_download()["url"]]
        self.authenticate(self.accountant.login, self.accountant.login)
        self.env.flush_all()
        self.assertEqual(len(self.rows(self.url_open(url))), 4)

    def test_no_two_columns_are_called_the_same_where_one_leads_to_the_other(self):
        labels = {one.name: one.label for one in self.ask().column_ids}
        self.assertEqual(
            [labels[name] for name in ("account_id.code", "account_id.name", "account_id", "debit")],
            ["Account › Code", "Account › Account Name", "Account (id)", "Debit"],
        )

    def test_without_columns_there_is_no_file(self):
        wizard = self.ask()
        wizard.column_ids.is_taken = False
        with self.assertRaises(UserError):
            wizard.action_download()

    def test_who_may_read_the_accounting_finds_the_dialog_and_nobody_else(self):
        menus = [
            self.env.ref(f"connector_planning.{name}_menu")
            for name in ("fin_journal_extract", "account_journal_extract")
        ]
        for user, expected in ((self.accountant, True), (self.user("nobody-else", "base.group_user"), False)):
            seen = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            with self.subTest(user.login):
                self.assertEqual(menus[1].id in seen, expected)
                self.assertEqual(self.env["fin.journal.extract"].with_user(user).has_access("create"), expected)
        self.assertIn(
            menus[0].id, self.env["ir.ui.menu"].with_user(self.person("reader", "group_viewer"))._visible_menu_ids()
        )
