from odoo import fields, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# What to do next about a cause, where it can be said better than by its family alone.
BY_CODE = {
    "balance_open": _lt("Ask the bank for a corrected statement, or have a second person waive the difference."),
    "bound_record_gone": _lt("Find out who changed or deleted the record; restore it, or reject the item."),
    "connection_down": _lt("See whether the other system is up and its login holds; its runs go on by themselves."),
    "cron_changed": _lt("Set the scheduled action back as it was installed."),
    "currency_of_journal": _lt("Give the account a journal in this currency, or ask the bank why it sent another."),
    "success_rate": _lt("Look at why its last runs failed; it closes when enough of them succeed."),
    "not_reconciled": _lt("Look where the run stands, and decide on what keeps its totals from tying."),
    "data_stale": _lt("Ask the other side whether it sends, and look at what holds the flow's last runs."),
    "duplicate_conflict": _lt("Compare both tellings; reject the wrong one, or correct what is booked."),
    "engine_silent": _lt("See that the server runs and that its scheduled actions are active."),
    "not_tied": _lt("Compare both sides of the totals; send what is missing again, or take the run back."),
    "nothing_arrived": _lt("Ask the other side whether it has sent."),
    "period_locked": _lt("Open the period for this flow, or reject the items and have them booked in an open one."),
    "slot_late": _lt("Look where its run stands, and decide on what holds it."),
    "slot_missed": _lt("Start the flow by hand if what it brings is needed now."),
    "unknown_account": _lt("Give the flow a journal with this account and release the run."),
}
BY_FAMILY = {
    "transient": _lt("Nothing: it is tried again by itself. Look again when its time is over."),
    "configuration": _lt("An administrator mends what is set up, and starts the run again."),
    "data": _lt("Ask the source for a correction, or decide on the items: reject them, or have them waived."),
    "unexpected": _lt("Give the traceback of the server's log to whoever maintains the suite."),
}
TAMPERED = _lt("Treat it as tampering: keep the database as it is, and tell the auditor.")
UNUSUAL = _lt("Ask the source; where it is right, a second person says yes to the run.")


class FinException(models.Model):
    """What comes next, in one sentence."""

    _inherit = "fin.exception"

    next_step = fields.Char(compute="_compute_next_step")

    def _compute_next_step(self):
        for exception in self:
            if exception.code.startswith("audit_"):
                told = TAMPERED
            elif exception.code.startswith("volume_"):
                told = UNUSUAL
            else:
                told = BY_CODE.get(exception.code) or BY_FAMILY.get(exception.family, BY_FAMILY["data"])
            exception.next_step = self.env._(told)
