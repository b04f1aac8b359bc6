import json

from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.canonical import canonical, digest
from ...core.lifecycle import Lifecycle
from ..installation import installation
from ..writer import as_writer
from .fin_hold import like

CHUNK = 1 << 20
ERASED = "erased"


class FinSubjectRequest(models.Model):
    """What a person asks about their data: what is kept of them in payloads, items and exceptions, and its erasure.

    One administrator searches and asks, a second person approves. Digests, sums and certificates stay, and the log
    still verifies. Once it is done, the request itself forgets who it was about.
    """

    _name = "fin.subject.request"
    _description = "Data Subject Request"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "id desc"
    _lifecycle = Lifecycle(
        {"open": "Open", "asked": "Waits for a second Person", "erased": "Erased", "closed": "Closed"},
        ask="open > asked",
        erase="asked > erased",
        close="open, asked > closed",
    )

    name = fields.Char(required=True, readonly=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    terms = fields.Text(readonly=True, string="Searched for")
    requested_by = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    item_ids = fields.Many2many("fin.item", compute="_compute_found", string="Items")
    payload_ids = fields.Many2many("fin.payload", compute="_compute_found", string="Files")
    exception_ids = fields.Many2many("fin.exception", compute="_compute_found", string="Exceptions")
    purge_id = fields.Many2one("fin.purge", readonly=True, ondelete="restrict", string="Certificate")

    _name_uniq = models.UniqueIndex("(name)")

    def _subject_key(self):
        return self.name

    @api.model
    def _open_for(self, terms, company):
        """A request about whoever has these names, e-mail addresses or account numbers."""
        self.env["fin.approval"]._need_group("group_administrator")
        terms = sorted({term.strip() for term in terms if len(term.strip()) > 2})
        if not terms:
            raise UserError(self.env._("Say what to search for: at least three characters."))
        request = as_writer(self).create(
            {
                "name": self.env["ir.sequence"].sudo().next_by_code("fin.subject.request"),  # sudo: the system's
                "company_id": company.id,
                "terms": "\n".join(terms),
                "requested_by": self.env.uid,
            }
        )
        request = request.with_env(self.env)
        request._audit("search", subject=request._pseudonym(), **request._counts())
        return request

    def _pseudonym(self):
        """The same for the same words, and of no use to whoever has not the key outside the database."""
        return digest(canonical(["subject", installation("secret_key") or "", self.terms or ""]))

    # Searching

    @api.depends("terms")
    def _compute_found(self):
        for request in self:
            request.item_ids = request._items()
            request.payload_ids = request._payloads(request.item_ids)
            request.exception_ids = request._exceptions()

    def _patterns(self):
        return [like(term) for term in (self.terms or "").splitlines()]

    def _items(self):
        return self.env["fin.item"].browse(
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """SELECT id FROM fin_item WHERE company_id = %s AND purge_id IS NULL
                        AND (content ILIKE ANY(%s) OR mapped_values ILIKE ANY(%s)) ORDER BY id""",
                    self.company_id.id,
                    self._patterns(),
                    self._patterns(),
                )
            )
        )

    def _payloads(self, items):
        """Files of these items, and files in which the words stand although no item was made of them."""
        payloads = self.env["fin.payload"]
        kept = payloads.search([("company_id", "=", self.company_id.id), ("purge_id", "=", False)])
        words = [term.casefold().encode() for term in (self.terms or "").splitlines()]
        return items.payload_id.filtered(lambda p: not p.purge_id) | kept.filtered(
            lambda payload: payload._contains(words) or any(w.decode() in payload.name.casefold() for w in words)
        )

    def _exceptions(self):
        patterns = self._patterns()
        rows = self.env.execute_query(
            SQL(
                """SELECT e.id FROM fin_exception e WHERE e.company_id = %s AND (e.text ILIKE ANY(%s)
                    OR e.facts ILIKE ANY(%s) OR e.reason ILIKE ANY(%s) OR EXISTS (SELECT 1 FROM mail_message m
                        WHERE m.model = 'fin.exception' AND m.res_id = e.id AND m.body ILIKE ANY(%s))) ORDER BY e.id""",
                self.company_id.id,
                patterns,
                patterns,
                patterns,
                patterns,
            )
        )
        return self.env["fin.exception"].browse(row[0] for row in rows)

    def _counts(self):
        return {"items": len(self.item_ids), "payloads": len(self.payload_ids), "exceptions": len(self.exception_ids)}

    def _copy_of_data(self):
        """What is kept of the person, as JSON text; the log tells that somebody took it out."""
        self.env["fin.approval"]._need_group("group_administrator")
        self.check_access("read")
        self._audit("export", subject=self._pseudonym(), **self._counts())
        found = self.sudo()  # sudo: whoever answers the person gives all that is kept, shown on screens or not
        return json.dumps(
            {
                "items": [{"key": item.key, "content": json.loads(item.content)} for item in found.item_ids],
                "files": [{"name": file.name, "digest": file.digest} for file in found.payload_ids],
                "exceptions": [{"name": one.name, "text": one.text} for one in found.exception_ids],
            },
            ensure_ascii=False,
            indent=2,
        )

    def action_export(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/finance_integration/subject/{self.name}", "target": "self"}

    # Erasing

    def _content_digest(self):
        """What the second person says yes to: exactly what was found."""
        found = [self.item_ids.mapped("uid"), self.payload_ids.mapped("uid"), self.exception_ids.mapped("name")]
        return digest(canonical([self.name, self._pseudonym(), *map(sorted, found)]))

    def action_ask(self):
        """Ask a second person to have all of it erased."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_administrator")
        self._transition("ask")
        self.env["fin.approval"]._request(
            "erasure", self._name, self.name, self._content_digest(), None, company=self.company_id
        )

    def action_close(self):
        """Nothing is erased; the request forgets who it was about."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_administrator")
        as_writer(self._approvals("requested"))._transition("expire")
        self._transition("close", subject=self._pseudonym())
        as_writer(self).write({"terms": False})

    def _approvals(self, state):
        wanted = [("purpose", "=", "erasure"), ("subject_key", "=", self.name), ("state", "=", state)]
        # sudo: who may act on the request was asked before
        return self.env["fin.approval"].sudo().search(wanted)

    @check_identity
    def action_approve(self):
        self.ensure_one()
        return self._approve()

    def _approve(self):
        """Say yes, as another person than the one who asked, and erase."""
        self.check_access("read")
        waiting = self._approvals("requested").filtered(lambda a: a.digest == self._content_digest())
        if not waiting:
            raise UserError(self.env._("Since it was asked for, something else was found: search and ask again."))
        waiting.with_env(self.env)._decide("approve")
        self._erase(waiting)

    def _erase(self, approval):
        found = as_writer(self)
        found._must_be_free()
        certificate = self.env["fin.purge"]._purge(
            "erasure", self.company_id, found.payload_ids, found.item_ids.ids, self.name, approval=approval
        )
        certificate._forget_names(found.payload_ids)
        found.exception_ids._forget()
        found._transition("erase", subject=self._pseudonym(), certificate=certificate.name)
        found.write({"terms": False, "purge_id": certificate.id})
        # sudo: the files go once this is committed
        self.env.ref("finance_integration_governance.ir_cron_purge").sudo()._trigger()

    def _must_be_free(self):
        """Neither under a legal hold, nor still on its way."""
        runs = self.item_ids.run_id | self.payload_ids.run_id
        free = self.env["fin.hold"]._free(self.company_id)
        rows = self.env.execute_query(SQL("SELECT r.id FROM fin_run r WHERE r.id = ANY(%s) AND %s", runs.ids, free))
        held = runs - runs.browse(row[0] for row in rows)
        held |= runs.filtered(lambda run: run.flow_id._is_on_legal_hold())
        if held:
            raise UserError(self.env._("A legal hold covers %s: nothing is erased.", ", ".join(held.mapped("name"))))
        waiting = runs.filtered(lambda run: run.state not in ("done", "cancelled"))
        if waiting:
            names = ", ".join(waiting.mapped("name"))
            raise UserError(self.env._("%s is not over yet: decide on it first.", names))


