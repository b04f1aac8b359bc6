import json
from contextlib import contextmanager

from odoo.tests import HttpCase, TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.masking import token
from odoo.addons.finance_integration_governance.core.reperform import NOT_WORKED_OUT

from .common import LawScene, ListSource
from .evidence_scene import EvidenceScene
from .test_masking import WHO, carry_names, named

ACCOUNT = "DE89370400440532013000"


class MaskingScene(LawScene):
    def obey(self, **values):
        """The policy with these answers, approved by a second person and in force."""
        policy = self.env["fin.policy"]._of(self.company)
        policy.with_user(self.people["administrator"]).write(values)
        change = self.env["fin.change"].with_user(self.people["administrator"])._propose(policy)
        change.action_submit()
        change.with_user(self.people["approver"])._approve()
        self.seal()
        self.env.invalidate_all()

    def always(self):
        """A policy set that masks always is in the flow's live version."""
        values = {"name": "Strict", "code": "strict", "masking": "always", "company_id": self.company.id}
        self.flow.policy_set_id = self.env["fin.policy.set"].create(values)
        self.approve(self.flow)
        self.seal()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestMaskedAmounts(MaskingScene, HttpCase):
    """An amount is for whom the policy names; nobody else reads, sums, sorts, exports or finds it, over RPC either."""

    def setUp(self):
        super().setUp()
        carry_names(self)
        told = Finding("odd", f"{WHO} of {ACCOUNT} has 10.00, not 12.50", document="a", facts={"found": "12.50"})
        self.run_ = self.start(named(), told)
        self.item = (self.run_ | self.run_.child_ids).item_ids[-1:]
        for group in ("viewer", "operator"):
            self.people[group].group_ids += self.env.ref("base.group_allow_export")
        self.obey(amounts_viewer=False)

    def call(self, group, model, method, *args, **kwargs):
        self.authenticate(f"law-{group}", f"law-{group}")
        body = {"params": {"model": model, "method": method, "args": args, "kwargs": kwargs}}
        url, head = f"/web/dataset/call_kw/{model}/{method}", {"Content-Type": "application/json"}
        return self.url_open(url, json.dumps(body), headers=head).json()

    def test_s24_an_amount_is_not_told_to_whom_it_is_hidden(self):
        ids = self.item.ids
        for method, args, kwargs in (
            ("read", [ids, ["amount"]], {}),
            ("search_read", [[], ["amount"]], {}),
            ("export_data", [ids, ["amount"]], {}),
            ("web_search_read", [[], {"amount": {}}], {}),
            ("formatted_read_group", [[]], {"groupby": ["outcome"], "aggregates": ["amount:sum"]}),
            ("formatted_read_group", [[]], {"groupby": ["amount"], "aggregates": ["__count"]}),
            ("search_count", [[["amount", ">", 5]]], {}),
            ("search_read", [[], ["key"]], {"order": "amount"}),
        ):
            with self.subTest(f"{method} {args} {kwargs}"):
                self.assertIn("error", self.call("viewer", "fin.item", method, *args, **kwargs))
                self.assertNotIn("error", self.call("operator", "fin.item", method, *args, **kwargs))
        self.assertIn("error", self.call("viewer", "fin.run", "search_count", [["item_ids.amount", ">", 5]]))
        self.assertIn("error", self.call("viewer", "fin.payload", "read", self.run_.payload_ids.ids, ["totals"]))
        self.assertNotIn("amount", self.call("viewer", "fin.item", "fields_get")["result"])

    def test_s24_screens_show_a_mask_where_the_amount_was(self):
        seen = ["shown_amount", "content_table", "shown_content"]
        [told] = self.call("viewer", "fin.item", "read", self.item.ids, seen)["result"]
        self.assertEqual((told["shown_amount"], "10.00" in json.dumps(told)), ("…", False))
        [told] = self.call("operator", "fin.item", "read", self.item.ids, seen)["result"]
        self.assertEqual(told["shown_amount"], "10.00")

    def test_s24_an_exception_is_told_without_name_account_and_amount(self):
        exception = self.run_.exception_ids | self.item.exception_id
        seen = ["shown_text", "facts_table"]
        [told] = self.call("viewer", "fin.exception", "read", exception.ids, seen)["result"]
        self.assertEqual(told["shown_text"], "A… of …3000 has …, not …")
        self.assertNotIn("12.50", told["facts_table"])
        [told] = self.call("operator", "fin.exception", "read", exception.ids, seen)["result"]
        self.assertIn(f"{WHO} of {ACCOUNT} has 10.00", told["shown_text"])
        for group in ("viewer", "operator", "auditor"):
            for probe in ("text", "facts"):
                self.assertIn("error", self.call(group, "fin.exception", "search_count", [[probe, "ilike", "Ann"]]))

    def test_s24_the_item_form_and_list_open_for_whom_amounts_are_hidden(self):
        views = [[False, "list"], [False, "form"], [False, "search"]]
        told = self.call("viewer", "fin.item", "get_views", views)["result"]
        self.assertNotIn("amount", told["models"]["fin.item"]["fields"])
        self.assertNotIn('name="amount"', json.dumps(told["views"]))


