import contextlib
import inspect
import random
import time
import traceback

import psycopg2
from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL, config

from ...core.errors import IntegrationError, TransientError, UnexpectedError
from ...core.faults import is_armed, ordinal, points, reach
from ...core.redaction import suite_logger
from ...core.stages import OUTSIDE, STAGES, rest
from ..writer import as_writer

_logger = suite_logger(__name__)

SLICE = 45  # seconds of work in one cron call; far below the least limit_time_real_cron that makes sense
REPEATS = 5
_AT_HOME = {"lang": "en_US", "tz": "UTC"}  # whoever wakes it: words and days are not theirs
_AT_WORK = "fin.lane"  # where the cursor of a tick keeps the lane that ticks
_QUICK = 0.25  # seconds of work that may be done again: stages within Odoo that take no longer are kept together
# Somebody else was first; a fresh transaction sees what they did.
CONFLICTS = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.UniqueViolation,
)
# Taking a run also tells PostgreSQL, until the commit, not to compile what it is asked: its guesses at the cost of
# statements over the items of one run are far too high, and compiling one takes longer than the statement.
_WITHOUT_JIT = SQL("set_config('jit', 'off', true)")
PIPELINE = "fin.pipeline."  # the models whose methods are the stages begin so


class _Unkept(Exception):
    """Something went wrong in a transaction that holds more than one stage."""


class Pace:
    """How long a worker may go on, and whether its transaction holds a stage that was not kept by itself."""

    def __init__(self, deadline, may_join):
        self.deadline, self.may_join = deadline, may_join and not is_armed()
        self.kept()

    def kept(self):
        self.is_unkept, self._since = False, time.monotonic()

    def is_left(self):
        return time.monotonic() < self.deadline

    def joins(self):
        """Whether what was done just now may be kept together with what comes next."""
        is_quick = self.may_join and time.monotonic() - self._since < _QUICK
        self.is_unkept = self.is_unkept or is_quick
        return is_quick


