"""Have the actuals reached planning? Asked of each company and of the two months that are looked at."""

from odoo import fields, models

from odoo.addons.finance_integration_governance.models.tower.fin_tower_question import Answer, Row

OBJECTS = ["fin.object.actual", "fin.object.cell"]
MONTHS = 2  # the one that runs and the one before


class FinTowerActuals(models.AbstractModel):
    """Delivered is what a run has read back until it tied; what was posted or changed since then has not reached it."""

    _name = "fin.tower.actuals"
    _inherit = "fin.tower.question"
    _description = "Question: actuals"
    _sequence = 10
    _model = "account.move"
    _groups = ("group_viewer",)

    def _title(self):
        return self.env._("Have the actuals reached planning?")

    def _answer(self):
        flows = self._in_use(OBJECTS)
        if not flows:
            return Answer("unknown", self.env._("No flow brings actuals to planning."))
        cells = self._cells(flows)
        rows = [self._row(*cell) for cell in cells]
        reached = sum(row.state == "good" for row in rows)
        since = [(row.count, row.domain) for row in rows if row.count]
        text = self.env._(
            "%(reached)s of %(all)s months have reached planning; %(since)s entries were posted or changed since.",
            reached=reached,
            all=len(rows),
            since=sum(count for count, _domain in since),
        )
        domain = fields.Domain.OR([domain for _count, domain in since]) if since else ()
        return Answer(
            self._worst(row.state for row in rows), text, sum(count for count, _domain in since), domain, rows
        )

    def _cells(self, flows):
        """(flow, company, first day, when it was delivered or nothing, its last run), the youngest month last."""
        last, done = self._last_runs(flows)
        first = fields.Date.start_of(fields.Date.context_today(self), "month")
        months = [fields.Date.subtract(first, months=back) for back in reversed(range(MONTHS))]
        return [
            (flow, company, month, done.get(flow), last.get(flow))
            for flow in flows
            for company in self._companies(flow)
            for month in months
            if f"{month:%Y-%m}" >= self._period_from(flow)
        ]

    def _last_runs(self, flows):
        """flow -> its last run, and flow -> when the last one that tied began to collect."""
        runs = self.env["fin.run"]
        real = [("flow_id", "in", flows.ids), ("is_draft", "=", False)]
        newest = runs.browse(number for _flow, number in runs._read_group(real, ["flow_id"], ["id:max"]))
        done = runs._read_group([*real, ("state", "=", "done")], ["flow_id"], ["started_at:max"])
        return {run.flow_id: run for run in newest}, dict(done)

    def _companies(self, flow):
        """The companies whose books the live version tells, of those that are looked at."""
        told = flow._document()["companies"] if flow.live_version_id else []
        return self.env.companies.filtered(lambda company: company.fin_code in told)

    def _period_from(self, flow):
        options = flow._document().get("options", {}) if flow.live_version_id else {}
        return options.get("period_from") or "0000-00"

    def _row(self, flow, company, month, delivered_at, last):
        label = f"{company.name} · {month:%Y-%m}"
        if not delivered_at:
            return Row("bad" if last else "unknown", label, self.env._("never delivered"))
        domain = self._changed(company, month, delivered_at)
        count = self.env["account.move"].search_count(domain)
        state = "bad" if last.state in ("failed", "held") else "attention" if count else "good"
        text = self.env._("read back and tied %s", self._moment(delivered_at))
        if last.state != "done":
            states = dict(last._fields["state"]._description_selection(self.env))
            text = self.env._("%(text)s; the last run: %(state)s", text=text, state=states[last.state])
        return Row(state, label, text, count, domain if count else ())

    def _changed(self, company, month, delivered_at):
        """What was posted or changed since; an entry that was only reconciled counts, too: rather once too often."""
        return [
            ("company_id", "=", company.id),
            ("state", "=", "posted"),
            ("date", ">=", month),
            ("date", "<=", fields.Date.end_of(month, "month")),
            ("write_date", ">=", delivered_at),
        ]
