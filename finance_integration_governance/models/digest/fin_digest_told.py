"""What stands in a digest: names, counts, moments and addresses; never an amount, a partner or what was received."""

from odoo import fields, models
from odoo.tools import format_date, format_datetime

from ..close.fin_checkpoint_tell import LATE as CHECKPOINT_LATE
from ..close.fin_checkpoint_tell import SUSPENDED
from ..exception.fin_exception import OPEN
from ..screen import in_words
from ..service.fin_clock_levels import STALE
from ..service.fin_run_levels import SUCCESS, UNTIED
from ..service.fin_slot_levels import LATE
from ..volume.fin_run_volume import NOTHING

BREACHES = (LATE, "slot_missed", STALE, SUCCESS, UNTIED, NOTHING, CHECKPOINT_LATE, SUSPENDED, "connection_down")
MOST = 5  # of a kind, by name
SOON = 3  # days before a checkpoint is due
REAL = ("is_draft", "=", False)


class FinDigest(models.AbstractModel):
    """Run as the person who is told: what they may not see is not found."""

    _inherit = "fin.digest"

    def _told(self, concern, since, now):
        """What the template shows."""
        flows = concern.flows.with_env(self.env)._filtered_access("read")
        whole = concern.whole.with_env(self.env)
        sections = [
            (self.env._("Waits for you"), [*self._approvals(), *self._exceptions(), *self._checkpoints(whole, now)]),
            (self.env._("Late"), self._late(flows, since, now)),
            (self.env._("Held or failed"), [*self._held(flows), *self._failed(flows)]),
            (self.env._("Promises that are broken"), self._breaches(flows, whole)),
        ]
        return {
            "sections": [{"title": title, "lines": lines} for title, lines in sections if lines],
            "ages": self._ages(flows, now),
            "companies": ", ".join(concern.companies.with_env(self.env).mapped("name")),
            "day": format_date(self.env, fields.Datetime.context_timestamp(self, now).date(), date_format="full"),
            "url": self.get_base_url(),
            "lang": self.env.lang,
        }

    def get_base_url(self):
        # sudo: where this server is
        return self.env["ir.config_parameter"].sudo().get_param("web.base.url")

    # Waits for you

    def _approvals(self):
        asked = self.env["fin.approval"].search([("is_for_me", "=", True)], order="id")
        purposes = dict(self.env["fin.approval"]._fields["purpose"]._description_selection(self.env))

        def line(one):
            label = self.env._("Your yes: %(what)s, %(subject)s", what=purposes[one.purpose], subject=one.subject)
            return "attention", label, self.env._("asked for on %s", self._moment(one.create_date))

        return self._lines(asked, "finance-approvals-mine", line)

    def _exceptions(self):
        mine = self.env["fin.exception"].search([("user_id", "=", self.env.uid), ("state", "in", OPEN)])
        return self._lines(mine.sorted("due_at"), "finance-exceptions", self._as_exception)

    def _as_exception(self, one):
        due = self._moment(one.due_at)
        when = self.env._("overdue since %s", due) if one.is_overdue else self.env._("due %s", due)
        where = one.flow_id.name or one.company_id.name
        state = "bad" if one.is_overdue else "attention"
        return state, f"{one.name}: {in_words(one.code)}", f"{where}, {when}"

    def _checkpoints(self, whole, now):
        """Mine, and all of a company that I look after: late, soon due, or signed and no longer true."""
        soon = fields.Datetime.add(now, days=SOON)
        asked = ["|", ("state", "=", "suspended"), "&", ("state", "in", ("open", "tied")), ("due_at", "<=", soon)]
        whose = ["|", "|", ("owner_id", "=", self.env.uid), ("second_id", "=", self.env.uid)]
        found = self.env["fin.checkpoint"].search([*whose, ("company_id", "in", whole.ids), *asked], order="due_at")
        states = dict(found._fields["state"]._description_selection(self.env))

        def line(one):
            is_bad = one.due_at <= now or one.state == "suspended"
            text = self.env._("%(state)s, due %(due)s", state=states[one.state], due=self._moment(one.due_at))
            who = "" if one.owner_id == self.env.user else f", {one.owner_id.name}"
            label = self.env._("Checkpoint %s", one.display_name)
            return "bad" if is_bad else "attention", label, f"{text}{who}"

        return self._lines(found, "finance-close", line)

    # Flows that they answer for

    def _late(self, flows, since, now):
        """Not done by now although promised, and what was late or missed since the last digest."""
        waits = ["&", ("state", "in", ("due", "started")), ("promised_at", "<", now)]
        past = ["&", ("state", "in", ("late", "missed")), ("due_at", ">=", since)]
        found = self.env["fin.slot"].search([("flow_id", "in", flows.ids), "|", *waits, *past], order="due_at desc")
        states = dict(found._fields["state"]._description_selection(self.env))

        def line(one):
            is_waiting = one.state in ("due", "started")
            how = self.env._("not done yet") if is_waiting else states[one.state]
            due = self.env._("due %(due)s: %(how)s", due=self._moment(one.due_at), how=how)
            return "attention" if one.state == "late" else "bad", one.flow_id.name, due

        return self._lines(found, "finance-schedule", line)

    def _held(self, flows):
        held = self.env["fin.run"].search([("flow_id", "in", flows.ids), ("state", "=", "held"), REAL])
        causes = self.env["fin.exception"].search([("run_ids", "in", held.ids), ("state", "in", OPEN)])

        def line(run):
            why = sorted({in_words(one.code) for one in causes if run in one.run_ids})
            why = ", ".join(why) or self.env._("ready to be released, or waiting for an approval")
            return "attention", self._run(run), self.env._("held: %s", why)

        return self._lines(held, "finance-runs", line)

    def _failed(self, flows):
        """As the control tower says it: failed, and none of the flow since was done."""
        failed = self.env["fin.run"].search([("flow_id", "in", flows.ids), ("state", "=", "failed"), REAL])
        good = [("flow_id", "in", failed.flow_id.ids), ("state", "=", "done"), REAL]
        newest = dict(self.env["fin.run"]._read_group(good, ["flow_id"], ["id:max"])) if failed else {}
        failed = failed.filtered(lambda run: run.id > newest.get(run.flow_id, 0))
        stages = dict(failed._fields["stage"]._description_selection(self.env))

        def line(run):
            return "bad", self._run(run), self.env._("failed at %s", stages.get(run.stage, run.stage))

        return self._lines(failed, "finance-runs", line)

    def _run(self, run):
        return f"{run.flow_id.name}: {run.name}"

    def _breaches(self, flows, whole):
        """Whoever owns them; mine stand above already."""
        about = ["|", ("flow_id", "in", flows.ids), "&", ("flow_id", "=", False), ("company_id", "in", whole.ids)]
        broken = [("code", "in", BREACHES), ("state", "in", OPEN), ("user_id", "!=", self.env.uid)]
        found = self.env["fin.exception"].search([*broken, *about], order="due_at")

        def line(one):
            state, label, text = self._as_exception(one)
            return state, label, f"{text}, {one.user_id.name}"

        return self._lines(found, "finance-exceptions", line)

    # How old the data are

    def _ages(self, flows, now):
        """[(flow, when something new came or went last, for how long, whether that is longer than promised)]."""
        done = [("flow_id", "in", flows.ids), ("state", "=", "done"), ("delivered", ">", 0), REAL]
        last = dict(self.env["fin.run"]._read_group(done, ["flow_id"], ["finished_at:max"]))
        codes = [("flow_id", "in", flows.ids), ("code", "=", STALE), ("state", "in", OPEN)]
        stale = self.env["fin.exception"].search(codes).flow_id
        ordered = flows.sorted(lambda flow: (flow not in stale, last.get(flow) or now, flow.name))
        return [
            {
                "flow": flow.name,
                "at": self._moment(last[flow]) if flow in last else self.env._("nothing yet"),
                "age": self._for_how_long(now - last[flow]) if flow in last else "",
                "is_stale": flow in stale,
                "path": f"/odoo/finance-flows/{flow.id}",
            }
            for flow in ordered
        ]

    def _for_how_long(self, past):
        hours = int(past.total_seconds() // 3600)
        if hours >= 48:
            return self.env._("%s days", hours // 24)
        return self.env._("%s hours", hours) if hours else self.env._("less than an hour")

    # Shared

    def _moment(self, moment):
        return format_datetime(self.env, moment, dt_format="short") if moment else ""

    def _lines(self, records, path, told):
        """The first by name, each with its address; the rest as one line with theirs."""
        lines = []
        for record in records[:MOST]:
            state, label, text = told(record)
            line = {"state": state, "label": label, "text": text, "count": 1}
            lines.append({**line, "path": f"/odoo/{path}/{record.id}"})
        rest = len(records) - MOST
        if rest > 0:
            more = {"state": "", "label": self.env._("and %s more", rest), "text": "", "count": rest}
            lines.append({**more, "path": f"/odoo/{path}"})
        return lines
