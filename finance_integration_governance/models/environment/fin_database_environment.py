from odoo import api, models
from odoo.exceptions import UserError

from ..installation import installation

# Which connections a database of an environment may use: what is real never meets what is not.
FITS = {
    "production": ("production",),
    "test": ("test", "sandbox"),
    "sandbox": ("test", "sandbox"),
}


class FinDatabase(models.AbstractModel):
    """What this database was released as: production, test or sandbox. The release says it, nothing else."""

    _inherit = "fin.database"

    @api.model
    def _environment(self):
        """The environment that the newest release in the sealed log names, or None where there is no release."""
        place = self._place()
        neutralised = place[-1]
        environments = self._possible_environments(neutralised)
        digests = dict(zip(self._fingerprints(environments, place), environments, strict=True))
        approved = [*self._release_domain(digests), ("state", "=", "approved")]
        # sudo: the engine and every screen may ask
        granted = self.env["fin.approval"].sudo().search_fetch(approved, ["name", "digest"])
        newest = next((approval for approval in granted if self._is_logged(approval, neutralised)), None)
        return digests[newest.digest] if newest else None

    def _release_domain(self, digests=None):
        """Approvals of exactly this database, as whatever it may be."""
        known = self._fingerprints(self._possible_environments()) if digests is None else digests
        return [
            ("purpose", "=", "release"),
            ("subject_model", "=", self._name),
            ("digest", "in", list(known)),
        ]

    def _own_environment(self):
        """What a release asks for unless told otherwise: what odoo.conf says, else this company's default."""
        return installation("environment") or self.env.company.fin_environment or "production"

    def _possible_environments(self, neutralised=None):
        """What was neutralised never is production again, and nothing is another thing than odoo.conf says."""
        told = installation("environment")
        return [
            environment
            for environment in FITS
            if told in (None, environment) and not (environment == "production" and self._is_neutralised(neutralised))
        ]

    def _is_neutralised(self, at=None):
        # sudo: the parameter is readable by the system only
        flag = self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized")
        return bool(flag) or bool(self._neutralised_at() if at is None else at)

    def _neutralised_at(self):
        return self._place()[-1]

    def _ask_release(self, environment):
        if environment not in self._possible_environments():
            raise UserError(self.env._("This database cannot be released as %s.", environment))
        subject = f"{self.env.cr.dbname}/{environment}"
        return self.env["fin.approval"]._request("release", self._name, subject, self._fingerprint(environment), None)

    @api.model
    def _why_not(self, connection):
        """Why a connection, as a document tells it, may not be used here, or None where it may."""
        here = self._environment()
        if not here:
            return "this database is not released: nothing leaves it"
        there = connection.get("environment")
        return None if there in FITS[here] else f"a {there} connection is not used by a {here} database"

    @api.model
    def _is_copy(self):
        """Whether another database than this one was released once, so this one was made of it."""
        approved = [("purpose", "=", "release"), ("state", "=", "approved")]
        releases = self.env["fin.approval"].sudo().search_count(approved)  # sudo: everybody may know
        return bool(self._neutralised_at()) or (bool(releases) and not self._environment())
