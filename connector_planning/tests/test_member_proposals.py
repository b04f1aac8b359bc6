import os

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from psycopg2.errors import RestrictViolation

from odoo.addons.finance_integration_governance.tests.wire import OverTheWire

from .common import PlanningCase

HEAD = "kind;plan;company;code;name;parent;account_type"


class Wire(OverTheWire, HttpCase):
    """The calls of a client alone, without the scene that usually goes with them."""


class MemberCase(PlanningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.steward = cls.person("steward", "group_operator")
        cls.other = cls.person("other", "group_operator")

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.folder = self.folder_of_files()
        self.members = self.member_flow()

    def member_flow(self):
        connection = self.env["fin.connection"].create(
            {
                "name": "Planning's members",
                "code": "members-test",
                "company_id": self.company.id,
                "connector_id": self.env["fin.connector"].search([("code", "=", "planning.member_files")]).id,
                "settings": {"location": self.folder.as_uri()},
            }
        )
        people = {"owner": self.operator, "deputy": self.approver, "steward": self.steward}
        flow = self.env["fin.flow"].create(
            {
                "name": "Members from planning",
                "code": "members-test",
                "company_id": self.company.id,
                "connection_id": connection.id,
                "object": "fin.object.member",
                "role_ids": [Command.create({"role": role, "user_id": user.id}) for role, user in people.items()],
            }
        )
        flow.action_prefill()
        self.approve(flow)
        self.env["fin.database"]._release_by_command("test")
        self.env["fin.audit.seal"]._seal_waiting()
        return flow

    def bring(self, *rows, name="members.csv"):
        path = self.folder / name
        path.write_text("\n".join([HEAD, *rows]) + "\n")
        os.utime(path, (946_684_800,) * 2)
        self.env.flush_all()
        run = self.queue(self.members)
        run._transition("start", digest=run.version_digest)
        for stage in ("extract", "validate", "map", "gate", "deliver", "reconcile"):
            if run.state == "running":
                self.go_on(run, (stage,))
        self.env.invalidate_all()
        return run

    def told(self, run):
        return run.exception_ids.mapped("text")

    def of_account(self, code="611000", label="Licences", kind="expense"):
        return f"account;;{self.company.fin_code};{code};{label};61;{kind}"

    def proposals(self, **wanted):
        return self.env["fin.member.proposal"].search([(name, "=", value) for name, value in wanted.items()])

    def accounts(self, code="611000"):
        return self.env["account.account"].with_company(self.company).search([("code", "=", code)])

    def cases(self, code):
        return self.env["fin.exception"].search([("code", "=", code), ("flow_id", "=", self.members.id)])


@tagged("post_install", "-at_install")
class TestMemberProposals(MemberCase):
    """What planning tells of becomes a proposal, and nothing else by itself."""

    def test_law3_a_new_member_is_proposed_and_never_made(self):
        run = self.bring(self.of_account(), self.of_account("700000", "Sales", "income"))
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 2), self.told(run))
        self.assertFalse(self.accounts())
        proposal = self.proposals()
        self.assertEqual((proposal.code, proposal.label, proposal.state), ("611000", "Licences", "proposed"))
        case = self.cases("new_members")
        self.assertEqual((case.user_id, "611000 Licences" in case.text), (self.steward, True))

    def test_told_again_it_is_one_proposal_with_its_latest_name(self):
        self.bring(self.of_account())
        run = self.bring(self.of_account(), name="again.csv")
        self.assertEqual((run.unchanged, len(self.proposals())), (1, 1))
        self.bring(self.of_account(label="Licence fees"), name="renamed.csv")
        self.assertEqual(self.proposals().mapped("label"), ["Licence fees"])

    def test_members_of_every_kind_that_odoo_has_are_recognised(self):
        plan = self.env["account.analytic.plan"].create({"name": "Departments"})
        self.env["account.analytic.account"].create({"name": "Legal", "code": "LEG", "plan_id": plan.id})
        self.env["product.product"].create({"name": "Advice", "default_code": "ADV"})
        currency = self.company.currency_id.name
        run = self.bring(
            "analytic;Departments;;LEG;Legal;;",
            "product;;;ADV;Advice;;",
            f"entity;;;{self.company.fin_code};Actuals Inc;;",
            f"currency;;;{currency};{currency};;",
            "analytic;Projects;;LEG;Legal;;",
        )
        self.assertEqual((run.state, run.delivered), ("done", 5))
        self.assertEqual([(one.plan, one.code) for one in self.proposals()], [("Projects", "LEG")])

    def test_a_member_of_another_company_waits(self):
        run = self.bring("account;;NOWHERE;611000;Licences;61;expense")
        self.assertEqual((run.state, self.cases("unknown_company").text), (
            "held", "NOWHERE is no company of this flow"
        ))  # fmt: skip

    def test_law7_nobody_writes_a_proposal_by_hand(self):
        self.bring(self.of_account())
        proposal = self.proposals()
        for user in (self.steward, self.operator, self.env.ref("base.user_admin")):
            with self.subTest(user.login), mute_logger("odoo.addons.base.models.ir_rule", "odoo.models"):
                with self.assertRaises(AccessError):
                    proposal.with_user(user).write({"state": "made"})
                with self.assertRaises(AccessError):
                    proposal.with_user(user).unlink()
        with mute_logger("odoo.sql_db"), self.assertRaises(RestrictViolation), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE fin_member_proposal SET code = 'x' WHERE id = %s", [proposal.id])


