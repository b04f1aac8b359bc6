from odoo import api, fields, models

from .fin_tower_question import Answer, Row

DAYS = 1


class FinTowerOnTime(models.AbstractModel):
    """Whether flows of some kind were on time. An addon inherits this and says which in `_flows`."""

    _name = "fin.tower.question.on_time"
    _inherit = "fin.tower.question"
    _description = "Question: on time"
    _model = "fin.slot"
    _days = 7

    def _flows(self):
        """The flows that the question is about."""
        raise NotImplementedError

    def _answer(self):
        flows = self._flows()
        if not flows:
            return None
        mine = [("flow_id", "in", flows.ids), ("due_at", ">=", self._since(self._days))]
        counts = dict(self.env["fin.slot"]._read_group(mine, ["state"], ["__count"]))
        wrong = [*mine, ("state", "in", ("late", "missed"))]
        bad, good = counts.get("late", 0) + counts.get("missed", 0), counts.get("met", 0)
        if not bad and not good:
            return Answer("unknown", self._nothing_due())
        return Answer(
            "bad" if counts.get("missed") else "attention" if bad else "good",
            self._in_words(good, bad),
            bad or good,
            wrong if bad else [*mine, ("state", "=", "met")],
            self._by_flow(wrong) if bad else [],
        )

    def _nothing_due(self):
        return self.env._("Nothing was due within the last %s days.", self._days)

    def _in_words(self, good, bad):
        if not bad:
            return self.env._("All %(good)s were on time within the last %(days)s days.", good=good, days=self._days)
        return self.env._(
            "%(bad)s of %(all)s were late or missed within the last %(days)s days.",
            bad=bad,
            all=good + bad,
            days=self._days,
        )

    @api.model
    def _by_flow(self, domain):
        """A row for each flow and state of these slots."""
        labels = dict(self.env["fin.slot"]._fields["state"]._description_selection(self.env))
        groups = self.env["fin.slot"]._read_group(domain, ["flow_id", "state"], ["__count"], order="__count desc")
        return [
            Row(
                "attention" if state == "late" else "bad",
                flow.name,
                f"{labels[state]}: {count}",
                count,
                [*domain, ("flow_id", "=", flow.id), ("state", "=", state)],
            )
            for flow, state, count in groups
        ]


class FinTowerPublished(models.AbstractModel):
    _name = "fin.tower.published"
    _inherit = "fin.tower.question.on_time"
    _description = "Question: extracts"
    _sequence = 30

    def _title(self):
        return self.env._("Were extracts published on time?")

    def _flows(self):
        return self._in_use().filtered(lambda flow: flow.direction == "outbound")


class FinTowerLate(models.AbstractModel):
    _name = "fin.tower.late"
    _inherit = "fin.tower.question.on_time"
    _description = "Question: late"
    _sequence = 50

    def _title(self):
        return self.env._("What is late?")

    def _answer(self):
        return self._overlooked() or self._told()

    def _overlooked(self):
        """Flows whose moment has passed with no engine there to make anything of it; None where all were looked at."""
        flows = self.env["fin.clock"]._overlooked(self._in_use(), fields.Datetime.now())
        if not flows:
            return None
        text = self.env._("%s flows were due and nobody has looked: the engine is not at work.", len(flows))
        rows = [
            Row("bad", flow.name, self.env._("due %s", self._moment(at)), 1, [("id", "=", flow.id)])
            for flow, at in flows.items()
        ]
        others = [row._replace(model=self._model) for row in self._told().rows]
        here = [("id", "in", [flow.id for flow in flows])]
        return Answer("bad", text, len(flows), here, [*rows, *others], "fin.flow")

    def _told(self):
        """By the slots: what is late now, and what was since yesterday."""
        slots, now, since = self.env["fin.slot"], fields.Datetime.now(), self._since(DAYS)
        late = ["&", ("state", "in", ("due", "started")), ("promised_at", "<", now)]
        past = ["&", ("state", "in", ("late", "missed")), ("due_at", ">=", since)]
        domain = ["|", *late, *past]
        waits = slots.search_count(late)
        counts = dict(slots._read_group(past, ["state"], ["__count"]))
        came, missed = counts.get("late", 0), counts.get("missed", 0)
        if not waits + came + missed:
            return self._nothing_late(since)
        return Answer(
            "bad" if waits or missed else "attention",
            self.env._(
                "%(all)s: %(waits)s late now, %(missed)s missed and %(came)s done late since yesterday.",
                all=waits + came + missed,
                waits=waits,
                missed=missed,
                came=came,
            ),
            waits + came + missed,
            domain,
            self._by_flow(domain),
        )

    def _nothing_late(self, since):
        due = [("due_at", ">=", since), ("state", "in", ("met", "started", "due"))]
        count = self.env["fin.slot"].search_count(due)
        if not count:
            return Answer("unknown", self.env._("Nothing was due since yesterday."))
        return Answer("good", self.env._("Nothing: %s were due since yesterday, none is late.", count), count, due)
