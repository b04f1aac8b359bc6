"""Flows of extracts into a folder, and what stands in the files."""

import csv

from .common import PlanningCase


class ExtractCase(PlanningCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.folder = self.folder_of_files()

    def extract_flow(self, business, options=None, **vals):
        settings = {"location": self.folder.as_uri()}
        vals["options"] = options or {}
        return self.made_flow("planning.extract_files", settings, business, "extracts-test", **vals)

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
