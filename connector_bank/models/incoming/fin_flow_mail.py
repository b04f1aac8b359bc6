"""The address at which a flow takes statements, and whose mails it takes: part of its approved version."""

import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...core.incoming_mail import senders_in

MODEL = "fin.statement.mail"


class FinFlow(models.Model):
    _inherit = "fin.flow"

    mail_alias = fields.Char("Address", tracking=True, copy=False, help="The part before the @. Empty: no mails.")
    mail_senders = fields.Text(
        "Senders", tracking=True, help="Addresses, or @domains, one per line. Of anybody else nothing is taken."
    )
    mail_server = fields.Char(
        "Checked by",
        tracking=True,
        help="How your mail server names itself in Authentication-Results. Where it is set, only mails are taken of "
        "which it says that DKIM or DMARC passed.",
    )
    mail_bounce = fields.Selection(
        [("none", "Nobody"), ("senders", "Listed senders"), ("all", "Everybody")],
        "Who Is Told",
        default="none",
        required=True,
        tracking=True,
        help="Who gets an answer where a mail is not taken in. The case is on the desk in any event.",
    )
    mail_archives = fields.Boolean("Take Archives", tracking=True, help="ZIP files are taken apart, within limits.")

    @api.constrains("mail_alias", "mail_senders")
    def _check_mail(self):
        for flow in self.filtered("mail_alias"):
            if not re.fullmatch(r"[a-z0-9][a-z0-9._+-]{0,62}", flow.mail_alias):
                raise ValidationError(self.env._("An address is made of small letters, digits, dots and dashes."))
            fits, wrong = senders_in(flow.mail_senders)
            if wrong or not fits:
                raise ValidationError(
                    self.env._("List whose mails are taken, as addresses or @domains: %s", ", ".join(wrong) or "–")
                )

    def _compose(self):
        """Nothing where no mail is taken, as it is unless somebody asks for it."""
        if not self.mail_alias or not self.is_bank_statement:
            return super()._compose()
        told = {
            "alias": self.mail_alias,
            "senders": senders_in(self.mail_senders)[0],
            "server": self.mail_server or None,
            "bounce": self.mail_bounce,
            "archives": self.mail_archives or None,
        }
        return super()._compose() | {"mail": told}

    def _take_mail(self, told, _documents):
        """How a flow takes mails, as a bundle brings it."""
        self.write(
            {
                "mail_alias": told["alias"],
                "mail_senders": "\n".join(told["senders"]),
                "mail_server": told.get("server"),
                "mail_bounce": told["bounce"],
                "mail_archives": bool(told.get("archives")),
            }
        )

    # The address follows the version in force

    def _obey(self):
        super()._obey()
        self._set_alias(self._document().get("mail"))

    def _after_retire(self):
        self._set_alias(None)

    def _set_alias(self, told):
        # sudo: who approves a version need not be an administrator of mail
        aliases = self.env["mail.alias"].sudo()
        models_ = self.env["ir.model"].sudo()  # sudo: as above
        parent = models_._get_id(self._name)
        mine = aliases.search([("alias_parent_model_id", "=", parent), ("alias_parent_thread_id", "=", self.id)])
        if not told:
            return mine.unlink()
        vals = {
            "alias_name": told["alias"],
            "alias_domain_id": self.company_id.alias_domain_id.id,
            "alias_model_id": models_._get_id(MODEL),
            "alias_parent_model_id": parent,
            "alias_parent_thread_id": self.id,
            "alias_defaults": repr({"flow_id": self.id}),
            "alias_contact": "everyone",  # whose mails are taken says the version, and refusals are cases
        }
        return mine.write(vals) if mine else aliases.create(vals)


class FinVersion(models.Model):
    _inherit = "fin.version"

    def _guard_submit(self):
        """Mails bring files, so something has to read files."""
        super()._guard_submit()
        content = self._read_document().content
        if "mail" not in content:
            return
        channels = [(content["connection"], False), (content.get("fallback"), True)]
        if not any(told and self.flow_id._reads_files(told, which) for told, which in channels):
            raise UserError(self.env._("Mails bring files: the flow's connector, or its fallback, has to read files."))
        if content.get("files") == "refused":
            raise UserError(self.env._("The flow refuses files by hand, and a mail is no better."))
