from odoo import models

from ...core.payment_berlin import BerlinStatus

WAITING = ("sent", "accepted", "partly")


class FinRun(models.Model):
    """A run that asks a bank's interface what became of payments: of those that were given to it and wait."""

    _inherit = "fin.run"

    def _connector(self):
        connector = super()._connector()
        if isinstance(connector, BerlinStatus):
            connector.wanted = tuple(self._payments_awaited(connector))
        return connector

    def _payments_awaited(self, connector):
        """(receipt's reference, name of the message) of each file that this bank has, and that was not asked about yet
        in this run.
        """
        asked = set(self.payload_ids.mapped("name"))
        mine = [("company_id", "in", self._as_service().companies.ids), ("state", "in", WAITING)]
        # sudo: the engine's own
        for batch in self.env["fin.payment.batch"].sudo().search(mine, order="id"):
            for attempt in (batch.run_id | batch.run_id.child_ids).attempt_ids:
                reference = attempt.reference or ""
                name = f"{reference.rpartition('/')[2]}.json"
                there = attempt.run_id._document().connection.get("settings", {}).get("base_url")
                if attempt._is_settled() and reference and name not in asked and there == connector.base_url:
                    yield reference, attempt.payload_id.name.removesuffix(".xml")