@tagged("post_install", "-at_install")
class TestAlwaysMasked(MaskingScene, HttpCase):
    """A policy set that masks always is obeyed as part of the flow's approved version, whatever the role."""

    def setUp(self):
        super().setUp()
        carry_names(self)
        self.item = self.start(named()).item_ids

    def test_s24_a_policy_set_that_masks_always_is_obeyed_once_it_is_live(self):
        set_ = self.env["fin.policy.set"].create({"name": "S", "code": "s", "masking": "always"})
        self.flow.policy_set_id = set_
        self.assertIn(WHO, self.by("operator", self.item).shown_content)
        self.always()
        self.assertEqual(self.flow._document()["policy"]["masking"], "always")
        for group in ("operator", "approver", "auditor", "administrator"):
            with self.subTest(group):
                self.assertNotIn(WHO, self.by(group, self.item).shown_content)

    def test_s24_nobody_downloads_a_file_of_a_flow_that_is_always_masked(self):
        self.always()
        self.authenticate("law-operator", "law-operator")
        url = f"/finance_integration/payload/{self.item.payload_id.uid}"
        self.assertEqual(self.url_open(url).status_code, 403)

    def test_s24_what_came_under_a_version_that_masked_stays_masked(self):
        self.always()
        late = self.start(named("late"), name="two.txt").item_ids
        self.flow.policy_set_id = False
        self.approve(self.flow)
        self.seal()
        self.env.invalidate_all()
        self.assertNotIn(WHO, self.by("operator", late[-1:]).shown_content)

    def test_s24_what_waits_at_a_source_is_previewed_masked(self):
        ListSource.told["one.txt"] = [named(), Finding("odd", f"account {ACCOUNT}")]
        sample = self.by("administrator", self.flow.connection_id)._sample_text
        self.assertIn(WHO, sample())
        self.always()
        text = sample()
        self.assertNotIn(WHO, text)
        self.assertIn("! account …3000", text)


