import dataclasses
import json
import os
from io import BytesIO
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import Code
from odoo.addons.finance_integration_governance.core.masking import FreeText, PersonName, token

from .common import Fact, LawScene, ListSource, fact

WHO = "Ann Canary"


@dataclasses.dataclass(frozen=True)
class Named(Fact):
    """A fact about somebody."""

    contract = "test.fact/1.0"
    who: PersonName | None = None
    told: FreeText | None = None
    place: Code | None = None


def named(number="a"):
    return Named(**{**dataclasses.asdict(fact(number)), "who": WHO, "told": f"from {WHO}", "place": "here"})


def carry_names(test):
    """The source tells of persons, and a version that says so is live."""
    test.patch(ListSource, "carries", (Named,))
    test.flow.purpose = "With names"
    test.approve(test.flow)
    test.seal()


@tagged("post_install", "-at_install")
class TestMaskingOnScreens(LawScene, HttpCase):
    """What arrived is shown in clear to the roles that the policy names; over RPC and in exports, too."""

    def setUp(self):
        super().setUp()
        carry_names(self)
        run = self.start(named())
        self.assertEqual((run.state, run.last_error), ("done", False))
        self.item = run.item_ids
        self.assertIn(WHO, self.item.content)

    def seen(self, group):
        return self.by(group, self.item).shown_content

    def ask(self, group, method, *args):
        self.authenticate(f"law-{group}", f"law-{group}")
        body = {"params": {"model": "fin.item", "method": method, "args": args, "kwargs": {}}}
        url, head = f"/web/dataset/call_kw/fin.item/{method}", {"Content-Type": "application/json"}
        return self.url_open(url, json.dumps(body), headers=head).text

    def test_s24_a_viewer_sees_names_and_words_masked(self):
        told = json.loads(self.seen("viewer"))
        self.assertEqual((told["who"], told["told"], told["place"], told["number"]), ("A…", "…", "here", "a"))
        self.assertNotIn(WHO, self.by("viewer", self.item).content_table)

    def test_s24_who_the_policy_names_sees_them_in_clear(self):
        for group in ("operator", "approver", "auditor"):
            with self.subTest(group):
                self.assertIn(WHO, self.seen(group))

    def test_s24_the_policy_takes_effect_when_two_persons_said_yes(self):
        policy = self.env["fin.policy"]._of(self.company)
        policy.with_user(self.people["administrator"]).clear_approver = False
        self.assertIn(WHO, self.seen("approver"))
        change = self.env["fin.change"].with_user(self.people["administrator"])._propose(policy)
        change.action_submit()
        change.with_user(self.people["approver"])._approve()
        self.seal()
        self.env.invalidate_all()
        self.assertNotIn(WHO, self.seen("approver"))

    def test_s24_the_stored_content_is_not_read_over_rpc(self):
        for group in ("viewer", "operator", "administrator", "auditor"):
            for field in ("content", "mapped_values"):
                with self.subTest(f"{group} {field}"):
                    self.assertIn("error", json.loads(self.ask(group, "read", self.item.ids, [field])))
        self.assertNotIn(WHO, self.ask("viewer", "read", self.item.ids, ["shown_content", "content_table"]))
        self.assertNotIn(WHO, self.ask("viewer", "export_data", self.item.ids, ["shown_content"]))
        self.assertIn("error", json.loads(self.ask("viewer", "export_data", self.item.ids, ["content"])))

    def test_s24_nobody_finds_by_what_is_hidden(self):
        for probe in (["content", "ilike", WHO], ["mapped_values", "ilike", WHO], ["exception_id.text", "ilike", WHO]):
            self.assertIn("error", json.loads(self.ask("viewer", "search_count", [probe])))

    def test_s24_who_sees_it_masked_does_not_download_the_bytes(self):
        payload = self.item.payload_id
        self.patch(type(self.env["res.company"]), "_fin_hidden", lambda company: frozenset({"name"}))
        self.authenticate("law-operator", "law-operator")
        self.assertEqual(self.url_open(f"/finance_integration/payload/{payload.uid}").status_code, 403)
        with self.assertRaises(AccessError):
            self.by("operator", self.item).action_story()


@tagged("post_install", "-at_install")
class TestMaskingOutbound(LawScene, TransactionCase):
    """What leaves is masked as the pinned version says, and the log says what was done, how often, by which rule."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.enterContext(patch.dict(os.environ, {"FIN_TOKEN_KEY": "k"}))
        carry_names(self)

    def outgoing(self, rules, run=None):
        """What a run of a version with these rules hands to its connector."""
        run = run or self.start(named(), named("b"))
        content = {**run._document().content, "sent_masked": rules}
        document = type(run._document())("", content)
        self.patch(type(run), "_document", lambda _run: document)
        items = next(self.env["fin.item"]._batches(self.staged(run), 10))
        self.patch(type(self.env["fin.item"]), "_batches", lambda *_args: iter([items]))
        return run, list(run._outgoing())

    def staged(self, run):
        """The items again, in a run that has not handed them over."""
        self.without_triggers("fin_item")
        self.sql("UPDATE fin_item SET outcome = 'open', payload_id = NULL WHERE run_id = %s", run.id)
        return run

    def test_fields_leave_as_the_version_says_and_the_log_proves_it(self):
        run, objects = self.outgoing({"test.fact": {"who": "token", "told": "mask"}})
        self.assertEqual({one.who for one in objects}, {token("name", WHO, "k")})
        self.assertEqual({one.told for one in objects}, {"…"})
        self.assertEqual([one.key for one in objects], ["a", "b"])
        totals = self.env["fin.item"]._totals_by_outcome(run)["open"]
        run._keep_outgoing(Payload("out", lambda: BytesIO(b"x"), keys=("a", "b"), totals=totals))
        [event] = self.env["fin.audit.event"].search([("code", "=", "fin.run.mask"), ("subject_key", "=", run.name)])
        facts = json.loads(event.facts)
        self.assertEqual(facts["fields"], {"told": 2, "who": 2})
        self.assertEqual((len(facts["rule"]), facts["how"]), (64, {"told": "mask", "who": "token"}))
        self.assertNotIn(WHO, event.content)

    def test_what_the_version_does_not_name_leaves_as_it_is(self):
        _run, objects = self.outgoing({})
        self.assertEqual({one.who for one in objects}, {WHO})

    def test_the_scope_list_says_what_leaves_masked(self):
        values = {"flow_id": self.flow.id, "entity": "test.fact", "field_name": "who", "is_allowed": True}
        self.env["fin.flow.scope"].create({**values, "masking": "token"})
        self.assertEqual(self.flow._compose()["sent_masked"], {"test.fact": {"who": "token"}})
