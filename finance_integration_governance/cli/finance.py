import argparse
import pathlib

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config


class Finance(Command):
    """Finance integrations: release a database, rotate stored secrets, verify or export the log, list fault points.

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
            choices=["release", "rotate", "verify", "export", "faults", "bundle-key", "export-flow", "import-flow"],
        )
        parser.add_argument("-c", "--config")
        parser.add_argument("-d", "--database", required=True)
        parser.add_argument("--reason", default="command line", help="why this database may send")
        parser.add_argument("--environment", choices=["production", "test", "sandbox"], help="what it is released as")
        parser.add_argument("--flow", help="code of the flow to export")
        parser.add_argument("--file", help="the bundle to write or read")
        parser.add_argument("--as", dest="login", help="who asks for the change that an imported flow becomes")
        return parser.parse_args(args)

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
        flow = env["fin.flow"].search([("code", "=", options.flow)])
        if not flow:
            raise SystemExit(f"There is no flow {options.flow}.")
        pathlib.Path(options.file).write_text(env["fin.bundle"]._export(flow))
        return f"{options.file} holds {flow.code} v{flow.live_version_id.number}"

    def _import_flow(self, env, options):
        """A bundle becomes a change request of this administrator; a second person approves it."""
        user = env["res.users"].search([("login", "=", options.login)])
        if not user:
            raise SystemExit("Say with --as LOGIN who asks for the change.")
        bundle = env(user=user.id, su=False)["fin.bundle"]
        try:
            change = bundle._import(pathlib.Path(options.file).read_bytes())
        except UserError as refused:
            raise SystemExit(str(refused)) from None
        return f"{change.name} waits to be submitted: {', '.join(change.version_ids.mapped('display_name'))}"
