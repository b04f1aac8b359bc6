"""A ledger of a few entries, and a flow that tells a simulated planning system about it."""

import os
import tempfile
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.finance_integration_governance.core.errors import TransientError
from odoo.addons.finance_integration_governance.core.stages import STAGES
from odoo.addons.finance_integration_governance.core.testing.double import Double
from odoo.addons.finance_integration_governance.models.writer import by_program

from ..core.anaplan_system import AnaplanSystem

MODULE = "finance_integration_governance"
TOKEN = "canary-planning-token"


class PlanningCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Actuals Inc", "vat": "BE0477472701"})
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.journal = cls.env["account.journal"].create({"name": "Misc", "code": "PLAN", "type": "general"})
        cls.sales = cls.account("700000", "Sales", "income")
        cls.bank = cls.account("550000", "Bank", "asset_cash")
        # Whoever approves in these tests stands before a screen.
        cls.classPatch(type(cls.env["fin.approval"]), "_why_not_here", lambda _approval: None)
        cls.people()

    def setUp(self):
        super().setUp()
        told = {"FIN_ALLOWED_HOSTS": "127.0.0.1", "FIN_PLANNING_TOKEN": TOKEN}
        self.enterContext(patch.dict(os.environ, told))
        # Nobody waits for a place, which is taken beside a test's own transaction; TestAnaplanRate looks at that.
        self.patch(AnaplanSystem, "rate", None)

    def folder_of_files(self):
        """An empty folder that this installation allows, for one test."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(patch.dict(os.environ, {"FIN_FILE_ROOTS": str(folder)}))
        return folder

    @classmethod
    def account(cls, code, name, kind):
        return cls.env["account.account"].create({"code": code, "name": name, "account_type": kind})

    @classmethod
    def new_crosswalk(cls):
        """Two accounts of the target: what is earned, and what is in the bank."""
        return cls.env["fin.crosswalk"].create(
            {
                "name": "Accounts",
                "code": "accounts",
                "system": "Planning",
                "company_id": cls.company.id,
                "line_ids": [
                    Command.create({"kind": "wildcard", "source": "70*", "target": "REV", "label": "Revenue"}),
                    Command.create({"kind": "range", "source": "550000", "until": "559999", "target": "CASH"}),
                ],
            }
        )

    @classmethod
    def people(cls):
        # Who configures a flow in the test is an administrator of the suite; who approves is somebody else.
        cls.operator = cls.person("planner", "group_administrator")
        cls.approver = cls.person("second", "group_approver")

    @classmethod
    def person(cls, login, group):
        groups = f"base.group_user,{MODULE}.{group}"
        return new_test_user(cls.env, f"planning-{login}", groups, company_id=cls.company.id)

    @classmethod
    def entry(cls, date, amount, debit=None, credit=None, post=True):
        """An entry over the amount from one account to another; posted unless told otherwise."""
        lines = [
            {"account_id": (debit or cls.bank).id, "debit": amount, "name": "x"},
            {"account_id": (credit or cls.sales).id, "credit": amount, "name": "x"},
        ]
        move = cls.env["account.move"].create(
            {"journal_id": cls.journal.id, "date": date, "line_ids": [Command.create(line) for line in lines]}
        )
        if post:
            move.action_post()
        return move

    def start_double(self, *arguments):
        double = Double("planning_server.py", "--token", TOKEN, *arguments)
        self.addCleanup(double.stop)
        return double

    def flow(self, url="https://planning.example.com", **vals):
        """An approved, active flow of actuals to this address, on a released database; of other figures to a table."""
        if vals.get("object", "fin.object.actual") != "fin.object.actual":
            settings = {"base_url": url, "secret": "conf:planning_token", "table": "Actuals"}
            return self.made_flow("planning.rest_table", settings, vals["object"], "actuals-test", **vals)
        settings = {"base_url": url, "token": "conf:planning_token", "chunk": 2}
        return self.made_flow("planning.api", settings, "fin.object.actual", "actuals-test", **vals)

    def made_flow(self, connector, settings, business, code, **vals):
        """An approved, active flow over a connection of its own, on a released database."""
        connection = self.env["fin.connection"].create(
            {
                "name": f"Connection of {code}",
                "code": f"to-{code}",
                "company_id": self.company.id,
                "connector_id": self.env["fin.connector"].search([("code", "=", connector)]).id,
                "settings": settings,
            }
        )
        people = {"owner": self.operator, "deputy": self.approver}
        flow = self.env["fin.flow"].create(
            {
                "name": f"Flow {code}",
                "code": code,
                "company_id": self.company.id,
                "connection_id": connection.id,
                "object": business,
                "role_ids": [Command.create({"role": role, "user_id": user.id}) for role, user in people.items()],
                **vals,
            }
        )
        flow.action_prefill()
        self.approve(flow)
        self.env["fin.database"]._release_by_command("test")
        self.env["fin.audit.seal"]._seal_waiting()
        return flow

    def approve(self, flow):
        version = self.env["fin.version"].with_user(self.operator)._propose(flow.with_user(self.operator))
        version.action_submit()
        by_program(version.with_user(self.approver))._approve()

    def unchecked(self):
        """Options pass as they did before they were checked where they are written: a run refuses them by itself."""
        self.patch(self.env.registry["fin.object"], "_check_options", lambda *_told: None)

    def queue(self, flow):
        run = self.env["fin.run"]._queue(flow, "schedule")
        run._pin()
        return run

    def complete(self, run):
        """Bring the run through its stages, as the engine does, in the test's own transaction."""
        run._transition("start", digest=run.version_digest)
        return self.go_on(run, STAGES)

    def go_on(self, run, stages):
        for stage in stages:
            run._reached(stage)
            for _kept in getattr(self.env[f"fin.pipeline.{run.direction}"], f"_{stage}")(run):
                self.env.flush_all()
        self.env.flush_all()
        return run

    def cut_off(self, run):
        """Let the run fail on the way; what it kept stays, as it does when the engine commits at each yield."""
        try:
            self.complete(run)
        except TransientError as error:
            return error
        raise AssertionError("the run went through")

    def collect(self, flow):
        """A run that has collected its items."""
        run = self.queue(flow)
        for _kept in run._object()._collect(run):
            self.env.flush_all()
        return run

    def rows(self, run):
        self.env.cr.execute("SELECT key, amount::text, outcome FROM fin_item WHERE run_id = %s ORDER BY row", [run.id])
        return [(key, Decimal(amount), outcome) for key, amount, outcome in self.env.cr.fetchall()]
