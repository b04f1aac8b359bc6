import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.core import pack as packs
from odoo.addons.finance_integration_governance.core.contract import Finding

from .common import fact
from .evidence_scene import EvidenceScene


@tagged("post_install", "-at_install")
class TestEvidencePack(EvidenceScene, TransactionCase):
    def test_every_list_prints_parameters_count_sums_and_head(self):
        self.start(fact("a", "10.10"), fact("b", "-0.10"), fact("c", "5", "EUR"))
        record = self.built()
        folder = self.unpacked(record)
        listed = sorted(path.stem for path in (folder / "lists").glob("*.json"))
        self.assertEqual(listed, sorted(path.stem for path in (folder / "lists").glob("*.csv")))
        for name in listed:
            with packs.read_list(folder / "lists" / f"{name}.json") as (about, rows), self.subTest(name):
                count = len(list(rows))
                self.assertEqual(about["count"], count)
                self.assertEqual(about["head"], {"position": record.position, "head": record.head})
                self.assertEqual(about["parameters"]["flows"], "law")
        with packs.read_list(folder / "lists" / "items.json") as (about, rows):
            list(rows)
            self.assertEqual(about["sums"], {"USD": "10", "EUR": "5"})

    def test_the_manifest_stands_for_the_pack_and_is_logged(self):
        self.start(fact("a"))
        record = self.built()
        folder = self.unpacked(record)
        self.assertEqual(hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest(), record.digest)
        self.assertEqual(packs.changed_files(folder), [])
        archive = Path(record.sudo()._stream().path).read_bytes()
        self.assertEqual(hashlib.sha256(archive).hexdigest(), record.archive_digest)
        self.seal()
        seals = self.env["fin.audit.seal"]
        self.assertTrue(seals._holds("fin.evidence.pack.finish", record._name, record.name, record.digest))
        self.assertEqual(json.loads((folder / "manifest.json").read_text())["asked_by"], "law-auditor")

    def test_it_holds_who_approved_what_and_when(self):
        folder = self.unpacked(self.built())
        [version] = self.rows(folder, "versions")
        [approval] = [row for row in self.rows(folder, "approvals") if row["purpose"] == "version"]
        self.assertEqual(version["digest"], self.version.digest)
        self.assertEqual((version["proposed_by"], version["approved_by"]), ("law-operator", "law-approver"))
        self.assertEqual(approval["digest"], version["digest"])
        self.assertTrue(approval["is_other_person"] and approval["sealed_at_position"])
        [entry] = self.rows(folder, "register")
        self.assertEqual((entry["flow"], entry["owner"], entry["deputy"]), ("law", "law-operator", "law-administrator"))
        document = (folder / "documents" / f"{version['digest']}.json").read_text()
        self.assertEqual(hashlib.sha256(document.encode()).hexdigest(), version["digest"])

    def test_the_register_tells_the_entry_of_each_day(self):
        self.flow.purpose = "To show a second version"
        self.approve(self.flow)
        folder = self.unpacked(self.built())
        first, second = self.rows(folder, "register")
        self.assertLessEqual(first["live_to"], second["live_from"])
        self.assertEqual((first.get("purpose"), second["purpose"]), (None, "To show a second version"))
        changes = [row for row in self.rows(folder, "changes") if row["version"] == "law/2"]
        self.assertEqual([(row["path"], row["new"]) for row in changes], [("flow.purpose", "To show a second version")])

    def test_the_companys_policy_that_held_in_the_period_is_in_the_pack(self):
        policy = self.env["fin.policy"]._of(self.company)
        policy.with_user(self.people["administrator"]).approvals_high = 2
        change = self.env["fin.change"].with_user(self.people["administrator"])._propose(policy)
        change.action_submit()
        change.with_user(self.people["approver"])._approve()
        folder = self.unpacked(self.built())
        told = {row["version"]: row for row in self.rows(folder, "versions")}
        row = told[change.version_ids._subject_key()]
        self.assertEqual((row.get("flow"), row["approved_by"], row["state"]), (None, "law-approver", "live"))
        document = json.loads((folder / "documents" / f"{row['digest']}.json").read_text())
        self.assertEqual(document["approvals"]["high"], 2)
        self.assertIn(
            "fin.version.apply", {one["code"] for one in self.rows(folder, "log") if "policy" in one["subject"]}
        )
        self.assertEqual([one["flow"] for one in self.rows(folder, "register")], ["law"])
        self.assertTrue(self.reperform(folder).is_equal)

    def test_a_policy_that_ended_before_the_period_is_not(self):
        policy = self.env["fin.policy"]._of(self.company)
        for approvers in (2, 3):
            policy.with_user(self.people["administrator"]).approvals_high = approvers
            change = self.env["fin.change"].with_user(self.people["administrator"])._propose(policy)
            change.action_submit()
            change.with_user(self.people["approver"])._approve()
        old = policy.version_ids.sorted("number")[0]
        self.without_triggers("fin_audit_event")
        self.sql("UPDATE fin_audit_event SET at = at - interval '2 years' WHERE subject_key = %s", old._subject_key())
        self.sql("UPDATE fin_version SET create_date = create_date - interval '2 years' WHERE id = %s", old.id)
        told = {row["version"] for row in self.rows(self.unpacked(self.built()), "versions")}
        self.assertNotIn(old._subject_key(), told)
        self.assertEqual(len(told), 2)

    def test_what_was_held_rejected_and_rerun_is_told(self):
        run = self.start(fact("a"), fact("poison"), fact("b"), Finding("odd", "looks odd", document="b"))
        folder = self.unpacked(self.built())
        rejected = {row["key"]: (row["outcome"], row["code"]) for row in self.rows(folder, "rejected")}
        self.assertEqual(rejected["poison"], ("rejected", "poison"))
        self.assertEqual({row["run"] for row in self.rows(folder, "runs")}, {run.name, *run.child_ids.mapped("name")})
        self.assertIn("fin.run.split", {row["code"] for row in self.rows(folder, "reruns")})
        self.assertEqual({row["code"] for row in self.rows(folder, "exceptions")}, {"poison", "odd"})
        for row in self.rows(folder, "runs"):
            self.assertNotEqual(row.get("is_conserved"), "no")

    def test_re_performance_is_equal(self):
        self.start(fact("a", "10.10"), fact("b", "-0.10"), fact("a", "10.10"))
        self.start(fact("c"), fact("poison"), fact("d"), Finding("odd", "looks odd", document="d"), name="two.txt")
        report = self.reperform(self.unpacked(self.built()))
        self.assertEqual([str(one) for one in report.differences], [])
        self.assertEqual(report.counts["items"], 10)  # the second run meets the first file once more

    def test_without_files_no_content_leaves(self):
        self.start(fact("a", words="secret words"))
        folder = self.unpacked(self.built(has_payloads=False))
        self.assertFalse((folder / "payloads").exists())
        for path in folder.glob("lists/*"):
            self.assertNotIn("secret words", path.read_text())
        self.assertTrue(self.reperform(folder).is_equal)

    def test_bytes_that_are_gone_are_told_and_nothing_fails(self):
        run = self.start(fact("a"), name="gone.txt")
        run.payload_ids._path(run.payload_ids.digest).unlink()
        folder = self.unpacked(self.built())
        [payload] = self.rows(folder, "payloads")
        self.assertEqual(payload["content"], "not kept any more")
        self.assertIn("gone.txt", json.loads((folder / "manifest.json").read_text())["notes"][0])

    def test_the_control_sheet_ties(self):
        self.start(fact("a", "10.10"), fact("poison", "1"), fact("c", "5", "EUR"))
        record = self.built()
        sheet = record._sheet()
        self.assertEqual((sheet["runs"]["received"], sheet["runs"]["delivered"], sheet["runs"]["rejected"]), (3, 2, 1))
        self.assertEqual(sheet["runs"]["not_conserved"], [])
        amounts = {part["currency"]: (part["received"], part["delivered"]) for part in sheet["amounts"]}
        self.assertEqual(amounts, {"USD": ("11.1", "10.1"), "EUR": ("5", "5")})
        folder = self.unpacked(record)
        page = next(folder.glob("control_sheet.[hp]*"))
        self.assertTrue(page.read_bytes())

    def test_a_run_whose_outcomes_are_not_what_it_received_is_named(self):
        run = self.start(fact("a"))
        self.sql("UPDATE fin_run SET received = 2 WHERE id = %s", run.id)
        self.assertEqual(self.built()._sheet()["runs"]["not_conserved"], [run.name])

    # The log

    def verify(self, folder, *options):
        command = [sys.executable, "-I", "-S", str(folder / "verify_audit.py"), str(folder / "log.jsonl"), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    def test_the_log_in_the_pack_is_verified_by_its_own_script(self):
        self.people["auditor"].company_ids = self.env["res.company"].with_context(active_test=False).search([])
        self.start(fact("a"))
        record = self.built()
        folder = self.unpacked(record)
        found = self.verify(folder, "--at", f"{record.position}:{record.head}")
        self.assertEqual((found.returncode, found.stderr), (0, ""), found.stdout)
        log = folder / "log.jsonl"
        log.write_text(log.read_text().replace("law-operator", "law-0perator", 1))
        self.assertEqual(self.verify(folder).returncode, 1)

    def test_s11_the_log_of_all_companies_stays_where_somebody_sees_one(self):
        other = self.env["res.company"].create({"name": "Evidence Unseen"})
        self.assertNotIn(other, self.people["auditor"].company_ids)
        record = self.built()
        self.assertFalse((self.unpacked(record) / "log.jsonl").exists())
        self.assertIn("not in the pack", record._sheet()["verifier"]["log"])

    def test_ungoverned_entries_are_listed_with_their_value(self):
        feed = self.env["account.bank.statement.line"].with_user(SUPERUSER_ID)
        today = fields.Date.today()
        line = feed.create({"journal_id": self.journal.id, "date": today, "payment_ref": "robot", "amount": 12.5})
        self.env["ir.model.data"].create(
            {"module": "__import__", "name": "evidence_line", "model": line._name, "res_id": line.id}
        )
        self.start(fact("a"))
        rows = {row["entry"]: row for row in self.rows(self.unpacked(self.built()), "ungoverned")}
        found = rows[f"LAW {line.move_id.name}"]
        self.assertEqual((found["amount"], found["way"]), ("12.5", "import"))

    # Who may

    def test_owner_and_auditor_may_ask_others_may_not(self):
        self.ask("auditor")
        self.ask("operator")  # owns the flow
        self.ask("administrator")  # its deputy
        for group in ("viewer", "approver", "support"):
            with self.subTest(group):
                self.assertTrue(self.refusal(self.ask, group))
        refused = self.env["fin.audit.event"].search([("code", "=", "fin.evidence.pack.refused")])
        self.assertEqual(set(refused.mapped("subject_key")), {"law-viewer", "law-approver", "law-support"})

    def test_an_owner_by_the_working_copy_alone_may_not(self):
        self.flow.role_ids.filtered(lambda row: row.role == "owner").user_id = self.people["approver"]
        with self.assertRaises(AccessError):
            self.ask("approver")

    def test_who_lost_the_right_gets_nothing_built(self):
        asked = self.ask("auditor").sudo()
        self.people["auditor"].group_ids -= self.env.ref("finance_integration_governance.group_auditor")
        self.env["fin.evidence.pack"]._cron_build()
        self.env.invalidate_all()
        self.assertEqual((asked.state, bool(asked.digest)), ("failed", False))

    def test_s11_another_company_gets_nothing(self):
        other = self.env["res.company"].create({"name": "Evidence Other"})
        stranger = self.person("auditor+operator", "evidence-stranger", company_id=other.id, company_ids=other.ids)
        record = self.built()
        packs_ = self.env["fin.evidence.pack"].with_user(stranger)
        self.assertFalse(packs_.search([]))
        for act in (
            lambda: packs_._ask(self.flow.with_user(stranger), fields.Date.today(), fields.Date.today()),
            lambda: record.with_user(stranger).read(["name"]),
            lambda: record.with_user(stranger)._stream(),
        ):
            with self.assertRaises(AccessError):
                act()

    def test_s11_a_flow_that_touches_a_company_that_one_does_not_see(self):
        other = self.env["res.company"].create({"name": "Evidence Touched"})
        (self.people["operator"] | self.people["approver"]).company_ids |= other
        self.flow.company_ids |= other
        self.approve(self.flow)
        with self.assertRaises(AccessError):
            self.ask("auditor")
        self.people["auditor"].company_ids |= other
        self.assertTrue(self.ask("auditor"))

    def test_s09_nobody_writes_a_pack_over_rpc(self):
        record = self.built()
        for group in self.people:
            mine = self.by(group, record)
            for act in (
                lambda mine=mine: mine.write({"digest": "0" * 64}),
                lambda mine=mine: mine.with_context(fin_writer=True).write({"state": "ready"}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.copy(),
                lambda mine=mine: mine.create([{"name": "x", "company_id": self.company.id}]),
            ):
                with self.subTest(group), self.assertRaises(AccessError):
                    act()

    def test_s09_the_database_refuses_to_rewrite_a_digest(self):
        record = self.built()
        with self.assertRaises(Exception) as caught, self.env.cr.savepoint():
            self.sql("UPDATE fin_evidence_pack SET digest = %s WHERE id = %s", "0" * 64, record.id)
        self.assertIn("is evidence", str(caught.exception))

    def test_a_viewer_sees_only_what_they_asked_for(self):
        record = self.built()
        self.assertFalse(self.by("operator", "fin.evidence.pack").search([("id", "=", record.id)]))
        own = self.ask("operator")
        self.assertEqual(self.by("operator", "fin.evidence.pack").search([]), own)

    # Keeping

    def test_an_archive_goes_after_some_time_and_its_digest_stays(self):
        record = self.built()
        path = Path(record.sudo()._stream().path)
        self.sql("UPDATE fin_evidence_pack SET built_at = now() - interval '100 days' WHERE id = %s", record.id)
        self.env["fin.evidence.pack"]._cron_build()
        self.env.invalidate_all()
        self.assertEqual((record.state, path.exists(), bool(record.digest)), ("expired", False, True))

    def test_what_is_purged_does_not_live_on_in_an_archive(self):
        run = self.start(fact("a"))
        record, bare = self.built(), self.built(has_payloads=False)
        path = Path(record.sudo()._stream().path)
        self.env["fin.purge"]._purge("retention", self.company, run.payload_ids, run.item_ids.ids, "test")
        self.env.invalidate_all()
        self.assertEqual((record.state, path.exists(), bare.state), ("expired", False, "ready"))
        folder = self.unpacked(self.built())
        [payload] = self.rows(folder, "payloads")
        self.assertIn("purged by", payload["content"])
        self.assertTrue(self.reperform(folder).is_equal)

    def test_a_pack_that_kills_its_workers_is_given_up(self):
        asked = self.ask()
        for _worker in range(3):
            self.assertEqual(self.env["fin.evidence.pack"]._claim(), asked.id)
        self.assertIsNone(self.env["fin.evidence.pack"]._claim())
        self.env.invalidate_all()
        self.assertEqual(asked.state, "failed")

    def test_a_period_that_ends_before_it_begins_is_refused(self):
        packs_ = self.by("auditor", "fin.evidence.pack")
        with self.assertRaises(UserError):
            packs_._ask(
                self.by("auditor", self.flow), fields.Date.to_date("2026-02-01"), fields.Date.to_date("2026-01-01")
            )


@tagged("post_install", "-at_install")
class TestArchiveAsFile(EvidenceScene, TransactionCase):
    def test_the_archive_is_a_plain_zip(self):
        self.start(fact("a"))
        record = self.built()
        content = io.BytesIO(Path(record.sudo()._stream().path).read_bytes())
        with zipfile.ZipFile(content) as archive:
            self.assertIsNone(archive.testzip())
            self.assertEqual(archive.namelist()[0], "manifest.json")
