from collections import Counter
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.errors import IntegrationError
from ..run.gates import PROCEED, Answer

# Gates that ask about facts which come in, or for the yes that a rollback has already.
OF_FACTS = ("Coverage", "Fresh", "Flows", "SecondPerson")


class Undone(NamedTuple):
    """An item of a rollback, as it is read back."""

    id: int
    key_hash: int
    currency: str
    amount: str


class Agreed:
    question = "Has a second person said yes to exactly this?"

    def ask(self, run):
        """What somebody asked for at the exception desk."""
        return PROCEED if run.remedy_id._is_agreed() else Answer("stop", "the sealed log holds no yes to this")


class FinRun(models.Model):
    _inherit = "fin.run"

    trigger = fields.Selection(selection_add=[("rollback", "Rollback")], ondelete={"rollback": "cascade"})
    can_roll_back = fields.Boolean(compute="_compute_can_roll_back")
    rollback_ids = fields.One2many(
        "fin.remedy", "rolled_run_id", string="Rollbacks", groups="finance_integration_governance.group_viewer"
    )

    @api.depends("delivered", "state", "trigger")
    def _compute_can_roll_back(self):
        for run in self:
            is_there = run.delivered and run.state not in ("queued", "running") and run.trigger != "rollback"
            # sudo: whether an object can is no content
            run.can_roll_back = bool(is_there and run.sudo()._undoes())

    def _undoes(self):
        if not self.version_id:
            return False
        name = self._document()["object"]
        return name in self.env and self.env[name]._undoes

    def _is_rollback(self):
        return self.trigger == "rollback" or self.remedy_id.kind == "rollback"

    @api.model
    def _queue_rollback(self, remedy):
        """On the version that the run had; apart from what else the flow does."""
        return self._queue(
            remedy.flow_id,
            "rollback",
            remedy_id=remedy.id,
            version_id=remedy.version_id.id,
            version_digest=remedy.version_id.digest,
            started_at=fields.Datetime.now(),
            requested_by=remedy.requested_by.id,
            concurrency_key=remedy.name,
            **({"connection": False} if remedy.rolled_run_id.direction == "inbound" else {}),  # it asks nobody outside
        )

    def _gates(self):
        """Whether codes map is no question of a rollback; who has agreed is asked of everything from the desk."""
        gates = super()._gates()
        if not self.remedy_id:
            return gates
        kept = [gate for gate in gates if type(gate).__name__ not in OF_FACTS] if self._is_rollback() else gates
        return (Agreed(), *kept)

    def _repin(self):
        """What was delivered is taken back by the version that it was delivered by."""
        if not self._is_rollback():
            super()._repin()

    def action_roll_back(self):
        """Ask to take back what this run delivered."""
        self.ensure_one()
        self.flow_id._need("group_operator")
        return self.env["fin.remedy.ask"]._open_for(self.env["fin.exception"], "rollback", run=self)

    # Collecting

    def _collect_undo(self):
        """The chosen items with their amounts turned round; documents after their parts. Once, in one snapshot."""
        days = self._open_days()
        self.env.cr.execute(
            SQL(
                """INSERT INTO fin_item (uid, run_id, company_id, row, contract, object, scope, key, alt_key,
                    parent_key, key_hash, digest, content, amount, currency, "on", outcome, reason, origin_id)
                SELECT gen_random_uuid()::text, %(run)s, o.company_id,
                    row_number() OVER (ORDER BY o.parent_key IS NULL, o.id), o.contract, o.object, o.scope, o.key,
                    o.alt_key, o.parent_key, o.key_hash, o.digest, o.content, -o.amount, o.currency,
                    COALESCE(d.open, o."on"),
                    CASE WHEN b.id IS NULL THEN 'skipped' ELSE 'open' END,
                    CASE WHEN b.id IS NULL THEN 'taken back already' END, o.id
                FROM fin_item o LEFT JOIN fin_binding b ON b.item_id = o.id AND b.live
                LEFT JOIN unnest(%(companies)s::text[], %(days)s::date[], %(open)s::date[]) AS d(company, day, open)
                    ON d.day = o."on" AND d.company IS NOT DISTINCT FROM o.mapped_values::json->>'company'
                WHERE o.remedy_id = %(remedy)s AND o.outcome = 'delivered'
                ORDER BY o.parent_key IS NULL, o.id""",
                run=self.id,
                remedy=self.remedy_id.id,
                companies=[company for company, _day in days],
                days=[day for _company, day in days],
                open=list(days.values()),
            )
        )
        self.env["fin.item"].invalidate_model()

    def _open_days(self):
        """(company code or None, day of a chosen item) -> the first day from then on that is open."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT mapped_values::json->>'company', "on" FROM fin_item
                WHERE remedy_id = %s AND "on" IS NOT NULL""",
                self.remedy_id.id,
            )
        )
        companies = {company.fin_code: company for company in self._as_service().companies}
        return {(code, day): self._open_day(companies.get(code, self.company_id), day) for code, day in rows}

    def _open_day(self, company, day):
        mine = company.with_env(self._as_service())
        while locks := mine._get_lock_date_violations(day, sale=False, purchase=False, tax=False):
            day = fields.Date.add(max(date for date, _field in locks), days=1)
        return day

    # The effects behind items

    def _effects(self, items, env):
        """item id -> the record that its original became, in this environment; an empty one where it is gone."""
        origins = dict(
            self.env.execute_query(SQL("SELECT id, origin_id FROM fin_item WHERE id = ANY(%s)", [i.id for i in items]))
        )
        live = self.env["fin.binding"].search([("item_id", "in", list(origins.values())), ("live", "=", True)])
        named = {binding.item_id.id: (binding.res_model, binding.res_id) for binding in live}
        there = _existing(env, named.values())
        return {item_id: there.get(named.get(origin)) for item_id, origin in origins.items()}

    def _undone_pairs(self, env):
        """(item, record before or None, reversing record or None) of each item that was taken back."""
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id, i.key_hash, i.currency, i.amount::text, o.res_model, o.res_id, b.res_model, b.res_id
                FROM fin_item i JOIN fin_binding b ON b.item_id = i.id
                JOIN fin_binding o ON o.item_id = i.origin_id AND NOT o.live
                WHERE i.run_id = %s AND i.outcome = 'delivered'""",
                self.id,
            )
        )
        there = _existing(env, [(row[4], row[5]) for row in rows] + [(row[6], row[7]) for row in rows])
        return [(Undone(*row[:4]), there.get((row[4], row[5])), there.get((row[6], row[7]))) for row in rows]

    def _staying(self, statement_ids, leaving):
        """statement id -> how many of its lines stand behind an item that this run does not take back."""
        rows = self.env.execute_query(
            SQL(
                """SELECT l.statement_id, count(*) FROM account_bank_statement_line l
                JOIN fin_binding b ON b.res_model = 'account.bank.statement.line' AND b.res_id = l.id AND b.live
                WHERE l.statement_id = ANY(%s) AND NOT l.id = ANY(%s) AND NOT EXISTS (
                    SELECT 1 FROM fin_item i WHERE i.origin_id = b.item_id AND i.run_id = %s
                        AND i.outcome = 'open' AND i.mapped_values IS NOT NULL)
                GROUP BY 1""",
                statement_ids,
                leaving,
                self.id,
            )
        )
        return dict(rows)

    # Doing

    def _effect(self, business, items):
        if not self._is_rollback():
            return super()._effect(business, items)
        self._reach("deliver.undo.before")
        undone = business._undo(self, items)
        self._reach("deliver.undo.after")
        origins = self.env["fin.item"].browse([item.id for item in items]).mapped("origin_id")
        self.env["fin.binding"].search([("item_id", "in", origins.ids), ("live", "=", True)])._end()
        self.env["fin.binding"]._bind_undone(self, undone)
        return undone

    def _after_cancel(self):
        super()._after_cancel()
        if self._is_rollback():
            self.env["fin.item"]._let_go(self.remedy_id)

    def _cases_it_serves(self):
        """What is taken back has not succeeded."""
        return self.env["fin.exception"] if self._is_rollback() else super()._cases_it_serves()

    # Dry

    def _dry_rollback(self, ids):
        return self.version_id._dry_rollback(ids)

    def _dry_rolled_back(self):
        """{done: counts by what would be done and on which day, refused: counts by reason}, of this dry run."""
        if self.direction == "outbound":
            count = len(self._before_these())
            return {"done": [{"undo": "compensate", "count": count}] if count else [], "refused": {}}
        pipeline = self.env["fin.pipeline.rollback"]
        try:
            for stage in ("extract", "validate", "map"):
                for _kept in getattr(pipeline, f"_{stage}")(self):
                    self.env.flush_all()
        except (IntegrationError, UserError) as error:
            return {"stopped": str(error)}
        rows = self.env.execute_query(
            SQL(
                """SELECT i.mapped_values::json->>'undo', i.mapped_values::json->>'on', e.text, count(*)
                FROM fin_item i LEFT JOIN fin_exception e ON e.id = i.exception_id
                WHERE i.run_id = %s AND i.outcome = 'open' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
                self.id,
            )
        )
        refused = Counter()
        for _undo, _day, text, count in rows:
            refused[text] += count if text else 0
        done = [{"undo": undo, "on": day, "count": count} for undo, day, text, count in rows if not text]
        return {"done": done, "refused": {text: count for text, count in refused.items() if text}}


