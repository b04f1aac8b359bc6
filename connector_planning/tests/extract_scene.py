"""Flows of extracts into a folder, and what stands in the files."""

import csv

from odoo.fields import Command

from .common import PlanningCase


class ExtractCase(PlanningCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.folder = self.folder_of_files()

    def extract_flow(self, business, options=None, **vals):
        connection = self.env["fin.connection"].create(
            {
                "name": "Planning's folder",
                "code": "extracts-test",
                "company_id": self.company.id,
                "connector_id": self.env["fin.connector"].search([("code", "=", "planning.extract_files")]).id,
                "settings": {"location": self.folder.as_uri()},
            }
        )
        people = {"owner": self.operator, "deputy": self.approver}
        flow = self.env["fin.flow"].create(
            {
                "name": "Extracts to planning",
                "code": "extracts-test",
                "company_id": self.company.id,
                "connection_id": connection.id,
                "object": business,
                "options": options or {},
                "role_ids": [Command.create({"role": role, "user_id": user.id}) for role, user in people.items()],
                **vals,
            }
        )
        flow.action_prefill()
        self.approve(flow)
        self.env["fin.database"]._release_by_command("test")
        self.env["fin.audit.seal"]._seal_waiting()
        return flow

    def tell(self, flow):
        """A whole run; what is in its files as (name of the file without its key, row)."""
        before = set(self.folder.glob("*.csv"))
        self.env.flush_all()
        run = self.queue(flow)
        run._transition("start", digest=run.version_digest)
        for stage in ("extract", "validate", "map", "gate", "deliver", "reconcile"):
            if run.state == "running":
                self.go_on(run, (stage,))
        self.env.invalidate_all()
        return run, self.rows_of(sorted(set(self.folder.glob("*.csv")) - before))

    def rows_of(self, paths):
        found = []
        for path in paths:
            with path.open(newline="") as stream:
                found += [(path.name.rpartition("_")[0], row) for row in csv.DictReader(stream)]
        return found

    def cases(self, code):
        return self.env["fin.exception"].search([("code", "=", code), ("flow_id.code", "=", "extracts-test")])
