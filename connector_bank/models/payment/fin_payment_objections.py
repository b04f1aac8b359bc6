from collections import defaultdict

from odoo import models

FORBID, WARN, TELL = "forbid", "warn", "tell"


class FinPaymentLine(models.Model):
    """What speaks against a payment leaving now: asked when proposed, submitted, approved, released and sent."""

    _inherit = "fin.payment.line"

    def _objections(self):
        """[(code, words)] of what forbids this payment to leave; empty where nothing does."""
        self.ensure_one()
        return self._all_objections()[self]

    def _all_objections(self):
        """Line -> its objections, asked for all of them at once."""
        judged = self._judged()
        return {line: [(code, words) for code, words, how in judged[line] if how == FORBID] for line in self}

    def _judged(self, of_batch=True):
        """Line -> [(code, words, how much it weighs)]: forbids it, wants a reason that is kept, or is told only."""
        judged = defaultdict(list)
        for line, code, words, how in self._find():
            judged[line].append((code, words, how))
        for batch, lines in self.grouped("batch_id").items() if of_batch else ():
            found = batch._find()
            for line in lines:
                judged[line] += found
        return judged

    def _find(self):
        """Yields (line, code, words, how much it weighs); each guard adds what it finds by extending this method."""
        yield from ()


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    def _find(self):
        """[(code, words, how much it weighs)] of what holds for all of its payments."""
        self.ensure_one()
        return []

    def _payment_policy(self):
        return self.company_id._fin_policy()["payment"]

    def _weight(self, name):
        """How much the company's policy makes of what this guard finds; None where it is not looked at."""
        how = self._payment_policy()["severity"][name]
        return None if how == "off" else how
