"""A source made of a list and an object that books it, so the kernel is tested without any connector addon."""

import dataclasses
import datetime as dt
from decimal import Decimal
from io import BytesIO
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.http import request
from odoo.tests import new_test_user
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.connector import Payload, Setting, Source
from odoo.addons.finance_integration_governance.core.contract import Canonical, Code, Currency, Remittance
from odoo.addons.finance_integration_governance.core.errors import DataError
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

MODULE = "finance_integration_governance"
GROUPS = ("viewer", "operator", "administrator", "approver", "auditor", "support")
EVIDENCE = (
    "fin.version",
    "fin.change",
    "fin.edit",
    "fin.delegation",
    "fin.grant",
    "fin.approval",
    "fin.document",
    "fin.slot",
    "fin.run",
    "fin.payload",
    "fin.item",
    "fin.binding",
    "fin.circuit",
    "fin.attempt",
    "fin.load",
    "fin.exception",
    "fin.conflict",
    "fin.reconciliation",
    "fin.reconciliation.line",
    "fin.gate.answer",
    "fin.period",
    "fin.checkpoint",
    "fin.period.entry",
    "fin.remedy",
    "fin.drill",
    "fin.volume",
    "fin.rate",
    "fin.webhook",
    "fin.webhook.message",
    "fin.metric",
    "fin.evidence.pack",
    "fin.purge",
    "fin.hold",
    "fin.subject.request",
    "fin.purge.request",
    "fin.audit.event",
    "fin.audit.seal",
    "fin.audit.anchor",
    "fin.audit.check",
)
INSERT_ONLY = ("fin_audit_event", "fin_audit_seal", "fin_document", "fin_gate_answer")


@dataclasses.dataclass(frozen=True)
class Fact(Canonical):
    """Something that the simulated system knows."""

    contract = "test.fact/1.0"
    number: Code
    value: Decimal
    money: Currency = "USD"
    words: Remittance | None = None

    key = property(lambda self: self.number)
    amount = property(lambda self: self.value)
    currency = property(lambda self: self.money)
    on = dt.date(2026, 3, 2)
    scope = "here"


class ListSource(Source):
    """Gives what `told` holds: name -> facts. Whatever is an error there is raised."""

    code = "test.list"
    label = "A list"
    carries = (Fact,)
    settings = (
        Setting("location", "Location", default="nowhere"),
        Setting("password", "Password", required=False, secret=True),
    )
    told = {}
    settled = []
    trouble = None

    def extract(self, window):
        if self.trouble:
            self.trouble()
        for name in self.told:
            yield Payload(name, lambda name=name: BytesIO(name.encode()), "text/plain")

    def parse(self, payload):
        for one in self.told[payload.name]:
            if isinstance(one, Exception):
                raise one
            yield one

    def settle(self, payload):
        self.settled.append(payload.name)

    def probe(self):
        return "It answered."


def _map(self, run, item):
    return {"journal": "LAW"}


def _deliver(self, run, items):
    """Each fact becomes a posted line of the bank journal; what is called `poison` cannot be booked."""
    if any(item.key == "poison" for item in items):
        raise DataError("poison is not booked", code="poison")
    journal = self.env["account.journal"].search([("code", "=", "LAW")], limit=1)
    lines = self.env["account.bank.statement.line"].create(
        [
            {"journal_id": journal.id, "date": item.on, "payment_ref": item.key, "amount": float(item.amount)}
            for item in items
        ]
    )
    return list(zip([item.id for item in items], lines, strict=True))


def _totals(self, run):
    rows = self.env.execute_query(
        SQL(
            """SELECT b.key, l.amount::text, i.currency FROM fin_binding b
            JOIN account_bank_statement_line l ON l.id = b.res_id JOIN fin_item i ON i.id = b.item_id
            WHERE b.run_id = %s AND b.live""",
            run.id,
        )
    )
    return ControlTotals.of((key, Decimal(amount), currency) for key, amount, currency in rows)


