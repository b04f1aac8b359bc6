import datetime as dt
from pathlib import Path

from odoo import api, models
from odoo.tools import SQL, file_path

from ...core.canonical import canonical

KERNEL = "finance_integration_governance"
UNGOVERNED = ("entry", "date", "journal", "login", "way", "amount", "currency")


class FinEvidenceBuilder(models.AbstractModel):
    """The log as a stranger can verify it, and what machines posted past every flow."""

    _inherit = "fin.evidence.builder"

    @api.model
    def _lists(self, scope):
        summed = ("amount", "currency")
        return [*super()._lists(scope), ("ungoverned", UNGOVERNED, self._ungoverned(scope), summed)]

    def _ungoverned(self, scope):
        """Entries of the company and the period that no person made by hand and no approved flow brought."""
        record = scope.record
        currency = record.company_id.currency_id.name
        found = self.env["fin.governed.row"]._ungoverned(record.company_id, record.date_from, record.date_to)
        for _id, name, date, journal, login, way, amount in found:
            # A journal gives each name once.
            values = (f"{journal} {name}", date, journal, login, way, amount, currency)
            yield dict(zip(UNGOVERNED, values, strict=True))

    def _add_verifier(self, record, pack):
        """What the check of the whole chain found, and the log itself where the person may see all of it."""
        wrong = self.env["fin.audit.seal"]._verify()
        found = {"result": "as sealed" if wrong is None else "not as sealed", **pack.head}
        found |= {"first_wrong": list(wrong)} if wrong else {}
        pack.add_text("verifier.json", canonical(found))
        pack.add("verify_audit.py", [Path(file_path(f"{KERNEL}/tools/verify_audit.py")).read_bytes()])
        if self._sees_everything(record.asked_by):
            lines = self.env["fin.audit.seal"]._export(self._before(record))
            pack.add("log.jsonl", (f"{line}\n".encode() for line in lines))
            return found
        return {**found, "log": "not in the pack: it tells of companies that the person may not see"}

    def _sees_everything(self, user):
        """The one chain covers all companies, so only who audits all of them gets it."""
        unseen = [("id", "not in", user.company_ids.ids)]
        others = self.env["res.company"].with_context(active_test=False).search_count(unseen, limit=1)
        return user.has_group(f"{KERNEL}.group_auditor") and not others

    def _before(self, record):
        """The position before the first event of the period; the chain is checked from there to its end."""
        since = dt.datetime.combine(record.date_from, dt.time())
        [[position]] = self.env.execute_query(
            SQL(
                """SELECT COALESCE(min(s.position), 1) - 1 FROM fin_audit_seal s
                JOIN fin_audit_event e ON e.id = s.event_id WHERE e.at >= %s""",
                since,
            )
        )
        return position
