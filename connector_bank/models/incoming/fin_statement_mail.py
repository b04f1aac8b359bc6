"""Mails that came to a flow's address: evidence of what was taken in, and of what was not and why."""

import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.mail import generate_tracking_message_id, plaintext2html

from odoo.addons.finance_integration_governance.core.errors import DataError, printable
from odoo.addons.finance_integration_governance.models.triggers import refuse_rewriting
from odoo.addons.finance_integration_governance.models.writer import as_writer

from ...core.archive import LARGEST, files_in
from ...core.incoming_mail import IncomingMail, is_listed
from .mail_thread import KEY


class FinStatementMail(models.Model):
    """One mail. Its files are the payloads of its run; of a mail that was refused nothing but this is kept."""

    _name = "fin.statement.mail"
    _description = "Mail with Statements"
    _inherit = ["fin.evidence.mixin", "mail.thread"]
    _order = "id desc"
    _rec_name = "message_id"
    _mail_post_access = "read"

    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    message_id = fields.Char(required=True, readonly=True)
    sender = fields.Char(readonly=True)
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    digest = fields.Char(required=True, readonly=True, size=64, help="SHA-256 of the mail as it came.")
    results = fields.Text("Checks", readonly=True, help="Authentication-Results, as the servers on the way wrote them.")
    files = fields.Text(readonly=True, help="Names and SHA-256 of what hung on it.")
    state = fields.Selection([("taken", "Taken in"), ("partly", "In part"), ("refused", "Refused")], readonly=True)
    reason = fields.Char(readonly=True)
    run_id = fields.Many2one("fin.run", readonly=True, ondelete="restrict")
    exception_id = fields.Many2one("fin.exception", readonly=True, ondelete="restrict")

    _once = models.UniqueIndex("(flow_id, message_id)")

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["flow_id", "message_id", "digest", "files", "state", "reason"])

    def _subject_key(self):
        return self.message_id

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Called by the mail gateway alone: the mail as it came travels in an object that no client can send."""
        mail = self.env.context.get(KEY)
        if not isinstance(mail, IncomingMail):
            raise AccessError(self.env._("Mails with statements are brought by the mail server."))
        clean = self.with_context(**{KEY: None})
        # sudo: nobody who sends a mail is a user; the version says whose mails are taken
        flow = clean.env["fin.flow"].sudo().browse((custom_values or {}).get("flow_id")).exists()
        return clean.sudo()._receive_mail(flow, mail)  # sudo: as above

    @api.model
    def message_update(self, msg_dict, update_vals=None):
        """An answer to a mail of ours brings nothing."""
        return True

    def _receive_mail(self, flow, mail):
        """Take in what may be taken in; whatever is not becomes a case."""
        identity = mail.message_id or f"<{mail.digest}>"
        known = self.search([("flow_id", "=", flow.id), ("message_id", "=", identity)])
        if known:
            return known
        told = flow._document().get("mail") if flow.live_version_id else None
        code, text = self._why_not(flow, told, mail)
        files, odd = ([], []) if code else self._readable(flow, told, mail.files)
        if not code and odd:
            code, text = "mail_unreadable", "; ".join(odd)
        runs = self._hand_over(flow, files, identity, mail)
        exception = self._tell(flow, code, text, identity, mail) if code else self.env["fin.exception"]
        if code and self._is_answered(told, mail):
            self._answer(mail, text)
        return self._keep_mail(flow, mail, identity, code, runs, exception)

    def _why_not(self, flow, told, mail):
        """(code, words) of what keeps the whole mail from being taken in; (None, None) where nothing does."""
        if not told or flow.state not in ("active", "paused"):
            return "mail_not_taken", "the flow takes no mails"
        if not is_listed(mail.sender, told["senders"]):
            return "mail_sender", "the sender is not on the list"
        if told.get("server") and not mail.passed(told["server"]):
            return "mail_unproven", f"{told['server']} does not say that DKIM or DMARC passed"
        if not mail.files:
            return "mail_empty", "nothing hangs on the mail"
        return None, None

    def _readable(self, flow, told, files):
        """([(is_fallback, name, bytes)], what is wrong with the rest in words)."""
        found, odd = [], []
        for name, content in files:
            if len(content) > LARGEST:
                odd.append(f"{name} is too large")
                continue
            try:
                inner = files_in(name, content)
            except DataError as error:
                odd.append(f"{name}: {error.text}")
                continue
            if inner != [(name, content)] and not told.get("archives"):
                odd.append(f"{name} is an archive, and the flow takes none")
                continue
            for file in inner:
                which = self._reader(flow, file)
                found.append((which, *file)) if which is not None else odd.append(f"{file[0]} is no statement")
        return found, odd

    def _reader(self, flow, file):
        """Whether the fallback's connector reads the file; None where neither comes as far as an account."""
        document = flow._document()
        for which, channel in ((False, document.connection), (True, document.get("fallback"))):
            if channel and flow._reads_files(channel, which):
                _label, accounts, _count, _trouble = flow._accounts_by(channel, file)
                if accounts:
                    return which
        return None

    def _hand_over(self, flow, files, identity, mail):
        """A run for what each reader reads."""
        runs = self.env["fin.run"]
        for is_fallback in (False, True):
            mine = [(name, content) for which, name, content in files if which == is_fallback]
            if mine:
                told = {"message": identity, "mail": mail.digest}
                runs |= runs._hand_in(flow, mine, "mail", trigger="event", is_fallback=is_fallback, **told)
        return runs

    def _tell(self, flow, code, text, identity, mail):
        """The case, with an owner; the sender's address is told, and nothing of what was written."""
        facts = {"message": identity, "mail": mail.digest}
        words = self.env._("A mail was not taken in: %s.", printable(text, 500))
        return self.env["fin.exception"]._raise_for_flow(flow, code, words, family="data", **facts)

    def _keep_mail(self, flow, mail, identity, code, runs, exception):
        names = [f"{printable(name, 200)} {hashlib.sha256(content).hexdigest()}" for name, content in mail.files]
        kept = as_writer(self).create(
            {
                "flow_id": flow.id,
                "company_id": flow.company_id.id,
                "message_id": identity,
                "sender": mail.sender,
                "digest": mail.digest,
                "results": "\n".join(mail.results),
                "files": "\n".join(names),
                "state": "taken" if not code else "partly" if runs else "refused",
                "reason": code,
                "run_id": runs[:1].id,
                "exception_id": exception.id,
            }
        )
        facts = {"flow": flow.code, "mail": mail.digest, "code": code, "runs": runs.mapped("name")}
        self.env["fin.audit.event"]._append(f"{self._name}.receive", self._name, identity, flow.company_id, facts)
        return kept

    # Answering

    def _is_answered(self, told, mail):
        """By the policy of the version; a machine is never answered."""
        policy = (told or {}).get("bounce", "none")
        if policy == "none" or mail.is_automatic or not mail.sender:
            return False
        return policy == "all" or is_listed(mail.sender, told["senders"])

    def _answer(self, mail, text):
        """Queued like any other mail; the mark keeps an answer to it from being answered."""
        words = self.env._("Your mail was not taken in: %s.", text)
        mark = generate_tracking_message_id("loop-detection-bounce-email")
        self.env["mail.mail"].create(
            {
                "email_to": mail.sender,
                "subject": self.env._("Not taken in"),
                "body_html": plaintext2html(words),
                "references": f"{mail.message_id} {mark}",
                "headers": repr({"Auto-Submitted": "auto-replied"}),
                "auto_delete": True,
            }
        )