class LawScene:
    """People of every kind, a released database, and an approved, active flow that reads the list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls._patch()
        cls.people = {group: cls.person(group) for group in GROUPS}
        cls.journal = cls.env["account.journal"].create({"name": "Law bank", "code": "LAW", "type": "bank"})
        cls.env["fin.connector"]._refresh()
        cls.env["fin.database"]._release_by_command("test")
        cls.flow = cls.new_flow("law")
        cls.version = cls.approve(cls.flow)
        cls.seal()

    @classmethod
    def _patch(cls):
        classes = {ListSource.code: (MODULE, ListSource)}
        cls.classPatch(type(cls.env["fin.connector"]), "_classes", lambda self: classes)
        cls.classPatch(type(cls.env["fin.flow"]), "_selection_object", lambda self: [("fin.object", "Test facts")])
        for name, method in (("_map", _map), ("_deliver", _deliver), ("_totals", _totals)):
            cls.classPatch(type(cls.env["fin.object"]), name, method)
        cls.classPatch(ListSource, "told", {})
        cls.classPatch(ListSource, "settled", [])
        cls._give_screens()

    @classmethod
    def _give_screens(cls):
        """Whoever approves in a test stands before a screen, unless the test comes over the wire or takes it away."""
        approvals = type(cls.env["fin.approval"])
        strict = approvals._why_not_here
        cls.classPatch(approvals, "_why_not_here", lambda self: strict(self) if request else None)

    def setUp(self):
        super().setUp()
        ListSource.told.clear()
        ListSource.settled.clear()

    @classmethod
    def person(cls, group, login=None, **more):
        groups = ",".join(f"{MODULE}.group_{name}" for name in group.split("+"))
        return new_test_user(cls.env, f"law-{login or group}", groups=groups, **more)

    @classmethod
    def by(cls, group, record):
        """The record, or an empty one of the model, in the hands of that person."""
        record = cls.env[record] if isinstance(record, str) else record
        return record.with_user(cls.people[group])

    @classmethod
    def new_flow(cls, code, company=None, roles=("owner", "deputy"), **vals):
        """A flow that nobody has approved yet."""
        company = company or cls.company
        connection = cls.env["fin.connection"].create(
            {
                "name": f"List {code}",
                "code": f"list-{code}",
                "company_id": company.id,
                "connector_id": cls.env["fin.connector"].search([("code", "=", ListSource.code)]).id,
                **({"settings": vals.pop("settings")} if "settings" in vals else {}),
            }
        )
        people = {"owner": cls.people["operator"], "deputy": cls.people["administrator"]}
        flow = cls.env["fin.flow"].create(
            {
                "name": f"Flow {code}",
                "code": code,
                "company_id": company.id,
                "connection_id": connection.id,
                "object": "fin.object",
                "role_ids": [Command.create({"role": role, "user_id": people[role].id}) for role in roles],
                **vals,
            }
        )
        flow.action_prefill()
        return flow

    @classmethod
    def propose(cls, flow, by="operator", submit=True):
        version = cls.env["fin.version"].with_user(cls.people[by])._propose(cls.by(by, flow))
        if submit:
            version.action_submit()
        return version

    @classmethod
    def approve(cls, flow):
        version = cls.propose(flow)
        cls.by("approver", version)._approve()
        return version.with_user(cls.env.user)

    @classmethod
    def say_why(cls, by, action, reason="because", **vals):
        """Fill the dialog that asks for a reason before it proposes; returns the change request."""
        dialog = cls.by(by, action["res_model"]).with_context(**action["context"]).create({"reason": reason, **vals})
        opened = dialog.action_propose()
        record = cls.env[opened["res_model"]].browse(opened["res_id"])
        return record if record._name == "fin.change" else record.change_id

    @classmethod
    def seal(cls):
        cls.env.flush_all()
        cls.env["fin.audit.seal"]._seal_waiting()

    def start(self, *facts, flow=None, name="one.txt"):
        """A run that reads these facts, as the engine works on it; must be inside registry test mode."""
        if facts:
            ListSource.told[name] = list(facts)
        run = self.by("operator", flow or self.flow)._request_run("hand").with_user(self.env.user)
        return self.advance(run)

    def collected(self, *facts, name="one.txt"):
        """A run whose items are there and open."""
        run = self.env["fin.run"]._queue(self.flow, "schedule").with_user(self.env.user)
        run._pin()
        self.seal()
        run._transition("start")
        ListSource.told[name] = list(facts)
        pipeline = self.env["fin.pipeline.inbound"]
        for stage in (pipeline._extract, pipeline._validate):
            list(stage(run))
        self.env.flush_all()
        return run

    def advance(self, run):
        self.seal()
        self.env["fin.engine"]._advance(run.lane, seconds=600)  # a slow machine is no reason to stop half way
        self.env.invalidate_all()
        return run

    def sql(self, query, *params):
        """As the owner of the database."""
        self.env.flush_all()
        self.env.cr.execute(query, params)
        rows = self.env.cr.fetchall() if self.env.cr.description else None
        self.env.invalidate_all()
        return rows

    def without_triggers(self, table):
        self.env.flush_all()
        named = SQL.identifier(table)
        self.env.cr.execute(SQL("ALTER TABLE %s DISABLE TRIGGER USER", named))
        self.addCleanup(self.env.cr.execute, SQL("ALTER TABLE %s ENABLE TRIGGER USER", named))

    def assertRefused(self, run, code):
        """The run did not start, and somebody knows."""
        self.assertEqual((run.state, bool(run.item_ids)), ("failed", False))
        found = run.exception_ids.filtered(lambda e: e.state == "open")
        self.assertEqual(found.mapped("code"), [code])
        self.assertTrue(found.user_id.active and found.due_at > fields.Datetime.now())


def fact(number, value="10.00", money="USD", **more):
    return Fact(number, Decimal(value), money, **more)


def trouble(error):
    """The source fails at extract, with this error."""

    def fail(_self):
        raise error

    return patch.object(ListSource, "trouble", fail)
