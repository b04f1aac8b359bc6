"""Have the actuals reached planning? Asked of each company and of the two months that are looked at."""

from odoo import fields, models

from odoo.addons.finance_integration_governance.models.tower.fin_tower_question import Answer, Row

from .fin_actual_matrix import WORST

_WAITS = ("held", "restated", "not_tied")  # states of a period that somebody has to look at
OBJECTS = ["fin.object.actual", "fin.object.cell"]
MONTHS = 2  # the one that runs and the one before


class FinTowerActuals(models.AbstractModel):
    """Delivered is what a run has read back until it tied; what was posted or changed since then has not reached it.

    Each month stands as in *Actuals at a glance*: what waits for one of them is no fault of the others.
    """

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
        """(flow, company, first day, how it stands or nothing, when it was delivered or nothing, the flow's last run).

        The youngest month is the last one.
        """
        last, done = self._last_runs(flows)
        first = fields.Date.start_of(fields.Date.context_today(self), "month")
        months = [fields.Date.subtract(first, months=back) for back in reversed(range(MONTHS))]
        told = self._told(months[0], fields.Date.end_of(first, "month"))
        return [
            (flow, company, month, told.get((flow, company, month)), done.get(flow), last.get(flow))
            for flow in flows
            for company in self._companies(flow)
            for month in months
            if f"{month:%Y-%m}" >= self._period_from(flow)
        ]

    def _told(self, first, last):
        """(flow, company, first day of a month) -> the worst state of its periods, as they were told last."""
        told = {}
        for period in self.env["fin.actual.period"]._newest_between(first, last):
            place = period.flow_id, period.company_id, fields.Date.start_of(period.last_on, "month")
            told[place] = max(told.get(place, period.state), period.state, key=WORST.index)
        return told

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

    def _row(self, flow, company, month, told, delivered_at, last):
        label = f"{company.name} · {month:%Y-%m}"
        if not delivered_at:
            return Row("bad" if last else "unknown", label, self.env._("never delivered"))
        domain = self._changed(company, month, delivered_at)
        count = self.env["account.move"].search_count(domain)
        text = self.env._("read back and tied %s", self._moment(delivered_at))
        if told in _WAITS:
            words = dict(self.env["fin.actual.period"]._fields["state"]._description_selection(self.env))
            text = self.env._("%(text)s; now: %(state)s", text=text, state=words[told])
        elif count and last.state != "done":
            words = dict(last._fields["state"]._description_selection(self.env))
            text = self.env._("%(text)s; the last run: %(state)s", text=text, state=words[last.state])
        is_bad = told in _WAITS or (count and last.state in ("failed", "held"))
        state = "bad" if is_bad else "attention" if count or told == "pending" else "good"
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
