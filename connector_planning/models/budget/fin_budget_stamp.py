from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.models.triggers import refuse_rewriting
from odoo.addons.finance_integration_governance.models.writer import as_writer

ON_ACTUALS = ("forecast", "mix")


class FinBudgetVersion(models.Model):
    """Which actuals a forecast was built on: what planning had been told by then. Later changes of them make it stale.

    A budget need not name any. `actuals_until` is the last month that was known.
    """

    _inherit = "fin.budget.version"

    actuals_run_id = fields.Many2one(
        "fin.run",
        "Built on Actuals of",
        ondelete="restrict",
        copy=False,
        tracking=True,
        domain="[('direction', '=', 'outbound'), ('state', '=', 'done'), ('company_id', '=', company_id)]",
        help="The run that told planning the actuals that this was built on.",
    )
    actuals_until = fields.Date("Actuals until", copy=False, help="The last month that was known, by its last day.")
    actuals_stamp = fields.Char(
        compute="_compute_actuals_stamp", store=True, string="Stamp of the Actuals", help="The frozen actuals, as told."
    )
    is_stale = fields.Boolean(compute="_compute_stale", search="_search_is_stale", string="Stale")
    stale_text = fields.Char(compute="_compute_stale", string="What has changed since")

    def init(self):
        super().init()
        closed = "OLD.state IN ('approved', 'frozen', 'superseded')"
        refuse_rewriting(self.env.cr, self._table, ["actuals_run_id", "actuals_until", "actuals_stamp"], closed)

    @api.depends("actuals_run_id")
    def _compute_actuals_stamp(self):
        for version in self:
            version.actuals_stamp = version._newest_row().stamp if version.actuals_run_id else False

    def _newest_row(self):
        """What planning knew last by the run: a run that had nothing to tell leaves no row of its own."""
        run = self.actuals_run_id
        told = [("flow_id", "=", run.flow_id.id), ("run_id", "<=", run.id), ("company_id", "=", self.company_id.id)]
        return self.env["fin.actual.period"].search(told, order="id desc", limit=1)

    @api.constrains("actuals_run_id", "actuals_until")
    def _check_actuals(self):
        for version in self.filtered("actuals_run_id"):
            if not version._newest_row():
                raise ValidationError(self.env._("%s has told no actuals.", version.actuals_run_id.name))
            if version.actuals_until and fields.Date.add(version.actuals_until, days=1).day != 1:
                raise ValidationError(self.env._("Actuals are known until the end of a month."))

    def _guard_submit(self):
        super()._guard_submit()
        if self.scenario in ON_ACTUALS and not (self.actuals_run_id and self.actuals_until):
            raise UserError(self.env._("Say which actuals this forecast was built on, and until which month."))

    # Stale

    @api.depends("actuals_run_id", "actuals_until")
    def _compute_stale(self):
        for version in self:
            changed = version._changed_since() if version.actuals_run_id and version.actuals_until else []
            version.is_stale = bool(changed)
            version.stale_text = _named(changed)

    def _changed_since(self):
        """Last days of the periods that planning was told of, and whose books were found changed since."""
        self.env["fin.actual.period"].flush_model()
        self.env["fin.run"].flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                """WITH told AS (
                    SELECT p.* FROM fin_actual_period p JOIN fin_run r ON r.id = p.run_id AND r.state = 'done'
                    WHERE p.flow_id = %(flow)s AND p.company_id = %(company)s AND p.last_on <= %(until)s),
                then_was AS (SELECT DISTINCT ON (last_on) last_on, mark FROM told WHERE run_id <= %(run)s
                    ORDER BY last_on, id DESC),
                now_is AS (SELECT DISTINCT ON (last_on) last_on, mark FROM told ORDER BY last_on, id DESC)
                SELECT last_on FROM now_is n LEFT JOIN then_was t USING (last_on)
                WHERE n.mark IS DISTINCT FROM t.mark ORDER BY last_on""",
                flow=self.actuals_run_id.flow_id.id,
                company=self.company_id.id,
                until=self.actuals_until,
                run=self.actuals_run_id.id,
            )
        )
        return [last for (last,) in rows]

    def _search_is_stale(self, operator, value):
        if operator != "in":
            return NotImplemented
        stale = self.search([("actuals_run_id", "!=", False)]).filtered("is_stale")
        return [("id", "in" if True in value else "not in", stale.ids)]

    # An actual-forecast mix begins with what has happened

    def action_take_actuals(self):
        """Replace the figures of the known months by the actuals that planning was told."""
        self._need_operator()
        if self.state != "draft" or not (self.actuals_run_id and self.actuals_until):
            raise UserError(self.env._("Say first, in a draft, which actuals it is built on, and until which month."))
        if self.is_stale:
            raise UserError(self.env._("These actuals have changed since (%s): choose a later run.", self.stale_text))
        known = self.line_ids.filtered(lambda line: line.on <= self.actuals_until)
        known.unlink()
        self.write({"line_ids": [Command.create(vals) for vals in self._actuals()]})
        self._audit("take_actuals", stamp=self.actuals_stamp, until=self.actuals_until.isoformat())

    def _actuals(self):
        """Lines of what planning holds of the known months, by account: cells of days are added up to their month."""
        month = _month_end(SQL('i."on"'))
        # A week is dated by its last day, and its first ones may lie in the month before.
        begins = _month_end(SQL("""i."on" - CASE WHEN i.content::json->>'period' ~ 'W' THEN 6 ELSE 0 END"""))
        rows = self.env.execute_query(
            SQL(
                """SELECT i.content::json->>'account', %(month)s,
                    sum((i.content::json->>'balance')::numeric)::text,
                    %(in_two)s
                FROM fin_binding b JOIN fin_item i ON i.id = b.item_id JOIN fin_run r ON r.id = i.run_id
                WHERE b.live AND r.flow_id = %(flow)s AND b.company_id = %(company)s
                    AND i."on" >= %(first)s AND %(begins)s <= %(last)s
                GROUP BY 1, 2 HAVING sum((i.content::json->>'balance')::numeric) <> 0 OR %(in_two)s""",
                month=month,
                begins=begins,
                in_two=SQL("bool_or(%s <> %s AND (i.content::json->>'balance')::numeric <> 0)", month, begins),
                flow=self.actuals_run_id.flow_id.id,
                company=self.company_id.id,
                first=self.date_from,
                last=self.actuals_until,
            )
        )
        if any(in_two for *_told, in_two in rows):
            raise UserError(
                self.env._("One of these weeks lies in two months: choose a run that tells days or months.")
            )
        accounts = self.env["account.account"].with_company(self.company_id)
        found = accounts.search([("code", "in", [code for code, *_told in rows])])
        ids = {account.code: account.id for account in found}
        gone = sorted({code for code, *_told in rows} - ids.keys())
        if gone:
            raise UserError(self.env._("No account has the code %s.", ", ".join(gone[:10])))
        return [
            {"account_id": ids[code], "on": on, "amount": float(Decimal(total)), "is_actual": True}
            for code, on, total, _in_two in rows
        ]


