import argparse
import pathlib
import sys

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config

# What each of them has to be told.
FILES = {
    "export-flow": ("flow", "file"),
    "import-flow": ("file", "login"),
    "verify-flow": ("file", "login"),
    "export-crosswalk": ("crosswalk", "file"),
    "import-crosswalk": ("crosswalk", "file", "login"),
    "export-field-map": ("flow", "file"),
    "import-field-map": ("flow", "file", "login"),
}


class Finance(Command):
    """Finance integrations: release a database, rotate stored secrets, verify or export the log, list fault points;
    flows as signed bundles, crosswalks and field maps as files.

    A file is taken whole, or refused whole with line and reason: then the command ends with 1 and nothing is changed.
    Whoever may run this holds odoo.conf and the database account, so it asks no second person; it leaves its event.
    """

    def run(self, args):
        options = self._options(args)
        config.parse_config((["-c", options.config] if options.config else []) + ["-d", options.database, "--no-http"])
        with Registry(options.database).cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            answer = getattr(self, f"_{options.what.replace('-', '_')}")(env, options)
        if answer is not None:
            print(answer)

    def _options(self, args):
        parser = argparse.ArgumentParser(prog=self.prog, description=self.__doc__)
        parser.add_argument(
            "what",
            choices=["release", "rotate", "verify", "export", "faults", "bundle-key", *FILES],
        )
        parser.add_argument("-c", "--config")
        parser.add_argument("-d", "--database", required=True)
        parser.add_argument("--reason", default="command line", help="why this database may send")
        parser.add_argument("--environment", choices=["production", "test", "sandbox"], help="what it is released as")
        parser.add_argument("--flow", help="code of the flow")
        parser.add_argument("--crosswalk", help="code of the crosswalk")
        parser.add_argument("--file", help="the file to write or read: a bundle, a .csv or .xlsx of lines, a .yaml map")
        parser.add_argument("--as", dest="login", help="in whose name an import is done")
        options = parser.parse_args(args)
        missing = [name for name in FILES.get(options.what, ()) if not getattr(options, name)]
        if missing:
            parser.error(f"{options.what} needs --{' and --'.join(missing).replace('login', 'as')}")
        return options

    def _release(self, env, options):
        """This database, here, may send from now on; a copy of it may not."""
        approval = env["fin.database"]._release_by_command(options.reason, options.environment)
        env.cr.commit()  # the seal reads what is committed
        env["fin.audit.seal"]._seal()
        return f"{options.database} is released as {env['fin.database']._environment()} ({approval.name})"

    def _rotate(self, env, _options):
        return f"{env['fin.secret']._rotate()} secrets are encrypted under the first key now"

    def _verify(self, env, _options):
        wrong = env["fin.audit.seal"]._verify()
        return "position {}: {}".format(*wrong) if wrong else "the log is as it was sealed"

    def _export(self, env, _options):
        """The log for `tools/verify_audit.py`, to standard output."""
        env["fin.audit.event"]._append("fin.audit.export", "fin.audit.seal", "all", None, {"by": "command line"})
        env.cr.commit()
        for line in env["fin.audit.seal"]._export():
            print(line)
        return

    def _faults(self, env, _options):
        return "\n".join(env["fin.engine"]._fault_points())

    def _bundle_key(self, _env, _options):
        """A new pair of keys: the first into this odoo.conf, the second into those that shall trust it."""
        # Odoo loads this file before it knows where addons are, and as no part of one.
        from odoo.addons.finance_integration_governance.core.bundle import new_key

        return "bundle_key = {}\nbundle_trusted = {}".format(*new_key())

    def _export_flow(self, env, options):
        """The live version of a flow as a signed bundle."""
        flow = self._found(env, "fin.flow", options.flow)
        pathlib.Path(options.file).write_text(env["fin.bundle"]._export(flow))
        return f"{options.file} holds {flow.code} v{flow.live_version_id.number}"

    def _import_flow(self, env, options):
        """A bundle becomes a change request of this administrator; a second person approves it."""
        change = self._taken(env, options, lambda there, data: there["fin.bundle"]._import(data))
        return f"{change.name} waits to be submitted: {', '.join(change.version_ids.mapped('display_name'))}"

    def _verify_flow(self, env, options):
        """Whether a bundle is whole, signed by somebody trusted, and fits here; nothing is kept of it."""
        return self._taken(env, options, lambda there, data: there["fin.bundle"]._fits(data))

    def _export_crosswalk(self, env, options):
        crosswalk, path = self._found(env, "fin.crosswalk", options.crosswalk), pathlib.Path(options.file)
        path.write_bytes(crosswalk._as_file(path.suffix.lower().lstrip(".")))
        return f"{path} holds {len(crosswalk.line_ids)} lines of {crosswalk.code}"

    def _import_crosswalk(self, env, options):
        """The lines of the working copy, replaced; flows follow by an approved change."""

        def take(there, data):
            return self._found(there, "fin.crosswalk", options.crosswalk)._take_file(data)

        crosswalk = self._taken(env, options, take)
        return f"{crosswalk.code} has {len(crosswalk.line_ids)} lines now; propose its flows to bring them into force"

    def _export_field_map(self, env, options):
        flow = self._found(env, "fin.flow", options.flow)
        pathlib.Path(options.file).write_text(flow._field_map_file())
        return f"{options.file} holds the field map of {flow.code}"

    def _import_field_map(self, env, options):
        """The working copy's map, replaced; it takes effect with an approved version."""

        def take(there, data):
            return self._found(there, "fin.flow", options.flow)._take_field_map_file(data)

        flow = self._taken(env, options, take)
        return f"the field map of {flow.code} has {len(flow.field_map_ids.line_ids)} lines now; try it and propose it"

    def _taken(self, env, options, take):
        """What `take` makes of the file in this person's name; whoever refuses it ends the command, all undone."""
        user = env["res.users"].search([("login", "=", options.login)])
        if not user:
            raise SystemExit(f"There is no user {options.login}.")
        data = pathlib.Path(options.file).read_bytes()
        try:
            with env.cr.savepoint():
                made = take(env(user=user.id, su=False), data)
                env.flush_all()
        except (UserError, OSError) as refused:
            sys.stderr.write(f"{refused}\n")
            raise SystemExit(1) from None
        return made

    def _found(self, env, model, code):
        found = env[model].search([("code", "=", code)])
        if not found:
            raise SystemExit(f"There is no {env[model]._description.lower()} {code}.")
        return found
