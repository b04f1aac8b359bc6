from odoo import models

from ...core.canonical import canonical
from ...core.errors import DataError, MalformedPayload
from ...core.faults import calling
from ...core.totals import ControlTotals

MAP_BATCH = 2000
DELIVER_BATCH = 500
# Where a transaction keeps which run it has compared with what is known: within it nothing else becomes known.
_RECOGNISED = "fin.recognised"


class PipelineInbound(models.AbstractModel):
    """The way into Odoo: bytes, items, mapped values, answers, records, totals. Each `yield` says: keep this."""

    _name = "fin.pipeline.inbound"
    _description = "Inbound Pipeline"

    @calling("settle")
    def _extract(self, run):
        """Keep every payload that waits, then tell the source that it is kept."""
        connector = run._connector()
        for payload in connector.extract(run._window()):
            self.env["fin.payload"]._keep(run, payload)
            yield
            run._reach("extract.settle.before")
            run._settle(connector, payload)
            run._reach("extract.settle.after")

    def _validate(self, run):
        """Read each payload into items; what breaks the contract waits for a person. The stage's end keeps the last."""
        connector = run._connector()
        for place, payload in enumerate(run.payload_ids._unread()):
            if place:
                yield
            yield from self._read(run, connector, payload)

    def _read(self, run, connector, payload):
        told = connector.parse(payload._as_payload())
        try:
            yield from self.env["fin.item"]._receive(run, payload, told, run._object()._scope(run))
        except MalformedPayload as error:
            self._refuse(run, payload, error)

    def _refuse(self, run, payload, error):
        """Half a file is no file: what was read of it so far is not booked."""
        exception = self.env["fin.exception"]._raise(
            run, error.code, f"{payload.name}: {error.text}", payload=payload.digest
        )
        payload._was_refused(exception)
        self.env["fin.item"]._reject_payload(run, payload, exception)

    def _map(self, run):
        """Settle what is known already, then work out what the rest will become; the stage's end keeps the last."""
        self.env["fin.item"]._recognise(run)
        self.env.cr.precommit.data[_RECOGNISED] = run.id
        business = run._object()
        for items in self.env["fin.item"]._batches(run, MAP_BATCH, run._to_map()):
            self._map_batch(run, business, items)
            if len(items) == MAP_BATCH:
                yield

    def _map_batch(self, run, business, items):
        mapped, gaps = [], {}
        for item, crossed in run._crossed(items):
            try:
                mapped.append((item.id, canonical(self._mapped(run, business, item, crossed))))
            except DataError as error:
                gaps.setdefault((error.code, error.text), (error, []))[1].append(item.id)
        self.env["fin.item"]._store_mapped(run, mapped)
        run._judge(business, items, dict(mapped))
        for error, ids in gaps.values():
            exception = self.env["fin.exception"]._raise(
                run, error.code, run._located(error, ids), gap=True, count=len(ids), **error.facts
            )
            self.env["fin.item"]._attach(exception, ids)

    def _mapped(self, run, business, item, crossed):
        """What the item becomes, with the crosswalk lines that gave its codes; a gap is raised."""
        if isinstance(crossed, DataError):
            raise crossed
        return {**business._map(run, item), **crossed}

    def _gate(self, run):
        """Ask the gates; what they hold waits, the rest goes on."""
        yield from run._pass_gates()

    def _deliver(self, run):
        """Make the records, with binding and outcome in the same transaction, a batch at a time.

        What another run has booked since the gate is recognised first: after a conflict the stage begins here again.
        """
        business = run._object()
        if self.env.cr.precommit.data.get(_RECOGNISED) != run.id:
            self.env["fin.item"]._recognise(run)
        if self.env["fin.item"]._blocked(run):
            yield from run._pass_gates()
        batches = self.env["fin.item"]._batches(run, run._document().limit("deliver_batch", DELIVER_BATCH))
        if run._document().get("all_or_nothing"):
            self._land_whole(run, business, batches)
        else:
            for items in batches:
                self._land(run, business, items)
                yield

    def _land_whole(self, run, business, batches):
        """All or nothing: one transaction, and the first item that cannot be booked holds the whole run."""
        with self.env.cr.savepoint() as whole:
            found = next(filter(None, (self._first_trouble(run, business, items) for items in batches)), None)
            if found:
                whole.rollback()
        if found:
            run._hold_whole(*found)

    def _first_trouble(self, run, business, items):
        """The item that cannot be booked and why, or None where all can; what could be is there afterwards."""
        trouble = run._try_delivery(business, items)
        if trouble is None:
            return None
        if len(items) == 1:
            return items[0], trouble
        middle = len(items) // 2
        first = self._first_trouble(run, business, items[:middle])
        return first or self._first_trouble(run, business, items[middle:])

    def _land(self, run, business, items):
        """Deliver the items together; where that fails, halve them until the one that cannot be booked stands alone."""
        trouble = run._try_delivery(business, items)
        if trouble is None:
            return
        if len(items) == 1:
            run._reject(items[0], trouble)
            return
        middle = len(items) // 2
        self._land(run, business, items[:middle])
        self._land(run, business, items[middle:])

    def _reconcile(self, run):
        """Compare what arrived with what Odoo holds now, and finish."""
        delivered = self.env["fin.item"]._totals_by_outcome(run).get("delivered", ControlTotals())
        self.env["fin.reconciliation"]._compare(run, delivered, run._object()._totals(run))
        yield
        run._finish()
