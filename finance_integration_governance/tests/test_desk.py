import datetime as dt
import json
import time
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.models.writer import as_writer

from .common import LawScene, ListSource, fact, trouble

BROKEN = "usd"  # a currency as no contract has it


class DeskScene(LawScene):
    """Rejected items, and people who do something about them."""

    def rejected(self, count, name="one.txt", **more):
        """A run of which so many items break the contract, one cause for all of them."""
        facts = [fact(f"{name}-{n}", "2.50", BROKEN) for n in range(count)]
        return self.start(*facts, fact(f"{name}-good"), name=name, **more)

    def _anew(self, count, name):
        """The same, and the source gives nothing else any more."""
        ListSource.told.clear()
        return self.rejected(count, name)

    def mend(self):
        """The source's objects keep the contract now: what a later configuration would make of the same bytes."""
        for name, facts in ListSource.told.items():
            ListSource.told[name] = [fact(one.number, str(one.value)) if one.money == BROKEN else one for one in facts]

    def case(self, run):
        return run.exception_ids.filtered(lambda e: e.state in ("open", "in_progress"))

    def replay(self, case, by="operator", **more):
        return self.by(by, "fin.remedy")._ask_replay(self.by(by, case), "mended", **more).with_env(self.env)

    def go_on(self, remedy):
        for run in remedy.run_ids:
            self.advance(run)
        return remedy.run_ids

    def reason(self, code="not_ours"):
        return self.env["fin.reason"].search([("code", "=", code)])