class FinItem(models.Model):
    _inherit = "fin.item"

    def action_roll_back(self):
        """The same for items that were chosen in a list."""
        run = self.run_id
        if len(run) != 1:
            raise UserError(self.env._("Choose items of one run."))
        run.flow_id._need("group_operator")
        return self.env["fin.remedy.ask"]._open_for(self.env["fin.exception"], "rollback", self.ids, run)


class FinBinding(models.Model):
    _inherit = "fin.binding"

    @api.model
    def _bind_undone(self, run, undone):
        """What takes an effect back is remembered and holds no key: the fact may come again."""
        rows = [
            (item_id, record._name if record else None, record.id if record else None) for item_id, record in undone
        ]
        self.env.cr.execute_values(
            """INSERT INTO fin_binding (object, scope, key, alt_key, parent_key, digest, rule, live, item_id, run_id,
                company_id, res_model, res_id)
            SELECT i.object, i.scope, i.key, i.alt_key, i.parent_key, i.digest, 1, FALSE, i.id, i.run_id, i.company_id,
                v.model, v.record
            FROM (VALUES %s) AS v(item, model, record) JOIN fin_item i ON i.id = v.item""",
            rows,
            template="(%s, %s::varchar, %s::integer)",
        )
        self.invalidate_model()


def _existing(env, named):
    """(model, id) -> record, of those that are there."""
    wanted = {}
    for model, res_id in named:
        if model:
            wanted.setdefault(model, set()).add(res_id)
    return {(model, one.id): one for model, ids in wanted.items() for one in env[model].browse(ids).exists()}
