"""What several workers see of one run."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields

LATER = timedelta(days=10)


def claimed(env, lane="batch"):
    """Which run one worker takes, another one ten days later beside it, and one when the first is dead."""
    env.cr.commit()
    first = env["fin.engine"]._claim(lane).id
    then = fields.Datetime.now() + LATER
    with patch.object(fields.Datetime, "now", lambda *_args: then):
        beside = _by_another(env, lane)
    env.cr.rollback()  # what PostgreSQL does when a worker's connection is gone
    return [first, beside, _by_another(env, lane)]


def _by_another(env, lane):
    with env.registry.cursor() as cr:
        found = env["fin.engine"].with_env(env(cr=cr))._claim(lane).id
        cr.rollback()
    return found
