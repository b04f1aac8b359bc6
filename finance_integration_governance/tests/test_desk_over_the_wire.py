"""The exception desk as clients reach it, by the web client and by an API key: the right people and the wrong ones."""

import datetime as dt

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .common import ListSource, fact
from .test_desk import DeskScene
from .wire import QUIET, OverTheWire

ASK = "fin.remedy.ask"
BUTTONS = ("take", "retry", "replay", "skip", "split", "assign", "resolve", "reject", "request_waiver", "map_codes")
TRACED = {
    "fin.exception": ("state", "user_id", "reason", "unsettled_count", "waived_until", "run_ids"),
    "fin.item": ("outcome", "exception_id", "remedy_id"),
    "fin.remedy": ("state", "kind"),
    "fin.run": ("state", "not_before"),
    "fin.approval": ("state", "person_id"),
    "fin.drill": ("state",),
    "fin.binding": ("live",),
}


class DeskWire(OverTheWire, DeskScene):
    """People who have no business at this desk, and everything that can be pressed there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classPatch(type(cls.env["fin.object"]), "_undoes", True)
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        companies = {"company_id": cls.elsewhere.id, "company_ids": [Command.set(cls.elsewhere.ids)]}
        cls.people["foreigner"] = cls.person("operator+approver", "foreigner", **companies)
        cls.people["portal"] = new_test_user(cls.env, "law-portal", groups="base.group_portal")
        cls.people["both"] = cls.person("operator+approver", "both")
        cls.wrong = ("viewer", "support", "auditor", "approver", "portal", "foreigner")

    def traces(self):
        """Whatever an action at the desk could have left behind."""
        self.env.invalidate_all()
        return {
            name: [
                (one.id, *(one[field].ids if one._fields[field].relational else one[field] for field in names))
                for one in self.env[name].search([], order="id")
            ]
            for name, names in TRACED.items()
        }

    def case_of(self, count, name="one.txt"):
        return self.case(self.rejected(count, name))

    def asked(self, action, **vals):
        """The dialog that this action has opened, filled and confirmed, as the client that is logged in does it."""
        dialog = action["res_id"]
        self.call(ASK, "web_save", [dialog], vals, specification={})
        return self.call(ASK, "action_do", [dialog])

    def outcome(self, *call):
        """What was answered, or the refusal as text."""
        try:
            with mute_logger(*QUIET):
                return self.call(*call)
        except JsonRpcException as refusal:
            return str(refusal)

    def assertShut(self, model, method, ids, *args, **kwargs):
        told = self.refused(model, method, ids, *args, **kwargs)
        self.assertIn("AccessError", told, f"{model}.{method}: {told}")

    def doors(self, case):
        """(model, method, ids, arguments) of everything that can be pressed about this case."""
        items, run = case.item_ids.filtered(lambda item: item.outcome == "rejected"), case.run_ids[:1]
        delivered = run.item_ids.filtered(lambda item: item.outcome == "delivered")
        buttons = [
            "take",
            "retry",
            "replay",
            "skip",
            "split",
            "assign",
            "resolve",
            "reject",
            "request_waiver",
            "map_codes",
        ]
        yield from (("fin.exception", f"action_{name}", case.ids) for name in buttons)
        yield from (
            ("fin.item", f"action_desk_{name}", items[:1].ids) for name in ("replay", "skip", "split", "correct")
        )
        yield "fin.item", "action_roll_back", delivered.ids
        yield from (("fin.run", f"action_{name}", run.ids) for name in ("roll_back", "requeue", "release", "cancel"))
        yield from (("fin.flow", f"action_{name}", self.flow.ids) for name in ("test_control", "bring_file"))
        for kind in ("replay", "correct", "skip", "split", "assign", "rollback"):
            yield ASK, "create", [{"kind": kind, "exception_ids": [Command.set(case.ids)], "run_id": run.id}]
        yield "fin.exception.resolve", "create", [{"exception_id": case.id, "reason": "x", "decision": "reject"}]


@tagged("post_install", "-at_install")
class TestDeskShut(DeskWire, HttpCase):
    """Who must not act at the desk is told so by every door, and nothing is half done."""

    def test_the_wrong_people_press_every_button_in_vain(self):
        case = self.case_of(2)
        before = self.traces()
        for who in self.wrong:
            self.login(who)
            for model, method, ids in self.doors(case):
                if model in (ASK, "fin.exception.resolve") and who in ("foreigner", "auditor"):
                    continue  # a dialog of their own they may have: see below
                with self.subTest(f"{who}: {model}.{method}"):
                    self.assertShut(model, method, ids)
        self.assertEqual(self.traces(), before)

    def test_the_refusal_says_what_is_needed(self):
        case = self.case_of(1)
        for who in ("viewer", "approver", "auditor"):
            self.login(who)
            self.assertIn(
                "You need the right operator for this.", self.words("fin.exception", "action_retry", case.ids)
            )

    def test_another_companys_operator_fills_a_dialog_in_vain(self):
        """The dialog is theirs; what it names is not, and neither its count nor its sums are told."""
        case = self.case_of(3)
        run, before = case.run_ids, self.traces()
        self.login("foreigner")
        for kind in ("replay", "correct", "skip", "split", "assign", "rollback"):
            vals = {"kind": kind, "reason": "x", "exception_ids": [Command.set(case.ids)]}
            vals |= {"run_id": run.id, "exception_ids": False} if kind == "rollback" else {}
            vals |= {"reason_id": self.reason().id} if kind == "skip" else {}
            vals |= {"item_ids": [Command.set(case.item_ids.ids)]} if kind == "split" else {}
            with self.subTest(kind):
                self.dialog_is_shut(vals)
        self.assertEqual(self.traces(), before)

    def dialog_is_shut(self, vals):
        told = self.outcome(ASK, "create", [vals])
        if isinstance(told, str):
            return self.assertIn("AccessError", told)
        self.assertShut(ASK, "read", told, ["item_count", "words", "difference"])
        return self.assertShut(ASK, "action_do", told)

    def test_an_auditors_decision_dialog_does_not_decide_on_finances_cases(self):
        case = self.case_of(1)
        self.login("auditor")
        for decision in ("resolve", "reject", "waive"):
            vals = {"exception_id": case.id, "decision": decision, "reason": "x"}
            dialog = self.call("fin.exception.resolve", "create", [vals])
            self.assertShut("fin.exception.resolve", "action_decide", dialog)
        self.assertEqual(case.state, "open")

    def test_a_selection_with_one_case_of_another_company_does_nothing_to_the_others(self):
        mine = self.case_of(1)
        self.people["both"].company_ids += self.elsewhere
        theirs = self.env["fin.exception"]._raise_apart(self.elsewhere, "odd", "odd")
        before = self.traces()
        self.login("operator")
        for method in ("action_retry", "action_skip", "action_replay"):
            self.assertShut("fin.exception", method, [mine.id, theirs.id])
        self.assertEqual(self.traces(), before)

    def test_a_selection_with_a_closed_case_does_nothing_to_the_others(self):
        closed = self.case_of(1, "a.txt")
        self.by("operator", closed)._skip("no", self.reason())
        ListSource.told.clear()
        case = self.case_of(1, "b.txt")
        before = self.traces()
        self.login("operator")
        for method in ("action_retry", "action_skip", "action_replay", "action_assign"):
            self.assertIn("is closed", self.words("fin.exception", method, [case.id, closed.id]))
        self.assertEqual(self.traces(), before)

    def test_no_door_leads_around_the_desk(self):
        """What the buttons do is written by nobody's own hand."""
        case = self.case_of(2)
        remedy = self.replay(case)
        before = self.traces()
        for who in ("operator", "administrator", "approver", "both"):
            self.login(who)
            for call in (
                ("fin.exception", "write", case.ids, {"state": "resolved"}),
                ("fin.exception", "write", case.ids, {"user_id": self.people["viewer"].id}),
                ("fin.exception", "_transition", case.ids, "resolve"),
                ("fin.exception", "_skip", case.ids, "x", 1),
                ("fin.exception", "_close", case.ids, "resolve", "x"),
                ("fin.remedy", "write", remedy.ids, {"state": "agreed"}),
                ("fin.remedy", "_transition", remedy.ids, "agree"),
                ("fin.remedy", "create", [{"name": "x", "kind": "skip", "flow_id": self.flow.id}]),
                ("fin.remedy", "copy", remedy.ids),
                ("fin.item", "write", case.item_ids.ids, {"outcome": "skipped"}),
                ("fin.approval", "write", remedy._approval().ids, {"state": "approved"}),
            ):
                with self.subTest(f"{who}: {call[0]}.{call[1]}"):
                    self.refused(*call)
        self.assertEqual(self.traces(), before)