class FinPayload(models.Model):
    _inherit = "fin.payload"

    def _contains(self, words):
        """Whether one of the words (small letters, UTF-8) stands in the bytes; read in pieces that overlap."""
        overlap = max(map(len, words), default=1) - 1
        if not words or not self._path(self.digest).exists():
            return False
        with self._open() as stream:
            rest = b""
            while chunk := stream.read(CHUNK):
                piece = (rest + chunk).decode("utf-8", "replace").casefold().encode()
                if any(word in piece for word in words):
                    return True
                rest = (rest + chunk)[-4 * overlap :] if overlap else b""
        return False


class FinPurge(models.Model):
    _inherit = "fin.purge"

    def _forget_names(self, payloads):
        """A file that is erased for a person may be named after them."""
        for payload in payloads:
            as_writer(payload).write({"name": f"purged {payload.uid}"})


class FinException(models.Model):
    _inherit = "fin.exception"

    def _forget(self):
        """The code says what was wrong; who it was about goes, also from what people wrote there."""
        exceptions = as_writer(self)
        for exception in exceptions:
            exception.write({"text": exception.code, "facts": False, "reason": ERASED if exception.reason else False})
        # sudo: messages on the exception repeat what was erased
        messages = self.env["mail.message"].sudo().search([("model", "=", self._name), ("res_id", "in", self.ids)])
        messages.tracking_value_ids.unlink()
        messages.write({"body": ERASED, "subject": False})
        # sudo: reminders that are done are kept, and repeat it too
        reminders = self.env["mail.activity"].sudo().with_context(active_test=False)
        done = reminders.search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        done.write({"summary": False, "note": False, "feedback": False})
