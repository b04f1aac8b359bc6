from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import MappingError
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from ...core.payment import PaymentStatus, batch_of

_EVENT = "fin.payment.event"


class FinObjectPaymentStatus(models.AbstractModel):
    """What the bank says of files, groups and payments. Each word is kept, in whatever order it comes.

    What is said of a file or a group holds for those of its payments that the same report does not name.
    """

    _name = "fin.object.payment_status"
    _inherit = "fin.object"
    _description = "Payment status"
    _groups = ("account.group_account_user",)
    _access = {
        "account.payment": ("read", "create", "write"),
        "account.move": ("read", "create", "write"),
        "account.move.line": ("read", "create", "write"),
        "account.journal": ("read",),
    }
    _contract_class = PaymentStatus

    def _map(self, run, item):
        """Which batch it is about; a gap where it is about none of ours, so that nothing is lost."""
        told = item.content
        batch = self._lines_named(run, told).batch_id if told["level"] == "payment" else self._batch_named(run, told)
        if not batch:
            text = "the bank speaks of a payment or a file that is none of ours"
            name = told.get("end_to_end_id") or told.get("uetr") or told.get("original_group")
            raise MappingError(text, code="unknown_payment", named=name or told["original_message"])
        return {"batch": batch.name, "company": batch.company_id.fin_code}

    def _lines_named(self, run, told):
        """The one payment that is named, by our reference or by its UETR."""
        lines = run.env["fin.payment.line"]
        mine = [("company_id", "in", self.env.companies.ids)]
        for name in ("end_to_end_id", "uetr"):
            found = lines.search([(name, "=", told[name]), *mine]) if told.get(name) else lines
            if found:
                return found
        return lines

    def _batch_named(self, run, told):
        names = {told["original_message"], told.get("original_group")} - {None}
        names |= {batch_of(name) for name in names} - {None}
        mine = [("company_id", "in", self.env.companies.ids)]
        return run.env["fin.payment.batch"].search([("name", "in", sorted(names)), *mine], limit=1)

    def _deliver(self, run, items):
        """Apply each word to the payments that it is about; (item id, event) of each."""
        return [(item.id, self._tell(run, item)) for item in items]

    def _tell(self, run, item):
        told = item.content
        facts = {"reason": told.get("reason"), "text": told.get("reason_text"), "run_id": run, "item_id": item.id}
        if told["level"] == "payment":
            return self._lines_named(run, told)._told(told["status"], amount=told.get("amount"), **facts)
        batch = self._batch_named(run, told)
        lines = batch._lines_of_file(told["original_message"], told.get("original_group"))
        return batch._told(lines - self._named_elsewhere(run, told), told["status"], **facts)

    def _named_elsewhere(self, run, told):
        """The payments that the same report names one by one."""
        rows = run.env.execute_query(
            SQL(
                """SELECT content::json->>'end_to_end_id', content::json->>'uetr' FROM fin_item
                WHERE run_id = ANY(%s) AND scope = %s AND content::json->>'level' = 'payment'
                    AND content::json->>'message' = %s AND outcome <> 'rejected'""",
                (run._first() | run._first().child_ids).ids,
                told["original_message"],
                told["message"],
            )
        )
        lines = run.env["fin.payment.line"]
        named = [name for row in rows for name in row if name]
        return lines.search(["|", ("end_to_end_id", "in", named), ("uetr", "in", named)]) if named else lines

    def _totals(self, run):
        """What is kept of the bank's words: each with the event that it became."""
        rows = self.env.execute_query(
            SQL(
                """SELECT b.key, i.amount::text, i.currency FROM fin_binding b JOIN fin_item i ON i.id = b.item_id
                JOIN fin_payment_event e ON e.id = b.res_id AND e.item_id = b.item_id
                WHERE b.run_id = %s AND b.live AND b.res_model = %s""",
                run.id,
                _EVENT,
            )
        )
        return ControlTotals.of((key, amount and Decimal(amount), currency) for key, amount, currency in rows)