@tagged("post_install", "-at_install")
class TestDeskOpen(DeskWire, HttpCase):
    """Who may act at the desk does it over the wire, and the second person says yes with their password."""

    def not_by(self, who, model, method, ids):
        """They prove who they are, and are refused."""
        user = self.login(who)
        asked = self.outcome(model, method, ids)
        if isinstance(asked, str):
            return self.assertIn("AccessError", asked)
        context = {"password": user.login.ljust(8, "x")}
        told = self.refused("res.users.identitycheck", "run_check", [asked["res_id"]], context=context)
        return self.assertIn("AccessError", told)

    def test_bulk_replay_is_asked_by_an_operator_and_agreed_by_an_approver(self):
        case = self.case_of(4)
        self.mend()
        self.login("operator")
        opened = self.asked(self.call("fin.exception", "action_replay", case.ids), reason="the bank has mended it")
        remedy = self.env["fin.remedy"].browse(opened["res_id"])
        self.assertEqual((remedy.state, remedy.item_count, remedy.run_ids.ids), ("asked", 4, []))
        for who in (*self.wrong[:3], "portal", "foreigner", "operator", "administrator"):
            with self.subTest(who):
                self.not_by(who, "fin.remedy", "action_approve", remedy.ids)
        for who in ("approver", "operator"):
            self.json2(self.key_of(who), "fin.remedy", "action_approve", ids=remedy.ids)
        self.assertEqual(remedy.state, "asked")
        self.login("approver")
        self.proven("fin.remedy", "action_approve", remedy.ids)
        self.go_on(remedy)
        self.assertEqual((remedy.state, case.state), ("done", "resolved"))

    def test_an_approver_who_asked_does_not_agree(self):
        case = self.case_of(3)
        self.login("both")
        opened = self.asked(self.call("fin.exception", "action_replay", case.ids), reason="x")
        asked = self.call("fin.remedy", "action_approve", [opened["res_id"]])
        context = {"password": "law-both".ljust(8, "x")}
        told = self.words("res.users.identitycheck", "run_check", [asked["res_id"]], context=context)
        self.assertIn("Nobody approves what they asked for", told)
        self.assertEqual(case.remedy_ids.state, "asked")

    def test_a_correction_is_written_by_an_operator_and_takes_another_persons_yes(self):
        case = self.case_of(1)
        item = case.item_ids.filtered(lambda one: one.outcome == "rejected")
        self.login("operator")
        action = self.call("fin.item", "action_desk_correct", item.ids)
        [told] = self.call(ASK, "web_read", [action["res_id"]], specification={"line_ids": {"fields": {"name": {}}}})
        [line] = [one["id"] for one in told["line_ids"] if one["name"] == "money"]
        opened = self.asked(action, reason="it writes small", line_ids=[[1, line, {"new": "USD"}]])
        remedy = self.env["fin.remedy"].browse(opened["res_id"])
        self.not_by("operator", "fin.remedy", "action_approve", remedy.ids)
        self.login("approver")
        self.proven("fin.remedy", "action_approve", remedy.ids)
        run = self.go_on(remedy)
        self.assertEqual((run.item_ids.outcome, item.outcome, case.state), ("delivered", "rejected", "resolved"))

    def test_one_correction_is_of_one_item(self):
        """What is written beside one row is not written into a hundred others."""
        case = self.case_of(3)
        vals = {"kind": "correct", "reason": "x", "exception_ids": [Command.set(case.ids)]}
        vals["line_ids"] = [Command.create({"name": "money", "old": "usd", "new": "USD"})]
        self.login("operator")
        dialog = self.call(ASK, "create", [vals])
        self.assertIn("one by one", self.words(ASK, "action_do", dialog))
        self.assertFalse(case.remedy_ids)

    def test_skipped_with_a_reason_code_and_not_without(self):
        case = self.case_of(3)
        self.login("operator")
        action = self.call("fin.exception", "action_skip", case.ids)
        self.assertIn("reason code", self.words(ASK, "action_do", [self.filled(action, reason="paid by card")]))
        self.assertIn("Say why", self.words(ASK, "action_do", [self.filled(action, reason=False)]))
        self.assertEqual(case.unsettled_count, 3)
        self.asked(action, reason="paid by card", reason_id=self.reason().id)
        self.assertEqual(
            (case.state, case.remedy_ids.kind, case.remedy_ids.reason_id.code), ("resolved", "skip", "not_ours")
        )

    def filled(self, action, **vals):
        self.call(ASK, "web_save", [action["res_id"]], vals, specification={})
        return action["res_id"]

    def test_a_part_is_split_off_for_somebody_who_can_act_on_it(self):
        case = self.case_of(4)
        ids = self.env["fin.item"]._to_replay(case)[:2]
        self.login("operator")
        action = self.call("fin.item", "action_desk_split", ids)
        for who in ("portal", "viewer", "foreigner"):
            dialog = self.filled(action, reason="theirs", user_id=self.people[who].id)
            self.assertIn("cannot act", self.words(ASK, "action_do", [dialog]))
        self.assertEqual(case.unsettled_count, 4)
        opened = self.asked(action, reason="theirs", user_id=self.people["administrator"].id)
        split = self.env["fin.exception"].browse(opened["res_id"])
        self.assertEqual((split.unsettled_count, case.unsettled_count), (2, 2))
        self.assertEqual(split.user_id, self.people["administrator"])

    def test_cases_are_given_to_a_colleague_who_can_act_on_them(self):
        case = self.case_of(2)
        self.login("operator")
        action = self.call("fin.exception", "action_assign", case.ids)
        for who in ("portal", "viewer", "foreigner"):
            dialog = self.filled(action, user_id=self.people[who].id)
            self.assertIn("cannot act", self.words(ASK, "action_do", [dialog]))
        self.asked(action, user_id=self.people["administrator"].id)
        self.assertEqual((case.user_id, case.state), (self.people["administrator"], "open"))
        self.assertEqual(case.activity_ids.user_id, self.people["administrator"])
        event = self.env["fin.audit.event"].search([("code", "=", "fin.exception.assign")], order="id desc", limit=1)
        self.assertIn("law-administrator", event.facts)

    def test_a_waiver_takes_a_second_person_and_ends_on_a_day(self):
        run = self.start(fact("a"), name="a.txt")
        case = self.env["fin.exception"]._raise(run, "odd", "looks odd")
        self.login("operator")
        vals = {"exception_id": case.id, "decision": "waive", "reason": "they called"}
        past = fields.Datetime.to_string(fields.Datetime.now() - dt.timedelta(days=1))
        dialog = self.call("fin.exception.resolve", "create", [{**vals, "until": past}])
        self.assertIn("still to come", self.words("fin.exception.resolve", "action_decide", dialog))
        self.assertEqual((case.waived_until, case.waits_for_waiver), (False, False))
        self.call("fin.exception.resolve", "write", dialog, {"until": False})
        self.call("fin.exception.resolve", "action_decide", dialog)
        for who in ("operator", "viewer", "auditor", "support", "portal", "foreigner", "administrator"):
            with self.subTest(who):
                self.not_by(who, "fin.exception", "action_approve_waiver", case.ids)
        self.json2(self.key_of("approver"), "fin.exception", "action_approve_waiver", ids=case.ids)
        self.assertEqual(case.state, "open")
        self.login("approver")
        self.proven("fin.exception", "action_approve_waiver", case.ids)
        self.assertEqual(case.state, "waived")
        self.assertGreater(case.waived_until, fields.Datetime.now())

    def test_an_api_key_retries_as_its_owner_may(self):
        case = self.case_of(1)
        refused = self.json2(self.key_of("viewer"), "fin.exception", "action_retry", ids=case.ids)
        self.assertEqual(refused.status_code, 403)
        self.assertIn("You need the right operator for this.", refused.json()["message"])
        allowed = self.json2(self.key_of("operator"), "fin.exception", "action_retry", ids=case.ids)
        self.assertEqual((allowed.status_code, allowed.json()["res_model"]), (200, ASK))

    def roll_back(self, action, count):
        opened = self.asked(action, reason="a wrong file")
        remedy = self.env["fin.remedy"].browse(opened["res_id"])
        self.assertEqual((remedy.state, remedy.item_count), ("asked", count))
        for who in ("operator", "administrator", "viewer", "foreigner"):
            with self.subTest(who):
                self.not_by(who, "fin.remedy", "action_approve", remedy.ids)
        self.login("approver")
        self.proven("fin.remedy", "action_approve", remedy.ids)
        self.go_on(remedy)
        return remedy

    def test_a_run_or_chosen_items_of_it_are_rolled_back_with_a_second_persons_yes(self):
        run = self.start(fact("a"), fact("b"), fact("c"))
        booked = self.env["account.bank.statement.line"].search([("journal_id", "=", self.journal.id)])
        self.login("operator")
        chosen = run.item_ids.filtered(lambda item: item.key == "a")
        first = self.roll_back(self.call("fin.item", "action_roll_back", chosen.ids), 1)
        self.assertEqual((first.state, first.run_ids.state), ("done", "done"), first.run_ids.last_error)
        self.assertEqual(set(run.item_ids.binding_ids.filtered("live").mapped("key")), {"b", "c"})
        self.login("operator")
        rest = self.roll_back(self.call("fin.run", "action_roll_back", run.ids), 2)
        self.assertEqual((rest.state, rest.run_ids.reconciliation_state), ("done", "tied"))
        self.assertFalse(run.item_ids.binding_ids.filtered("live"))
        lines = self.env["account.bank.statement.line"].search([("journal_id", "=", self.journal.id)])
        self.assertEqual((len(booked), round(sum(lines.mapped("amount")), 2)), (3, 0))
