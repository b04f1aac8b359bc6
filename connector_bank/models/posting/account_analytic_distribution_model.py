from odoo import models

from .bulk import bulk_of


class AccountAnalyticDistributionModel(models.Model):
    """The lines of a chunk ask the same questions: each is answered once."""

    _inherit = "account.analytic.distribution.model"

    def _get_distribution(self, vals):
        bulk = bulk_of(self.env)
        if bulk is None:
            return super()._get_distribution(vals)
        # Read before the call: Odoo adds to the lists that it is asked with.
        key = tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in vals.items())
        if key not in bulk.distributions:
            bulk.distributions[key] = super()._get_distribution(vals)
        return dict(bulk.distributions[key])
