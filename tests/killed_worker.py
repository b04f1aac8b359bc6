"""A worker that is really killed: forked, stopped where it holds a run, and ended without a word."""

import os
import signal
import time
import traceback

from odoo import SUPERUSER_ID, api, sql_db

from odoo.addons.finance_integration_governance.core import faults


def is_taken(env, run):
    """Whether somebody holds the run's lock now."""
    env.cr.commit()
    env.cr.execute("SELECT 1 FROM fin_run WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED", [run.id])
    return not env.cr.fetchone()


def killed(env, lane, point, is_held):
    """How a worker of the lane ended, which was killed where it stood at this point with its lock; None where it did
    its work without coming there. `name:n` is the n-th time that it comes there.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            _work_until(env.registry, lane, point, writing)
        except Exception:
            traceback.print_exc()
            raise
        finally:
            os._exit(1)
    os.close(writing)
    if not os.read(reading, 1):
        os.waitpid(child, 0)
        return None
    taken = is_held()
    env.cr.rollback()
    os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    assert taken, "nobody held the run"
    return os.waitstatus_to_exitcode(status)


def _work_until(registry, lane, point, writing):
    """Work as the lane's cron does, on connections of its own, and stand still at the point."""
    sql_db._Pool = None  # the parent's connections are the parent's
    registry._db = sql_db.db_connect(registry.db_name)

    is_there = faults._hit

    def stand(armed, reached):
        if is_there(armed, reached):
            os.write(writing, b"1")
            time.sleep(600)

    faults._hit = stand
    os.environ[faults.ENVIRONMENT] = point
    with registry.cursor() as cr:
        api.Environment(cr, SUPERUSER_ID, {})["fin.engine"]._cron_advance(lane)
