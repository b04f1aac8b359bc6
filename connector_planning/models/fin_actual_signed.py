"""A period is final once its checkpoint is signed: where the close calendar stands when actuals are told."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.close import following, span
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError


class FinActualPeriod(models.Model):
    _inherit = "fin.actual.period"

    @api.model
    def _gate_code(self, run):
        """The checkpoint that the version publishes behind, if any."""
        gates = run._document().get("gates", ())
        return next((one["code"] for one in gates if one["gate"] == "checkpoint"), None)

    @api.model
    def _final_code(self, run, company):
        """The checkpoint whose signature makes a period final: the one that the options name, else that of the gate.

        ConfigurationError for a name that the company's close calendar does not have: nothing would ever be final.
        """
        code = run._document().get("options", {}).get("checkpoint")
        # sudo: everybody obeys the close calendar, whoever may read it
        known = {one["code"] for one in company.sudo()._fin_close().get("checkpoints", ())} if code else ()
        if code and code not in known:
            raise ConfigurationError(f"{company.fin_code} has no checkpoint {code}", code="unknown_checkpoint")
        return code or self._gate_code(run)

    @api.model
    def _signed_months(self, run, company):
        """Months whose checkpoint is signed now, and whose figures are those that were signed."""
        code = self._final_code(run, company)
        if not code:
            return set()
        # sudo: what was posted is looked at before anybody is told that it is final
        self.env["fin.close.touch"].sudo()._take()
        return self._months(company, code, ("signed",))

    @api.model
    def _once_signed(self, run, company):
        """Months that the version's gate has ever opened for: whatever the target got of them, it got as final."""
        code = self._gate_code(run)
        return self._months(company, code, ("signed", "suspended")) if code else set()

    def _months(self, company, code, states):
        asked = [("company_id", "=", company.id), ("code", "=", code), ("state", "in", states)]
        # sudo: as above
        return set(self.env["fin.checkpoint"].sudo().search(asked).mapped("period_id.name"))

    # The filter: only what is signed

    @api.model
    def _signed_domain(self, run, company):
        """Which days are told where only signed periods are; those from before the close calendar are."""
        begins, months = self._bounds_of_signed(run, company)
        terms = [Domain("date", "<", begins)]
        for first, last in _stretches(months):
            terms.append(Domain("date", ">=", span(first)[0]) & Domain("date", "<=", span(last)[1]))
        return list(Domain.OR(terms))

    @api.model
    def _signed_known(self, run, company):
        """SQL on fin_item i: cells of those periods; what is not signed any more is left as it was told."""
        begins, months = self._bounds_of_signed(run, company)
        return SQL("""(i."on" < %s OR to_char(i."on", 'YYYY-MM') = ANY(%s))""", begins, sorted(months))

    def _bounds_of_signed(self, run, company):
        if not self._final_code(run, company):
            raise ConfigurationError("only signed periods are told, and no checkpoint is named", code="no_checkpoint")
        close = company.sudo()._fin_close()  # sudo: as above
        if not close:
            raise ConfigurationError(f"{company.fin_code} has no close calendar in force", code="no_close_calendar")
        return span(close["from"])[0], self._signed_months(run, company)


def _stretches(months):
    """(first, last) of months that follow each other."""
    found = []
    for month in sorted(months):
        if found and following(found[-1][1]) == month:
            found[-1] = (found[-1][0], month)
        else:
            found.append((month, month))
    return found
