import datetime as dt
import json

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.coverage import Movement
from ...core.crosswalk import changes
from ..screen import act_window, table

SHOWN = 200
SINCE = 400  # days of items that are looked at where the ledger says nothing about a kind of code


class FinCrosswalk(models.Model):
    """What the screens of a crosswalk show and open."""

    _inherit = "fin.crosswalk"

    flow_count = fields.Integer(compute="_compute_use", compute_sudo=True)
    is_changed = fields.Boolean(
        compute="_compute_use", compute_sudo=True, help="Some flow runs on another state of it."
    )

    def _compute_use(self):
        for crosswalk in self:
            flows = crosswalk.flow_ids.filtered(lambda f: f.state != "retired")
            crosswalk.flow_count = len(flows)
            crosswalk.is_changed = any(crosswalk._digest_in(flow) != crosswalk.digest for flow in flows)

    def _digest_in(self, flow):
        """What the live version of the flow pins of this crosswalk."""
        if not flow.live_version_id:
            return None
        return flow._document().get("crosswalks", {}).get(self.code, {}).get("digest")

    def action_open_flows(self):
        self.ensure_one()
        return act_window(self.env, "fin_flow_action", [("crosswalk_ids", "in", self.ids)])

    def action_propose(self):
        """A change request with a new version of every flow that uses this crosswalk."""
        self.ensure_one()
        flows = self.flow_ids.filtered(lambda flow: flow.state != "retired")
        if not flows:
            raise UserError(self.env._("No flow uses this crosswalk: choose it on a flow first."))
        return self.env["fin.change"]._ask_why(flows, self.env._("Crosswalk %s", self.name))

    def action_export_csv(self):
        return self._download("csv")

    def action_export_xlsx(self):
        return self._download("xlsx")

    def _download(self, kind):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/finance_integration/crosswalk/{self.code}.{kind}"}

    def action_import(self):
        return self._wizard("fin.crosswalk.import", self.env._("Import lines of %s", self.name))

    def action_prove(self):
        """Does every code with movement map exactly once, as the lines stand here now?"""
        self.ensure_one()
        self.check_access("read")
        proof = self._prove(self._movements_now())
        self._audit_coverage(proof)
        wizard = self.env["fin.crosswalk.coverage"]._of(self, proof)
        return self._wizard("fin.crosswalk.coverage", self.env._("Coverage of %s", self.name), wizard)

    def _audit_coverage(self, proof):
        events = self.env["fin.audit.event"]
        events._append("fin.crosswalk.coverage", self._name, self.code, self.company_id, proof.document())

    def _wizard(self, model, name, record=None):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": record.id if record else False,
            "view_mode": "form",
            "target": "new",
            "name": name,
            "context": {"default_crosswalk_id": self.id, "dialog_size": "extra-large"},
        }

    # What moves

    def _movements_now(self):
        """What moves on codes of this kind: the ledger of the companies, or the items of the flows that use it."""
        crosswalk = self._compiled()
        if self.kind == "account" and self.direction == "outbound":
            companies = (self.company_id | self.flow_ids.company_id | self.flow_ids.company_ids) & self.env.companies
            ledger = self.env["fin.object"]._ledger_movements
            return [
                movement
                for company in companies
                for _span, movement in ledger(crosswalk, company, self._ledger_domain(company))
            ]
        return [movement for place in self._coded_members() for movement in self._item_movements(*place)]

    def _ledger_domain(self, company):
        return [("company_id", "=", company.id), ("parent_state", "=", "posted"), ("account_id", "!=", False)]

    def _coded_members(self):
        """(flow, contract, member) that hold codes of this kind."""
        connectors = self.env["fin.connector"]
        return [
            (flow, carried.contract, member)
            for flow in self.flow_ids
            for carried in connectors._class(flow.connection_id.connector_id.code).carries
            for member, kind in carried.coded.items()
            if kind == self.kind
        ]

    def _item_movements(self, flow, contract, member):
        """Codes as they came in the items of the last months, day by day."""
        self.env["fin.item"].check_access("read")
        rows = self.env.execute_query(
            SQL(
                """SELECT i.content::json->>%s, COALESCE(i."on", r.create_date::date), count(*)
                FROM fin_item i JOIN fin_run r ON r.id = i.run_id
                WHERE r.flow_id = %s AND i.contract = %s AND i.outcome <> 'held' AND r.create_date > %s
                GROUP BY 1, 2""",
                member,
                flow.id,
                contract,
                fields.Datetime.now() - dt.timedelta(days=SINCE),
            )
        )
        return [Movement(value, day, count) for value, day, count in rows if value is not None]


class FinVersion(models.Model):
    _inherit = "fin.version"

    crosswalk_table = fields.Html(compute="_compute_crosswalk_table", sanitize=False, string="Lines that change")

    def _compute_crosswalk_table(self):
        heads = tuple(self.env._("Crosswalk,Line,Before,After").split(","))
        for version in self:
            rows = version._crosswalk_changes()
            more = [("…", self.env._("%s more", len(rows) - SHOWN), "", "")] if len(rows) > SHOWN else []
            version.crosswalk_table = table(self.env, rows[:SHOWN] + more, heads) if rows else False

    def _crosswalk_changes(self):
        """(crosswalk, line, before, after) of every line that an approval of this version would change."""
        new, old = (one._crosswalks() if one else {} for one in (self, self._before()))
        return [
            (code, line, before or "–", after or "–")
            for code in sorted({*new, *old})
            if getattr(old.get(code), "digest", "") != getattr(new.get(code), "digest", "")
            for line, before, after in changes(old.get(code), new.get(code))
        ]


class FinItem(models.Model):
    _inherit = "fin.item"

    crosswalk_table = fields.Html(compute="_compute_crosswalk_table", sanitize=False, string="Codes that were mapped")

    def _compute_crosswalk_table(self):
        heads = tuple(self.env._("Field,Came as,Mapped to,Crosswalk,Line,Fingerprint").split(","))
        for item in self:
            told = json.loads(item.mapped_values or "{}").get("crosswalk", {})
            rows = [
                (
                    member,
                    one.get("from", "–"),
                    one.get("value", json.loads(item.content).get(member, "–")),
                    one["crosswalk"],
                    ", ".join(map(str, one.get("lines") or [one["line"]]))
                    + (" (default)" if one.get("flagged") else ""),
                    one["digest"][:12],
                )
                for member, one in sorted(told.items())
            ]
            item.crosswalk_table = table(self.env, rows, heads) if rows else False
