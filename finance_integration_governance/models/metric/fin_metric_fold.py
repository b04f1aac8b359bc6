"""Old hours become days, and old days months: few rows, the same sums, so that what counts up never goes down."""

from odoo import api, fields, models
from odoo.tools import SQL

KEPT = {"day": 35, "month": 400}  # days until rows are folded into one for each
SUMS = ("runs", "items", "rejected", "failed", "retries", "tied")
LEVELS = (
    "longest", "backlog", "exceptions_day", "exceptions_week", "exceptions_older", "stale_minutes", "gathered_at",
)  # fmt: skip


class FinMetric(models.Model):
    _inherit = "fin.metric"

    @api.autovacuum
    def _fold_old(self):
        self.env.flush_all()
        for unit, days in KEPT.items():
            self._fold(unit, fields.Datetime.subtract(fields.Datetime.now(), days=days))
        self.invalidate_model()

    def _fold(self, unit, until):
        """One row for each flow and unit that was over by then; sums are added, levels keep their highest."""
        added, highest = (
            SQL(", ").join(SQL("%s(%s)", SQL(how), SQL(name)) for name in names)
            for how, names in (("sum", SUMS), ("max", LEVELS))
        )
        names = SQL(", ").join(SQL(name) for name in (*SUMS, *LEVELS))
        self.env.cr.execute(
            SQL(
                """WITH old AS (
                    DELETE FROM fin_metric m USING (
                        SELECT flow_id, date_trunc(%(unit)s, hour) AS unit FROM fin_metric
                        WHERE hour < date_trunc(%(unit)s, %(until)s::timestamp) GROUP BY 1, 2 HAVING count(*) > 1) AS o
                    WHERE m.flow_id = o.flow_id AND m.hour >= o.unit
                        AND m.hour < o.unit + ('1 ' || %(unit)s)::interval
                    RETURNING m.*)
                INSERT INTO fin_metric (flow_id, company_id, connection, hour, seconds, %(names)s)
                SELECT flow_id, max(company_id), (array_agg(connection ORDER BY hour DESC))[1],
                    date_trunc(%(unit)s, hour), sum(seconds * runs) / NULLIF(sum(runs), 0), %(added)s, %(highest)s
                FROM old GROUP BY flow_id, date_trunc(%(unit)s, hour)""",
                unit=unit,
                until=until,
                names=names,
                added=added,
                highest=highest,
            )
        )
