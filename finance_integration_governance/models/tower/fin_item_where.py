from odoo import models

from ..screen import in_words

_STATES = {
    "delivered": "good",
    "unchanged": "good",
    "duplicate": "good",
    "superseded": "good",
    "open": "attention",
    "rejected": "bad",
    "skipped": "unknown",
}


class FinRun(models.Model):
    """Whoever looks for a run or a file knows its name."""

    _inherit = "fin.run"

    _name_idx = models.Index("(name)")


class FinPayload(models.Model):
    _inherit = "fin.payload"

    _name_idx = models.Index("(name)")


class FinItem(models.Model):
    """Where an item is now, in a sentence."""

    _inherit = "fin.item"

    def _where_it_is(self, binding):
        """(state, sentence); `binding` is the live one of its key, where there is one."""
        tell = getattr(self, f"_where_{self.outcome}")
        text = tell(binding)
        if self.exception_id.state in ("open", "in_progress"):
            owner = self.exception_id.user_id.name
            text = self.env._(
                "%(text)s %(exception)s of %(owner)s is open.",
                text=text,
                exception=self.exception_id.name,
                owner=owner,
            )
        return _STATES[self.outcome], text

    def _where_delivered(self, binding):
        if binding and binding.item_id != self:
            return self.env._("It was delivered by %s; a younger one of the same key took its place.", self.run_id.name)
        if binding and binding.res_model:
            return self.env._("Booked by %s.", self.run_id.name)
        return (
            self._where_sent() if binding else self.env._("It was delivered by %s and undone since.", self.run_id.name)
        )

    def _where_sent(self):
        """Outbound: what the other side said of the payload that it travelled in."""
        last = self.payload_id.attempt_ids[-1:]
        states = dict(last._fields["state"]._description_selection(self.env))
        if not last:
            return self.env._("Sent by %s.", self.run_id.name)
        told = {"payload": self.payload_id.name, "run": self.run_id.name, "state": states[last.state]}
        return self.env._("Sent by %(run)s in %(payload)s: %(state)s.", **told)

    def _where_unchanged(self, _binding):
        return self.env._("The other side holds it already, as %s found.", self.run_id.name)

    def _where_duplicate(self, binding):
        if binding and binding.res_model:
            return self.env._("It was there before %s: booked once.", self.run_id.name)
        return self.env._("It was there before %s.", self.run_id.name)

    def _where_superseded(self, _binding):
        return self.env._("A younger one of the same key took its place.")

    def _where_open(self, _binding):
        run = self.run_id
        states = dict(run._fields["state"]._description_selection(self.env))
        stages = dict(run._fields["stage"]._description_selection(self.env))
        told = {"run": run.name, "state": states[run.state], "stage": stages[run.stage]}
        return self.env._("On its way: %(run)s is %(state)s at %(stage)s.", **told)

    def _reason_in_words(self):
        """What is wrong with it, or why somebody left it out; a code is no answer."""
        reason = self.reason or ""
        return self._said_of_breach() or (in_words(reason) if reason.isidentifier() else reason)

    def _where_rejected(self, _binding):
        return self.env._("Rejected in %(run)s: %(reason)s.", run=self.run_id.name, reason=self._reason_in_words())

    def _where_skipped(self, _binding):
        return self.env._("Skipped in %(run)s: %(reason)s.", run=self.run_id.name, reason=self._reason_in_words())
