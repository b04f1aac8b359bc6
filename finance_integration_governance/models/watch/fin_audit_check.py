import time

from odoo import api, fields, models

from ...core.anchors import common
from ..audit.fin_audit_seal import EVERYTHING
from ..triggers import refuse_changes
from ..writer import as_writer
from .fin_audit_watch import Finding

VERDICTS = [("proven", "Proven"), ("not_provable", "Not Provable"), ("altered", "Altered")]


class FinAuditCheck(models.Model):
    """What a check of the whole log found: the chain, what other places have kept of it, and the rows beside it."""

    _name = "fin.audit.check"
    _description = "Check of the Audit Log"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "at"

    at = fields.Datetime(required=True, readonly=True)
    kind = fields.Selection([("nightly", "By Night"), ("hand", "By Hand")], required=True, readonly=True)
    by = fields.Char(required=True, readonly=True)
    position = fields.Integer(required=True, readonly=True, help="The end of the chain that was looked at.")
    head = fields.Char(required=True, readonly=True, size=64)
    anchored = fields.Integer(readonly=True, help="The last position that a readable anchor confirms.")
    verdict = fields.Selection(VERDICTS, required=True, readonly=True)
    wrong_position = fields.Integer(readonly=True, string="First Bad Row")
    wrong_code = fields.Char(readonly=True, string="What Is Wrong")
    found = fields.Integer(readonly=True, string="Rows that Disagree")
    took_ms = fields.Integer(readonly=True, string="Took (ms)")

    def init(self):
        refuse_changes(self.env.cr, self._table)

    @api.model
    def _check(self, kind):
        """Look at everything, tell what is wrong, and keep the result."""
        began, actor = time.monotonic(), self.env["fin.audit.event"]._actor()
        # sudo: the check sees all companies' rows, whoever asks for it; it shows counts and positions
        check = as_writer(self.sudo())
        check.env["fin.audit.seal"]._seal(reach=EVERYTHING)
        told = check._compare()
        told |= {"kind": kind, "by": actor, "at": fields.Datetime.now()}
        kept = check.create({**told, "took_ms": round((time.monotonic() - began) * 1000)})
        facts = {name: told[name] for name in ("position", "verdict", "wrong_position", "wrong_code", "found")}
        self.env["fin.audit.event"]._append("fin.audit.check", self._name, kind, None, facts)
        return kept.with_env(self.env)

    def _compare(self):
        seals, watch = self.env["fin.audit.seal"], self.env["fin.audit.watch"]
        position, head = seals._head()
        anchors = self.env["fin.audit.anchor"]._all()
        wrong, findings = seals._verify(anchors=anchors), watch._look(everything=True)
        if wrong:
            findings.append(Finding("audit_chain", "fin_audit_event", f"position {wrong[0]}: {wrong[1]}"))
        watch._tell(findings)
        anchored = common(anchors, seals._head_at)
        return {
            "position": position,
            "head": head,
            "anchored": anchored,
            "verdict": "altered" if wrong or findings else "proven" if anchored else "not_provable",
            "wrong_position": wrong[0] if wrong else None,
            "wrong_code": wrong[1] if wrong else None,
            "found": len(findings),
        }