def _month_end(day):
    return SQL("(date_trunc('month', (%s)::timestamp) + interval '1 month - 1 day')::date", day)


def _named(days):
    return ", ".join(f"{last:%Y-%m}" for last in days) or False


class FinRun(models.Model):
    _inherit = "fin.run"

    def _after_finish(self):
        super()._after_finish()
        if self.direction == "outbound":
            self.env["fin.budget.version"]._tell_stale(self)


class FinBudgetVersionTold(models.Model):
    _inherit = "fin.budget.version"

    stale_told = fields.Char(readonly=True, copy=False, help="What its owner knows of already.")

    @api.model
    def _tell_stale(self, run):
        """Owners of forecasts that were built on what this run has found changed are told, once for each change."""
        mine = [("actuals_run_id.flow_id", "=", run.flow_id.id), ("state", "!=", "superseded")]
        # sudo: the engine tells owners of every company
        for version in self.sudo().search([*mine, ("actuals_until", "!=", False)]):
            periods = _named(version._changed_since())
            if periods and periods != version.stale_told:
                as_writer(version).write({"stale_told": periods})
                version._audit("stale", periods=periods, run=run.name)
                version.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._(
                        "%(version)s was built on actuals that changed since: %(periods)s",
                        version=version.name,
                        periods=periods,
                    ),
                    user_id=version.owner_id.id,
                )
