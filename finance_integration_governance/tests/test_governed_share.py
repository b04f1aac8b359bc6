import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from .common import LawScene, fact

MONTH = dt.date(2026, 3, 1), dt.date(2026, 3, 31)


class Postings(LawScene):
    """Entries that came in each of the ways that there are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.robot = cls.env.ref("base.user_root")
        cls.clerk = new_test_user(cls.env, "law-clerk", "account.group_account_manager")
        cls.misc = cls.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.accounts = cls.env["account.account"].search([("account_type", "in", ("expense", "income"))], limit=2)

    def entry(self, amount, user=None, **vals):
        sides = ((self.accounts[0], amount, 0.0), (self.accounts[1], 0.0, amount))
        lines = [{"account_id": account.id, "debit": debit, "credit": credit} for account, debit, credit in sides]
        values = {"journal_id": self.misc.id, "date": "2026-03-10", **vals}
        move = (
            self.env["account.move"]
            .with_user(user or self.robot)
            .create({**values, "line_ids": [Command.create(line) for line in lines]})
        )
        move.action_post()
        return move

    def figure(self):
        return self.env["fin.governed.row"]._figure(self.company, *MONTH)

    def rows(self, **wanted):
        self.env.flush_all()
        rows = self.env["fin.governed.row"].search([("company_id", "=", self.company.id), ("period", "=", MONTH[0])])
        return rows.filtered(lambda row: all(row[name] == value for name, value in wanted.items()))


@tagged("post_install", "-at_install")
class TestGovernedShare(Postings, TransactionCase):
    """Of what machines post: how much came through an approved flow."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.before = self.figure()

    def grown(self):
        return [now - before for now, before in zip(self.figure(), self.before, strict=True)]

    def test_what_a_run_booked_is_governed(self):
        run = self.start(fact("a", "10.00"), fact("b", "-4.00"))
        self.assertEqual(run.state, "done")
        self.assertEqual(self.grown(), [2, 2, 14, 14])

    def test_what_odoo_posted_by_itself_is_not(self):
        self.entry(100)
        self.assertEqual(self.grown(), [1, 0, 100, 0])
        self.assertEqual(self.rows(way="robot", journal_id=self.misc).uncovered, 1)

    def test_what_a_person_posts_by_hand_does_not_count(self):
        self.entry(100, user=self.clerk)
        self.assertEqual(self.grown(), [0, 0, 0, 0])

    def test_a_draft_does_not_count(self):
        self.entry(100).button_draft()
        self.assertEqual(self.grown(), [0, 0, 0, 0])

    def test_an_import_with_external_ids_is_recognised(self):
        move = self.entry(50, user=self.clerk)
        self.env["ir.model.data"].create({"module": "__import__", "name": "m1", "model": move._name, "res_id": move.id})
        self.env.flush_all()
        self.assertEqual(self.grown(), [1, 0, 50, 0])
        self.assertEqual(self.rows(way="import").user_id, self.clerk)

    def test_the_service_user_without_a_run_is_not_governed(self):
        service = self.company._fin_service_user()
        service.group_ids += self.env.ref("account.group_account_manager")
        self.entry(30, user=service)
        self.assertEqual(self.grown(), [1, 0, 30, 0])
        self.assertTrue(self.rows(way="service"))

    def test_a_user_registered_as_automatic_counts_as_a_machine(self):
        self.entry(20, user=self.clerk)
        self.env["fin.feed"].create(
            {"kind": "key", "key": "k", "name": "k", "user_id": self.clerk.id, "is_automatic": True}
        )
        self.assertEqual(self.grown(), [1, 0, 20, 0])
        self.assertEqual(self.rows(way="user").user_id, self.clerk)

    def test_a_binding_that_ended_governs_nothing(self):
        run = self.start(fact("a", "10.00"))
        self.env["fin.binding"].search([("run_id", "=", run.id), ("live", "=", True)])._end()
        self.assertEqual(self.grown()[:2], [1, 0])

    def test_rows_figure_and_list_of_the_rest_agree(self):
        self.start(fact("a", "10.00"))
        self.entry(100)
        self.entry(7, user=self.clerk)
        postings, governed, value, governed_value = self.figure()
        rows = self.rows()
        self.assertEqual((sum(rows.mapped("postings")), sum(rows.mapped("governed"))), (postings, governed))
        self.assertAlmostEqual(sum(rows.mapped("value")), float(value), 2)
        rest = self.env["fin.governed.row"]._ungoverned(self.company, *MONTH)
        self.assertEqual(len(rest), postings - governed)
        self.assertEqual(sum(amount for *_told, amount in rest), value - governed_value)
        row = self.rows(way="robot", journal_id=self.misc)
        self.assertEqual(len(row._move_ids()), row.uncovered)

    def test_the_screen_shows_figure_trend_and_rest(self):
        self.entry(100, date=fields.Date.today())
        self.env.flush_all()
        share = self.by("viewer", "fin.governed.share").browse(self.company.id)
        today = fields.Date.today()
        self.assertEqual(
            (share.postings, share.governed),
            self.env["fin.governed.row"]._figure(self.company, share.since, today)[:2],
        )
        self.assertEqual(share.uncovered, share.postings - share.governed)
        self.assertLess(share.share_value, 100)
        self.assertIn(("robot", self.misc), [(row.way, row.journal_id) for row in share.rest_ids])
        self.assertIn(f"{today:%Y-%m}", share.trend)

    def test_adopt_makes_a_draft_flow_of_an_uncovered_feed(self):
        self.entry(100)
        row = self.by("operator", self.rows(way="robot", journal_id=self.misc))
        action = row.action_adopt()
        dialog = (
            self.by("operator", action["res_model"])
            .with_context(**action["context"])
            .create(
                {
                    "connection_id": self.flow.connection_id.id,
                    "object": "fin.object",
                    "owner_id": self.people["operator"].id,
                    "deputy_id": self.people["administrator"].id,
                }
            )
        )
        flow = self.env["fin.flow"].browse(dialog.action_create()["res_id"])
        self.assertEqual((flow.state, flow.version_ids.state), ("draft", "proposed"))
        row.invalidate_recordset()
        self.assertEqual(row.flow_id, flow)

    def test_who_may_not_operate_adopts_nothing(self):
        self.entry(100)
        row = self.rows(way="robot", journal_id=self.misc)
        with self.assertRaises(AccessError):
            self.by("viewer", row).action_adopt()

    def test_s11_another_company_sees_no_postings(self):
        self.entry(100)
        other = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        stranger = self.person("viewer", "share-stranger", company_id=other.id, company_ids=other.ids)
        rows = self.env["fin.governed.row"].with_user(stranger)
        self.assertFalse(rows.search([]))
        self.assertEqual(self.env["fin.governed.share"].with_user(stranger).search([]).company_id, other)

    # Feeds

    def feed(self, kind, name):
        self.env["fin.feed"]._discover()
        return self.env["fin.feed"].search([("kind", "=", kind), ("name", "ilike", name)])

    def test_connections_keys_crons_and_webhooks_are_found(self):
        self.assertTrue(self.feed("connection", "List law").is_ours)
        self.assertTrue(self.feed("cron", "batch lane").is_ours)
        self.assertFalse(self.feed("cron", "Account: Post draft entries").is_ours)
        self.assertFalse(self.feed("cron", "Base: Auto-vacuum"))
        self.env["ir.actions.server"].create(
            {
                "name": "Tell somebody",
                "model_id": self.env.ref("account.model_account_move").id,
                "state": "webhook",
                "webhook_url": "https://example.com",
            }
        )
        self.assertEqual(self.feed("webhook_out", "Tell somebody").reaches, "account.move")

    def test_a_key_of_somebody_who_never_signed_in_is_a_program(self):
        until = fields.Datetime.now() + dt.timedelta(days=1)
        self.env["res.users.apikeys"].with_user(self.clerk).sudo()._generate("rpc", "nightly", until)
        feed = self.feed("key", "nightly")
        self.assertEqual((feed.user_id, feed.is_automatic, feed.reaches), (self.clerk, True, "rpc"))

    def test_what_people_wrote_stays_and_what_is_gone_is_told(self):
        feed = self.feed("connection", "List law")
        self.by("administrator", feed).write({"purpose": "My words", "owner_id": self.people["operator"].id})
        self.assertEqual(self.feed("connection", "List law").purpose, "My words")
        self.flow.connection_id.active = False
        self.env["fin.feed"]._discover()
        self.assertTrue(feed.gone_on)

    def test_nobody_types_a_feed(self):
        for group, person in self.people.items():
            self.assertFalse(self.env["fin.feed"].with_user(person).has_access("create"), group)


@tagged("post_install", "-at_install")
class TestGovernedShareOverRpc(Postings, HttpCase):
    def test_a_viewer_reads_the_figure_over_rpc_and_writes_nothing(self):
        user = new_test_user(self.env, "share-rpc", "finance_integration_governance.group_viewer", password="share-rpc")
        self.entry(100)
        self.authenticate(user.login, "share-rpc")
        rows = self.call("search_read", [], ["way", "uncovered"])
        self.assertTrue(rows["result"])
        for method in ("create", "write", "unlink"):
            arguments = {"create": [{"way": "flow"}], "write": [[1], {"way": "flow"}], "unlink": [[1]]}[method]
            self.assertIn("error", self.call(method, *arguments), method)

    def call(self, method, *arguments):
        body = {"jsonrpc": "2.0", "method": "call", "params": {}}
        body["params"] = {"model": "fin.governed.row", "method": method, "args": list(arguments), "kwargs": {}}
        return self.url_open("/web/dataset/call_kw", json=body).json()
