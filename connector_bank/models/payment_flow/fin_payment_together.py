from odoo import models

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.models.writer import as_writer


class FinPaymentLine(models.Model):
    """Payments of a batch move together, ten thousand as one: one write, and one event of the log that names them all
    by a digest.
    """

    _inherit = "fin.payment.line"

    def _transition(self, verb, reason=None, **facts):
        if len(self) < 2 or hasattr(self, f"_guard_{verb}"):
            return super()._transition(verb, reason=reason, **facts)
        for (batch, before), lines in self.grouped(lambda line: (line.batch_id, line.state)).items():
            target = lines[0]._target(verb)
            as_writer(lines).write({"state": target})
            names = digest(canonical(sorted(lines.mapped("end_to_end_id"))))
            told = {"state": [before, target], "count": len(lines), "payments": names, **facts}
            batch._audit(f"payments_{verb}", reason=reason, **told)
            for line in lines if hasattr(lines, f"_after_{verb}") else ():
                getattr(line, f"_after_{verb}")()
        return None
