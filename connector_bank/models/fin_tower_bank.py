"""Are bank updates delayed, and how old are the data? Asked of each bank account that a flow keeps."""

import datetime as dt

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.models.tower.fin_tower_question import Answer, Row

OBJECT = "fin.object.bank_statement"
NEVER = dt.date.min
DAYS = 7


class FinTowerBank(models.AbstractModel):
    """Delayed is an account whose flow promised younger data, or whose slot is past its promise.

    Where nothing was promised, nobody can say whether two days are late: the age is told, and the state is unknown.
    """

    _name = "fin.tower.bank"
    _inherit = "fin.tower.question"
    _description = "Question: bank updates"
    _sequence = 20
    _model = "account.journal"
    _groups = ("group_viewer",)

    def _title(self):
        return self.env._("Are bank updates delayed, and how old are the data?")

    def _answer(self):
        flows = self._in_use([OBJECT])
        journals = self.env["account.journal"].search([("fin_flow_id", "in", flows.ids)])
        if not journals:
            return Answer("unknown", self.env._("No flow keeps a bank account."))
        delayed, promised, booked = self._delayed(flows), self._promised(flows), self._booked_until(journals)
        oldest = journals.sorted(lambda journal: (booked.get(journal.id) or NEVER, journal.name))
        rows = [self._row(journal, delayed, promised, booked.get(journal.id)) for journal in oldest]
        late = journals.filtered(lambda journal: journal.fin_flow_id in delayed)
        return Answer(
            self._worst(row.state for row in rows),
            self._in_words(len(late), len(rows), booked),
            len(late or journals),
            [("id", "in", (late or journals).ids)],
            rows,
        )

    def _in_words(self, late, count, booked):
        if not booked:
            text = self.env._("nothing was booked yet")
        else:
            days = (fields.Date.context_today(self) - min(booked.values())).days
            text = self.env._("the oldest data are %s days old", days)
        if not late:
            return self.env._("0 of %(count)s accounts are known to be delayed; %(age)s.", count=count, age=text)
        return self.env._("%(late)s of %(count)s accounts are delayed; %(age)s.", late=late, count=count, age=text)

    def _delayed(self, flows):
        """flow -> why it is late: a broken promise of freshness or time, a run that failed or is held."""
        now = fields.Datetime.now()
        told = {}
        late = [("flow_id", "in", flows.ids), ("state", "in", ("due", "started")), ("promised_at", "<", now)]
        for slot in self.env["fin.slot"].search(late):
            told[slot.flow_id] = self.env._("due at %s and not done", self._moment(slot.due_at))
        codes = [("flow_id", "in", flows.ids), ("code", "in", ("data_stale", "slot_missed"))]
        for exception in self.env["fin.exception"].search([*codes, ("state", "in", ("open", "in_progress"))]):
            told[exception.flow_id] = self.env._("nothing came for longer than promised")
        runs = self.env["fin.run"]
        real = [("flow_id", "in", flows.ids), ("is_draft", "=", False)]
        newest = runs.browse(number for _flow, number in runs._read_group(real, ["flow_id"], ["id:max"]))
        states = dict(runs._fields["state"]._description_selection(self.env))
        for run in newest.filtered(lambda run: run.state in ("failed", "held")):
            told[run.flow_id] = self.env._("%(run)s: %(state)s", run=run.name, state=states[run.state])
        return told

    def _promised(self, flows):
        """The flows of whose promises somebody keeps the time: of fresh data, or of slots done by then."""
        # sudo: that a promise runs is no secret of whoever may see the flow
        clocks = self.env["fin.clock"].sudo().search([("flow_id", "in", flows.ids), ("stale_at", "!=", False)])
        mine = [("flow_id", "in", flows.ids), ("due_at", ">=", self._since(DAYS)), ("promised_at", "!=", False)]
        slots = self.env["fin.slot"]._read_group(mine, ["flow_id"])
        return clocks.flow_id.with_env(self.env).union(*(flow for (flow,) in slots))

    def _booked_until(self, journals):
        """journal id -> the youngest day that is booked; one look into an index for each journal."""
        lines = self.env["account.bank.statement.line"]
        lines.check_access("read")
        lines.flush_model(["internal_index", "journal_id", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT j.id, to_date(left(l.last, 8), 'YYYYMMDD') FROM unnest(%s, %s) AS j(id, company)
                CROSS JOIN LATERAL (SELECT max(internal_index) AS last FROM account_bank_statement_line
                    WHERE journal_id = j.id AND company_id = j.company) l WHERE l.last IS NOT NULL""",
                journals.ids,
                [journal.company_id.id for journal in journals],
            )
        )
        return dict(rows)

    def _row(self, journal, delayed, promised, until):
        """What is promised is judged; what is not promised is told and judged by nobody."""
        flow, why = journal.fin_flow_id, delayed.get(journal.fin_flow_id)
        days = (fields.Date.context_today(self) - until).days if until else None
        age = self.env._("booked until %(day)s, %(days)s days ago", day=until, days=days) if until else ""
        age = age or self.env._("nothing booked yet")
        state = "bad" if why else "good" if until and flow in promised else "unknown"
        unpromised = "" if why or state == "good" else self.env._("no service level was promised")
        text = "; ".join(filter(None, [why, age, unpromised]))
        return Row(state, journal.display_name, text, 1, [("id", "=", journal.id)])
