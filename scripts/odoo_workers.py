"""pytest plugin of the addon ring: workers side by side, each on a database of its own, named after the worker.

The copies are there already (test.sh makes them). pytest-odoo would make them with createdb and dropdb, which an
embedded PostgreSQL does not have on the path.
"""

import os
from contextlib import contextmanager

import pytest
import pytest_odoo

WORKER = os.environ.get("PYTEST_XDIST_WORKER")


@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_cmdline_main(config):
    if WORKER:
        config.option.odoo_database += f"_{WORKER}"
    yield


@contextmanager
def its_own():
    yield pytest_odoo.odoo.tests.common.get_db_name()


pytest_odoo._worker_db_name = its_own