@tagged("post_install", "-at_install")
class TestMaskedPreview(MaskingScene, TransactionCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        carry_names(self)

    def test_s24_an_impact_preview_shows_no_amount_to_whom_they_are_hidden(self):
        self.start(named())
        self.obey(amounts_approver=False, amounts_viewer=False)
        self.flow.purpose = "To be compared"
        version = self.propose(self.flow)
        # One more fact is accepted than before: a total that changes.
        told = {"version": "v", "compared": "c", "runs": [], "is_compared": True, "counts": {"new": 1}}
        told |= {"totals": [{"account": "1", "currency": "USD", "before": "0", "after": "77.70"}], "changed": []}
        told |= {"stopped": f"account {ACCOUNT} of 77.70"}
        version._keep_preview(told)
        for group, is_seen in (("operator", True), ("approver", False)):
            mine = self.by(group, version)
            self.assertEqual("77.70" in mine.preview_totals, is_seen)
            self.assertEqual("77.70" in mine.preview_words, is_seen)


@tagged("post_install", "-at_install")
class TestMaskedEvidence(EvidenceScene, MaskingScene, TransactionCase):
    """A pack for somebody to whom contents are masked holds stand-ins, says so, and can be re-performed as far."""

    def setUp(self):
        super().setUp()
        carry_names(self)
        self.run_ = self.start(named("a"), named("b"))

    def masked(self):
        self.obey(clear_auditor=False)
        record = self.built()
        return record, self.unpacked(record)

    @contextmanager
    def token_key(self, key):
        with self.env.cr.savepoint():
            self.patch(
                __import__(
                    "odoo.addons.finance_integration_governance.models.privacy.fin_evidence_masking",
                    fromlist=["installation"],
                ),
                "installation",
                lambda name: key,
            )
            yield

    def test_s24_a_pack_for_whom_contents_are_masked_holds_tokens_and_no_files(self):
        with self.token_key("k"):
            record, folder = self.masked()
        self.assertFalse((folder / "payloads").exists())
        for path in folder.rglob("*"):
            self.assertFalse(path.is_file() and WHO.encode() in path.read_bytes(), path)
        rows = self.rows(folder, "items")
        self.assertEqual({json.loads(row["content"])["who"] for row in rows}, {token("name", WHO, "k")})
        self.assertEqual({row["digest"] for row in rows}, set(self.run_.item_ids.mapped("digest")))
        told = json.loads((folder / "manifest.json").read_text())["masking"]
        self.assertEqual((told["how"], told["values"]), ("token", {"name": 2, "text": 2}))
        self.assertEqual((len(told["rule"]), told["hidden"]), (64, record.hidden.split(", ")))

    def test_s24_a_masked_pack_is_re_performed_as_far_as_it_goes(self):
        _record, folder = self.masked()
        report = self.reperform(folder)
        self.assertEqual([str(one) for one in report.differences], [])
        manifest = json.loads((folder / "manifest.json").read_text())
        self.assertEqual([note for note in report.notes if "masked for who asked" in note], [NOT_WORKED_OUT])
        self.assertEqual(manifest["masking"]["not_worked_out"], NOT_WORKED_OUT)
        path = folder / "lists" / "items.json"
        path.write_text(path.read_text().replace('"amount":"10"', '"amount":"11"', 1))
        self.assertFalse(self.reperform(folder).is_equal)

    def test_s24_who_may_see_contents_gets_them_in_clear(self):
        folder = self.unpacked(self.built())
        self.assertTrue((folder / "payloads").exists())
        masking = json.loads((folder / "manifest.json").read_text())["masking"]
        self.assertEqual((masking["hidden"], "not_worked_out" in masking), ([], False))

    def test_s24_a_clear_pack_is_not_handed_to_whom_it_would_show_more(self):
        record = self.built()
        self.obey(clear_auditor=False)
        self.assertFalse(self.by("auditor", record).is_mine)
        self.assertIn("masked for you", self.refusal(self.by("auditor", record)._stream))

    def test_s24_no_evidence_without_amounts(self):
        self.obey(amounts_auditor=False, amounts_viewer=False)
        self.assertIn("amounts", self.refusal(self.ask))

    def test_s24_a_pack_of_a_flow_that_is_always_masked_holds_stand_ins_for_everybody(self):
        self.always()
        self.assertFalse((self.unpacked(self.built()) / "payloads").exists())

    def test_s24_whoever_may_see_contents_sees_the_masked_pack_too(self):
        record, _folder = self.masked()
        self.obey(clear_auditor=True)
        self.assertTrue(self.by("auditor", record).is_mine)
