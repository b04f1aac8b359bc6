"""Matching by a run: what an approved rule lets it apply, after statements are booked and apart from booking them."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.totals import ControlTotals
from odoo.addons.finance_integration_governance.models.run.gates import FIXED
from odoo.addons.finance_integration_governance.models.writer import as_writer

from ...core.match import AUTOMATIC, Reason
from ...core.match_exact import doubts, exact
from ..fin_item_bank import OBJECT

AT_ONCE = 40  # lines that are matched between two commits, so that nobody waits for locks
MOST = 20_000  # lines that one run looks at, the oldest first


class FinRun(models.Model):
    _inherit = "fin.run"

    # Runs are evidence: where the addon goes they stay, as what they followed from.
    trigger = fields.Selection(
        selection_add=[("match", "Matching")],
        ondelete={"match": lambda runs: as_writer(runs).write({"trigger": "event"})},
    )
    match_ids = fields.One2many(
        "fin.match", "run_id", string="Matches", groups="finance_integration_governance.group_viewer"
    )

    def _is_match(self):
        return self.trigger == "match"

    @api.model
    def _queue_match(self, flow):
        """A run that matches what waits in the flow's journals; one that waits already does it, too."""
        waiting = [("flow_id", "=", flow.id), ("trigger", "=", "match"), ("state", "=", "queued")]
        if self.search_count(waiting, limit=1):
            return self.browse()
        run = self._queue(flow, "match", requested_by=False, connection=False, concurrency_key="match")
        self.env["fin.engine"]._wake(run.lane)
        return run

    def _after_finish(self):
        """Posting and matching are two checkpoints: what was booked ties before anything is matched."""
        super()._after_finish()
        if not self._is_match() and not self.is_draft and self.delivered and self._may_match():
            self._queue_match(self.flow_id)

    def _may_match(self):
        """Whether there is an approved rule to match by, and nobody else who matches."""
        if self._document()["object"] != OBJECT or self.env["fin.match.aside"]._who():
            return False
        rules, _digest = self.env["fin.policy"]._matching_of(self.company_id)
        return any(rule["kind"] in AUTOMATIC for rule in rules)

    def _match_rules(self, company, journal):
        """(kind -> name of the rule that lets a run apply it, digest of the policy's version)."""
        rules, digest = self.env["fin.policy"]._matching_of(company)
        mine = [rule for rule in rules if rule["kind"] in AUTOMATIC and rule.get("journal") in (None, journal)]
        return {rule["kind"]: rule["name"] for rule in mine}, digest

    def _gates(self):
        """Nothing comes in; whether the database is the released one is asked as ever."""
        return FIXED if self._is_match() else super()._gates()

    def _keeps_volume(self):
        return not self._is_match() and super()._keeps_volume()

    def _match_journals(self):
        """company -> its bank journals that the run's version names."""
        env, found = self._as_service(), {}
        for told in self._document().get("journals", ()):
            company = env["res.company"]._fin_by_codes([told["company"]]) if told.get("company") else self.company_id
            domain = [("code", "=", told["code"]), ("company_id", "=", company.id), ("type", "=", "bank")]
            found.setdefault(company.with_env(env), env["account.journal"].browse())
            found[company.with_env(env)] |= env["account.journal"].search(domain)
        return found


