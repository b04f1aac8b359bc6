import datetime as dt
import time

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import email_normalize

from ...core.anchors import AnchorFile, common
from ...core.canonical import canonical
from ...core.errors import ConfigurationError, IntegrationError
from ...core.location import Location
from ...core.redaction import redact, suite_logger
from ...core.references import resolve
from ..installation import installation, listed
from ..triggers import refuse_changes
from ..writer import as_writer
from .fin_audit_policy import EVENTS, MINUTES
from .fin_audit_watch import Finding

_logger = suite_logger(__name__)

KEPT = 30  # seconds that a look at the anchor files is good for
_looked = {}  # database name -> (when, position of the chain then, what was found)


class FinAuditAnchor(models.Model):
    """The head of the chain as it was handed to somewhere outside of this database."""

    _name = "fin.audit.anchor"
    _description = "Audit Anchor"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "position"

    at = fields.Datetime(required=True, readonly=True)
    position = fields.Integer(required=True, readonly=True)
    head = fields.Char(required=True, readonly=True, size=64)
    kind = fields.Selection([("file", "File"), ("mail", "Mail")], required=True, readonly=True)
    target = fields.Char(required=True, readonly=True, index=True)
    restored_since = fields.Integer(readonly=True, help="History behind this position was replaced, and released so.")

    def init(self):
        refuse_changes(self.env.cr, self._table)

    # Where to

    @api.model
    def _targets(self):
        """(company, what its approved policy says about anchors); odoo.conf may name a folder, too."""
        # sudo: the chain is the database's, whoever sees which company
        companies = self.env["res.company"].sudo().search([("fin_code", "!=", False)], order="id")
        told = [(company, company._fin_policy().get("anchors")) for company in companies]
        installed = installation("anchors")
        if installed:
            # Outside of the database, so that an older backup does not lose it.
            told.append((companies[0], {"location": installed, "credentials": installation("anchors_credentials")}))
        # Companies may well share a place.
        return list({canonical(one): (company, one) for company, one in told if one}.values())

    def _files(self):
        return [(company, told) for company, told in self._targets() if told.get("location")]

    def _file(self, company, told):
        credentials = told.get("credentials")
        # sudo: a secret is resolved on behalf of whoever asks whether this database may send
        secret = resolve(credentials, self.env["fin.connection"].sudo()._resolvers(company)) if credentials else None
        location = Location(told["location"], credentials=secret, roots=listed("file_roots"))
        return AnchorFile(location, f"{self._uuid()}.anchors.jsonl")

    def _uuid(self):
        # sudo: the parameter is readable by the system only
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    # Reading: is this the history that was anchored?

    @api.model
    def _foreign(self, position=None):
        """The last anchor of a history that is not this database's, as ([position, head],); () where all is ours.

        A restored backup ends before its anchor, or goes on to another head. An anchor that cannot be read stops
        nothing; the sealing job tells about it.
        """
        position = self.env["fin.audit.seal"]._head()[0] if position is None else position
        when, before, found = _looked.get(self.env.cr.dbname, (None, 0, ()))
        if when is None or time.monotonic() - when > KEPT or position < before:
            found = next(filter(None, (self._stranger(*target) for target in self._files())), ())
            _looked[self.env.cr.dbname] = time.monotonic(), position, found
        return found

    def _stranger(self, company, told):
        try:
            last = self._file(company, told).last()
        except IntegrationError as error:
            _logger.warning("an anchor cannot be read: %s", error.text)
            return ()
        is_ours = not last or self.env["fin.audit.seal"]._head_at(last["position"]) == last["head"]
        return () if is_ours else ([last["position"], last["head"]],)

    def _forget(self):
        _looked.pop(self.env.cr.dbname, None)

    @api.model
    def _all(self):
        """Every anchor that can be read now, for the check of the whole chain."""
        found = []
        for target in self._files():
            try:
                found += self._file(*target).all()
            except IntegrationError as error:
                self._failed(*target, error)
        return found

    # Writing

    @api.model
    def _keep_up(self):
        """Hand the head out where it is due. What cannot be written is an exception, and stops no seal."""
        self._forget()
        foreign = self._foreign()
        if foreign:
            [[position, _head]] = foreign
            self.env["fin.audit.watch"]._tell([Finding("audit_restored", "fin.audit.anchor", f"position {position}")])
        # A copy must not write among the anchors of the database that it was copied from.
        if not self.env["fin.database"]._is_released():
            return
        for company, told in self._targets():
            for kind, place in (("file", told.get("location")), ("mail", told.get("mail"))):
                if place and self._is_due(place, told):
                    self._anchor(kind, place, company, told)
        self._forget()

    def _is_due(self, place, told):
        last = self.search([("target", "=", _shown(place))], limit=1)
        position, head = self.env["fin.audit.seal"]._head()
        if not position or head == last.head:
            return False
        due = fields.Datetime.now() - dt.timedelta(minutes=told.get("minutes", MINUTES))
        return not last or last.at <= due or abs(position - last.position) >= told.get("events", EVENTS)

    def _anchor(self, kind, place, company, told):
        position, head = self.env["fin.audit.seal"]._head()
        anchor = {"position": position, "head": head, "at": dt.datetime.now(dt.UTC), "database": self._uuid()}
        try:
            restored = getattr(self, f"_write_{kind}")(place, company, told, anchor)
        except IntegrationError as error:
            return self._failed(company, told, error)
        as_writer(self).create(
            {
                "at": fields.Datetime.now(),
                "position": position,
                "head": head,
                "kind": kind,
                "target": _shown(place),
                "restored_since": restored,
            }
        )
        return self._mended(place)

    def _write_file(self, _place, company, told, anchor):
        """Add the line; after a restore that was released, say so. Returns the position where histories part, or 0."""
        file = self._file(company, told)
        last, head_at = file.last(), self.env["fin.audit.seal"]._head_at
        if last and head_at(last["position"]) != last["head"]:
            since = common(file.all(), head_at)
            anchor["restored"] = {"since": since, "approval": self.env["fin.database"]._release_name()}
            events = self.env["fin.audit.event"]
            events._append("fin.audit.anchor.restored", self._name, self._uuid(), None, anchor["restored"])
        file.add(anchor)
        return anchor.get("restored", {}).get("since", 0)

    def _write_mail(self, place, company, _told, anchor):
        if not email_normalize(place):
            raise ConfigurationError(f"{place} is no mail address", code="anchor_mail")
        # sudo: mails are the system's; who gets this one a second person has approved
        mails = self.env["mail.mail"].sudo()
        if mails.search_count([("model", "=", self._name), ("email_to", "=", place), ("state", "=", "exception")]):
            raise ConfigurationError("an earlier mail with an anchor could not be sent", code="anchor_mail")
        line = canonical(anchor)
        words = self.env._("Keep this line. It proves later that the audit log up to this position was not changed.")
        mail = {
            "subject": self.env._("Audit log anchored at position %s", anchor["position"]),
            "email_to": place,
            "email_from": company.fin_mail_sender or company.email_formatted or self.env.user.email_formatted,
            "body_html": Markup("<p>%s</p><pre>%s</pre>") % (words, line),
            "auto_delete": False,
            "model": self._name,
        }
        mails.create(mail)
        return 0

    # Failing

    def _failed(self, company, told, error):
        place = _shown(told.get("location") or told.get("mail"))
        text = f"the audit log cannot be anchored at {place}: {error.text}"
        owner = self.env["fin.audit.watch"]._auditor()
        return self.env["fin.exception"]._raise_apart(company, "audit_anchor", text, owner=owner, place=place)

    def _mended(self, place):
        """What could not be written can be written again."""
        open_ones = [("code", "=", "audit_anchor"), ("state", "in", ("open", "in_progress"))]
        for exception in self.env["fin.exception"].search(open_ones):
            if exception.facts == canonical({"place": _shown(place)}):
                exception._close("resolve", "anchors are written again")


def _shown(place):
    """A target as evidence names it: without user and key."""
    lead, _at, rest = place.partition("://")
    return redact(f"{lead}://{rest.rpartition('@')[2].partition('?')[0]}" if _at else place)


class FinDatabase(models.AbstractModel):
    """Whose yes let this history go on."""

    _inherit = "fin.database"

    @api.model
    def _release_name(self):
        # sudo: the sealing job asks, for the anchor file
        granted = self.env["fin.approval"].sudo().search([*self._release_domain(), ("state", "=", "approved")])
        return next((approval.name for approval in granted if self._is_logged(approval)), None)
