from odoo import models

from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from ...core.payment import Payment

OBJECT = "fin.object.payment"


class FinObjectPayment(models.AbstractModel):
    """Payments out of approved batches, each batch in a run of its own.

    What leaves is made of the document that people said yes to, never of what stands in Odoo by then. Its key is the
    end-to-end id in the scope of the account that pays, so one binding is all that a payment can ever get.
    """

    _name = OBJECT
    _inherit = "fin.object"
    _description = "Payments"
    _groups = ("account.group_account_readonly",)
    _access = {"account.journal": ("read",), "account.payment": ("read",), "account.move": ("read",)}
    _contract_class = Payment
    _is_answered_singly = True

    def _collect(self, run):
        """Take the run's batch, and tell what its document says."""
        batch = run.env["fin.payment.batch"]._take(run)
        if batch:
            run.env["fin.item"]._collect(run, batch._told_payments())
            batch._happened("taken", run_id=run)
        yield

    def _totals(self, run):
        """What the delivered payments of the run say in their batch."""
        lines = run._payment_lines("delivered")
        return ControlTotals.of((line.end_to_end_id, line._exact(line.amount), line.currency_id.name) for line in lines)

    def _locked(self, company, day):
        """No lock date stands in the way: the payment is booked already, and the day is the bank's."""
        return False
