"""Rates that a central bank publishes, as files in a folder, and a flow that brings them."""

import os

from odoo.addons.finance_integration_governance.models.writer import as_writer

from .common import PlanningCase

DAYS = ("2026-03-02", "2026-03-03", "2026-03-04")


class RateCase(PlanningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.currency_id = cls.env.ref("base.EUR")
        cls.dollar, cls.franc = (cls.env.ref(f"base.{name}") for name in ("USD", "CHF"))
        (cls.dollar | cls.franc).active = True
        cls.env["res.currency.rate"].search([]).unlink()

    def setUp(self):
        super().setUp()
        self.folder = self.folder_of_files()

    def publish(self, *rows, name="rates.csv"):
        """A file of rows as (day, currency, rate), for one EUR."""
        path = self.folder / name
        told = [f"{day},EUR,{currency},{rate}" for day, currency, rate in rows]
        path.write_text("\n".join(["date,base,currency,rate", *told]) + "\n")
        self.settled(path)

    def settled(self, path):
        """As if somebody had put it there long ago."""
        os.utime(path, (946_684_800,) * 2)

    def rate_flow(self, options=None, **vals):
        settings = {"location": self.folder.as_uri()}
        vals["options"] = {"days": "target", **(options or {})}
        return self.made_flow("planning.rates_file", settings, "fin.object.rate", "rates-test", **vals)

    def bring(self, flow, *rows, name="rates.csv", by=None):
        """A run, as somebody has asked for it or nobody has."""
        if rows:
            self.publish(*rows, name=name)
        self.env.flush_all()
        run = self.queue(flow)
        as_writer(run).write({"requested_by": by.id if by else False})
        run._transition("start", digest=run.version_digest)
        return self.through(run, "extract")

    def through(self, run, first):
        """The run's stages from this one on, as far as it goes."""
        stages = ("extract", "validate", "map", "gate", "deliver", "reconcile")
        for stage in stages[stages.index(first) :]:
            if run.state == "running":
                self.go_on(run, (stage,))
        self.env.invalidate_all()
        return run

    def rates(self, company=None):
        """(currency, day) -> rate in Odoo."""
        company = self.company if company is None else company
        found = self.env["res.currency.rate"].search([("company_id", "=", company.id)])
        return {(rate.currency_id.name, str(rate.name)): rate.rate for rate in found}

    def cases(self, code):
        return self.env["fin.exception"].search([("code", "=", code), ("flow_id.code", "=", "rates-test")])
