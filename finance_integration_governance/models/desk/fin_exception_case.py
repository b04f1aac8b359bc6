"""The case: one cause with many items. What is at risk, who acts, what happens next, and when it is over."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ...core.desk import ROLLBACK, route
from ..exception.fin_exception import OPEN
from ..writer import as_writer
from .fin_item_remedy import GOOD, UNSETTLED

BREACH = "contract_violation"
VIEWER = "finance_integration_governance.group_viewer"


class FinException(models.Model):
    _name = "fin.exception"
    _inherit = ["fin.exception", "fin.amounts"]
    _amounts = frozenset({"amount_at_risk"})

    amount_at_risk = fields.Monetary(
        readonly=True,
        currency_field="currency_id",
        groups=VIEWER,
        help="What the unsettled items add up to, without signs, in the company's currency at today's rate.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    unsettled_count = fields.Integer("Items to settle", readonly=True)
    age_days = fields.Integer("Age in Days", compute="_compute_age")
    routing = fields.Selection(
        [
            ("retried", "Retried automatically"),
            ("finance", "Needs finance"),
            ("rollback", "Needs rollback"),
            ("administrator", "Needs an administrator"),
            ("developer", "Needs a developer"),
        ],
        compute="_compute_routing",
        store=True,
        string="Who acts",
    )
    next_step = fields.Text("What happens next", compute="_compute_next_step", groups=VIEWER)

    @api.depends("create_date", "closed_at")
    def _compute_age(self):
        now = fields.Datetime.now()
        for case in self:
            case.age_days = ((case.closed_at or now) - (case.create_date or now)).days

    @api.depends("family", "code")
    def _compute_routing(self):
        for case in self:
            case.routing = route(case.family, case.code)

    # What is at risk

    @api.model
    def _weigh_for(self, runs):
        """Weigh the open cases of these runs, and see whether their weight brings them to another desk."""
        self.flush_model(["run_ids", "state"])
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT e.id FROM fin_exception e
                JOIN fin_exception_fin_run_rel r ON r.fin_exception_id = e.id
                WHERE r.fin_run_id = ANY(%s) AND e.state = ANY(%s) ORDER BY e.id""",
                runs.ids,
                list(OPEN),
            )
        )
        self.browse(case_id for (case_id,) in rows)._weigh()

    def _weigh(self):
        """Count and add up what each case still holds; one query, however many items there are."""
        if not self:
            return
        weights = self._weights()
        for case in self:
            count, amount = weights.get(case.id, (0, Decimal()))
            # sudo: somebody to whom amounts are hidden may change what a case holds
            before = (case.unsettled_count, case.currency_id.round(case.sudo().amount_at_risk))
            if before != (count, case.currency_id.round(float(amount))):
                as_writer(case).write({"unsettled_count": count, "amount_at_risk": float(amount)})
            if case.state == "open":
                case._assign(amount)

    def _weights(self):
        """case id -> (items, amount in company currency); an amount that no rate is known for counts as it stands."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT i.exception_id, i.currency, count(*), sum(abs(i.amount))::text
                FROM fin_item i WHERE i.exception_id = ANY(%s) AND %s GROUP BY 1, 2""",
                self.ids,
                UNSETTLED,
            )
        )
        weights = {}
        for case_id, currency, count, amount in rows:
            before = weights.get(case_id, (0, Decimal()))
            worth = self.browse(case_id)._worth(Decimal(amount or 0), currency)
            weights[case_id] = (before[0] + count, before[1] + worth)
        return weights

    def _worth(self, amount, code):
        # sudo: a rate is looked up for everybody
        company = self.sudo().company_id
        currency = (
            # sudo: as above
            self.env["res.currency"].sudo().with_context(active_test=False).search([("name", "=", code)], limit=1)
        )
        if not currency or currency == company.currency_id:
            return amount
        today = fields.Date.context_today(self)
        return Decimal(str(currency._convert(float(amount), company.currency_id, company, today)))

    # Whose it is

    def _hand_to(self, person, reason=None):
        """The case is this person's from now, and its reminder with it."""
        as_writer(self).write({"user_id": person.id})
        # sudo: the reminder moves with the case, whoever it was for
        self.sudo().activity_ids.filtered(lambda one: one.automated).write({"user_id": person.id})
        self._audit("assign", to=person.login, reason=reason or None)

    # When it is over

    def _is_over(self):
        """Every key has come to its end since, every run is over, and totals tie: a done run always does."""
        undone = self.run_ids.filtered(lambda run: run.state not in ("done", "cancelled"))
        if undone or self.payload_ids.filtered(lambda payload: not payload._was_read_again()):
            return False
        return not self.env["fin.item"]._unsettled(self | self._beside())

    def _beside(self):
        """Open cases that hold the items of this one: an item that breaks several members stands in one case only."""
        if self.code != BREACH or self.item_count:
            return self.browse()
        return self.search([("run_ids", "in", self.run_ids.ids), ("state", "in", OPEN), ("code", "=", BREACH)]) - self

    @api.model
    def _close_for_run(self, run):
        """Beside the run's own cases those whose keys it has brought, wherever they were raised."""
        super()._close_for_run(run)
        served = run._cases_it_serves() | run.remedy_id.exception_ids
        beside = [("run_ids", "in", served.run_ids.ids), ("code", "=", BREACH), ("item_ids", "=", False)]
        served._settle_if_over()
        self.search([*beside, ("state", "in", OPEN)])._settle_if_over()
        self._weigh_for(run)

    def _settle_if_over(self):
        for case in self.filtered(lambda one: one.state in OPEN):
            if case._is_over():
                case._close("resolve", "every key has succeeded since and the totals tie")
        self._weigh()

    # In words

    def _compute_next_step(self):
        for case in self:
            case.next_step = case._next_words()

    def _next_words(self):
        if self.state not in OPEN:
            return self.env._("Nothing more: it is closed.")
        asked = self.remedy_ids.filtered(lambda one: one.state == "asked")
        if asked or self.waits_for_waiver:
            return self.env._("A second person decides on what was asked for.")
        if self.remedy_ids.filtered(lambda one: one.state == "agreed"):
            return self.env._("The replay is on its way; the case closes itself once every key has succeeded.")
        return self._words_of_cause() or self._words_by_route()[self.routing]

    def _words_by_route(self):
        return {
            "retried": self._words_of_retry(),
            "finance": self._words_for_finance(),
            ROLLBACK: self.env._(
                "What the target holds is not what was handed over. Look at both sides; what does not belong there is "
                "rolled back from the run, with a second person's yes."
            ),
            "administrator": self.env._("An administrator mends the settings; then the run is tried again from here."),
            "developer": self.env._("A developer looks at the log; then the run is tried again from here."),
        }

    def _words_for_finance(self):
        """What may be done here, and nothing that may not."""
        if self.is_waivable:
            return self.env._(
                "Mend the cause and try again, skip the items, or ask for a waiver. It closes itself once every key "
                "has succeeded and the totals tie."
            )
        if self.unsettled_count:
            return self.env._(
                "Mend the cause and replay the items, correct them or skip them. It closes itself once every key has "
                "succeeded and the totals tie."
            )
        return self.env._("Mend the cause. It closes itself with it; or resolve it here and say what was done.")

    def _words_of_retry(self):
        later = self.run_ids.filtered(lambda run: run.state == "queued" and run.not_before).sorted("not_before")[:1]
        if not later:
            return self.env._("It was tried as often as it may be by itself: try it again from here.")
        at = fields.Datetime.context_timestamp(self, later.not_before).strftime("%Y-%m-%d %H:%M")
        return self.env._("%(run)s is tried again by itself at %(at)s.", run=later.name, at=at)