class FinEngine(models.AbstractModel):
    """Brings runs through the stages. Holds the only commit of the suite, and the only catch-all."""

    _name = "fin.engine"
    _description = "Engine"

    # Waking

    @api.model
    def _cron_advance(self, lane):
        """One slice of a lane: see what has become due, work until the time is up or nothing waits, seal.

        What woke the lane comes first: events begin before anybody looks at the clock and at who is late.
        """
        if not self._is_released():
            return _logger.warning("this database is a copy or was never released: no run starts")
        is_left = self._take_events(lane) and self._advance(lane)
        self._tick(lane)
        if is_left or self._advance(lane):
            self._wake(lane)
        return self.env["fin.audit.seal"]._seal()

    def _is_released(self):
        """Whether the sealed log knows of a release; where it does not yet, a seal may be all that is missing."""
        database = self.env["fin.database"]
        return database._is_released() or bool(self.env["fin.audit.seal"]._seal() and database._is_released())

    def _take_events(self, lane):
        """Queue a run for each flow for which something has happened; False where nothing has."""
        with self._clock(lane) as env:
            return bool(env) and env["fin.event"]._take(fields.Datetime.now())

    def _tick(self, lane=None):
        """Queue what has become due, in a transaction of its own; two lanes that tick at once lose nothing."""
        with self._clock(lane) as env:
            if env:
                env["fin.slot"]._tick()

    @contextlib.contextmanager
    def _clock(self, lane):
        """An environment in which to look at the clock; None while another lane does: this one finds the slots made."""
        with self.env.registry.cursor() as cr:
            cr.cache[_AT_WORK] = lane
            cr.execute(SQL("SELECT pg_try_advisory_xact_lock(hashtext('fin.slot'))"))
            yield self.env(cr=cr, su=True, context=_AT_HOME) if cr.fetchone()[0] else None

    @api.model
    def _wake(self, lane):
        """Have the lane's cron called soon (one trigger per transaction is enough)."""
        if self.env.cr.cache.get(_AT_WORK) == lane:
            return  # it looks at its runs as soon as this tick is over
        # sudo: whoever may start a run may wake the engine
        self.env.ref(f"finance_integration_governance.ir_cron_{lane}").sudo()._trigger()

    # Working

    @api.model
    def _advance(self, lane, seconds=None):
        """Work on the lane's runs for that long; True when work is left behind."""
        # What a run needs a yes for, it looks for in the sealed log.
        self.env["fin.audit.seal"]._seal()
        deadline = time.monotonic() + (seconds or min(SLICE, (config["limit_time_real"] or SLICE) / 2))
        while time.monotonic() < deadline:
            if not self._slice(lane, deadline):
                return False
        return True

    def _slice(self, lane, deadline):
        """Take one run as far as the time allows, in its own transactions; False where none waits."""
        with self.env.registry.cursor() as cr:
            engine = self.with_env(self.env(cr=cr, user=SUPERUSER_ID, su=True, context=_AT_HOME))
            for repeat in range(REPEATS + 1):
                try:
                    return engine._take_one(lane, deadline, is_first=not repeat, is_last=repeat == REPEATS)
                except (*CONFLICTS, _Unkept) as conflict:
                    cr.rollback()
                    _logger.info("repeating after %s", type(conflict).__name__)
        return True

    def _take_one(self, lane, deadline, is_first=True, is_last=False):
        run = self._claim(lane)
        if not run:
            return False
        pace = Pace(deadline, may_join=is_first)
        try:
            self._work(run, pace)
        except CONFLICTS as conflict:
            if not is_last:
                raise
            self.env.cr.rollback()
            # Let the other one finish instead of meeting it again at every batch.
            text = f"{REPEATS} conflicts in a row: {type(conflict).__name__}"
            self._record(run, TransientError(text, code="conflict", retry_after=random.uniform(1, 4)))
        except Exception as error:  # the one boundary between what may happen and what has to be told
            self.env.cr.rollback()
            if pace.is_unkept:
                raise _Unkept from error  # what went well before it is done again, and kept
            self._record(run, self._as_ours(error))
        return True

    def _claim(self, lane):
        """The oldest run that waits in the lane and that nobody works on, locked; a transaction's first statement.

        The lock is the heartbeat: it ends with its worker, and the next one finds the run free.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT r.id, %s FROM fin_run r
                WHERE r.lane = %s AND r.state IN ('queued', 'running') AND (r.not_before IS NULL OR r.not_before <= %s)
                    AND NOT (r.state = 'queued' AND EXISTS (
                        SELECT 1 FROM fin_run o WHERE o.flow_id = r.flow_id AND o.concurrency_key = r.concurrency_key
                            AND o.state IN ('running', 'held') AND o.id <> r.id))
                    AND NOT EXISTS (
                        SELECT 1 FROM fin_circuit c WHERE c.code = r.connection AND c.state <> 'closed'
                            AND c.retry_at > %s AND c.run_id IS DISTINCT FROM r.id)
                ORDER BY r.state = 'running' DESC, r.id LIMIT 1 FOR NO KEY UPDATE OF r SKIP LOCKED""",
                _WITHOUT_JIT,
                lane,
                fields.Datetime.now(),
                fields.Datetime.now(),
            )
        )
        return self.env["fin.run"].browse(rows[0][:1]) if rows else self.env["fin.run"]

    def _work(self, run, pace):
        """Bring one claimed run through the stages that it has not passed."""
        self.env["fin.circuit"]._try(run)
        if run.state == "queued":
            self._start(run)
            if not self._keep(run, "start", pace):
                return
        for stage in rest(run.stage):
            run._reached(stage)
            if not self._pass(run, stage, pace):
                return

    def _start(self, run):
        """Pin the live version, unless the run is on its way already: then it keeps the one it began with."""
        if not run.version_id:
            run._pin()
        run._transition("start", digest=run.version_digest)

    def _pass(self, run, stage, pace):
        """Run one stage, keeping what it yields; False where the run is no longer ours or the time is up."""
        pipeline = self._pipeline(run)
        generator = getattr(pipeline, f"_{stage}")(run)
        function = inspect.unwrap(getattr(type(pipeline), f"_{stage}"))
        named = f"{self._named(run)}.{stage}"
        for _kept in generator:
            if not self._keep(run, f"{named}.{ordinal(generator, function)}", pace):
                return False
        run._stage_done(stage)
        if stage in OUTSIDE[run.direction]:
            self.env["fin.circuit"]._worked(run)
        following = STAGES[STAGES.index(stage) + 1] if stage != STAGES[-1] and run.state == "running" else None
        if following and stage not in OUTSIDE[run.direction] and pace.joins():
            run._stepped(following)
            return True
        return self._keep(run, f"{named}.end", pace, following)

    def _pipeline(self, run):
        return self.env[f"{PIPELINE}{run.direction}"]

    def _named(self, run):
        """The run's pipeline, as its fault points name it."""
        return self._pipeline(run)._name.removeprefix(PIPELINE)

    def _keep(self, run, point, pace, stage=None):
        """Commit, and say whether the run goes on: it is still ours, running, not cancelled, and there is time."""
        run._log_calls()
        step = run._stepped(stage)
        reach(f"{point}.before")
        self.env.cr.commit()
        reach(f"{point}.after")
        pace.kept()
        return self._again(run, step) and pace.is_left()

    def _again(self, run, step):
        """Lock the run again, as the first statement; a stale worker finds another step number and stops."""
        rows = self.env.execute_query(
            SQL(
                "SELECT state, step_no, cancel_requested, %s FROM fin_run WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED",
                _WITHOUT_JIT,
                run.id,
            )
        )
        if not rows or rows[0][1] != step or rows[0][0] != "running":
            return False
        if rows[0][2] and run._may_cancel():
            run._transition("cancel", reason="asked for by a person")
            self.env.cr.commit()
            return False
        return True

    # Failing

    def _as_ours(self, error):
        if isinstance(error, IntegrationError):
            return error
        _logger.error("a run failed unexpectedly:\n%s", "".join(traceback.format_exception(error)))
        return UnexpectedError(f"{type(error).__name__}: {error}")

    def _record(self, run, error):
        """Write the failure in a new transaction: later, or never again without a person."""
        self._lock_again(run)
        run._log_calls()
        run._nothing_left(error)
        until = self.env["fin.circuit"]._failed(run, error)
        if isinstance(error, TransientError) and (run._may_wait() if until else run._may_try_again()):
            run._postpone(error, until)
        else:
            self.env["fin.exception"]._raise_error(run, error)
            as_writer(run).write({"last_error": error.text})
            run._transition("fail", reason=error.text, code=error.code)
        self.env.cr.commit()

    def _lock_again(self, run):
        """The run must still be ours after the rollback released its lock."""
        run.invalidate_recordset()
        run.lock_for_update(allow_referencing=True)

    @api.model
    def _back_off(self, tries):
        """Seconds until the next try: 30, 60, 120 ... at most an hour, spread so that nobody comes at the same time."""
        # Jitter is no secret: any generator will do.
        return min(3600, 30 * 2**tries) * random.uniform(0.8, 1.2)

    @api.model
    def _fault_points(self):
        """Every commit and outside call at which a worker may die, of every pipeline."""
        names = sorted(name.removeprefix(PIPELINE) for name in self.env.registry if name.startswith(PIPELINE))
        pipelines = {name: self.env[f"{PIPELINE}{name}"] for name in names}
        return ["start.before", "start.after", *points(pipelines, STAGES)]
