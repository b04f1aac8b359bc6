"""Two accounts of one bank, a folder where it puts its files, and an approved flow that books them by the cron."""

import os
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.finance_integration_governance.core.stages import STAGES
from odoo.addons.finance_integration_governance.core.totals import ControlTotals
from odoo.addons.finance_integration_governance.models.writer import by_program

MODULE = "finance_integration_governance"
SAMPLES = Path(__file__).parent.parent / "core" / "tests" / "samples"
LONG_AGO = 1_000_000_000  # a file younger than some seconds may still be on its way, and is left alone
GERMAN = "DE89 3704 0044 0532 0130 00"
FRENCH = "FR76 3000 6000 0112 3456 7890 189"


class BankCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.company = cls.new_company("Bank Test GmbH")
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        # Whoever approves in these tests stands before a screen.
        cls.classPatch(type(cls.env["fin.approval"]), "_why_not_here", lambda _approval: None)
        cls.operator = cls.person("operator", "group_administrator")
        cls.second = cls.person("second", "group_approver")
        cls.inbox = Path(tempfile.mkdtemp(prefix="bank-"))
        cls.addClassCleanup(shutil.rmtree, cls.inbox)
        cls.german = cls.new_journal("GIRO", GERMAN)
        cls.french = cls.new_journal("FRAN", FRENCH)
        cls.env["fin.database"]._release_by_command("test")

    def setUp(self):
        super().setUp()
        self.enterContext(patch.dict(os.environ, {"FIN_FILE_ROOTS": str(self.inbox)}))
        for path in self.inbox.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    # The books

    @classmethod
    def new_company(cls, name):
        company = cls.env["res.company"].create({"name": name, "currency_id": cls.euro.id})
        suspense = cls.env["account.account"].create(
            {"code": "199999", "name": "Suspense", "account_type": "asset_current", "company_ids": company.ids}
        )
        company.account_journal_suspense_account_id = suspense
        return company

    @classmethod
    def new_journal(cls, code, number, company=None, **vals):
        company = company or cls.company
        account = cls.env["res.partner.bank"].create({"acc_number": number, "partner_id": company.partner_id.id})
        return cls.env["account.journal"].create(
            {
                "name": f"Bank {code}",
                "code": code,
                "type": "bank",
                "company_id": company.id,
                "bank_account_id": account.id,
                **vals,
            }
        )

    @classmethod
    def person(cls, login, *groups, company=None):
        named = ",".join(f"{MODULE}.{group}" for group in groups)
        company = company or cls.company
        return new_test_user(cls.env, f"bank-{login}", f"base.group_user,{named}", company_id=company.id)

    # The flow

    @classmethod
    def new_flow(cls, journals, settings=None, code="bank-test", connector="bank.camt053", **vals):
        """An approved, active flow of these journals."""
        connection = cls.env["fin.connection"].create(
            {
                "name": f"Bank of {code}",
                "code": code,
                "company_id": cls.company.id,
                "connector_id": cls.env["fin.connector"].search([("code", "=", connector)]).id,
                "settings": settings or {"location": cls.inbox.as_uri()},
            }
        )
        people = {"owner": cls.operator, "deputy": cls.second}
        flow = cls.env["fin.flow"].create(
            {
                "name": f"Bank statements {code}",
                "code": code,
                "company_id": cls.company.id,
                "connection_id": connection.id,
                "object": "fin.object.bank_statement",
                "role_ids": [Command.create({"role": role, "user_id": user.id}) for role, user in people.items()],
                "tz": "Europe/Berlin",
                **vals,
            }
        )
        flow.action_prefill()
        cls.name_journals(flow, journals)
        return flow

    @classmethod
    def name_journals(cls, flow, journals):
        """The flow's next version names these journals, and is approved."""
        journals.fin_flow_id = flow
        flow.invalidate_recordset()
        version = cls.env["fin.version"].with_user(cls.operator)._propose(flow.with_user(cls.operator))
        version.action_submit()
        by_program(version.with_user(cls.second))._approve()

    # The bank

    def put(self, name, sample, *changes, folder=None):
        """A complete file in the inbox, from a sample in which texts are replaced, each (old, new)."""
        content = (SAMPLES / f"{sample}.xml").read_text()
        for old, new in changes:
            self.assertIn(old, content)
            content = content.replace(old, new)
        path = Path(folder or self.inbox) / name
        path.write_text(content)
        os.utime(path, (LONG_AGO, LONG_AGO))
        return path

    # The engine

    def advance(self):
        """One call of the lane's cron."""
        with self.enter_registry_test_mode():
            self.env["fin.engine"]._cron_advance("batch")

    def run_flow(self, flow):
        """Ask for a run as a person would, and let the cron do it."""
        run = flow.with_user(self.operator)._request_run("hand").with_env(self.env)
        self.advance()
        return run

    def import_file(self, flow, sample, *changes, name="statement.xml"):
        self.put(name, sample, *changes)
        return self.run_flow(flow)

    def go_on(self, run, stages=STAGES):
        """Bring a run through some stages by hand, in the test's own transaction."""
        self.env.flush_all()
        for stage in stages:
            run._reached(stage)
            for _kept in getattr(self.env["fin.pipeline.inbound"], f"_{stage}")(run):
                self.env.flush_all()
        self.env.invalidate_all()
        return run

    def start(self, flow):
        run = flow.with_user(self.operator)._request_run("hand").with_env(self.env)
        self.env["fin.audit.seal"]._seal_waiting()
        run._pin()
        run._transition("start", digest=run.version_digest)
        return run

    # People

    def decide(self, exception, decision, by=None):
        wizard = self.env["fin.exception.resolve"].with_user(by or self.operator)
        wizard.create(
            {"exception_id": exception.id, "decision": decision, "reason": "the bank has told us so"}
        ).action_decide()
        self.env.invalidate_all()

    def waive(self, exception):
        """Two persons say that these items are booked as they are; then the run is released."""
        self.decide(exception, "waive")
        exception.with_user(self.second)._approve_waiver()
        self.env.invalidate_all()

    def release(self, run):
        """Let it go on; after a waiver it does so by itself."""
        if run.state == "held":
            run.with_user(self.operator).action_release()
        self.advance()

    # What is there now

    def lines(self, journal=None):
        journals = journal or self.german | self.french
        return self.env["account.bank.statement.line"].search([("journal_id", "in", journals.ids)], order="id")

    def amounts(self, journal=None):
        return self.lines(journal).mapped("amount")

    def statements(self, journal=None):
        journals = journal or self.german | self.french
        return self.env["account.bank.statement"].search([("journal_id", "in", journals.ids)])

    def codes(self, run):
        return sorted(run.exception_ids.mapped("code"))

    def exception(self, run, code):
        found = run.exception_ids.filtered(lambda e: e.code == code)
        self.assertEqual(len(found), 1, self.codes(run))
        return found

    def assert_state(self, run, state, **outcomes):
        """How the run stands, and that nothing was lost on the way there."""
        told = {name: run[name] for name in outcomes}
        self.assertEqual((run.state, told), (state, outcomes), f"{run.last_error} {self.codes(run)}")
        self.assert_nothing_lost(run)

    def assert_nothing_lost(self, run):
        """Law 1: received is the sum of the outcomes, in count, amount and hash total; what is held is in a child."""
        parts = self.env["fin.item"]._totals_by_outcome(run)
        everything = sum(parts.values(), ControlTotals())
        if not run.parent_id:
            self.assertEqual(everything.differences(self.received(run)), [])
        if run.state == "done":
            self.assertNotIn("open", parts)
        self.assertEqual(run.received, everything.count)
        for child in run.child_ids:
            self.assert_nothing_lost(child)
        moved = sum((self.all_of(child) for child in run.child_ids), ControlTotals())
        self.assertEqual(moved.differences(parts.get("held", ControlTotals())), [])

    def all_of(self, run):
        return sum(self.env["fin.item"]._totals_by_outcome(run).values(), ControlTotals())

    def received(self, run):
        """What the bytes of the run's payloads say, read once more by the connector and by nothing else.

        Of a payload that cannot be read to its end, nothing but what was stored until then, all of it rejected.
        """
        totals = ControlTotals()
        for payload in run.payload_ids:
            if payload.reading == "refused":
                stored = self.env["fin.item"]._totals_by_outcome(run, payload)
                self.assertLessEqual(set(stored), {"rejected"})
                totals += sum(stored.values(), ControlTotals())
                continue
            for one in run._connector().parse(payload._as_payload()):
                if hasattr(one, "contract"):
                    totals.add(one.key, one.amount, one.currency)
        return totals

    def sum_of(self, lines):
        return sum((Decimal(str(amount)) for amount in lines.mapped("amount")), Decimal())
