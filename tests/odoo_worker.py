"""An Odoo process for tests: loads a registry once and does each command in a fork of its own.

Reads JSON lines: {"call": "scenes:bank", "args": {...}, "environment": {...}, "background": false}. The called function
gets an environment of a fresh cursor as its first argument; what it returns is committed and written back as
{"exit": code, "result": ...}. A fork that dies leaves its database connections as a killed worker would.
"""

import importlib
import json
import logging
import os
import sys
import traceback


def main(config_file, database):
    registry = _load(config_file, database)
    print(json.dumps({"ready": os.getpid()}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_in_fork(registry, json.loads(line))), flush=True)


def _load(config_file, database):
    import odoo.cli  # noqa: F401 - patches what Odoo patches
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", config_file, "-d", database, "--no-http", "--log-level=error"], setup_logging=True)
    logging.getLogger("odoo.addons.base.models.ir_cron").setLevel(logging.ERROR)
    return Registry(database)


def _in_fork(registry, command):
    from odoo import sql_db

    sql_db.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _child(registry, command, writing)
    os.close(writing)
    with os.fdopen(reading) as answer:
        told = answer.read()
    _pid, status = os.waitpid(child, 0)
    return {"exit": os.waitstatus_to_exitcode(status), "result": json.loads(told) if told else None}


def _child(registry, command, writing):
    """Never returns: the fork ends here, with 0, with 1 after an error, or where a fault point is."""
    os.environ.update(command.get("environment", {}))
    code = 1
    try:
        result = _call(registry, command)
        os.write(writing, json.dumps(result, default=str).encode())
        code = 0
    finally:
        # Whatever it was, it ends here: the parent's stack is not the fork's to unwind.
        if code:
            traceback.print_exc()
        os.close(writing)
        os._exit(code)


def _call(registry, command):
    from odoo import SUPERUSER_ID, api

    module, _colon, name = command["call"].partition(":")
    function = getattr(importlib.import_module(module), name)
    with registry.cursor() as cr:
        return function(api.Environment(cr, SUPERUSER_ID, {}), **command.get("args", {}))


if __name__ == "__main__":
    main(*sys.argv[1:])
