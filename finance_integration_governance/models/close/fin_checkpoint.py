import json

from odoo import api, fields, models
from odoo.tools import SQL

from ...core.canonical import canonical, digest
from ...core.close import CHECKS, due, moved, rests_on, standing_on
from ...core.lifecycle import Lifecycle
from ...core.workdays import Calendar
from ..schedule.fin_slot import stored
from ..screen import MODULE
from ..triggers import refuse_rewriting
from ..writer import as_writer


class FinCheckpoint(models.Model):
    """Something that has to be true of a period before it is closed: looked at in figures, signed by two people.

    A signature binds to the figures that were seen. When they move afterwards it is suspended: its history stays, and
    whatever stands on it is told.
    """

    _name = "fin.checkpoint"
    _description = "Checkpoint"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "period_id desc, due_at, sequence, id"
    _mail_post_access = "read"
    _lifecycle = Lifecycle(
        {"open": "Open", "tied": "Tied", "signed": "Signed", "suspended": "Suspended"},
        tie="open > tied",
        untie="tied > open",
        sign="tied, suspended > signed",
        suspend="signed > suspended",
    )

    name = fields.Char(required=True, readonly=True)
    code = fields.Char(required=True, readonly=True, index=True)
    sequence = fields.Integer(readonly=True)
    period_id = fields.Many2one("fin.period", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="period_id.company_id", store=True, index=True)
    date_to = fields.Date(related="period_id.date_to", store=True, string="Period's end")
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True, tracking=True)
    check = fields.Selection(list(CHECKS.items()), required=True, readonly=True, string="What has to be true")
    definition = fields.Text(required=True, readonly=True, groups=f"{MODULE}.group_viewer")
    due_at = fields.Datetime(required=True, readonly=True, string="Due")
    owner_id = fields.Many2one("res.users", required=True, readonly=True, tracking=True)
    second_id = fields.Many2one("res.users", readonly=True, string="Second signature", help="Empty: any approver.")
    figures = fields.Text(readonly=True, groups=f"{MODULE}.group_auditor")
    told = fields.Char(readonly=True, string="What was found")
    statement = fields.Text(readonly=True, help="What its owner looked at, where no figure proves it.")
    evaluated_at = fields.Datetime(readonly=True, string="Looked at")
    signed_digest = fields.Char(readonly=True, size=64, string="Fingerprint of what was signed")
    signed_at = fields.Datetime(readonly=True)
    is_told = fields.Boolean(readonly=True, help="Its owner knows that it is late.")

    _code_uniq = models.UniqueIndex("(period_id, code)")
    _late_idx = models.Index("(due_at) WHERE state <> 'signed' AND is_told IS NOT TRUE")

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["code", "period_id"])

    @api.depends("name", "period_id.name")
    def _compute_display_name(self):
        for checkpoint in self:
            checkpoint.display_name = f"{checkpoint.name} {checkpoint.period_id.name}"

    def _subject_key(self):
        return f"{self.period_id._subject_key()}/{self.code}"

    # Where they come from

    @api.model
    def _open_in(self, period, close, policy_digest):
        """The checkpoints of the period as the policy says; what is signed keeps the words that were signed."""
        known = {one.code: one for one in period.checkpoint_ids}
        for number, definition in enumerate(close["checkpoints"], 1):
            vals = self._values(period, close, definition, number)
            checkpoint = known.get(definition["code"])
            if checkpoint is None:
                checkpoint = as_writer(self).create({**vals, "period_id": period.id, "code": definition["code"]})
                checkpoint.with_env(self.env)._audit("open", policy=policy_digest, due=vals["due_at"].isoformat())
            elif checkpoint.state in ("open", "tied") and checkpoint.definition != vals["definition"]:
                as_writer(checkpoint).write(vals)
                checkpoint._audit("redefine", policy=policy_digest)

    def _values(self, period, close, definition, number):
        calendar = Calendar.read(period.company_id._fin_policy().get("calendar"))
        due_at = due(period.name, definition["day"], definition["time"], close["zone"], calendar)
        return {
            "name": definition["name"],
            "sequence": number,
            "check": definition["check"],
            "definition": canonical(definition),
            "due_at": stored(due_at),
            "owner_id": self._person(definition.get("owner"), period.company_id).id,
            "second_id": self._person(definition["second"], period.company_id).id if "second" in definition else False,
        }

    def _person(self, login, company):
        """Who has the login, while they are here; else the company's default owner: nothing is unowned."""
        # sudo: the engine looks for people of every company
        found = self.env["res.users"].sudo().search([("login", "=", login)], limit=1)
        return found or company.fin_owner_id or self.env.ref("base.user_admin")

    def _says(self):
        """Its definition, as it was approved with the company's policy."""
        # sudo: whoever may see the checkpoint may know what it looks at
        return json.loads(self.sudo().definition)

    # What it rests on, and what stands on it

    def _siblings(self, codes):
        return self.period_id.checkpoint_ids.filtered(lambda one: one.code in codes)

    def _definitions(self):
        return [one._says() for one in self.period_id.checkpoint_ids]

    def _rests_on(self):
        return self._siblings(rests_on(self._definitions(), self.code))

    def _missing(self):
        """What has to be signed before and is not, directly or by way of others."""
        return self._rests_on().filtered(lambda one: one.state != "signed")

    def _dependents(self):
        return self._siblings(standing_on(self._definitions(), self.code))

    # Looking at figures

    def _evaluate(self):
        """Look at the figures now and go where they lead; a signature whose figures have moved is suspended."""
        for checkpoint in self.sorted(lambda one: (one.period_id.name, one.sequence)):
            checkpoint._look()

    def _look(self):
        everything = self.sudo()  # sudo: figures are the company's, whoever has them looked at
        figures = everything._figures()
        is_tied, told = everything._judge(figures)
        as_writer(self).write({"figures": canonical(figures), "told": told, "evaluated_at": fields.Datetime.now()})
        if self.state == "open" and is_tied:
            self._transition("tie", digest=self._seen())
        elif self.state == "tied" and not is_tied:
            self._transition("untie", reason=told)
        elif self.state == "signed" and self._seen() != self.signed_digest:
            self._suspend()

    def _seen(self):
        """The digest of what a signature is given to: what it is about, and the figures."""
        return digest(self._seen_text())

    def _seen_text(self):
        told = self.sudo()  # sudo: the digest is the same for everybody
        what = {"checkpoint": self._subject_key(), "definition": self._says(), "statement": told.statement or None}
        return canonical({**what, "figures": json.loads(told.figures or "{}")})

    def _moved(self):
        """(name, signed, now) of each figure that is another one than was signed."""
        # sudo: whoever may see the checkpoint may know what has moved
        kept = self.env["fin.document"].sudo().search([("digest", "=", self.signed_digest)], limit=1)
        before = json.loads(kept.text) if kept else {}
        return moved(before, json.loads(self._seen_text())) if kept else []

    def _suspend(self):
        """History stays; who owns it and whoever stands on it is told."""
        changed = "; ".join(f"{name}: {old} → {new}" for name, old, new in self._moved()[:5])
        self._transition("suspend", before=self.signed_digest, after=self._seen())
        self._tell_suspended(changed)

    # What the clock sees

    @api.model
    def _tick(self, now):
        """What has moved since is looked at; what is late is told."""
        self.env["fin.close.touch"]._take()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM fin_checkpoint
                WHERE state <> 'signed' AND is_told IS NOT TRUE AND due_at <= %s ORDER BY id""",
                now,
            )
        )
        late = self.browse(checkpoint_id for (checkpoint_id,) in rows)
        as_writer(late).write({"is_told": True})
        for checkpoint in late:
            checkpoint._tell_late()
