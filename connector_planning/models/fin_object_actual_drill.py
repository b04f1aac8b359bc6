"""Which journal items are added up in a cell: a domain that whoever may read them opens."""

import datetime as dt
from itertools import pairwise

from odoo import models
from odoo.fields import Domain

from odoo.addons.finance_integration_governance.core.canonical import nfc


class FinObjectActual(models.AbstractModel):
    _inherit = "fin.object.actual"

    def _items_behind(self, run, company, last, told):
        """The domain of the items in a cell (`told`: its content) of the period that ends on `last`.

        By what the run's own version says, on the ledger and in the rights of the flow as they are now.
        """
        first, after = self._grain(run).begins(last), last + dt.timedelta(days=1)
        asked = self._domain(run, company, [(first, after)])
        found = Domain(asked) & self._accounts_behind(run, company, asked, (first, after), told["account"])
        return found & self._places_behind(run, company, found, told)

    def _accounts_behind(self, run, company, asked, stretch, name):
        """The accounts of this name; by what the crosswalk says on each day, where one maps them."""
        lines = self.env["account.move.line"].with_company(company)
        used = [account for (account,) in lines._read_group(asked, ["account_id"])]
        codes = {account.id: nfc(account.with_company(company).code or "") for account in used}
        crosswalk = run._crosswalks_of_ledger().get("account")
        if not crosswalk:
            return Domain("account_id", "in", [number for number, code in codes.items() if code == name])
        first, after = stretch
        parts = []
        for begins, ends in pairwise([first, *(day for day in crosswalk.cuts if first < day < after), after]):
            mine = [number for number, code in codes.items() if _target(crosswalk, code, begins) == name]
            days = Domain("date", ">=", begins) & Domain("date", "<", ends)
            parts.append(days & Domain("account_id", "in", mine))
        return Domain.OR(parts)

    def _places_behind(self, run, company, found, told):
        return Domain.TRUE


def _target(crosswalk, code, day):
    """What the crosswalk makes of the code on that day; None in a gap, or where it is ambiguous."""
    lines = crosswalk.match(code, day)
    return lines[0].target if len(lines) == 1 else None