class PipelineMatch(models.AbstractModel):
    """No items and no payloads: bank lines that wait, what is exact of them, and what was matched read back."""

    _name = "fin.pipeline.match"
    _description = "Matching Pipeline"
    _inherit = "fin.pipeline.inbound"

    def _extract(self, run):
        yield

    def _validate(self, run):
        yield

    def _map(self, run):
        yield

    def _deliver(self, run):
        """Apply what is exact, some lines at a time; keep a proposal of everything else."""
        if run.env["fin.match.aside"]._who():
            return
        for company, journals in run._match_journals().items():
            yield from self._match_company(run, company, journals)

    def _match_company(self, run, company, journals):
        """Unique is what no line of any bank of the company names as well, so all that waits is looked at."""
        env = journals.env
        banks = env["account.journal"].search([("company_id", "=", company.id), ("type", "=", "bank")])
        lines = env["fin.match.search"]._waiting(banks, MOST)
        matching, told = env["fin.match.search"]._matching(company, lines, is_whole=True)
        claims = matching.claims(told)
        for journal in journals:
            rules, digest = run._match_rules(company, journal.code)
            mine = [one for one in told if one.journal == journal.code]
            if rules and mine:
                yield from self._match(run, matching, mine, claims, rules, digest)

    def _match(self, run, matching, told, claims, rules, digest):
        found, refused = exact(matching, told, rules, claims), {}
        lines = run._as_service()["account.bank.statement.line"]
        by_id = {one.id: one for one in told}
        ids = list(found)
        for begin in range(0, len(ids), AT_ONCE):
            chunk = [(lines.browse(one), by_id[one], found[one]) for one in ids[begin : begin + AT_ONCE]]
            refused |= self._apply_chunk(run, chunk, rules, digest)
            yield
        rest = [one for one in told if one.id not in found or one.id in refused]
        for begin in range(0, len(rest), 10 * AT_ONCE):
            self._propose(run, matching, rest[begin : begin + 10 * AT_ONCE], rules, claims, refused)
            yield

    def _apply_chunk(self, run, chunk, rules, digest):
        """Match lines together, reconciled at once; where Odoo refuses one of them, one by one. line id -> why not."""
        plan = []
        try:
            with run.env.cr.savepoint():
                for line, told, proposal in chunk:
                    self._apply(run, line, told, proposal, rules, digest, plan)
                run._as_service()["account.move.line"]._reconcile_plan(plan)
        except UserError:
            return dict(filter(None, (self._apply_alone(run, one, rules, digest) for one in chunk)))
        return {}

    def _apply_alone(self, run, one, rules, digest):
        """(line id, why) where Odoo refuses the line: a lock date, or somebody was faster."""
        try:
            with run.env.cr.savepoint():
                self._apply(run, *one, rules, digest)
        except UserError as error:
            return one[0].id, str(error)
        return None

    def _apply(self, run, line, told, proposal, rules, digest, plan=None):
        by = {"run_id": run.id, "rule": proposal.rule or rules[proposal.by], "rule_digest": digest}
        line.env["fin.match.apply"]._apply(line, told, proposal, plan, **by)

    def _propose(self, run, matching, told, rules, claims, refused):
        """Keep the first proposal of lines of which nothing else was proposed last."""
        lines = run._as_service()["account.bank.statement.line"].browse([one.id for one in told])
        last = self._proposed_last(run, lines)
        apply = lines.env["fin.match.apply"]
        for line, one in zip(lines, told, strict=True):
            first = next(iter(matching.propose(one)), None)
            if first is None:
                continue
            against = doubts(matching, one, first, rules, claims)
            if one.id in refused:
                against = [Reason("refused", (refused[one.id],))]
            parts = [(line.env["account.move.line"].browse(open_.id), amount) for open_, amount in first.parts]
            content = apply._content(parts, [], [*first.reasons, *against])
            if last.get(line.id) != canonical(content):
                apply._keep(line, one, "proposed", content, first, first.account or None, run_id=run.id)

    def _proposed_last(self, run, lines):
        rows = run.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (line_id) line_id, content FROM fin_match
                WHERE line_id = ANY(%s) ORDER BY line_id, id DESC""",
                lines.ids,
            )
        )
        return dict(rows)

    def _reconcile(self, run):
        """What this run says that it matched is matched in the books; it handed over no items."""
        untrue = run.env.execute_query(
            SQL(
                """SELECT count(*) FROM fin_match d JOIN account_bank_statement_line l ON l.id = d.line_id
                WHERE d.run_id = %s AND d.act = 'applied' AND l.is_reconciled IS NOT TRUE AND NOT EXISTS (
                    SELECT 1 FROM fin_match u WHERE u.line_id = d.line_id AND u.act = 'undone' AND u.id > d.id)""",
                run.id,
            )
        )[0][0]
        if untrue:
            raise ConfigurationError(f"{untrue} lines that were matched are not matched in the books", code="not_tied")
        self.env["fin.reconciliation"]._compare(run, ControlTotals(), ControlTotals())
        yield
        run._finish()


class FinEngine(models.AbstractModel):
    _inherit = "fin.engine"

    def _pipeline(self, run):
        return self.env["fin.pipeline.match"] if run._is_match() else super()._pipeline(run)


class FinFlow(models.Model):
    _inherit = "fin.flow"

    def action_match(self):
        """Match what waits in the flow's journals now: invoices may have come after their payments."""
        self.ensure_one()
        self._need("group_operator")
        if who := self.env["fin.match.aside"]._who():
            raise UserError(self.env._("%s matches bank lines here.", who))
        self.env["fin.run"]._queue_match(self)
