from odoo import fields, models
from odoo.exceptions import UserError

from ...core.close import LOCKS, period_of, periods, span


class ResCompany(models.Model):
    """Odoo's lock dates do not move past a period that is not closed."""

    _inherit = "res.company"

    def write(self, vals):
        for company in self:
            company._fin_guard_locks(vals)
        return super().write(vals)

    def _fin_guard_locks(self, vals):
        for holds, names in LOCKS.items():
            days = [fields.Date.to_date(vals[name]) for name in names if vals.get(name)]
            now = [self[name] for name in names if vals.get(name) and self[name]]
            if days and (not now or max(days) > min(now)):
                self._fin_guard_lock(holds, max(days), min(now) if len(now) == len(days) else None)

    def _fin_guard_lock(self, holds, day, since):
        """UserError where a period that the date would lock has an unsigned checkpoint that holds it."""
        # sudo: everybody obeys the close calendar, whoever may read it
        close = self.sudo()._fin_close()
        codes = {one["code"]: one["name"] for one in close.get("checkpoints", ()) if one.get("holds") == holds}
        if not codes:
            return
        wanted = [name for name in periods(close["from"], period_of(day)) if span(name)[1] <= day]
        wanted = [name for name in wanted if not since or span(name)[1] > since]
        signed = self._fin_signed(wanted, codes)
        for name in wanted:
            open_ones = [told for code, told in codes.items() if (name, code) not in signed]
            if open_ones:
                raise UserError(
                    self.env._(
                        "%(period)s of %(company)s is not closed, so its lock date does not move past it. Not signed "
                        "yet: %(names)s. Sign them on the close board, or choose an earlier date.",
                        period=name,
                        company=self.name,
                        names=", ".join(open_ones),
                    )
                )

    def _fin_signed(self, names, codes):
        """(period, code) of what is signed, and whose figures are still those that were signed."""
        asked = [("company_id", "=", self.id), ("period_id.name", "in", names), ("code", "in", list(codes))]
        # sudo: as above
        found = self.env["fin.checkpoint"].sudo().search(asked)
        found._evaluate()
        return {(one.period_id.name, one.code) for one in found if one.state == "signed"}
