"""Install, upgrade and uninstall leave the schema as it was."""

import os
import re
import subprocess

import harness
import pytest

pytestmark = pytest.mark.slow

ADDONS = "finance_integration_governance,connector_bank,connector_planning"


@pytest.fixture
def database(tmp_path):
    made = harness.Database("fig_install", tmp_path).create(os.environ["FIG_BASE"]).configure()
    yield made
    made.drop()


def odoo(database, *args):
    command = [os.environ["FIG_ODOO_BIN"], *args]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stderr


def server(database, *args):
    return odoo(database, "-c", database.config, "-d", database.name, "--no-http", "--stop-after-init", *args)


def schema(database):
    """Tables, functions, triggers, indexes and constraints as pg_dump tells them, in any order."""
    dump = subprocess.run(
        ["pg_dump", "--schema-only", "--no-owner", database.name], capture_output=True, text=True, check=True
    ).stdout
    # Newer pg_dump frames a dump in \restrict and a token of its own; that and sequence counters are not schema.
    return sorted(line for line in dump.splitlines() if line.strip() and not re.match(r"--|\\|SET |SELECT ", line))


def leftovers(database):
    """Rows in Odoo's own tables that speak of the suite."""
    return database.sql(
        """SELECT 'data', count(*) FROM ir_model_data WHERE module = ANY(%s) UNION
        SELECT 'model', count(*) FROM ir_model WHERE model LIKE 'fin.%%' UNION
        SELECT 'cron', count(*) FROM ir_cron WHERE cron_name LIKE 'Finance Integrations%%' UNION
        SELECT 'parameter', count(*) FROM ir_config_parameter WHERE key LIKE 'fin%%'""",
        ADDONS.split(","),
    )


def complaints(log):
    return [
        line for line in log.splitlines() if re.search(r" (WARNING|ERROR|CRITICAL) ", line) and "pg_trgm" not in line
    ]


def test_uninstalling_leaves_the_schema_as_it_was(database):
    before = schema(database)
    assert not complaints(server(database, "-i", ADDONS))
    installed = schema(database)
    assert installed != before
    assert not complaints(server(database, "-u", ADDONS))
    assert schema(database) == installed
    odoo(database, "module", "uninstall", "-c", database.config, "-d", database.name, *ADDONS.split(","))
    assert schema(database) == before
    assert {count for _what, count in leftovers(database)} == {0}