class FinRun(models.Model):
    _inherit = "fin.run"

    def _cases_it_serves(self):
        """Open cases that hold a rejected item of a key that this run has brought."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT i.exception_id FROM fin_exception e
                JOIN fin_item i ON i.exception_id = e.id AND i.outcome = 'rejected'
                JOIN fin_item l ON (l.object, l.scope, l.key) = (i.object, i.scope, i.key) AND l.id > i.id
                WHERE e.flow_id = %s AND e.state IN %s AND l.run_id = %s
                    AND l.outcome IN %s""",
                self.flow_id.id,
                OPEN,
                self.id,
                GOOD,
            )
        )
        return self.env["fin.exception"].browse(case_id for (case_id,) in rows)

    def _stage_done(self, stage):
        has_exceptions = super()._stage_done(stage)
        if has_exceptions:
            self.env["fin.exception"]._weigh_for(self)
        return has_exceptions

    def _after_hold(self):
        super()._after_hold()
        self.env["fin.exception"]._weigh_for(self)

    def _after_fail(self):
        super()._after_fail()
        self.env["fin.exception"]._weigh_for(self)

    def _after_cancel(self):
        super()._after_cancel()
        self.env["fin.exception"]._weigh_for(self)


class FinPayload(models.Model):
    _inherit = "fin.payload"

    def _was_read_again(self):
        """Whether the same bytes were read as a whole since, in a run that is done."""
        same = [("digest", "=", self.digest), ("flow_id", "=", self.flow_id.id), ("id", ">", self.id)]
        return bool(self.search_count([*same, ("reading", "=", "read"), ("run_id.state", "=", "done")], limit=1))
