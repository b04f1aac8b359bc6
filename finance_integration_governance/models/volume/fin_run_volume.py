from zoneinfo import ZoneInfo

from odoo import fields, models
from odoo.tools import SQL

from ...core.volume import Volume, judge
from ..run.gates import PROCEED, Answer
from ..schedule.fin_slot import aware

NOTHING = "nothing_arrived"


class AsUsual:
    question = "Is what it brings like what came before?"

    def ask(self, run):
        """What is strange waits until another person has said yes to exactly this."""
        strange = run._strange()
        ids = run._open_ids()
        if not strange or run._has_yes("AsUsual"):
            return PROCEED
        told = run._tell_strange(strange, is_waiting=bool(ids))
        return Answer("hold", told, ids, waits="yes") if ids else PROCEED


class FinRun(models.Model):
    """What a run brought, kept in one row when it is over, and compared with the rows of earlier ones before that."""

    _inherit = "fin.run"

    def _gates(self):
        """Asked last, of runs whose version has thresholds; what waited already is not compared once more."""
        is_asked = self._document().get("volume") and not self.parent_id and not self.is_draft
        return (*super()._gates(), AsUsual()) if is_asked else super()._gates()

    def _strange(self):
        return judge(self._volume(), self.env["fin.volume"]._history(self), self._document().get("volume", {}))

    def _tell_strange(self, strange, is_waiting):
        """One exception for each thing, with what lets the run go on.

        Where nothing is left to wait (a file that came twice is all repetitions) its owner is told all the same: by
        the flow, because the run is over at once and closes what stands against it.
        """
        cases = self.env["fin.exception"]
        yes = self.env._(
            "Ask the source; where it is right, a second person says yes to the run, else it is cancelled."
        )
        over = self.env._("Nothing of it is left to book; ask the source why it came, and close this with the answer.")
        for one in strange:
            if is_waiting:
                cases._raise(self, one.code, self._words_of_strange(one, yes), blocking=False)
            else:
                cases._raise_for_flow(self.flow_id, one.code, self._words_of_strange(one, over), family="data")
        return "; ".join(one.sentence for one in strange)

    def _words_of_strange(self, one, what_next):
        return self.env._(
            "%(run)s of %(flow)s is not as usual: %(sentence)s. %(next)s",
            run=self.name,
            flow=self.flow_id.name,
            sentence=one.sentence,
            next=what_next,
        )

    def _volume(self):
        """What this run has received, from its rows."""
        rows = self.env.execute_query(
            SQL(
                """SELECT currency, count(*), sum(amount)::text, count(*) FILTER (WHERE outcome = 'duplicate')
                FROM fin_item WHERE run_id = %s GROUP BY currency""",
                self.id,
            )
        )
        sums = {currency: total for currency, _count, total, _again in rows if currency and total is not None}
        told = {"sums": sums, "duplicates": sum(row[3] for row in rows), **self._shape_told()}
        return Volume.read(self._day_begun(), sum(row[1] for row in rows), told)

    def _day_begun(self):
        begun = aware(self.started_at or self.create_date or fields.Datetime.now())
        return begun.astimezone(ZoneInfo(self._document()["tz"])).date()

    def _shape_told(self):
        """Types and members, where the version asks for them: each item has to be opened to see them."""
        asked = self._document().get("volume", {})
        if not asked.get("types") and not asked.get("schema"):
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT contract || '.' || name, CASE WHEN name = %s THEN array_agg(DISTINCT value) END
                FROM fin_item, json_each_text(content::json) AS told(name, value) WHERE run_id = %s
                GROUP BY contract, name""",
                asked.get("types") or "",
                self.id,
            )
        )
        types = [value for _name, values in rows for value in values or ()]
        return {"types": types, "members": [name for name, _values in rows] if asked.get("schema") else []}

    def _keeps_volume(self):
        """Whether what it brought says something of what is usual."""
        return not self.parent_id and not self.is_draft

    def _after_finish(self):
        super()._after_finish()
        if not self._keeps_volume():
            return
        volume = self._volume()
        self.env["fin.volume"]._keep(self, volume)
        if volume.count:
            self.env["fin.exception"]._close_for_flow(self.flow_id, NOTHING, self.env._("Something came again."))
        elif self._document().get("volume", {}).get("nothing"):
            self._tell_nothing()

    def _tell_nothing(self):
        """An empty run ties, and is not what anybody waited for."""
        text = self.env._(
            "%(flow)s was fetched and brought nothing at all, although something is expected each time. Ask the other "
            "side whether it has sent; the next run that brings something closes this.",
            flow=self.flow_id.name,
        )
        self.env["fin.exception"]._raise_for_flow(self.flow_id, NOTHING, text, family="data")
