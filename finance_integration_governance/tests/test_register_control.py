import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time, tagged

from .common import LawScene, fact


@tagged("post_install", "-at_install")
class TestRegisterControl(LawScene, TransactionCase):
    """Recertification, checklists, policy sets, roll out and the assistant."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def raised(self, code, flow=None):
        flow = flow or self.flow
        return self.env["fin.exception"].search([("flow_id", "=", flow.id), ("code", "=", code)])

    def later(self, days):
        return freeze_time(fields.Datetime.now() + dt.timedelta(days=days))

    # Recertification

    def line(self):
        return self.flow.recertification_ids.sorted("id")[-1:]

    def test_a_campaign_begins_a_month_before_the_day_and_asks_once(self):
        self.env["fin.flow"]._cron_watch()
        self.assertFalse(self.line())
        with self.later(340):
            for _day in range(2):
                self.env["fin.flow"]._cron_watch()
        self.assertEqual((len(self.flow.recertification_ids), self.line().state), (1, "open"))
        self.assertTrue(self.line().activity_ids)

    def test_what_nobody_confirmed_raises_until_it_is(self):
        with self.later(400):
            self.env["fin.flow"]._cron_watch()
            overdue = self.raised("recertification_overdue")
            self.assertEqual(overdue.state, "open")
            self.by("operator", self.line()).action_confirm()
            self.assertEqual((self.line().state, overdue.state), ("confirmed", "resolved"))
            self.flow.invalidate_recordset()
            self.assertGreater(self.flow.recertify_on, fields.Date.today() + dt.timedelta(days=300))

    def test_only_owner_and_deputy_confirm(self):
        self.env["fin.recertification"]._start(self.flow)
        for group in ("approver", "viewer", "auditor"):
            with self.subTest(group), self.assertRaises(AccessError):
                self.by(group, self.line()).action_confirm()
        self.by("administrator", self.line()).action_confirm()
        self.assertEqual(self.line().digest, self.flow.live_version_id.digest)

    def test_a_no_stays_an_exception_until_a_yes(self):
        self.env["fin.recertification"]._start(self.flow)
        self.by("operator", self.line()).action_refuse()
        self.assertEqual(self.raised("recertification_refused").state, "open")
        self.env["fin.recertification"]._start(self.flow)
        self.by("operator", self.line()).action_confirm()
        self.assertEqual(self.raised("recertification_refused").state, "resolved")

    def test_s09_nobody_writes_a_confirmation(self):
        self.env["fin.recertification"]._start(self.flow)
        for group in self.people:
            with self.subTest(group), self.assertRaises(AccessError):
                self.by(group, self.line()).write({"state": "confirmed"})

    # Checklist

    def test_a_flow_begins_once_every_item_is_ticked(self):
        flow = self.new_flow("law-checked", check_ids=[Command.create({"name": n}) for n in ("one", "two")])
        self.approve(flow)
        self.assertEqual((flow.state, flow.live_version_id.state), ("draft", "live"))
        self.by("operator", flow.check_ids[0]).action_tick()
        with self.assertRaisesRegex(UserError, "two"):
            self.by("operator", flow).action_activate()
        self.by("operator", flow.check_ids[1]).action_tick()
        self.by("operator", flow).action_activate()
        self.assertEqual(flow.state, "active")
        self.assertEqual(flow.check_ids.ticked_by, self.people["operator"])

    def test_deleting_an_open_item_does_not_let_the_flow_begin(self):
        flow = self.new_flow("law-deleted", check_ids=[Command.create({"name": "one"})])
        self.approve(flow)
        flow.check_ids.unlink()
        with self.assertRaisesRegex(UserError, "one"):
            self.by("operator", flow).action_activate()

    def test_a_tick_is_not_written(self):
        now = fields.Datetime.now()
        forged = {"ticked_by": self.people["approver"].id, "ticked_at": now}
        flow = self.new_flow("law-forged", check_ids=[Command.create({"name": "one", **forged})])
        self.assertFalse(flow.check_ids.ticked_by)
        self.by("operator", flow.check_ids).write(forged)
        self.assertFalse(flow.check_ids.ticked_by)
        self.by("operator", flow.check_ids).action_tick()
        flow.check_ids.name = "something else"
        self.assertFalse(flow.check_ids.ticked_by)

    # Policy sets

    def shared(self, **vals):
        return self.env["fin.policy.set"].create({"name": "Shared", "code": "shared", **vals})

    def test_a_policy_set_changes_nothing_until_one_yes_for_all_its_flows(self):
        shared, second = self.shared(payload_days=30), self.new_flow("law-second")
        flows = self.flow | second
        flows.policy_set_id = shared
        for flow in flows:
            self.approve(flow)
        shared.payload_days = 60
        flows.invalidate_recordset()
        kept = [flow._document()["register"]["retention"]["payload_days"] for flow in flows]
        self.assertEqual((kept, shared.changed_count), ([30, 30], 2))
        change = self.say_why("operator", self.by("operator", shared).action_propose())
        self.assertEqual(change.version_ids.flow_id, flows)
        self.by("operator", change).action_submit()
        self.by("approver", change)._approve()
        self.env.invalidate_all()
        kept = [flow._document()["register"]["retention"]["payload_days"] for flow in flows]
        self.assertEqual(kept, [60, 60])

    def test_limits_of_the_set_hold_where_the_flow_has_none(self):
        self.flow.policy_set_id = self.shared(owner_grace_days=0, exception_hours=2, criticality="critical")
        self.approve(self.flow)
        document = self.flow._document()
        self.assertEqual(document.limit("owner_grace_days", 14), 0)
        self.assertEqual(document["register"]["criticality"], "critical")
        run = self.by("operator", self.flow)._request_run("hand").with_user(self.env.user)
        self.people["operator"].active = False
        self.advance(run)
        self.assertEqual(run.state, "failed")
        self.assertLess(run.exception_ids.due_at, fields.Datetime.now() + dt.timedelta(hours=3))

    # Roll out

    def test_a_roll_out_is_one_change_request_of_drafts_in_waves(self):
        other = self.env["res.company"].create({"name": "Sister", "vat": "BE0477472701"})
        admin = self.people["administrator"]
        admin.company_ids += other
        self.people["approver"].company_ids += other
        wizard = (
            self.env["fin.flow.rollout"]
            .with_user(admin)
            .with_context(allowed_company_ids=[self.company.id, other.id])
            .create(
                {
                    "flow_ids": [Command.set(self.flow.ids)],
                    "company_id": other.id,
                    "wave": "2",
                    "owner_id": self.people["operator"].id,
                    "deputy_id": admin.id,
                }
            )
        )
        change = self.env["fin.change"].browse(wizard.action_roll_out()["res_id"])
        copied = change.version_ids.flow_id
        self.assertEqual((copied.company_id, copied.wave, copied.state), (other, "2", "draft"))
        self.assertEqual((change.company_id, change.state), (other, "proposed"))
        self.assertEqual(copied.answer_checks, self.flow.answer_checks)
        self.assertEqual(copied.connection_id.company_id, other)
        self.assertEqual(copied.open_checks, 5)

    def test_a_roll_out_takes_crosswalks_and_journals_by_code_and_lists_what_is_missing(self):
        other = self.env["res.company"].create({"name": "Sister", "vat": "BE0477472701"})
        admin = self.people["administrator"]
        (admin | self.people["approver"]).company_ids += other
        journals = self.env["account.journal"]
        for code in ("ROLA", "ROLB"):
            journals |= journals.create({"name": code, "code": code, "type": "general", "company_id": self.company.id})
        there = journals.create({"name": "There", "code": "ROLA", "type": "general", "company_id": other.id})
        self.flow.crosswalk_ids = self.env["fin.crosswalk"].create(
            {
                "name": "Accounts",
                "code": "accounts",
                "system": "SAP",
                "direction": "inbound",
                "company_id": self.company.id,
                "line_ids": [Command.create({"source": "700000", "target": "REV"})],
            }
        )
        journals.fin_flow_id = self.flow
        self.approve(self.flow)
        wizard = self.env["fin.flow.rollout"].with_user(admin)
        wizard = wizard.with_context(allowed_company_ids=[self.company.id, other.id]).create(
            {
                "flow_ids": [Command.set(self.flow.ids)],
                "company_id": other.id,
                "owner_id": self.people["operator"].id,
                "deputy_id": admin.id,
            }
        )
        change = self.env["fin.change"].browse(wizard.action_roll_out()["res_id"])
        copied = change.version_ids.flow_id
        self.assertEqual(copied.journal_ids, there)
        self.assertEqual((copied.crosswalk_ids.company_id, copied.crosswalk_ids.line_ids.target), (other, "REV"))
        self.assertIn("ROLB", change.to_fill)
        self.assertIn("check the lines of accounts-", change.to_fill)
        self.assertEqual(copied.connection_id._values(), {"location": "nowhere"})  # as the connector proposes
        copied.journal_ids.fin_flow_id = False
        self.assertEqual(change.state, "withdrawn")
        again = self.env["fin.change"].with_user(admin)._propose(copied.with_user(admin))
        with self.assertRaisesRegex(UserError, "choose at least one"):
            again.action_submit()

    def test_what_is_not_approved_is_not_rolled_out(self):
        other = self.env["res.company"].create({"name": "Sister"})
        draft = self.new_flow("law-draft")
        wizard = self.env["fin.flow.rollout"].create(
            {
                "flow_ids": [Command.set(draft.ids)],
                "company_id": other.id,
                "owner_id": self.people["operator"].id,
                "deputy_id": self.people["administrator"].id,
            }
        )
        with self.assertRaises(UserError):
            wizard.with_user(self.people["administrator"]).action_roll_out()

    # Assistant

    def scored(self, flow, **vals):
        scores = dict.fromkeys(("criticality", "control", "change", "volume", "extensibility"), "3")
        flow.write({**{f"score_{name}": score for name, score in scores.items()}, "timing": "day", **vals})
        return flow

    def test_the_assistant_recommends_and_gives_reasons(self):
        flow = self.scored(self.new_flow("law-advised"))
        self.assertEqual((flow.advised_pattern, flow.advised_sync), ("direct_api", "daily_batch"))
        self.assertIn("Direct API", flow.advice)
        self.approve(flow)

    def test_choosing_otherwise_asks_for_a_justification_that_is_kept(self):
        flow = self.scored(self.new_flow("law-otherwise"), pattern="data_hub")
        self.assertTrue(flow.is_against_advice)
        with self.assertRaisesRegex(UserError, "say why"):
            self.propose(flow)
        flow.pattern_reason = "The hub is there already."
        self.approve(flow)
        kept = flow._document()["assistant"]
        self.assertEqual(
            (kept["chosen"], kept["justification"]), ({"pattern": "data_hub"}, "The hub is there already.")
        )

    def test_the_runbook_is_shown_where_the_flow_fails(self):
        self.flow.runbook = "Call the bank."
        run = self.start(fact("poison"))
        self.assertEqual(self.by("operator", run.exception_ids).runbook, "Call the bank.")
