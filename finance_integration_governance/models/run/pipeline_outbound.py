from contextlib import contextmanager

from odoo import models
from odoo.tools import SQL

from ...core.connector import LoadingDestination
from ...core.contract import breaches
from ...core.errors import DataError, IntegrationError
from ...core.faults import calling
from ...core.totals import ControlTotals

BATCH = 5000


class PipelineOutbound(models.AbstractModel):
    """The way out of Odoo: items, answers, payloads, announced sends, totals read back. A `yield` says: keep this."""

    _name = "fin.pipeline.outbound"
    _description = "Outbound Pipeline"

    def _extract(self, run):
        """Collect what is to travel, in one snapshot; a restart begins anew only where nothing was kept.

        What is added up by mapped codes is collected only where every code with movement maps exactly once.
        """
        if not run._has_items() and run._is_covered(run._crosswalks_of_ledger()):
            yield from run._object()._collect(run)

    def _validate(self, run):
        """Check each item's contract before it leaves."""
        for items in self.env["fin.item"]._batches(run, BATCH):
            self._reject_broken(run, items)
            yield

    def _reject_broken(self, run, items):
        broken = {}
        for item, one in zip(items, run._canonical(items), strict=True):
            for breach in breaches(one):
                broken.setdefault((breach.member, breach.rule), []).append(item.id)
        for (member, rule), ids in broken.items():
            run._reject_ids(
                ids, DataError(f"{member} breaks the contract ({rule})", code="contract_violation", member=member)
            )

    def _map(self, run):
        """Map the codes of what is to travel."""
        if not run._coded() or not run._is_covered(run._crosswalks_of_items()):
            return
        for items in self.env["fin.item"]._batches(run, BATCH, SQL("payload_id IS NULL")):
            run._map_codes(items)
            yield

    def _gate(self, run):
        """Ask the gates; what they hold waits, the rest goes on."""
        self.env["fin.item"]._recognise_sent(run)
        yield from run._pass_gates()

    @calling("send", "confirm")
    def _deliver(self, run):
        """Announce, commit, send, keep the receipt. What was sent cannot be unsent, so each payload is kept at once.

        Payloads are made here, of what the gates have let through: what waits or was refused is in none of them.
        """
        connector = run._connector()
        self.env["fin.item"]._recognise_sent(run)
        for payload in connector.serialize(run._outgoing()):
            run._keep_outgoing(payload)
            yield
        if isinstance(connector, LoadingDestination):
            yield from self._load(run, connector)
            return
        for payload in run.payload_ids:
            run._settle_unknown(connector, payload)
            yield
            if payload._is_delivered():
                continue
            yield from self._hand_over(run, payload, connector.send)

    def _hand_over(self, run, payload, hand):
        """Announce it, and only when that is committed let `hand` (outgoing, idempotency key) give it away."""
        payload._must_be_whole()
        attempt = self.env["fin.attempt"]._announce(payload)
        yield
        run._must_be_released()
        run._reach("deliver.send.before")
        with self._in_doubt(attempt):
            receipt = hand(payload._as_outgoing(), attempt.idempotency_key)
        run._reach("deliver.send.after")
        run._receipt(attempt, receipt)
        yield
        run._must_be_taken(attempt)

    @contextmanager
    def _in_doubt(self, attempt):
        """An error that proves that nothing left says which attempt it is about; any other leaves it in doubt."""
        try:
            yield
        except IntegrationError as error:
            if error.facts.get("sent") is False:
                error.attempt = attempt.id
            raise

    @calling("confirm")
    def _reconcile(self, run):
        """Ask the target what it holds of this run, compare, and finish."""
        delivered = self.env["fin.item"]._totals_by_outcome(run).get("delivered", ControlTotals())
        self.env["fin.reconciliation"]._compare(run, delivered, run._read_back())
        yield
        run._finish()
