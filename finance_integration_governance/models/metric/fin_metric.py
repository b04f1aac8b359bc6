from odoo import api, fields, models
from odoo.tools import SQL

EVERY = 300  # seconds between two looks
HOURS = 2  # that are looked at anew: what began in one hour may end in the next


class FinMetric(models.Model):
    """What a flow did in one hour, in one compact row; gathered by whichever lane looks at the clock."""

    _name = "fin.metric"
    _description = "Hour of a Flow"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "hour desc, flow_id"
    _rec_name = "flow_id"

    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    connection = fields.Char(readonly=True)
    hour = fields.Datetime(required=True, readonly=True)
    runs = fields.Integer("Runs over", readonly=True)
    items = fields.Integer(readonly=True)
    rejected = fields.Integer("Items rejected", readonly=True)
    failed = fields.Integer("Runs failed", readonly=True)
    retries = fields.Integer("Tries again", readonly=True)
    tied = fields.Integer("Runs that tie", readonly=True)
    seconds = fields.Float("Seconds a run takes", readonly=True, aggregator="avg", digits=(16, 1))
    longest = fields.Float("The longest", readonly=True, aggregator="max", digits=(16, 1))
    backlog = fields.Integer("Runs that wait", readonly=True, aggregator="max")
    exceptions_day = fields.Integer("Exceptions of a day", readonly=True, aggregator="max")
    exceptions_week = fields.Integer("Exceptions of a week", readonly=True, aggregator="max")
    exceptions_older = fields.Integer("Older exceptions", readonly=True, aggregator="max")
    stale_minutes = fields.Integer("Minutes older than promised", readonly=True, aggregator="max")
    gathered_at = fields.Datetime(readonly=True)

    _hour_uniq = models.UniqueIndex("(flow_id, hour)")
    _gathered_idx = models.Index("(gathered_at)")

    @api.model
    def _gather(self, now, every=EVERY):
        """Bring the last hours up to date, now and then."""
        since = fields.Datetime.subtract(now, seconds=every)
        if self.env.execute_query(SQL("SELECT 1 FROM fin_metric WHERE gathered_at > %s LIMIT 1", since)):
            return
        self.env.flush_all()
        for back in reversed(range(HOURS)):
            hour = fields.Datetime.subtract(now.replace(minute=0, second=0, microsecond=0), hours=back)
            self._gather_hour(hour, now, is_current=not back)
        self.invalidate_model()

    def _gather_hour(self, hour, now, is_current):
        """One statement for all flows. How deep and how old things are is known for the present hour only."""
        present = SQL(", ").join(
            SQL(
                "%(name)s = CASE WHEN %(is)s THEN EXCLUDED.%(name)s ELSE m.%(name)s END",
                **{"name": SQL(name), "is": is_current},
            )
            for name in ("backlog", "exceptions_day", "exceptions_week", "exceptions_older", "stale_minutes")
        )
        summed = SQL(", ").join(
            SQL("%(name)s = EXCLUDED.%(name)s", name=SQL(name))
            for name in ("runs", "items", "rejected", "failed", "retries", "tied", "seconds", "longest", "gathered_at")
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO fin_metric AS m (flow_id, company_id, connection, hour, runs, items, rejected, failed,
                    retries, tied, seconds, longest, backlog, exceptions_day, exceptions_week, exceptions_older,
                    stale_minutes, gathered_at)
                SELECT f.id, f.company_id, c.code, %(hour)s, COALESCE(r.runs, 0), COALESCE(r.items, 0),
                    COALESCE(r.rejected, 0), COALESCE(r.failed, 0), COALESCE(r.retries, 0), COALESCE(r.tied, 0),
                    r.seconds, r.longest, COALESCE(w.waiting, 0), COALESCE(e.day, 0), COALESCE(e.week, 0),
                    COALESCE(e.older, 0),
                    GREATEST(0, COALESCE(EXTRACT(EPOCH FROM %(now)s::timestamp - k.stale_at) / 60, 0))::integer, %(now)s
                FROM fin_flow f JOIN fin_connection c ON c.id = f.connection_id
                LEFT JOIN fin_clock k ON k.flow_id = f.id
                LEFT JOIN (
                    SELECT flow_id, count(*) AS runs, sum(received) AS items, sum(rejected) AS rejected,
                        count(*) FILTER (WHERE state = 'failed') AS failed, sum(tries) AS retries,
                        count(*) FILTER (
                            WHERE reconciliation_state IN ('tied', 'within_tolerance', 'accepted')) AS tied,
                        avg(EXTRACT(EPOCH FROM over_at - started_at)) AS seconds,
                        max(EXTRACT(EPOCH FROM over_at - started_at)) AS longest
                    FROM (
                        SELECT *, COALESCE(finished_at, write_date) AS over_at FROM fin_run
                        WHERE finished_at >= %(hour)s AND finished_at < %(hour)s + interval '1 hour'
                            AND is_draft IS NOT TRUE AND state IN ('done', 'cancelled')
                        UNION ALL
                        SELECT *, write_date FROM fin_run
                        WHERE state = 'failed' AND write_date >= %(hour)s
                            AND write_date < %(hour)s + interval '1 hour' AND is_draft IS NOT TRUE) AS over
                    GROUP BY flow_id) AS r ON r.flow_id = f.id
                LEFT JOIN (
                    SELECT flow_id, count(*) AS waiting FROM fin_run WHERE state IN ('queued', 'running', 'held')
                    GROUP BY flow_id) AS w ON w.flow_id = f.id
                LEFT JOIN (
                    SELECT flow_id,
                        count(*) FILTER (WHERE create_date > %(now)s::timestamp - interval '1 day') AS day,
                        count(*) FILTER (WHERE create_date <= %(now)s::timestamp - interval '1 day'
                            AND create_date > %(now)s::timestamp - interval '7 days') AS week,
                        count(*) FILTER (WHERE create_date <= %(now)s::timestamp - interval '7 days') AS older
                    FROM fin_exception WHERE state IN ('open', 'in_progress') GROUP BY flow_id) AS e ON e.flow_id = f.id
                WHERE f.state IN ('active', 'paused') OR r.runs > 0
                ON CONFLICT (flow_id, hour) DO UPDATE SET %(summed)s, %(present)s""",
                hour=hour,
                now=now,
                summed=summed,
                present=present,
            )
        )

    # For whoever asks over HTTP: codes and numbers, no names

    @api.model
    def _samples(self):
        """(name, help, labels, [(label values, number)]) of everything that is exposed; flows go by their codes."""
        now = fields.Datetime.now()
        self._gather(now, every=60)
        flow, connection = ("flow", "connection"), ("connection",)
        totals = self._asked(
            """SELECT f.code, m.connection, sum(m.runs), sum(m.items), sum(m.failed), sum(m.retries), sum(m.rejected)
            FROM fin_metric m JOIN fin_flow f ON f.id = m.flow_id GROUP BY 1, 2 ORDER BY 1, 2"""
        )
        newest = self._asked(
            """SELECT DISTINCT ON (m.flow_id) f.code, m.connection, m.backlog, m.stale_minutes * 60, m.seconds,
                m.exceptions_day, m.exceptions_week, m.exceptions_older
            FROM fin_metric m JOIN fin_flow f ON f.id = m.flow_id ORDER BY m.flow_id, m.hour DESC"""
        )
        counted = (
            ("runs", "Runs that are over"),
            ("items", "Items received"),
            ("runs_failed", "Runs that failed"),
            ("retries", "Tries again after an error"),
            ("items_rejected", "Items rejected"),
        )
        for place, (name, words) in enumerate(counted, 2):
            yield "counter", name, words, flow, [(row[:2], row[place]) for row in totals]
        gauges = (
            ("backlog_runs", "Runs that wait or work"),
            ("stale_seconds", "By how much data are older than promised"),
            ("run_seconds", "Seconds that a run takes"),
        )
        for place, (name, words) in enumerate(gauges, 2):
            yield "gauge", name, words, flow, [(row[:2], row[place] or 0) for row in newest]
        aged = [((*row[:2], age), row[5 + n]) for row in newest for n, age in enumerate(("day", "week", "older"))]
        yield "gauge", "exceptions_open", "Open exceptions by age", (*flow, "age"), aged
        states = self._asked("SELECT code, (state <> 'closed')::int FROM fin_circuit ORDER BY 1")
        yield "gauge", "connection_down", "Whether it is left alone", connection, [((c,), n) for c, n in states]
        unfinished = self._asked(
            """SELECT connection, count(*) FROM fin_reconciliation q JOIN fin_run r ON r.id = q.run_id
            WHERE q.state = 'not_tied' AND r.state = 'held' GROUP BY 1"""
        )
        told = [((code or "",), number) for code, number in unfinished]
        yield "gauge", "runs_not_tied", "Runs that are held because totals do not tie", connection, told
        beats = self._asked("SELECT part, EXTRACT(EPOCH FROM now() AT TIME ZONE 'utc' - at)::int FROM fin_heartbeat")
        yield (
            "gauge",
            "engine_silent_seconds",
            "Since a part of the engine was seen",
            ("part",),
            [((p,), n) for p, n in beats],
        )

    def _asked(self, query):
        return self.env.execute_query(SQL(query))


class FinSlot(models.Model):
    _inherit = "fin.slot"

    @api.model
    def _tick(self, now=None):
        now = now or fields.Datetime.now()
        super()._tick(now)
        self.env["fin.metric"]._gather(now)


class FinRun(models.Model):
    _inherit = "fin.run"

    _finished_idx = models.Index("(finished_at) WHERE finished_at IS NOT NULL")
