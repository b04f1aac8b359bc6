import datetime as dt
import json
from contextlib import contextmanager, nullcontext
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from odoo.addons.finance_integration_governance.core.authority_entities import BY_MODEL
from odoo.addons.finance_integration_governance.models.authority.authority_guard import _Guarded

from .authority_scene import AuthorityScene

NEW = "BE0428759497"
RATE = "res.currency.rate"


@contextmanager
def unguarded():
    """The same models without the suite's guard."""
    names = ("create", "write", "unlink")
    plain = {
        "create": lambda self, vals_list: super(_Guarded, self).create(vals_list),
        "write": lambda self, vals: super(_Guarded, self).write(vals),
        "unlink": lambda self: super(_Guarded, self).unlink(),
    }
    with patch.multiple(_Guarded, **{name: plain[name] for name in names}):
        yield


@tagged("post_install", "-at_install")
class TestAuthorityEdits(AuthorityScene, TransactionCase):
    """Edits in Odoo of what another system owns: refused or warned, whatever door they come through."""

    number = 0

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    # Refused

    def test_without_a_rule_people_edit(self):
        self.mine().vat = NEW
        self.assertEqual(self.partner.vat, NEW)

    def test_a_rule_that_nobody_approved_holds_nobody(self):
        self.rule()
        self.mine().vat = NEW
        self.assertEqual(self.partner.vat, NEW)

    def test_an_edit_of_what_another_system_owns_is_refused_and_says_where_to_correct(self):
        self.rule()
        self.in_force()
        self.refuses(lambda: self.mine().write({"vat": NEW}), "Contact, Tax ID")
        self.assertEqual(self.partner.vat, "BE0477472701")

    def test_other_fields_and_the_same_value_pass(self):
        self.rule()
        self.in_force()
        self.mine().write({"vat": "BE0477472701", "city": "Ghent"})
        self.assertEqual(self.partner.city, "Ghent")

    def test_sudo_carries_the_person(self):
        self.rule()
        self.in_force()
        self.refuses(lambda: self.mine().sudo().write({"vat": NEW}))

    def test_a_context_from_outside_opens_nothing(self):
        self.rule()
        self.in_force()
        for key in ("fin_flow_writer", "fin_merge", "fin_writer"):
            self.refuses(lambda key=key: self.mine().with_context(**{key: True}).write({"vat": NEW}))

    def test_the_service_user_outside_of_a_run_is_nobody_special(self):
        self.rule()
        self.in_force()
        service = self.company._fin_service_user()
        self.refuses(lambda: self.partner.with_user(service).write({"vat": NEW}))

    def test_an_import_is_refused(self):
        self.rule()
        self.in_force()
        told = self.env["res.partner"].with_user(self.anna).load(["name", "vat"], [["Somebody", NEW]])
        self.assertFalse(told["ids"])
        self.assertIn("change it there", json.dumps([message["message"] for message in told["messages"]]))

    def test_other_doors_to_an_accounts_code_are_shut(self):
        self.rule("account/code")
        self.in_force()
        account = self.env["account.account"].create({"code": "990001", "name": "A", "account_type": "expense"})
        mine = account.with_user(self.anna)
        self.refuses(lambda: mine.write({"code": "990002"}))
        self.refuses(lambda: mine.write({"code_store": "990002"}))
        mapping = [Command.create({"company_id": self.company.id, "code": "990002"})]
        self.refuses(lambda: mine.write({"code_mapping_ids": mapping}))
        self.refuses(lambda: mine.create({"code": "990003", "name": "B", "account_type": "expense"}))
        self.assertEqual(account.code, "990001")

    def test_a_record_does_not_leave_the_company_whose_rules_hold(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.anna.company_ids += other
        self.partner.company_id = self.company
        self.rule()
        self.in_force()
        self.refuses(lambda: self.mine().write({"company_id": other.id}))

    def test_the_rules_of_a_company_hold_for_its_records_and_for_shared_ones(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.anna.company_ids += other
        self.rule()
        self.in_force()
        theirs = self.env["res.partner"].create({"name": "Theirs", "company_id": other.id})
        theirs.with_user(self.anna).with_company(other).write({"vat": NEW})
        self.refuses(lambda: self.mine().with_context(allowed_company_ids=other.ids).write({"vat": NEW}))

    def test_listed_people_edit(self):
        self.rule(user_ids=[Command.set(self.anna.ids)])
        self.in_force()
        self.mine().vat = NEW
        self.assertEqual(self.partner.vat, NEW)

    def test_listed_groups_edit_and_nobody_else(self):
        group = self.env.ref("account.group_account_manager")
        self.rule(ours=True, group_ids=[Command.set(group.ids)])
        self.in_force()
        self.mine().vat = NEW
        bert = self.person("operator", "bert")
        bert.group_ids += self.env.ref("base.group_partner_manager")
        with self.assertRaisesRegex(UserError, "changed by account.group_account_manager only"):
            self.partner.with_user(bert).vat = "BE0477472701"

    def test_who_may_not_write_learns_nothing_of_the_value(self):
        self.rule()
        self.in_force()
        viewer = self.by("viewer", self.partner)
        for value in ("BE0477472701", NEW):
            with self.assertRaises(AccessError):
                viewer.write({"vat": value})

    def test_odoo_itself_is_not_asked(self):
        self.rule()
        self.in_force()
        self.partner.vat = NEW
        self.assertEqual(self.partner.vat, NEW)

    # Warned

    def test_a_warned_edit_stands_and_is_told_on_the_record_to_the_person_and_in_the_log(self):
        self.rule(edit="warn")
        self.in_force()
        with patch.object(type(self.anna), "_bus_send") as sent:
            self.mine().vat = NEW
        self.assertEqual(self.partner.vat, NEW)
        self.assertIn("change it there", "".join(self.partner.message_ids.mapped("body")))
        self.assertEqual(sent.call_args.args[0], "simple_notification")
        event = self.env["fin.audit.event"].search([("code", "=", "fin.authority.warned")], limit=1)
        self.assertEqual(event.actor, f"{self.anna.login}#{self.anna.id}")
        self.assertEqual(event.subject_key, f"res.partner/{self.partner.id}")
        self.assertNotIn(NEW, event.content)

    def test_every_guarded_model_warns(self):
        for entity in BY_MODEL.values():
            self.rule(f"{entity.name}/{self.named(entity.model)}", edit="warn")
        self.in_force()
        for model in BY_MODEL:
            with self.subTest(model=model):
                record = self.env[model].create(self.vals_of(model))
                record.with_user(self.anna).write({self.named(model): self.other(model)})
                self.assertIn("change it there", "".join(record._fin_noted_on().message_ids.mapped("body")))

    # Nothing for nothing

    def test_without_a_rule_on_the_model_the_number_of_queries_is_the_stock_one(self):
        self.rule("journal/name")
        self.in_force()
        for model in BY_MODEL:
            if model == "account.journal":
                continue
            with self.subTest(model=model):
                self.assertEqual(self.queries(model), self.queries(model, unguarded))

    @property
    def plan(self):
        return self.env["account.analytic.plan"].search([], limit=1) or self.env["account.analytic.plan"].create(
            {"name": "Plan"}
        )

    def queries(self, model, guard=None):
        """Queries of one create, write and unlink, twice, so that caches are warm the second time."""
        counted = []
        for _warm in range(2):
            vals = self.vals_of(model)
            self.env.flush_all()
            self.env.invalidate_all()
            with guard() if guard else nullcontext():
                before = self.env.cr.sql_log_count
                record = self.env[model].with_user(self.anna).create(vals)
                record.write({self.named(model): self.other(model)})
                record.flush_recordset()
                record.unlink()
                self.env.flush_all()
                counted.append(self.env.cr.sql_log_count - before)
        return counted[1]

    def named(self, model):
        """A field that anybody may write."""
        told = {"res.partner.bank": "acc_holder_name", "account.bank.statement.line": "payment_ref"}
        return told.get(model, "name")

    def other(self, model):
        """Another value of that field."""
        self.number += 1
        return dt.date(2000, 1, 1) + dt.timedelta(self.number) if model == RATE else f"Renamed {self.number}"

    def vals_of(self, model):
        self.number += 1
        return {
            "account.account": {"code": f"9{self.number:05}", "name": "A", "account_type": "expense"},
            "res.partner": {"name": "A"},
            "res.partner.bank": {"partner_id": self.partner.id, "acc_number": f"ACC{self.number}"},
            "account.analytic.account": {"name": "A", "plan_id": self.plan.id},
            "account.journal": {"name": "J", "code": f"J{self.number}", "type": "general"},
            "account.tax": {"name": f"T{self.number}", "amount": 1},
            RATE: {
                "currency_id": self.env.ref("base.CHF").id,
                "name": dt.date(1990, 1, 1) + dt.timedelta(self.number),
                "rate": 2,
            },
            "account.bank.statement.line": {"journal_id": self.bank.id, "amount": 1, "payment_ref": "A"},
        }[model]

    # The matrix itself

    def test_two_rules_for_one_field_are_refused_at_save(self):
        self.rule()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation) as caught:
            self.rule(ours=True)
        self.assertIn("fin_authority_subject_uniq", str(caught.exception))

    def test_a_rule_that_means_nothing_is_refused_at_save(self):
        for vals, words in (
            ({"direction": "outbound", "flow": self.flow}, "nothing may come into Odoo"),
            ({"ours": True, "direction": "both"}, "list the flows"),
            ({"outside_system_id": self.system("sap").id}, "one system of record"),
            ({"ours": True, "outside_system_id": self.system("Odoo").id}, "Only Odoo is called Odoo"),
            ({"kind": "budget"}, "not kept for this kind"),
        ):
            with self.subTest(words=words):
                with self.assertRaises(ValidationError) as caught:
                    self.rule(**vals)
                self.assertIn(words, str(caught.exception))

    def system(self, code):
        return self.env["fin.system"].create({"name": code, "code": code, "company_id": self.company.id})

    def test_a_rule_is_of_the_first_kind_that_its_entity_has(self):
        self.assertEqual(self.rule("journal_entry/*", ours=True).kind, "actual")
        self.assertEqual(self.rule().kind, "master")
        self.assertFalse(self.env["fin.authority"].new({}).kind)

    def test_connections_of_one_system_are_one_system(self):
        system = self.flow.connection_id.system_id = self.system("sap")
        named = self.rule(ours=True, outside_system_id=system.id)
        through = self.rule("partner/name")
        self.assertEqual((named.system, through.system), ("sap", "sap"))
        self.assertEqual((named.system_name, self.rule("partner/ref", ours=True).system_name), ("sap", "Odoo"))

    def test_the_approver_reads_each_changed_rule(self):
        self.rule()
        self.in_force()
        rule = self.env["fin.authority"].search([])
        rule.edit = "warn"
        policy = self.by("administrator", "fin.policy")._of(self.company)
        version = policy.env["fin.change"]._propose(policy).version_ids
        self.assertIn('authority.partner.master.vat.edit: "refuse" → "warn"', version.changes)

    def test_s11_rules_of_another_company_are_not_seen_nor_changed(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        rule = self.rule()
        theirs = self.person("administrator", "theirs", company_id=other.id, company_ids=[Command.set(other.ids)])
        self.assertNotIn(rule, self.env["fin.authority"].with_user(theirs).search([]))
        with self.assertRaises(AccessError):
            rule.with_user(theirs).write({"edit": "warn"})
        with self.assertRaises(AccessError):
            rule.with_user(theirs).read(["subject"])

    def test_only_an_administrator_of_the_suite_writes_the_matrix(self):
        rule = self.rule()
        for group in ("viewer", "operator", "approver", "auditor", "support"):
            with self.subTest(group=group), self.assertRaises(AccessError):
                self.by(group, rule).write({"edit": "warn"})
        self.assertEqual(self.by("viewer", rule).edit, "refuse")
