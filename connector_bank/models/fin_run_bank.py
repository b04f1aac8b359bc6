from dataclasses import replace

from odoo import models

from ..core.continuity import is_held


class FinRun(models.Model):
    """What of a statement keeps it from being booked, by the policy that was approved with the flow."""

    _inherit = "fin.run"

    def _report_finding(self, payload, finding):
        """A policy may let through what a reader would hold; it never holds what the reader only tells."""
        if finding.blocking and not self._is_held(finding):
            finding = replace(finding, blocking=False)
        return super()._report_finding(payload, finding)

    def _is_held(self, finding):
        held = is_held(finding.code, self._document().get("bank_policy") or {})
        return finding.blocking if held is None else held
