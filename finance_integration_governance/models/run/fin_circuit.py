from odoo import api, fields, models

from ...core.breaker import FIRST, LONGEST, PROBING, TRIP, pause, trips
from ...core.errors import WAITING, TransientError
from ...core.lifecycle import Lifecycle
from ...core.stages import OUTSIDE
from ..writer import as_writer

RETRY_MINUTES = 3 * 24 * 60  # for which a run waits for its connection before it fails


class FinCircuit(models.Model):
    """Whether a connection answers. While it does not, its runs wait instead of failing one by one."""

    _name = "fin.circuit"
    _description = "Circuit of a Connection"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "code"
    _rec_name = "code"
    _lifecycle = Lifecycle(
        {"closed": "Answers", "open": "Left Alone", "half_open": "Being Tried"},
        trip="closed, half_open > open",
        probe="open > half_open",
        close="open, half_open > closed",
    )

    code = fields.Char("Connection", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True)
    failures = fields.Integer(readonly=True, help="In a row.")
    openings = fields.Integer(readonly=True, help="In a row.")
    retry_at = fields.Datetime(readonly=True, string="Tried again at")
    run_id = fields.Many2one("fin.run", readonly=True, ondelete="set null", string="Tried by")
    last_error = fields.Text(readonly=True)

    _code_uniq = models.UniqueIndex("(code)")

    @api.model
    def _of(self, run):
        return self.search([("code", "=", run.connection)], limit=1)

    @api.model
    def _failed(self, run, error):
        """Count a failure of the run's connection; when the connection is tried again, or None while it is closed."""
        if not run.connection or run.stage not in OUTSIDE[run.direction] or not _is_of_the_connection(error):
            return None
        mine = {"code": run.connection, "company_id": run.company_id.id}
        circuit = self._of(run) or as_writer(self).create(mine)
        failures = circuit.failures + 1
        as_writer(circuit).write({"failures": failures, "last_error": error.text})
        most = run._breaker("failures", TRIP)
        if circuit.state != "open" and trips(failures, circuit.state == "half_open", error.facts.get("status"), most):
            circuit._open_for(run, error)
        return circuit.retry_at if circuit.state == "open" else None

    def _open_for(self, run, error):
        alone = pause(self.openings + 1, run._breaker("first", FIRST), run._breaker("longest", LONGEST))
        seconds = max(alone, error.retry_after or 0 if isinstance(error, TransientError) else 0)
        until = fields.Datetime.add(fields.Datetime.now(), seconds=seconds)
        as_writer(self).write({"openings": self.openings + 1, "retry_at": until, "run_id": False})
        self._transition("trip", reason=error.text, failures=self.failures)
        text = self.env._(
            "The connection %(code)s does not answer: %(error)s. Its runs wait and go on by themselves once it does.",
            code=self.code,
            error=error.text,
        )
        owner = run.flow_id._people("technical")[:1] or run.flow_id._notify()
        exceptions = self.env["fin.exception"]
        exceptions._raise_apart(self.company_id, "connection_down", text, owner=owner, connection=self.code)

    @api.model
    def _worked(self, run):
        """The run's connection has answered."""
        circuit = self._of(run) if run.connection else self
        if not circuit.failures and circuit.state in (False, "closed"):
            return
        as_writer(circuit).write({"failures": 0, "openings": 0, "retry_at": False, "run_id": False})
        if circuit.state != "closed":
            circuit._transition("close")
        self.env["fin.exception"]._close_apart(
            circuit.company_id, "connection_down", self.env._("It answers again."), connection=circuit.code
        )

    @api.model
    def _try(self, run):
        """This run is the one that tries, where its connection is left alone; the others wait for it."""
        circuit = self._of(run) if run.connection else self
        if circuit.state in ("open", "half_open"):
            until = fields.Datetime.add(fields.Datetime.now(), seconds=PROBING)
            as_writer(circuit).write({"retry_at": until, "run_id": run.id})
            if circuit.state == "open":
                circuit._transition("probe", run=run.name)


def _is_of_the_connection(error):
    if isinstance(error, TransientError):
        return error.code not in ("conflict", *WAITING)
    return error.facts.get("status") in (401, 403)


class FinRun(models.Model):
    _inherit = "fin.run"

    connection = fields.Char(readonly=True, help="The code of the connection that its version names.")

    def _breaker(self, name, default):
        """When its connection is left alone and for how many seconds, as its version says."""
        return self._document().connection.get("breaker", {}).get(name) or default

    def _may_wait(self):
        """Whether it still waits for its connection, rather than fail."""
        minutes = self._document().limit("retry_minutes", RETRY_MINUTES) if self.version_id else 0
        return fields.Datetime.now() < fields.Datetime.add(self.create_date, minutes=minutes)