@tagged("post_install", "-at_install")
class TestMembersOverTheWire(MemberCase, HttpCase):
    """What people do with a proposal, as the web client sends it."""

    call, refused, words = Wire.call, Wire.refused, Wire.words

    def setUp(self):
        super().setUp()
        self.bring(self.of_account(), "analytic;Departments;;LEG;Legal;;", "currency;;;XGR;Gold;;")
        self.by_code = {one.code: one for one in self.proposals()}

    def login(self, user):
        self.authenticate(user.login, user.login.ljust(8, "x"))

    def decide(self, code, decision, how=None, **vals):
        vals = {"proposal_id": self.by_code[code].id, "decision": decision, **vals}
        wizard = self.call("fin.member.decide", "create", [vals])
        return (how or self.call)("fin.member.decide", "action_decide", wizard)

    def accountant(self):
        self.steward.group_ids += self.env.ref("account.group_account_manager")
        self.login(self.steward)

    def test_the_steward_makes_an_account_with_the_rights_of_a_person(self):
        self.accountant()
        self.decide("611000", "make")
        account = self.accounts()
        self.assertEqual((account.name, account.account_type, account.create_uid), (
            "Licences", "expense", self.steward
        ))  # fmt: skip
        proposal = self.by_code["611000"]
        self.assertEqual((proposal.state, proposal.became, proposal.decided_by), (
            "made", account.display_name, self.steward
        ))  # fmt: skip
        event = self.env["fin.audit.event"].search([("code", "=", "fin.member.proposal.make")])
        self.assertIn("611000", event.content)

    def test_a_steward_without_the_right_to_make_accounts_makes_none(self):
        self.login(self.steward)
        self.decide("611000", "make", how=self.refused)
        self.assertEqual((self.accounts().ids, self.by_code["611000"].state), ([], "proposed"))

    def test_an_analytic_account_needs_its_plan(self):
        self.accountant()
        self.assertIn("analytic plan", self.decide("LEG", "make", how=self.words))
        plan = self.env["account.analytic.plan"].create({"name": "Departments"})
        self.decide("LEG", "make", plan_id=plan.id)
        made = self.env["account.analytic.account"].search([("code", "=", "LEG")])
        self.assertEqual((made.plan_id, made.company_id), (plan, self.company))

    def test_what_odoo_has_under_another_code_is_mapped_and_known_from_then_on(self):
        self.login(self.steward)
        self.decide("611000", "map", account_id=self.sales.id)
        self.assertEqual((self.by_code["611000"].state, self.accounts().ids), ("mapped", []))
        self.bring(self.of_account(label="Licences and more"), name="again.csv")
        self.assertEqual(len(self.proposals(code="611000")), 1)

    def test_mapped_into_a_crosswalk_it_is_a_line_of_its_working_copy(self):
        vals = {"name": "From planning", "code": "from-planning", "system": "Planning", "direction": "inbound"}
        crosswalk = self.env["fin.crosswalk"].create({**vals, "company_id": self.company.id})
        self.login(self.steward)
        self.decide("611000", "map", account_id=self.sales.id, crosswalk_id=crosswalk.id)
        self.assertEqual([(line.source, line.target) for line in crosswalk.line_ids], [("611000", "700000")])

    def test_a_currency_is_mapped_and_never_made_here(self):
        self.accountant()
        self.assertIn("made where Odoo makes it", self.decide("XGR", "make", how=self.words))
        self.assertIn("which one", self.decide("XGR", "map", how=self.words))
        self.decide("XGR", "map", currency_id=self.company.currency_id.id)
        self.assertEqual(self.by_code["XGR"].state, "mapped")

    def test_whoever_rejects_says_why_and_is_not_asked_again(self):
        self.login(self.steward)
        self.assertIn("Say why", self.decide("611000", "reject", how=self.words))
        self.decide("611000", "reject", reason="it is 612000")
        self.assertEqual((self.by_code["611000"].state, self.by_code["611000"].reason), ("rejected", "it is 612000"))
        run = self.bring(self.of_account(), name="again.csv")
        self.assertEqual((run.unchanged, len(self.proposals(code="611000"))), (1, 1))
        self.decide("611000", "reject", how=self.words, reason="once more")

    def test_nobody_but_the_steward_decides(self):
        viewer = self.person("viewer", "group_viewer")
        for user in (self.other, self.operator):
            self.login(user)
            with self.subTest(user.login):
                self.decide("611000", "reject", how=self.refused, reason="no")
        self.login(self.approver)
        self.refused("fin.member.decide", "create", [{"proposal_id": self.by_code["611000"].id}])
        self.login(viewer)
        self.refused("fin.member.proposal", "action_decide", self.by_code["611000"].ids)
        self.login(self.other)
        self.assertIn(self.steward.name, self.words("fin.member.proposal", "action_decide", self.by_code["611000"].ids))
        self.assertEqual(self.by_code["611000"].state, "proposed")

    def test_the_case_closes_with_the_last_decision(self):
        self.login(self.steward)
        for code in ("611000", "LEG"):
            self.decide(code, "reject", reason="no")
        self.assertNotEqual(self.cases("new_members").state, "resolved")
        self.decide("XGR", "reject", reason="no")
        self.assertEqual(self.cases("new_members").state, "resolved")

    def test_s11_people_of_another_company_see_none(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.person("stranger", "group_operator")
        stranger.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        self.login(stranger)
        self.assertEqual(self.call("fin.member.proposal", "search_count", []), 0)