@tagged("post_install", "-at_install")
class TestDesk(DeskScene, TransactionCase):
    """One case for many items, and what people do about them."""

    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()

    def test_five_hundred_items_are_one_case_cleared_by_one_yes(self):
        run = self.rejected(500)
        case = self.case(run)
        self.assertEqual((len(case), case.unsettled_count, case.amount_at_risk), (1, 500, 1250.0))
        self.assertEqual((case.state, case.routing), ("open", "finance"))
        self.mend()
        began = time.monotonic()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(200):
            remedy = self.replay(case)
            self.env.flush_all()
        print(f"asked for a replay of 500 items in {time.monotonic() - began:.2f} s")
        self.assertEqual((remedy.state, remedy.needs_yes, remedy.item_count), ("asked", True, 500))
        self.assertFalse(remedy.run_ids)
        self.by("approver", remedy)._approve()
        replayed = self.go_on(remedy)
        self.assertEqual((replayed.state, replayed.delivered, replayed.received), ("done", 500, 500))
        self.assertEqual((remedy.state, case.state, case.unsettled_count), ("done", "resolved", 0))
        self.assertEqual(
            self.env["account.bank.statement.line"].search_count([("payment_ref", "=like", "one.txt-%")]), 501
        )
        self.assertEqual(len(self.env["fin.approval"].search([("purpose", "=", "replay")])), 1)

    def test_a_case_says_in_words_what_is_wrong(self):
        case = self.by("operator", self.case(self.rejected(2)))
        self.assertEqual(case.shown_text, "Money is not written as agreed: row 1 of one.txt and 1 more")
        self.assertIn("replay the items", case.next_step)
        self.assertIn("What is wrong", case.facts_table)
        self.assertNotIn("pattern", case.facts_table)
        item = case.item_ids.filtered(lambda one: one.outcome == "rejected")[:1]
        self.assertEqual(item.breach_words, "Money is not written as agreed: aaa")
        self.assertIn("breaks the contract", case.sudo().text)

    def test_one_item_is_replayed_by_one_person(self):
        case = self.case(self.rejected(1))
        self.mend()
        remedy = self.replay(case)
        self.assertEqual(remedy.state, "agreed")
        self.go_on(remedy)
        self.assertEqual((remedy.state, case.state), ("done", "resolved"))
        self.assertEqual(remedy.run_ids.item_ids.origin_id, case.item_ids.filtered(lambda i: i.outcome == "rejected"))

    def test_a_replay_that_is_rejected_again_leaves_the_case_open(self):
        case = self.case(self.rejected(1))
        remedy = self.replay(case)
        run = self.go_on(remedy)
        self.assertEqual((run.state, run.rejected, remedy.state, case.state), ("done", 1, "done", "open"))
        self.assertEqual(case.unsettled_count, 1)
        self.assertEqual(self.env["fin.item"]._to_replay(case), run.item_ids.ids)

    def test_nobody_replays_many_items_alone_and_not_by_another_login(self):
        remedy = self.replay(self.case(self.rejected(3)))
        for by in ("operator", "viewer", "auditor", "administrator"):
            with self.subTest(by), self.assertRaises(AccessError):
                self.by(by, remedy)._approve()
        self.assertEqual(remedy.state, "asked")

    def test_the_engine_believes_no_state_without_the_sealed_yes(self):
        remedy = self.replay(self.case(self.rejected(3)))
        self.by("approver", remedy)._approve()
        self.without_triggers("fin_approval")
        self.sql("UPDATE fin_approval SET digest = repeat('0', 64) WHERE purpose = 'replay'")
        run = self.go_on(remedy)
        self.assertEqual((run.state, bool(run.item_ids)), ("failed", False))

    def test_the_verb_alone_agrees_to_nothing(self):
        remedy = self.replay(self.case(self.rejected(3)))
        with self.assertRaises(UserError):
            as_writer(remedy)._transition("agree")
        self.assertEqual((remedy.state, len(remedy.run_ids)), ("asked", 0))

    def test_an_approval_of_other_items_is_no_approval_of_these(self):
        remedy = self.replay(self.case(self.rejected(3)))
        self.without_triggers("fin_remedy")
        self.sql("UPDATE fin_remedy SET items_digest = repeat('0', 64) WHERE id = %s", remedy.id)
        with self.assertRaises(UserError):
            self.by("approver", remedy)._approve()

    def test_replay_on_the_original_or_the_corrected_configuration(self):
        case = self.case(self.rejected(1))
        before = self.flow.live_version_id
        self.flow.purpose = "corrected"
        after = self.approve(self.flow)
        self.seal()
        first = self.replay(case, configuration="original")
        self.assertEqual(first.run_ids.version_id, before)
        self.go_on(first)
        second = self.replay(case, configuration="live")
        self.assertEqual((second.run_ids.version_id, second.run_ids.version_digest), (after, after.digest))
        told = json.loads(second.difference_id.text)
        self.assertEqual(told["versions"], [after.digest])

    def test_the_difference_of_postings_is_shown_first_and_kept(self):
        case = self.case(self.rejected(2))
        self.mend()
        remedy = self.replay(case)
        told = json.loads(remedy.difference_id.text)
        self.assertEqual(told["counts"], {"newly_accepted": 2})
        self.assertEqual([(one["before"], one["after"]) for one in told["totals"]], [("0", "5")])
        self.assertIn("newly accepted", remedy.difference)
        self.assertEqual(remedy._told()["difference"], remedy.difference_id.digest)
        self.assertFalse(self.env["fin.run"].search([("name", "=", "PREVIEW")]))

    def test_what_is_not_chosen_is_not_read_again(self):
        case = self.case(self.rejected(5))
        self.mend()
        chosen = self.env["fin.item"]._to_replay(case)[:2]
        remedy = self.replay(case, ids=chosen)
        self.by("approver", remedy)._approve()
        run = self.go_on(remedy)
        self.assertEqual((run.state, run.received, run.delivered), ("done", 2, 2))
        self.assertEqual((case.state, case.unsettled_count), ("open", 3))

    def test_nobody_takes_up_what_somebody_has_taken_up(self):
        case = self.case(self.rejected(3))
        self.replay(case)
        with self.assertRaises(UserError):
            self.replay(case, by="administrator")

    def test_whoever_comes_second_at_the_same_moment_takes_up_nothing(self):
        """Both have looked before either has taken; the second one's update finds them taken."""
        remedy = self.replay(self.case(self.rejected(3)))
        other = self.replay(self.case(self._anew(1, "other.txt")))
        with self.assertRaises(UserError):
            self.env["fin.item"]._take_up(other, remedy._chosen_ids())

    def test_a_withdrawn_or_refused_replay_frees_its_items(self):
        case = self.case(self.rejected(3))
        for end in ("withdraw", "refuse"):
            remedy = self.replay(case)
            self.assertEqual(self.env["fin.item"]._to_replay(case), [])
            if end == "withdraw":
                self.by("operator", remedy).action_withdraw()
            else:
                self.by("approver", remedy)._refuse()
            self.assertEqual(len(self.env["fin.item"]._to_replay(case)), 3)

    def test_a_cancelled_replay_leaves_the_case_as_it_was(self):
        case = self.case(self.rejected(1))
        remedy = self.replay(case)
        self.by("operator", remedy.run_ids).action_cancel()
        self.assertEqual((remedy.state, case.state), ("withdrawn", "open"))
        self.assertEqual(len(self.env["fin.item"]._to_replay(case)), 1)

    # Correcting

    def test_a_corrected_item_keeps_its_original_and_takes_a_second_person(self):
        case = self.case(self.rejected(1))
        original = self.env["fin.item"].browse(self.env["fin.item"]._to_replay(case))
        content, told = original.content, original.digest
        remedy = self.replay(case, correction={"money": "USD"})
        self.assertEqual((remedy.kind, remedy.state, remedy.needs_yes), ("correct", "asked", True))
        with self.assertRaises(AccessError):
            self.by("operator", remedy)._approve()
        self.by("approver", remedy)._approve()
        run = self.go_on(remedy)
        self.assertEqual((run.state, run.item_ids.outcome, run.payload_ids.reading), ("done", "delivered", "corrected"))
        self.assertEqual(json.loads(run.item_ids.content)["money"], "USD")
        self.assertEqual((original.content, original.digest, original.outcome), (content, told, "rejected"))
        self.assertEqual((case.state, run.item_ids.origin_id), ("resolved", original))
        self.assertEqual(self.env["fin.approval"].search([("purpose", "=", "correction")]).state, "approved")

    def test_a_correction_is_written_in_a_dialog_by_whoever_sees_the_item_whole(self):
        case = self.case(self.rejected(1))
        item = self.env["fin.item"].browse(self.env["fin.item"]._to_replay(case))
        opened = self.by("operator", item).action_desk_correct()
        dialog = self.by("operator", opened["res_model"]).browse(opened["res_id"])
        line = dialog.line_ids.filtered(lambda one: one.name == "money")
        self.assertEqual((line.old, dialog.item_count, dialog.needs_yes), (BROKEN, 1, True))
        self.assertEqual(dialog.line_ids[:1].label, "Money")  # what is wrong stands first
        line.new = "USD"
        self.assertIn("newly accepted", dialog.difference)
        dialog.reason = "the bank writes it small"
        remedy = self.env["fin.remedy"].browse(dialog.action_do()["res_id"])
        self.assertEqual((remedy.kind, remedy.sudo().correction), ("correct", '{"money":"USD"}'))
        with self.assertRaises(AccessError):
            self.by("viewer", item).action_desk_correct()

    def test_another_correction_takes_another_yes(self):
        remedy = self.replay(self.case(self.rejected(1)), correction={"money": "USD"})
        before = remedy._content_digest()
        self.without_triggers("fin_remedy")
        self.sql("UPDATE fin_remedy SET correction = %s WHERE id = %s", '{"money":"EUR"}', remedy.id)
        self.assertNotEqual(remedy._content_digest(), before)
        with self.assertRaises(UserError):
            self.by("approver", remedy)._approve()

    # Skipping, splitting, assigning

    def test_skipped_with_a_reason_the_case_is_over(self):
        run = self.rejected(4)
        case = self.case(run)
        remedy = self.by("operator", case)._skip("paid by card", self.reason()).with_env(self.env)
        self.assertEqual((remedy.kind, remedy.state, remedy.item_count), ("skip", "done", 4))
        self.assertEqual((case.state, case.unsettled_count, case.amount_at_risk), ("resolved", 0, 0.0))
        with self.assertRaises(AccessError):
            self.by("viewer", self.case(self.rejected(1, name="two.txt")))._skip("no", self.reason())

    def test_a_part_is_skipped_and_the_rest_stays(self):
        case = self.case(self.rejected(4))
        ids = self.env["fin.item"]._to_replay(case)
        self.by("operator", case)._skip("paid by card", self.reason(), ids[:3])
        self.assertEqual((case.state, case.unsettled_count), ("open", 1))
        self.by("operator", case)._skip("paid by card", self.reason(), ids[3:])
        self.assertEqual(case.state, "resolved")

    def test_a_split_case_has_its_own_owner_and_closes_by_itself(self):
        case = self.case(self.rejected(4))
        ids = self.env["fin.item"]._to_replay(case)
        split = self.by("operator", case)._split("the branch looks at these", ids[:1], self.people["administrator"])
        split = split.with_env(self.env)
        self.assertEqual(
            (split.user_id, split.split_of_id, split.unsettled_count), (self.people["administrator"], case, 1)
        )
        self.assertEqual(case.unsettled_count, 3)
        self.mend()
        remedy = self.replay(split)
        self.go_on(remedy)
        self.assertEqual((split.state, case.state), ("resolved", "open"))

    def test_the_case_closes_itself_when_every_key_has_come_again(self):
        case = self.case(self.rejected(3))
        again = [fact(f"one.txt-{n}", "2.50") for n in range(3)]
        ListSource.told.clear()
        self.start(*again[:2], name="later.txt")
        self.assertEqual((case.state, case.unsettled_count), ("open", 1))
        self.start(*again[2:], name="last.txt")
        self.assertEqual(case.state, "resolved")

    def test_the_case_stays_open_while_a_run_that_brings_its_keys_does_not_tie(self):
        case = self.case(self.rejected(1))
        ListSource.told.clear()
        with patch.object(type(self.env["fin.object"]), "_totals", lambda self, run: None):
            run = self.start(fact("one.txt-0", "2.50"), name="later.txt")
        self.assertEqual((run.state, case.state, run.item_ids.outcome), ("held", "open", "delivered"))
        self.assertEqual(len(self.env["fin.item"]._unsettled(case)), 1)

    def test_an_approved_rule_says_whose_desk_a_case_comes_to(self):
        policy = self.env["fin.policy"]._of(self.company)
        head = self.people["administrator"]
        policy.with_user(head).write(
            {"assignment_ids": [Command.create({"code": "contract_violation", "amount_from": 5, "user_id": head.id})]}
        )
        small = self.case(self.rejected(3, name="small.txt"))
        self.assertEqual(small.user_id, self.flow._notify())  # nobody has approved the rule yet
        change = self.by("administrator", "fin.change")._propose(policy, "desk")
        change.action_submit()
        self.by("approver", change)._approve()
        self.seal()
        self.by("operator", small)._skip("no", self.reason())
        low = self.case(self._anew(1, "low.txt"))
        self.assertEqual(low.user_id, self.flow._notify())
        case = self.case(self._anew(3, "high.txt"))
        self.assertEqual(case.user_id, head)
        self.assertEqual(case.activity_ids.user_id, head)

    # Waivers

    def test_a_waiver_that_has_lapsed_lets_nothing_through(self):
        run = self.start(fact("a"), name="a.txt")
        case = self.env["fin.exception"]._raise(run, "odd", "looks odd")
        until = fields.Datetime.now() + dt.timedelta(days=2)
        self.by("operator", case)._request_waiver("fine", until)
        before = case._content_digest()
        self.by("approver", case)._approve_waiver()
        self.seal()
        self.assertTrue(case._is_truly_waived())
        with freeze_time(until + dt.timedelta(seconds=-1)):
            self.assertTrue(case._is_truly_waived())
        with freeze_time(until):
            self.assertFalse(case._is_truly_waived())
        self.without_triggers("fin_exception")
        self.sql("UPDATE fin_exception SET waived_until = waived_until - interval '3 days' WHERE id = %s", case.id)
        self.assertFalse(case._is_truly_waived())
        self.assertNotEqual(case._content_digest(), before)

    def test_a_waiver_ends_on_a_day_that_is_still_to_come(self):
        run = self.start(fact("a"), name="a.txt")
        case = self.env["fin.exception"]._raise(run, "odd", "looks odd")
        with self.assertRaises(UserError):
            self.by("operator", case)._request_waiver("fine", fields.Datetime.now())
        self.by("operator", case)._request_waiver("fine")
        self.assertGreater(case.waived_until, fields.Datetime.now())

    def test_try_again_lets_failed_and_held_runs_go_on(self):
        with trouble(ConfigurationError("no folder")):
            run = self.start(fact("a"), name="a.txt")
        case = self.case(run)
        self.assertEqual((run.state, case.routing, case.can_retry), ("failed", "administrator", True))
        self.by("operator", case).action_retry()
        self.advance(run)
        self.assertEqual((run.state, case.state), ("done", "resolved"))
