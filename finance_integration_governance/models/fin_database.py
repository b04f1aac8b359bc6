from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.tools import SQL

from ..core.canonical import canonical, digest
from .installation import installation
from .writer import as_writer


class FinDatabase(models.AbstractModel):
    """The brake of a copied database: whatever leaves, leaves from the one database that was released for it."""

    _name = "fin.database"
    _description = "Database Release"

    @api.model
    def _fingerprint(self):
        """A digest that changes when the database is copied, restored elsewhere, or run by another installation."""
        # sudo: the parameter is readable by the system only
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        [[oid, system]] = self.env.execute_query(
            SQL(
                """SELECT d.oid::text, (SELECT system_identifier::text FROM pg_control_system())
                FROM pg_database d WHERE d.datname = current_database()"""
            )
        )
        return digest(canonical([uuid, oid, system, installation("release_key") or ""]))

    @api.model
    def _is_released(self):
        """Whether somebody said yes to exactly this database, and the sealed log knows it."""
        fingerprint = self._fingerprint()
        # sudo: the engine and every screen may ask
        granted = self.env["fin.approval"].sudo()._granted("release", self._name, self.env.cr.dbname, fingerprint)
        return bool(granted) and self._is_logged(granted, fingerprint)

    def _is_logged(self, granted, fingerprint):
        holds = self.env["fin.audit.seal"]._holds
        return any(holds("fin.approval.approve", "fin.approval", approval.name, fingerprint) for approval in granted)

    @api.model
    def _request_release(self):
        """Ask for the yes of a second person; administrators of the suite only."""
        approvals = self.env["fin.approval"]
        approvals._need_group("group_administrator")
        return approvals._request("release", self._name, self.env.cr.dbname, self._fingerprint(), None)

    @api.model
    def _release_by_command(self, reason):
        """Release from the command line: who holds odoo.conf and the database account answers for it."""
        approval = self.env["fin.approval"]._request(
            "release", self._name, self.env.cr.dbname, self._fingerprint(), None
        )
        as_writer(approval).write({"person_id": self.env.uid, "decided_at": fields.Datetime.now()})
        approval._transition("approve", by="command line", reason=reason, digest=approval.digest)
        return approval

    @api.model
    @check_identity
    def action_approve_release(self):
        """The second person's yes, in the web client."""
        waiting = self.env["fin.approval"].search(
            [("purpose", "=", "release"), ("digest", "=", self._fingerprint()), ("state", "=", "requested")], limit=1
        )
        waiting._decide("approve")
        # The release counts once its event is sealed, which a lane does first thing.
        self.env["fin.engine"]._wake("batch")
