"""Users and companies by the names that versions and evidence have for them: asked for all the time, so remembered."""

from odoo import models
from odoo.tools import ormcache


class _NotThere(Exception):
    """What is not there yet is not remembered: it may come."""


class ResUsers(models.Model):
    _inherit = "res.users"

    def _fin_by_login(self, login):
        """The user who logs in so and is active; empty where there is none."""
        if not self.env.su:
            return self.search([("login", "=", login)], limit=1)
        try:
            return self.browse(self._fin_id_of(login))
        except _NotThere:
            return self.browse()

    @ormcache("login")
    def _fin_id_of(self, login):
        """Odoo forgets what is remembered when a login changes, or a user is archived or deleted."""
        found = self.search([("login", "=", login)], limit=1)
        if not found:
            raise _NotThere
        return found.id

    @ormcache("user_id")
    def _fin_login_of(self, user_id):
        return self.browse(user_id).sudo().login  # sudo: the log names whoever acts


class ResCompany(models.Model):
    _inherit = "res.company"

    def _fin_by_codes(self, codes):
        """The companies with these codes, in their own order; as whoever asks may see them."""
        try:
            return self.browse(self._fin_ids_of(tuple(codes))) if self.env.su else self._fin_look(codes)
        except _NotThere:
            return self._fin_look(codes)

    def _fin_look(self, codes):
        return self.search([("fin_code", "in", codes)])

    @ormcache("codes")
    def _fin_ids_of(self, codes):
        found = self._fin_look(codes)
        if len(found) < len(codes):
            raise _NotThere
        return found.ids

    @ormcache("company_id")
    def _fin_code_of(self, company_id):
        return self.browse(company_id).sudo().fin_code  # sudo: the log names where it was

    def cache_invalidation_fields(self):
        return super().cache_invalidation_fields() | {"fin_code"}
