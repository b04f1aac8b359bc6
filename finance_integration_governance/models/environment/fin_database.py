import datetime as dt

from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.tools import SQL

from ...core.canonical import canonical, digest
from ..installation import installation
from ..writer import as_writer


class FinDatabase(models.AbstractModel):
    """The brake of a copied database: whatever leaves, leaves from the one database that was released for it."""

    _name = "fin.database"
    _description = "Database Release"

    @api.model
    def _fingerprint(self, environment=None):
        """A digest of this database as this environment: another copy, place or installation has another one."""
        return self._fingerprints([environment or self._own_environment()])[0]

    def _fingerprints(self, environments, place=None):
        """One for each environment; what is the same in all of them is asked for once."""
        # sudo: the parameter is readable by the system only
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        oid, system, position, _neutralised = place or self._place()
        key = installation("release_key") or ""
        # Of another history than its anchor, after a restored backup, it is another database.
        lineage = self.env["fin.audit.anchor"]._foreign(position)
        return [digest(canonical([uuid, oid, system, key, environment, *lineage])) for environment in environments]

    def _place(self):
        """Number of this database and of its cluster, the position of the chain, and when it was neutralised last.

        In one statement, because the engine asks at every door. The last is aware, or False: a release before is void.
        """
        [[oid, system, position, at]] = self.env.execute_query(
            SQL(
                """SELECT d.oid::text, (SELECT system_identifier::text FROM pg_control_system()),
                    (SELECT COALESCE(max(position), 0) FROM fin_audit_seal),
                    (SELECT max(at) FROM fin_audit_event WHERE code = 'fin.database.neutralise')
                FROM pg_database d WHERE d.datname = current_database()"""
            )
        )
        return oid, system, position, at.replace(tzinfo=dt.UTC) if at else False

    @api.model
    def _is_released(self):
        """Whether somebody said yes to exactly this database, and the sealed log knows it."""
        return bool(self._environment())

    def _is_logged(self, approval, since=None):
        """Whether the sealed log knows this yes, given since the database was neutralised (False: never; None: ask)."""
        since = self._neutralised_at() if since is None else since
        return self.env["fin.audit.seal"]._holds(
            "fin.approval.approve", "fin.approval", approval.name, approval.digest, since or None
        )

    @api.model
    def _request_release(self, environment=None):
        """Ask for the yes of a second person; administrators of the suite only."""
        self.env["fin.approval"]._need_group("group_administrator")
        return self._ask_release(environment or self._own_environment())

    @api.model
    def _release_by_command(self, reason, environment=None):
        """Release from the command line: who holds odoo.conf and the database account answers for it."""
        approval = self._ask_release(environment or self._own_environment())
        as_writer(approval).write({"person_id": self.env.uid, "decided_at": fields.Datetime.now()})
        approval._transition("approve", by="command line", reason=reason, digest=approval.digest)
        return approval

    @api.model
    @check_identity
    def action_approve_release(self):
        """The second person's yes, in the web client."""
        waiting = self._open_release()
        waiting = waiting.with_env(self.env)
        waiting._decide("approve")
        # The release counts once its event is sealed, which a lane does first thing.
        self.env["fin.engine"]._wake("batch")
