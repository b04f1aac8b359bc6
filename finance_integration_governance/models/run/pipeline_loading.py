from functools import partial

from odoo import models

from ...core.errors import DataError, IntegrationError


class PipelineOutbound(models.AbstractModel):
    """Out of Odoo to systems that take files first and load them afterwards.

    An upload has no effect before it is loaded, so what was cut off is uploaded again. The load has one, so it is
    announced; a load that was announced and whose start nobody kept is looked for on the other side before another one
    is started.
    """

    _inherit = "fin.pipeline.outbound"

    def _load(self, run, connector):
        """Upload every payload, load them together, follow the load to its end."""
        if all(payload._is_delivered() for payload in run.payload_ids):
            return
        load, reference = self.env["fin.load"]._of(run, connector), None
        yield
        if load.state == "uploading":
            yield from self._upload(run, connector, load)
            connector.seal()
            load._announce()
            yield
        elif load.state == "starting":
            reference = connector.find_load(load.announced_at, load._known())
        if load.state == "starting":
            run._must_be_released()
            run._reach("deliver.load.before")
            if not reference:
                reference = yield from self._started(run, connector, load)
            run._reach("deliver.load.after")
            load._begun(reference)
            yield
        yield from self._follow(run, connector, load)

    def _started(self, run, connector, load):
        """What the other side calls the load. A start that it has refused was none, and is announced anew."""
        try:
            return connector.load([one._as_outgoing() for one in run.payload_ids.sorted("id")])
        except IntegrationError as error:
            if _has_begun_nothing(error):
                load._transition("recall", reason=error.text)
                yield
            raise

    def _upload(self, run, connector, load):
        """Every payload that does not lie there; from the first one where nothing of it does, or too long ago."""
        kept = run.attempt_ids.filtered(lambda attempt: attempt.state in ("announced", "pending"))
        if not load._is_fresh() or not kept.filtered(lambda attempt: attempt.state == "pending"):
            self._forget(kept)
            connector.begin(len(run.payload_ids))
            load._renewed()
            yield
        self._forget(kept.filtered(lambda attempt: attempt.state == "announced"))
        for number, payload in enumerate(run.payload_ids.sorted("id")):
            if any(attempt.state == "pending" for attempt in payload.attempt_ids):
                continue
            yield from self._hand_over(run, payload, partial(self._uploaded, connector, number))

    def _uploaded(self, connector, number, outgoing, _idempotency_key):
        return connector.upload(number, outgoing)

    def _forget(self, attempts):
        for attempt in attempts:
            attempt._transition("refuse", reason="uploaded again: an upload has no effect before it is loaded")

    def _follow(self, run, connector, load):
        told = run._judged(connector.poll(load.reference))
        if told.state == "pending":
            run._wait_for_load(load)
            yield
            return
        load._ended(told)
        run._loaded(told)
        if told.state == "partly":
            run._must_look(told)
        yield
        if told.state == "refused":
            raise DataError(f"the other side refused the load: {told.text}", code="load_refused")


def _has_begun_nothing(error):
    """Whether nothing has left, or a status says that it was refused; 408 is of somebody who has waited in between."""
    status = error.facts.get("status") or 0
    return error.facts.get("sent") is False or (400 <= status < 500 and status != 408)
