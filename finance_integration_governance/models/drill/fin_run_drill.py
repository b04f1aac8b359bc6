"""How a test of a control goes through the stages: in a lane of its own, by the workers of the real ones."""

from io import BytesIO

from odoo import api, fields, models

from ...core.connector import Payload
from ...core.contract import Breach
from ...core.errors import ConfigurationError
from ...core.field_map import RawRow
from ...core.totals import ControlTotals

DRY = "dry"
SECONDS = 5  # of a slice that tests may take


class FinRun(models.Model):
    _inherit = "fin.run"

    lane = fields.Selection(selection_add=[(DRY, "Tests of controls")], ondelete={DRY: "cascade"})
    drill_id = fields.Many2one(
        "fin.drill", readonly=True, ondelete="restrict", groups="finance_integration_governance.group_viewer"
    )

    @api.model
    def _queue_drill(self, drill):
        """Marked like a draft, so that nothing counts it among the flow's runs."""
        version = drill.version_id
        run = self._queue(
            drill.flow_id,
            "hand",
            drill_id=drill.id,
            is_draft=True,
            version_id=version.id,
            version_digest=version.digest,
            started_at=fields.Datetime.now(),
            connection=False,  # it asks nobody outside
            lane=DRY,
            concurrency_key=drill.name,
        )
        self.env["fin.engine"]._wake(version._read_document()["lane"])
        return run

    def _guard_version(self):
        """A test goes by what is live and approved, and touches nothing; a draft has other questions to answer."""
        if not self.drill_id:
            return super()._guard_version()
        if not self.version_id._is_approved():
            raise ConfigurationError("the sealed log holds no approval of this version", digest=self.version_digest)
        return None

    def _after_finish(self):
        super()._after_finish()
        if self.drill_id and not self._noticed():
            self.drill_id._transition("fail", reason="no control has noticed it")

    def _after_fail(self):
        super()._after_fail()
        if self.drill_id.state == "sent":
            self.drill_id._transition("fail", reason=self.last_error)

    def _noticed(self):
        """The exception that the flow's controls have raised for it, kept with the test."""
        found = self.exception_ids.filtered(lambda one: one.code == "contract_violation")[:1]
        if found:
            self.drill_id._was_detected(found)
        return found


class FinEngine(models.AbstractModel):
    _inherit = "fin.engine"

    @api.model
    def _cron_advance(self, lane):
        """The real lane's worker does the tests, too: that it comes at all is a part of what is tested."""
        done = super()._cron_advance(lane)
        if self.env["fin.run"].search_count([("lane", "=", DRY), ("state", "in", ("queued", "running"))], limit=1):
            self._advance(DRY, SECONDS)
        return done

    @api.model
    def _wake(self, lane):
        return super()._wake("batch" if lane == DRY else lane)

    def _pipeline(self, run):
        return self.env["fin.pipeline.drill"] if run.drill_id else super()._pipeline(run)


class PipelineDrill(models.AbstractModel):
    """A failure that says that it is none: read, refused and told as any other, and never booked."""

    _name = "fin.pipeline.drill"
    _description = "Pipeline of a Test"
    _inherit = "fin.pipeline.inbound"

    def _extract(self, run):
        """Keep bytes that say what they are."""
        name = run.drill_id.name
        text = f"{name}: a synthetic failure, sent to test a control. No business fact.\n"
        self.env["fin.payload"]._keep(run, Payload(f"{name}.txt", lambda: BytesIO(text.encode()), "text/plain"))
        yield

    def _validate(self, run):
        """One row that no object can be made of."""
        name = run.drill_id.name
        broken = RawRow({"synthetic failure": name}, 1, (Breach("synthetic", "missing", "test", name),))
        for payload in run.payload_ids._unread():
            yield from self.env["fin.item"]._receive(run, payload, [broken], None)

    def _map(self, run):
        yield

    def _deliver(self, run):
        """Nothing of a test is ever booked."""
        if run._open_ids():
            raise ConfigurationError("a test of a control has made something that could be booked", code="drill")
        yield

    def _reconcile(self, run):
        """Nothing was handed over, and nothing is there."""
        self.env["fin.reconciliation"]._compare(run, ControlTotals(), ControlTotals())
        yield
        run._finish()
