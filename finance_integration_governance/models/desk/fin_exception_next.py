from odoo import models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# What comes next about a cause, where more can be said than who acts.
BY_CODE = {
    "balance_open": _lt("Ask the bank for a corrected statement, or have a second person waive the difference."),
    "bound_record_gone": _lt("Find out who changed or deleted the record, and restore it or skip the item."),
    "checkpoint_late": _lt("Bring it to a tie on the close board and sign it; with both signatures this closes."),
    "checkpoint_suspended": _lt("Look at what moved on the close board; have it put right, or sign it again."),
    "connection_down": _lt("See whether the other system is up and its login holds; its runs go on by themselves."),
    "cron_changed": _lt("Set the scheduled action back as it was installed; then this closes by itself."),
    "currency_of_journal": _lt("Give the account a journal in this currency, or ask the bank why it sent another."),
    "data_stale": _lt("Ask the other side whether it sends, and look at what holds the flow's last runs."),
    "duplicate_conflict": _lt("Compare both tellings; skip the wrong one, or correct what is booked."),
    "engine_silent": _lt("See that the server runs and its scheduled actions are active; another worker takes it up."),
    "malformed_payload": _lt("Have the source send the file again as a whole; what was read of it is not booked."),
    "not_reconciled": _lt("Look where the run stands, and decide on what keeps its totals from tying."),
    "not_tied": _lt("Compare both sides of the totals; what does not belong there is rolled back from the run."),
    "nothing_arrived": _lt("Ask the other side whether it has sent; the next run that brings something closes this."),
    "owner_left": _lt("Name another owner in the flow and propose the version; until then its deputy answers for it."),
    "period_locked": _lt("Have the period opened for this flow, or skip the items and book them in an open one."),
    "slot_late": _lt("Look where its run stands, and decide on what holds it."),
    "slot_missed": _lt("Start the flow by hand if what it brings is needed now."),
    "success_rate": _lt("Look at why its last runs failed; it closes when enough of them succeed."),
    "unknown_account": _lt("Give the flow a journal with this account, and release the run."),
    "waits_for_checkpoint": _lt("Have the checkpoint signed by both; then the run goes on by itself."),
    "waits_for_data": _lt("See to the flow that it waits for; with its next good run this one goes on by itself."),
    "waits_for_rate": _lt("Enter the rate of that day, or mend what brings the rates; then the run goes on by itself."),
    "waits_for_yes": _lt("An approver looks at the run and says yes or no; with the yes it goes on by itself."),
}
# By how the code begins.
BY_KIND = {
    "audit_": _lt("Treat it as tampering: keep the database as it is, and have an auditor look at the log."),
    "volume_": _lt("Ask the source; where it is right, an approver says yes to the run, else it is cancelled."),
}


NOTHING_WAITS = _lt("Ask the source why it came again, and close this with the answer: nothing of it is left to book.")


class FinException(models.Model):
    _inherit = "fin.exception"

    def _words_of_cause(self):
        """What comes next about this cause in one sentence, or nothing where only the desk is known."""
        if self.code.startswith("volume_") and not self.run_ids:
            return self.env._(NOTHING_WAITS)
        kind = next((words for start, words in BY_KIND.items() if self.code.startswith(start)), None)
        told = BY_CODE.get(self.code) or kind
        return told and self.env._(told)
