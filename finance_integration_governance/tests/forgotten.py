"""For tests that play many histories in one: each begins where the one before began."""

from contextlib import contextmanager


@contextmanager
def forgotten(env):
    """What happens to the database within it leaves nothing behind."""
    env.flush_all()
    point = env.cr.savepoint()
    try:
        yield
    finally:
        env.invalidate_all(flush=False)
        point.rollback()
        point.close()
        env.invalidate_all(flush=False)
        env.registry.clear_cache()
