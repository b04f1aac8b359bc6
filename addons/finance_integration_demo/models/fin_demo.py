from odoo import api, models

from .. import books, flows


class FinDemo(models.AbstractModel):
    """Sets the demo up, once: books with some months in them, then the flows, proposed and approved by its people."""

    _name = "fin.demo"
    _description = "Demo"

    def _register_hook(self):
        """Not in the addon's install hook: a chart of accounts wants a registry that is complete."""
        super()._register_hook()
        company = self.env.ref("finance_integration_demo.company", raise_if_not_found=False)
        if company and not company.chart_template:
            books.open_books(self.env)
            flows.make_flows(self.env)

    @api.model
    def _connect(self, systems):
        """Point the connections to where the simulated systems are now: code -> settings."""
        return flows.connect(self.env, systems)
