"""A figure that was told as final changes only with the owner's yes, and says why."""

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import printable
from odoo.addons.finance_integration_governance.models.run.gates import PROCEED, Answer
from odoo.addons.finance_integration_governance.models.screen import MODULE

from .book import entries

CODE = "restatement"
NAMED = 20  # journal entries that are named in the text; the log names all of them
MOST = 1000


class Restatement:
    question = "Does anything change that was told as final?"

    def ask(self, run):
        """What restates waits for the owner, unless it waits already or the owner has said yes to it."""
        waiting = run._restating()
        if not waiting:
            return PROCEED
        exceptions = run._raise_restatements(waiting)
        ids = tuple(item_id for ids in exceptions.values() for item_id in ids)
        if not ids:
            return PROCEED
        return Answer("hold", printable("; ".join(exception.text for exception in exceptions), 500), ids)


class FinRun(models.Model):
    _inherit = "fin.run"

    def _gates(self):
        gates = tuple(super()._gates())
        return (Restatement(), *gates) if self.direction == "outbound" else gates

    def _hold_items(self, answer):
        """Restatements wait by themselves, so that the flow goes on; also where nothing else is left of the run."""
        if answer.gate == "Restatement" and not (self.parent_id or self._document().get("all_or_nothing")):
            return self._split(answer)
        return super()._hold_items(answer)

    def _restating(self):
        """Open items that change a final figure, without those that were waived: (id, company, last day ...)."""
        if self.direction != "outbound":
            return []
        waived = self.env["fin.item"]._truly_waived(self).filtered(lambda exception: exception.code == CODE)
        return self.env.execute_query(
            SQL(
                """SELECT id, company_id, "on", key, digest, object, scope FROM fin_item
                WHERE run_id = %s AND outcome = 'open' AND mapped_values LIKE %s
                    AND mapped_values::json->>'restates' IS NOT NULL
                    AND NOT COALESCE(exception_id, 0) = ANY(%s) ORDER BY id""",
                self.id,
                '%"restates"%',
                waived.ids,
            )
        )

    def _raise_restatements(self, waiting):
        """One exception for each company and period, with the journal entries behind it: exception -> ids."""
        waiting = self._without_those_that_wait(waiting)
        places = {}
        for item_id, company, last, *_rest in waiting:
            places.setdefault((company, last), []).append(item_id)
        return {self._raise_restatement(*place, ids): ids for place, ids in places.items()}

    def _raise_restatement(self, company_id, last, ids):
        company = self.env["res.company"].browse(company_id)
        causes = self._causes(company, last)
        named = ", ".join(causes[:NAMED]) + (f" and {len(causes) - NAMED} more" if len(causes) > NAMED else "")
        text = (
            f"{len(ids)} figures of the period up to {last} were told as final and change: "
            f"{named or self._object()._without_cause}"
        )
        told = {"company": company.fin_code, "until": last.isoformat()}
        exception = self.env["fin.exception"]._raise(self, CODE, text, count=len(ids), **told)
        if exception.text != text:
            exception.message_post(body=text)
        self.env["fin.item"]._attach(exception, ids)
        exception._audit("causes", run=self.name, entries=causes, cells=len(ids))
        return exception

    def _without_those_that_wait(self, waiting):
        """What waits already with the same content does not wait twice; what waits with older content gives way."""
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id, w.id, w.run_id, w.digest = i.digest FROM fin_item i
                JOIN fin_item w ON (w.object, w.scope, w.key) = (i.object, i.scope, i.key) AND w.outcome = 'open'
                    AND w.run_id <> i.run_id
                JOIN fin_run r ON r.id = w.run_id AND r.state = 'held' AND r.flow_id = %s
                WHERE i.id = ANY(%s)""",
                self.flow_id.id,
                [item_id for item_id, *_rest in waiting],
            )
        )
        same = {mine for mine, _theirs, _run, is_same in rows if is_same}
        self.env["fin.item"]._set_outcome(self, "duplicate", sorted(same), reason="waits already")
        older = {}
        for _mine, theirs, run, is_same in rows:
            if not is_same:
                older.setdefault(run, []).append(theirs)
        for run_id, ids in older.items():
            self.browse(run_id)._give_way_to(self, ids)
        return [row for row in waiting if row[0] not in same]

    def _give_way_to(self, newer, ids):
        """Older restatements are not what the owner would say yes to any more."""
        self.env["fin.item"]._set_outcome(self, "superseded", ids, reason=f"changed again, see {newer.name}")
        if not self._open_ids():
            self._release()

    def _causes(self, company, last):
        """Names of the journal entries that are not as they were when the period was told as final."""
        first, before = self.env["fin.actual.period"]._closed_entries(self, company, last)
        if first is None:
            return []
        business = self._object()
        company = company.with_env(business.env)
        now = entries(business, self, company, first, business._grain(self).after(first))
        told = [(now[move][0], "changed") for move in now.keys() & before.keys() if now[move] != before[move]]
        told += [(now[move][0], "new") for move in now.keys() - before.keys()]
        told += [(before[move][0], "gone") for move in before.keys() - now.keys()]
        return [f"{name} ({what})" for name, what in sorted(told)][:MOST]


class FinException(models.Model):
    _inherit = "fin.exception"

    is_restatement = fields.Boolean(compute="_compute_is_restatement", groups=f"{MODULE}.group_viewer")
    can_decide = fields.Boolean(compute="_compute_is_restatement", groups=f"{MODULE}.group_viewer")

    @api.depends("code", "flow_id.role_ids")
    @api.depends_context("uid")
    def _compute_is_restatement(self):
        for exception in self:
            exception.is_restatement = exception.code == CODE
            exception.can_decide = exception.is_restatement and self.env.user in exception.flow_id._deciders()

    def _words_of_cause(self):
        if self.code != CODE:
            return super()._words_of_cause()
        return self.env._(
            "Ask for a waiver and say why: once owner or deputy of the flow agree, the figures are sent with that "
            "reason. Or take back what was posted into the period, and skip them."
        )


class FinFlow(models.Model):
    _inherit = "fin.flow"

    def _deciders(self):
        """Who says that final figures may change."""
        flow = self.sudo()  # sudo: whoever decides may know who does
        return flow._people("owner") | flow._people("deputy")


class FinApproval(models.Model):
    """A restatement is the owner's decision: owner or deputy of the flow, and never who asked for it."""

    _inherit = "fin.approval"

    def _is_approver(self):
        # sudo: whoever decides may know what it is about
        exception = self.env["fin.exception"].sudo().search([("name", "=", self.subject_key)], limit=1)
        if self.purpose != "waiver" or exception.code != CODE:
            return super()._is_approver()
        return self.env.user in self.flow_id._deciders()


class FinRunReason(models.Model):
    _inherit = "fin.run"

    reason_for_restating = fields.Text(compute="_compute_reason_for_restating", groups=f"{MODULE}.group_viewer")

    def _compute_reason_for_restating(self):
        for run in self:
            run.reason_for_restating = run._why_restated() or False

    def _why_restated(self):
        """Asked anew each time: the yes may have come since the run was looked at."""
        waived = [("run_ids", "in", self.ids), ("code", "=", CODE), ("state", "=", "waived")]
        return "; ".join(filter(None, self.env["fin.exception"].search(waived).mapped("reason")))

    def _connector(self):
        """The connector is told why final figures change, where they do."""
        connector = super()._connector()
        # They leave with what waited by itself, or with all of the run where nothing leaves without the rest.
        if self.direction == "outbound" and (self.parent_id or self._document().get("all_or_nothing")):
            connector.note = self.sudo()._why_restated()  # sudo: what is sent says why, whoever runs it
        return connector
